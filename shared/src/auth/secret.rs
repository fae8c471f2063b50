//! Secrets that tokens are signed with.

use std::fmt;

/// A secret that never appears in a log.
#[derive(Clone)]
pub struct Secret(String);

impl Secret {
    /// The secret's bytes, for signing and verifying.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        self.0.as_bytes()
    }
}

impl From<&str> for Secret {
    fn from(secret: &str) -> Self {
        Self(secret.to_owned())
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(..)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_not_shown() {
        assert!(!format!("{:?}", Secret::from("hunter2")).contains("hunter2"));
    }
}

//! IANA time zones.

use jiff::tz::TimeZone;
use serde::Serialize;

/// The name of a time zone in the IANA database, such as `Europe/Berlin`, in the database's
/// spelling.
#[derive(Clone, Debug, Eq, PartialEq, Serialize)]
pub struct TimeZoneName(String);

/// The text does not name a time zone.
#[derive(Debug, Eq, PartialEq, thiserror::Error)]
#[error("must be a time zone in the IANA database, such as `Europe/Berlin`")]
pub struct UnknownTimeZone;

impl TimeZoneName {
    /// Accepts a name in the database that is built into this program. Names are case-sensitive, so
    /// that every client can look up what another client has written.
    pub fn parse(text: &str) -> Result<Self, UnknownTimeZone> {
        let zone = TimeZone::get(text).map_err(|_| UnknownTimeZone)?;
        if zone.iana_name() == Some(text) {
            Ok(Self(text.to_owned()))
        } else {
            Err(UnknownTimeZone)
        }
    }

    /// A name from the database. A later version of this program may have written it, with a later
    /// edition of the IANA database.
    pub(crate) fn from_stored(name: String) -> Self {
        Self(name)
    }

    /// The name.
    #[must_use]
    pub fn into_string(self) -> String {
        self.0
    }

    /// The zone of that name; UTC if this program does not have it.
    #[must_use]
    pub fn zone(&self) -> TimeZone {
        TimeZone::get(&self.0).unwrap_or(TimeZone::UTC)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_names_of_the_iana_database_are_known() {
        for name in [
            "Europe/Berlin",
            "UTC",
            "Asia/Kolkata",
            "America/Argentina/Buenos_Aires",
            "Etc/GMT+5",
        ] {
            assert_eq!(TimeZoneName::parse(name).unwrap().into_string(), name);
        }
        for name in [
            "",
            "europe/berlin",
            "Europe/Nowhere",
            "+02:00",
            "CEST",
            " UTC",
            "../UTC",
            "UTC\0",
        ] {
            assert_eq!(TimeZoneName::parse(name), Err(UnknownTimeZone), "{name}");
        }
    }
}

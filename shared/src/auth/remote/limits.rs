//! How often the issuer is asked, and how long its answers are valid.

use std::time::Duration;

/// How often the issuer is asked, how long it may take, and how old its keys may be.
#[derive(Clone, Copy, Debug)]
pub struct FetchLimits {
    /// How long the issuer may take to answer when no token can be verified without its answer.
    pub timeout: Duration,
    /// How long it may take when the known keys are only due for a refresh.
    pub refresh_timeout: Duration,
    /// How long keys are fresh if `Cache-Control` does not say.
    pub default_fresh: Duration,
    /// The shortest time for which `Cache-Control` can make keys fresh.
    pub min_fresh: Duration,
    /// The longest time for which it can, and the age above which keys are never used, even if the
    /// issuer cannot be reached. Counted from the moment when they were requested.
    pub max_age: Duration,
    /// The shortest time from one fetch to the next, whatever keys tokens name, so that nobody can
    /// make this service hammer the issuer with made-up key ids. The fetch during init does not
    /// count. Also how long a failed fetch is remembered, so that an issuer that hangs does not
    /// slow every request.
    pub interval: Duration,
    /// The same while no key can be used, so that every request fails.
    pub interval_without_keys: Duration,
}

impl Default for FetchLimits {
    fn default() -> Self {
        Self {
            timeout: Duration::from_secs(3),
            refresh_timeout: Duration::from_secs(1),
            default_fresh: Duration::from_mins(10),
            min_fresh: Duration::from_mins(1),
            max_age: Duration::from_hours(1),
            interval: Duration::from_secs(30),
            interval_without_keys: Duration::from_secs(2),
        }
    }
}

impl FetchLimits {
    /// How long keys are fresh according to `max-age` (RFC 9111 section 5.2.2.1), within bounds.
    pub(super) fn fresh_for(&self, cache_control: &str) -> Duration {
        let mut directives = cache_control.split(',').map(str::trim);
        let max_age =
            directives.find_map(|directive| directive.strip_prefix("max-age=")?.parse().ok());
        max_age
            .map_or(self.default_fresh, Duration::from_secs)
            .max(self.min_fresh)
            .min(self.max_age)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn max_age_is_kept_within_bounds() {
        for (cache_control, seconds) in [
            ("", 600),
            ("public, max-age=3600, must-revalidate", 3600),
            ("max-age=0", 60),
            ("no-store", 600),
            ("max-age=99999999", 3600),
            ("max-age=x", 600),
        ] {
            assert_eq!(
                FetchLimits::default().fresh_for(cache_control),
                Duration::from_secs(seconds),
                "{cache_control}"
            );
        }
    }

    #[test]
    fn no_header_keeps_keys_longer_than_they_may_be_used() {
        let limits = FetchLimits {
            max_age: Duration::from_secs(5),
            ..FetchLimits::default()
        };
        for cache_control in ["", "max-age=0", "max-age=3600"] {
            assert_eq!(limits.fresh_for(cache_control), limits.max_age);
        }
    }
}

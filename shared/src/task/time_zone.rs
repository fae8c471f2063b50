//! IANA time zones.

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use serde::{Serialize, Serializer};

/// The name of a time zone in the IANA database, such as `Europe/Berlin`, written as it is written there.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct TimeZoneName(TimeZone, String);

/// The text names no time zone.
#[derive(Debug, Eq, PartialEq, thiserror::Error)]
#[error("must be a time zone of the IANA database, such as `Europe/Berlin`")]
pub struct UnknownTimeZone;

impl TimeZoneName {
    /// Accepts a name of the database that this program brings along (names are case-sensitive here, so that
    /// every client can look up what another has written).
    pub fn parse(text: &str) -> Result<Self, UnknownTimeZone> {
        let zone = TimeZone::get(text).map_err(|_| UnknownTimeZone)?;
        if zone.iana_name() == Some(text) {
            Ok(Self(zone, text.to_owned()))
        } else {
            Err(UnknownTimeZone)
        }
    }

    /// The zone's name.
    #[must_use]
    pub fn into_string(self) -> String {
        self.1
    }

    /// The zone itself.
    #[must_use]
    pub fn zone(&self) -> TimeZone {
        self.0.clone()
    }

    /// The date in this zone at that time.
    #[must_use]
    pub fn date(&self, time: Timestamp) -> Date {
        time.to_zoned(self.zone()).date()
    }
}

impl Serialize for TimeZoneName {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.1)
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

    #[test]
    fn the_date_depends_on_the_zone() {
        let time = "2026-12-01T11:30:00Z".parse().unwrap();
        let date = |zone| TimeZoneName::parse(zone).unwrap().date(time).to_string();
        assert_eq!(date("Pacific/Auckland"), "2026-12-02");
        assert_eq!(date("Pacific/Pago_Pago"), "2026-12-01");
    }
}

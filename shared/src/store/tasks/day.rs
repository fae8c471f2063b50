//! Today, which depends on the time zone.

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;

use crate::domain::TimeZoneName;
use crate::store::StoreError;

/// The date in a time zone, in UTC without one.
pub(super) fn today(time_zone: Option<&TimeZoneName>, now: Timestamp) -> Date {
    now.to_zoned(zone(time_zone)).date()
}

/// The first instant of a day, which is not always midnight.
///
/// Fails only at the end of the calendar.
pub(super) fn start(day: Date, time_zone: Option<&TimeZoneName>) -> Result<Timestamp, StoreError> {
    let start = day.to_zoned(zone(time_zone)).map_err(StoreError::defect)?;
    Ok(start.timestamp())
}

fn zone(time_zone: Option<&TimeZoneName>) -> TimeZone {
    time_zone.map_or(TimeZone::UTC, TimeZoneName::zone)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_date_depends_on_the_zone() {
        let now = "2026-12-01T11:30:00Z".parse().unwrap();
        let date = |zone| today(Some(&TimeZoneName::parse(zone).unwrap()), now).to_string();
        assert_eq!(date("Pacific/Auckland"), "2026-12-02");
        assert_eq!(date("Pacific/Pago_Pago"), "2026-12-01");
    }
}

//! When days start in a time zone.

use jiff::Timestamp;
use jiff::civil::{Date, DateTime, date};
use jiff::tz::TimeZone;

/// Between these days, the starts are exact. Earlier days use the offset of the first, later ones
/// that of the last.
const EXACT: [Date; 2] = [date(2000, 1, 1), date(2050, 1, 1)];

/// When each day starts in a time zone, as a table of offsets from UTC. PostgreSQL computes with
/// this table, because its own time zones may be of another edition, or lack this one.
#[derive(Clone, Debug)]
pub struct Days {
    /// The first day of each period, in ascending order.
    from: Vec<Date>,
    /// The offset from UTC at the start of the days of each period, in seconds, positive to the
    /// east.
    offsets: Vec<i64>,
}

impl Days {
    /// The days in `zone`.
    #[must_use]
    pub fn of(zone: &TimeZone) -> Self {
        let [first, end] = EXACT;
        let mut days = Self {
            // The first day that a task can be due on.
            from: vec![date(1, 1, 1)],
            offsets: vec![offset(first, zone)],
        };
        let begin = start(first, zone);
        for transition in zone.following(begin) {
            let day = transition.timestamp().to_zoned(zone.clone()).date();
            if day >= end {
                break;
            }
            // A transition at midnight may give one day an offset of its own.
            let around = [
                day.yesterday(),
                Ok(day),
                day.tomorrow(),
                day.tomorrow().and_then(Date::tomorrow),
            ];
            for day in around.into_iter().flatten() {
                days.add(day, offset(day, zone));
            }
        }
        days
    }

    fn add(&mut self, day: Date, offset: i64) {
        let is_later = self.from.last().is_some_and(|last| *last < day);
        if is_later && self.offsets.last() != Some(&offset) {
            self.from.push(day);
            self.offsets.push(offset);
        }
    }

    /// When a day starts, in UTC.
    #[must_use]
    pub fn start(&self, day: Date) -> DateTime {
        let period = self.from.partition_point(|from| *from <= day);
        let offset = self.offsets[period.saturating_sub(1)];
        let midnight = day.to_datetime(jiff::civil::Time::midnight());
        midnight.saturating_sub(jiff::SignedDuration::from_secs(offset))
    }

    /// The first day of each period, in ascending order. Within a period, the offset is the same.
    #[must_use]
    pub fn periods(&self) -> &[Date] {
        &self.from
    }

    /// The offset of each period, in seconds.
    #[must_use]
    pub fn offsets(&self) -> &[i64] {
        &self.offsets
    }
}

fn start(day: Date, zone: &TimeZone) -> Timestamp {
    let start = day.to_zoned(zone.clone());
    start.map_or(Timestamp::UNIX_EPOCH, |start| start.timestamp())
}

fn offset(day: Date, zone: &TimeZone) -> i64 {
    start(day, &TimeZone::UTC).as_second() - start(day, zone).as_second()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_start_as_the_time_zone_says() {
        for name in [
            "UTC",
            "Europe/Berlin",
            "America/Los_Angeles",
            "Asia/Kolkata",
            "America/Santiago",
            "Asia/Beirut",
            "Pacific/Apia",
            "Africa/Casablanca",
            "Antarctica/Troll",
            "Australia/Lord_Howe",
        ] {
            let zone = TimeZone::get(name).unwrap();
            let days = Days::of(&zone);
            let mut day = EXACT[0];
            while day < EXACT[1] {
                let exact = TimeZone::UTC.to_datetime(start(day, &zone));
                assert_eq!(days.start(day), exact, "{day} {name}");
                day = day.tomorrow().unwrap();
            }
        }
    }
}

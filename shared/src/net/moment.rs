//! How long ago something was, even if the environment was frozen in between.

use std::time::{Duration, Instant, SystemTime};

/// A moment, by two clocks.
///
/// Lambda freezes an environment between requests and does not say which clocks keep running
/// meanwhile. The monotonic clock stands still while a virtual machine is suspended, and a snapshot
/// restores it as it was. The wall clock is right again afterwards, but somebody may set it back.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Moment {
    monotonic: Instant,
    wall: SystemTime,
}

impl Moment {
    pub(crate) fn now() -> Self {
        Self {
            monotonic: Instant::now(),
            wall: SystemTime::now(),
        }
    }

    /// The time since then, by the clock that counted more. If the wall clock was set back, nobody
    /// knows how long it was, and this returns [`Duration::MAX`]: callers then check what they
    /// would otherwise have trusted.
    pub(crate) fn age(self) -> Duration {
        self.age_at(Self::now())
    }

    fn age_at(self, now: Self) -> Duration {
        let monotonic = now.monotonic.saturating_duration_since(self.monotonic);
        let wall = now.wall.duration_since(self.wall);
        wall.map_or(Duration::MAX, |wall| wall.max(monotonic))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOUR: Duration = Duration::from_hours(1);

    #[test]
    fn an_hour_counts_even_if_the_monotonic_clock_stood_still() {
        let then = Moment::now();
        let now = Moment {
            wall: then.wall + HOUR,
            ..then
        };
        assert_eq!(then.age_at(now), HOUR);
    }

    #[test]
    fn an_hour_counts_even_if_the_wall_clock_stood_still() {
        let then = Moment::now();
        let now = Moment {
            monotonic: then.monotonic + HOUR,
            ..then
        };
        assert_eq!(then.age_at(now), HOUR);
    }

    #[test]
    fn nothing_is_recent_after_the_wall_clock_was_set_back() {
        let then = Moment::now();
        let now = Moment {
            wall: then.wall - Duration::from_secs(1),
            ..then
        };
        assert_eq!(then.age_at(now), Duration::MAX);
    }
}

//! Counts of a user's tasks.

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use serde::{Serialize, Serializer};
use tokio_postgres::Row;
use tokio_postgres::types::Type;

use super::list::today;
use super::row::value;
use crate::db::Statement;
use crate::task::{Priority, TimeZoneName};
use crate::{Answer, Error};

/// The most tags that a summary counts.
pub const SUMMARY_MAX_TAGS: u16 = 1000;

/// How many tasks a user has.
#[derive(Debug, Default, Serialize)]
pub struct Summary {
    /// All of them.
    total: i64,
    /// Those not done.
    pending: i64,
    /// Those done.
    completed: i64,
    /// Those not done whose due has passed; a task that is due all day, when the day has passed.
    overdue: i64,
    /// Those not done that are due on this day, at whatever time of it.
    due_today: i64,
    by_priority: ByPriority,
    /// By tag, those with the most pending tasks first, up to [`SUMMARY_MAX_TAGS`].
    by_tag: Vec<TagCounts>,
}

#[derive(Clone, Copy, Debug, Default, Serialize)]
struct Counts {
    pending: i64,
    completed: i64,
}

/// In the order of [`Priority::ALL`].
#[derive(Debug, Default)]
struct ByPriority([Counts; Priority::ALL.len()]);

#[derive(Debug, Serialize)]
struct TagCounts {
    tag: String,
    #[serde(flatten)]
    counts: Counts,
}

impl Serialize for ByPriority {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(Priority::ALL.map(Priority::name).into_iter().zip(self.0))
    }
}

/// A row for each priority, and one for each tag: one statement, so that all is counted at the same moment.
///
/// `$2` is now, `$3` the day, from `$4` until before `$5`.
const SUMMARIZE: &str = "
select priority,
       null as tag,
       count(*) filter (where not completed) as pending,
       count(*) filter (where completed) as completed,
       count(*) filter (where not completed and coalesce(due_at < $2, due_on < $3, false)) as overdue,
       count(*) filter (where not completed and coalesce(due_at >= $4 and due_at < $5, due_on = $3, false)) as due_today
from tasks
where user_id = $1
group by priority
union all
(select null, tag, count(*) filter (where not completed) as pending, count(*) filter (where completed), 0, 0
 from tasks, unnest(tags) as tag
 where user_id = $1
 group by tag
 order by pending desc, tag collate \"C\"
 limit $6)";

pub(super) fn statement(time_zone: Option<&TimeZoneName>, now: Timestamp) -> Answer<Statement> {
    let day = today(time_zone, now);
    let tomorrow = day.tomorrow().map_err(outside_of_time)?;
    Ok(Statement::new(SUMMARIZE)
        .with(now, Type::TIMESTAMPTZ)
        .with(day, Type::DATE)
        .with(start(day, time_zone)?, Type::TIMESTAMPTZ)
        .with(start(tomorrow, time_zone)?, Type::TIMESTAMPTZ)
        .with(i64::from(SUMMARY_MAX_TAGS), Type::INT8))
}

/// The first instant of a day, which is not midnight everywhere and always.
fn start(day: Date, time_zone: Option<&TimeZoneName>) -> Answer<Timestamp> {
    let zone = time_zone.map_or(TimeZone::UTC, TimeZoneName::zone);
    Ok(day.to_zoned(zone).map_err(outside_of_time)?.timestamp())
}

/// The clock shows the end of time.
#[expect(clippy::needless_pass_by_value, reason = "what `map_err` gives")]
fn outside_of_time(error: jiff::Error) -> Error {
    Error::Internal(error.to_string())
}

pub(super) fn summary(rows: &[Row]) -> Answer<Summary> {
    let mut summary = Summary::default();
    for row in rows {
        let counts = Counts {
            pending: value(row, 2)?,
            completed: value(row, 3)?,
        };
        if let Some(tag) = value(row, 1)? {
            summary.by_tag.push(TagCounts { tag, counts });
            continue;
        }
        summary.pending += counts.pending;
        summary.completed += counts.completed;
        summary.overdue += value::<i64>(row, 4)?;
        summary.due_today += value::<i64>(row, 5)?;
        let place = usize::try_from(value::<i16>(row, 0)?).ok();
        if let Some(place) = place.and_then(|place| summary.by_priority.0.get_mut(place)) {
            *place = counts;
        }
    }
    summary.total = summary.pending + summary.completed;
    // `union all` promises no order of its own.
    summary.by_tag.sort_by(|one, other| {
        other
            .counts
            .pending
            .cmp(&one.counts.pending)
            .then_with(|| one.tag.cmp(&other.tag))
    });
    Ok(summary)
}

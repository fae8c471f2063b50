//! Counts of a user's tasks.

use jiff::Timestamp;
use tokio_postgres::Row;

use super::day::{start, today};
use super::fields::Cells;
use crate::domain::{Counts, SUMMARY_MAX_TAGS, Summary, TagCounts, TimeZoneName};
use crate::store::StoreError;
use crate::store::database::Statement;

/// A row for each priority and one for each tag, in one statement, so that everything is counted at
/// the same moment.
///
/// `$2` is now and `$3` today, which begins at `$4` and ends at `$5`. `$6` is the maximum number of
/// tags.
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
(select null,
        (array_agg(tag order by created_at, id))[1] collate \"C\" as first_given,
        count(*) filter (where not completed) as pending,
        count(*) filter (where completed),
        0,
        0
 from tasks, unnest(tags) as tag
 where user_id = $1
 group by normalize(tag, nfc)
 order by pending desc, first_given
 limit $6)";

/// The counts at this moment. "Today" is the day in `time_zone`, in UTC without one.
pub fn summarize(time_zone: Option<&TimeZoneName>) -> Result<Statement, StoreError> {
    let now = Timestamp::now();
    let day = today(time_zone, now);
    let tomorrow = day.tomorrow().map_err(StoreError::defect)?;
    Ok(Statement::new(SUMMARIZE)
        .with(now)
        .with(day)
        .with(start(day, time_zone)?)
        .with(start(tomorrow, time_zone)?)
        .with(i64::from(SUMMARY_MAX_TAGS)))
}

/// The summary that the statement returned.
pub(super) fn summary(rows: &[Row]) -> Result<Summary, StoreError> {
    let mut summary = Summary::default();
    for row in rows {
        add(&mut summary, row)?;
    }
    summary.total = summary.pending + summary.completed;
    // `union all` promises no order.
    summary.by_tag.sort_by(|one, other| {
        let by_pending = other.counts.pending.cmp(&one.counts.pending);
        by_pending.then_with(|| one.tag.cmp(&other.tag))
    });
    Ok(summary)
}

fn add(summary: &mut Summary, row: &Row) -> Result<(), StoreError> {
    let mut cells = Cells::new(row);
    let (rank, tag) = (cells.next::<Option<i16>>()?, cells.next()?);
    let counts = Counts {
        pending: cells.next()?,
        completed: cells.next()?,
    };
    if let Some(tag) = tag {
        summary.by_tag.push(TagCounts { tag, counts });
        return Ok(());
    }
    summary.pending += counts.pending;
    summary.completed += counts.completed;
    summary.overdue += cells.next::<i64>()?;
    summary.due_today += cells.next::<i64>()?;
    let index = rank.and_then(|rank| usize::try_from(rank).ok());
    if let Some(by_priority) = index.and_then(|index| summary.by_priority.0.get_mut(index)) {
        *by_priority = counts;
    }
    Ok(())
}

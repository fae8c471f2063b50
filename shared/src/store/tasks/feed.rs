//! The feed of changes.
//!
//! All statements of a transaction see the same state, and a user's changes are committed in the
//! order of their versions. So whoever has read up to a version has missed nothing before it.

use tokio_postgres::Row;
use uuid::Uuid;

use super::columns::{COLUMNS, task};
use super::fields::Cells;
use crate::domain::{FeedChange, FeedPage, Position};
use crate::store::StoreError;
use crate::store::database::{Results, Statement};

/// The state of the user's history, and the last task.
const STATE: &str = "
select epoch, version, purged_version,
       (select id from tasks where user_id = $1 order by id desc limit 1)
from user_counters where user_id = $1";

/// The state, and what there is after a position. One more than `limit` shows whether there is
/// another page.
#[must_use]
pub fn feed(position: &Position, limit: u16) -> Vec<Statement> {
    let limit = i64::from(limit) + 1;
    let mut statements = vec![Statement::new(STATE)];
    match *position {
        Position::Nothing => statements.push(everything(Uuid::nil(), Uuid::max(), limit)),
        Position::Everything { after, last, .. } => {
            statements.push(everything(after, last, limit));
        }
        Position::Meanwhile { after, end, .. } => statements.extend(since(after, end, limit)),
        Position::Since { version, .. } => statements.extend(since(version, i64::MAX, limit)),
    }
    statements
}

fn everything(after: Uuid, last: Uuid, limit: i64) -> Statement {
    Statement::new("select ")
        .text(COLUMNS)
        .text(" from tasks where user_id = $1 and id > ")
        .value(after)
        .text(" and id <= ")
        .value(last)
        .text(" order by id limit ")
        .value(limit)
}

fn since(after: i64, end: i64, limit: i64) -> [Statement; 2] {
    let range = |statement: Statement| {
        statement
            .text(" where user_id = $1 and version > ")
            .value(after)
            .text(" and version <= ")
            .value(end)
            .text(" order by version limit ")
            .value(limit)
    };
    let tasks = Statement::new("select ").text(COLUMNS).text(" from tasks");
    let deletions = "select id, version, deleted_at, text_bytes is not null from deleted_tasks";
    [range(tasks), range(Statement::new(deletions))]
}

/// The page that the statements returned. Fails with [`StoreError::SyncExpired`] if nobody knows
/// any more what has happened since the position, or if it belongs to another history.
pub(super) fn page(
    results: &Results,
    position: &Position,
    limit: u16,
) -> Result<FeedPage, StoreError> {
    let Some(state) = results.first() else {
        return nothing(position);
    };
    let mut state = Cells::new(state);
    let (epoch, head, purged) = (state.next::<Uuid>()?, state.next()?, state.next()?);
    let last = state.next::<Option<Uuid>>()?.unwrap_or_default();
    if !is_known(position, epoch, head, purged) {
        return Err(StoreError::SyncExpired);
    }
    let from = match *position {
        Position::Nothing => Position::Everything {
            epoch,
            start: head,
            after: Uuid::nil(),
            last,
        },
        position => position,
    };
    let tasks = results
        .of(1)
        .iter()
        .map(|row| Ok(FeedChange::Task(Box::new(task(row)?))));
    let deletions = results.of(2).iter().map(deletion);
    let mut changes: Vec<_> = tasks.chain(deletions).collect::<Result<_, _>>()?;
    if !matches!(from, Position::Everything { .. }) {
        changes.sort_by_key(FeedChange::version);
    }
    let limit = usize::from(limit);
    let more = changes.len() > limit;
    changes.truncate(limit);
    Ok(FeedPage {
        changes,
        more,
        from,
        head,
    })
}

/// Nothing is stored about the user.
fn nothing(position: &Position) -> Result<FeedPage, StoreError> {
    match position {
        Position::Nothing => Ok(FeedPage {
            changes: Vec::new(),
            more: false,
            from: Position::Nothing,
            head: 0,
        }),
        _ => Err(StoreError::SyncExpired),
    }
}

/// Whether everything since the position is known. Deletions up to `purged` are not.
fn is_known(position: &Position, current: Uuid, head: i64, purged: i64) -> bool {
    match *position {
        Position::Nothing => true,
        Position::Everything { epoch, start, .. } => epoch == current && start <= head,
        Position::Meanwhile { epoch, after, end } => {
            epoch == current && (purged..=head).contains(&after) && end <= head
        }
        Position::Since { epoch, version } => {
            epoch == current && (purged..=head).contains(&version)
        }
    }
}

fn deletion(row: &Row) -> Result<FeedChange, StoreError> {
    let mut cells = Cells::new(row);
    Ok(FeedChange::Deletion {
        id: cells.next()?,
        version: cells.next()?,
        deleted_at: cells.next()?,
        restorable: cells.next()?,
    })
}

//! Pages of tasks.

use std::iter::once;

use jiff::Timestamp;

use super::columns::{COLUMNS, task};
use super::day::today;
use super::fields::Cells;
use crate::domain::{Cursor, ListQuery, Page, Priority, SortKey, StatusFilter, Window};
use crate::store::StoreError;
use crate::store::database::{Results, Statement};

/// The page, and the count if the query asks for it.
#[must_use]
pub fn list(query: &ListQuery) -> Vec<Statement> {
    let now = Timestamp::now();
    let count = query.count.then(|| {
        let statement = Statement::new("select count(*) from tasks where user_id = $1");
        filtered(statement, query, now)
    });
    once(page_of(query, now)).chain(count).collect()
}

fn page_of(query: &ListQuery, now: Timestamp) -> Statement {
    let statement = Statement::new("select ")
        .text(COLUMNS)
        .text(" from tasks where user_id = $1");
    let mut statement = filtered(statement, query, now);
    let (key, kind) = sorted_by(query.sort.key);
    let (after, direction) = if query.sort.descending {
        (", id) < (", " desc")
    } else {
        (", id) > (", " asc")
    };
    if let Some(Cursor { key: last, id }) = query.cursor.clone() {
        statement = statement.text(" and (").text(key).text(after);
        statement = statement
            .value(last)
            .text(kind)
            .text(", ")
            .value(id)
            .text(")");
    }
    statement = statement.text(" order by ").text(key).text(direction);
    statement = statement.text(", id").text(direction);
    // One more than the page holds shows whether there is another page.
    statement
        .text(" limit ")
        .value(i64::from(query.limit()) + 1)
}

/// What a list is sorted by, and the cast of a cursor's key.
fn sorted_by(key: SortKey) -> (&'static str, &'static str) {
    match key {
        SortKey::CreatedAt => ("created_at", "::timestamptz"),
        SortKey::UpdatedAt => ("updated_at", "::timestamptz"),
        SortKey::Due => ("due_order", "::timestamptz"),
        SortKey::Priority => ("priority", "::int2"),
        SortKey::Title => ("title collate \"und-x-icu\"", ""),
    }
}

/// Only the filters that the query has, so that PostgreSQL plans for those alone.
fn filtered(mut statement: Statement, query: &ListQuery, now: Timestamp) -> Statement {
    match query.status {
        StatusFilter::All => {}
        StatusFilter::Pending => statement = statement.text(" and completed = ").value(false),
        StatusFilter::Completed => statement = statement.text(" and completed = ").value(true),
    }
    if !query.priorities.is_empty() {
        let ranks: Vec<_> = query
            .priorities
            .iter()
            .copied()
            .map(Priority::rank)
            .collect();
        statement = statement
            .text(" and priority = any(")
            .value(ranks)
            .text(")");
    }
    if !query.tags.is_empty() {
        statement = statement.text(" and tags @> ").value(query.tags.clone());
    }
    if let Some(search) = &query.search {
        statement = searched(statement, search);
    }
    timed(statement, query, now)
}

fn timed(statement: Statement, query: &ListQuery, now: Timestamp) -> Statement {
    let created = [" and created_at >= ", " and created_at < "];
    let statement = within(statement, &query.created, created);
    let updated = [" and updated_at >= ", " and updated_at < "];
    let statement = within(statement, &query.updated, updated);
    let due = [" and due_order >= ", " and due_order < "];
    let mut statement = within(statement, &query.due, due);
    if query.due.after.is_some() {
        statement.push_text(" and due_order < 'infinity'");
    }
    let Some(overdue) = query.overdue else {
        return statement;
    };
    statement
        .text(" and ")
        .value(overdue)
        .text(" = (not completed and coalesce(due_at < ")
        .value(now)
        .text(", due_on < ")
        .value(today(query.time_zone.as_ref(), now))
        .text(", false))")
}

fn within(
    mut statement: Statement,
    window: &Window,
    [after, before]: [&'static str; 2],
) -> Statement {
    for (bound, compare) in [(&window.after, after), (&window.before, before)] {
        if let Some(time) = bound.clone() {
            statement = statement.text(compare).value(time).text("::timestamptz");
        }
    }
    statement
}

/// Each word of `search` as the beginning of a word; or the whole anywhere in a text.
///
/// The pattern is not one of `ilike`, which begins again at each character of descriptions that are
/// all `a` to find `aaa...b`. A regular expression reads the text once, whatever it looks for. After
/// `***=` nothing in it is special.
/// <https://www.postgresql.org/docs/current/functions-matching.html#POSIX-METASYNTAX>
fn searched(statement: Statement, search: &str) -> Statement {
    let quoted = |word: &str| {
        let escaped = word.replace('\\', "\\\\").replace('\'', "''");
        format!("'{escaped}':*")
    };
    let words: Vec<_> = search.split_whitespace().map(quoted).collect();
    let pattern = format!("***={search}");
    statement
        .text(" and (search @@ to_tsquery('simple', ")
        .value(words.join(" & "))
        .text(") or title ~* ")
        .value(pattern.clone())
        .text(" or description ~* ")
        .value(pattern)
        .text(")")
}

/// The page that the statements returned.
pub(super) fn page(results: &Results, query: &ListQuery) -> Result<Page, StoreError> {
    let limit = usize::from(query.limit());
    let rows = results.of(0);
    let tasks = rows.iter().take(limit).map(task);
    let count = results.of(1).first();
    Ok(Page {
        tasks: tasks.collect::<Result<_, _>>()?,
        more: rows.len() > limit,
        total: count.map(|row| Cells::new(row).next()).transpose()?,
    })
}

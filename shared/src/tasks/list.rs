//! The statements of lists.

use jiff::Timestamp;
use jiff::civil::Date;
use tokio_postgres::Row;
use tokio_postgres::types::Type;

use super::list_query::{Cursor, ListQuery, Sort, SortKey, StatusFilter};
use super::row::{columns, value};
use crate::db::Statement;
use crate::task::TimeZoneName;
use crate::{Error, Task};

/// A page of a list.
#[derive(Debug)]
pub struct Page {
    /// Its tasks.
    pub tasks: Vec<Task>,
    /// Whether there are more.
    pub more: bool,
    /// How many there are in all pages, if that was asked for.
    pub total: Option<i64>,
}

/// `$2` to `$15`. PostgreSQL plans an unnamed statement for the parameters that it is given: what is null here costs
/// nothing there.
macro_rules! filters {
    () => {
        "user_id = $1
         and ($2::bool is null or completed = $2)
         and ($3::int2[] is null or priority = any($3))
         and ($4::text[] is null or tags @> $4)
         and ($5::text is null or due_order >= $5::timestamptz and due_order < 'infinity')
         and ($6::text is null or due_order < $6::timestamptz)
         and ($7::text is null or created_at >= $7::timestamptz)
         and ($8::text is null or created_at < $8::timestamptz)
         and ($9::text is null or updated_at >= $9::timestamptz)
         and ($10::text is null or updated_at < $10::timestamptz)
         and ($11::bool is null
             or $11 = (not completed and coalesce(due_at < $12::timestamptz, due_on < $13::date, false)))
         and ($14::text is null
             or search @@ to_tsquery('simple', $14) or title ~* $15 or description ~* $15)"
    };
}

/// One order: the key, its type, the comparison with the cursor (`$17`, `$18`) and the direction.
macro_rules! ordered {
    ($key:literal, $type:literal, $compare:literal, $direction:literal) => {
        concat!(
            "select ",
            columns!(),
            " from tasks where ",
            filters!(),
            " and ($17::text is null or (",
            $key,
            ", id) ",
            $compare,
            " ($17::text::",
            $type,
            ", $18::uuid))",
            " order by ",
            $key,
            " ",
            $direction,
            ", id ",
            $direction,
            " limit $16"
        )
    };
}

macro_rules! both_ways {
    ($descending:expr, $key:literal, $type:literal) => {
        if $descending {
            ordered!($key, $type, "<", "desc")
        } else {
            ordered!($key, $type, ">", "asc")
        }
    };
}

const COUNT: &str = concat!("select count(*) from tasks where ", filters!());

fn ordered(Sort { key, descending }: Sort) -> &'static str {
    match key {
        SortKey::CreatedAt => both_ways!(descending, "created_at", "timestamptz"),
        SortKey::UpdatedAt => both_ways!(descending, "updated_at", "timestamptz"),
        SortKey::Due => both_ways!(descending, "due_order", "timestamptz"),
        SortKey::Priority => both_ways!(descending, "priority", "int2"),
        SortKey::Title => both_ways!(descending, "title collate \"und-x-icu\"", "text"),
    }
}

/// The page, and the count if it is asked for.
pub(super) fn statements(query: &ListQuery) -> Vec<Statement> {
    let now = Timestamp::now();
    let cursor = query.cursor.clone();
    let (key, id) = cursor.map(|Cursor { key, id }| (key, id)).unzip();
    // One more than the page holds tells whether there is another page.
    let page = with_filters(Statement::new(ordered(query.sort)), query, now)
        .with(i64::from(query.limit()) + 1, Type::INT8)
        .with(key, Type::TEXT)
        .with(id, Type::UUID);
    let count = query
        .count
        .then(|| with_filters(Statement::new(COUNT), query, now));
    std::iter::once(page).chain(count).collect()
}

fn with_filters(statement: Statement, query: &ListQuery, now: Timestamp) -> Statement {
    let completed = match query.status {
        StatusFilter::All => None,
        StatusFilter::Pending => Some(false),
        StatusFilter::Completed => Some(true),
    };
    let some = |list: &[String]| (!list.is_empty()).then(|| list.to_vec());
    let ranks: Vec<i16> = query
        .priorities
        .iter()
        .map(|priority| priority.rank())
        .collect();
    statement
        .with(completed, Type::BOOL)
        .with((!ranks.is_empty()).then_some(ranks), Type::INT2_ARRAY)
        .with(some(&query.tags), Type::TEXT_ARRAY)
        .with(query.due.after.clone(), Type::TEXT)
        .with(query.due.before.clone(), Type::TEXT)
        .with(query.created.after.clone(), Type::TEXT)
        .with(query.created.before.clone(), Type::TEXT)
        .with(query.updated.after.clone(), Type::TEXT)
        .with(query.updated.before.clone(), Type::TEXT)
        .with(query.overdue, Type::BOOL)
        .with(now, Type::TIMESTAMPTZ)
        .with(today(query.time_zone.as_ref(), now), Type::DATE)
        .with(query.search.as_deref().map(words), Type::TEXT)
        .with(query.search.as_deref().map(within), Type::TEXT)
}

/// The date in a time zone; in UTC without one.
pub(super) fn today(time_zone: Option<&TimeZoneName>, now: Timestamp) -> Date {
    time_zone.map_or_else(
        || now.to_zoned(jiff::tz::TimeZone::UTC).date(),
        |zone| zone.date(now),
    )
}

/// Each word as the beginning of a word, all of them.
fn words(text: &str) -> String {
    let quoted = |word: &str| format!("'{}':*", word.replace('\\', "\\\\").replace('\'', "''"));
    text.split_whitespace()
        .map(quoted)
        .collect::<Vec<_>>()
        .join(" & ")
}

/// The pattern of a text anywhere within another. After `***=` nothing is special (PostgreSQL's manual, 9.7.3.4).
///
/// Not `ilike`, which begins again at each character of descriptions that are all `a` to find `aaa...b`. A regular
/// expression passes over the text once, whatever is looked for.
fn within(text: &str) -> String {
    format!("***={text}")
}

pub(super) fn page(results: &[Vec<Row>], query: &ListQuery) -> Result<Page, Error> {
    let rows = results.first().map(Vec::as_slice).unwrap_or_default();
    let limit = usize::from(query.limit());
    let tasks = rows
        .iter()
        .take(limit)
        .map(Task::try_from)
        .collect::<Result<_, _>>()?;
    let count = results.get(1).and_then(|rows| rows.first());
    let total = count.map(|row| value(row, 0)).transpose()?;
    Ok(Page {
        tasks,
        more: rows.len() > limit,
        total,
    })
}

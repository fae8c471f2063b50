//! Lists: which tasks, in which order, from where.

use jiff::Timestamp;
use jiff::civil::Date;
use serde::Serialize;
use tokio_postgres::Row;
use tokio_postgres::types::Type;
use uuid::Uuid;

use super::row::{columns, value};
use crate::db::Statement;
use crate::task::{Priority, TimeZoneName, rfc3339};
use crate::{Error, Task};

/// The most tasks that a page holds.
pub const LIST_MAX_TASKS: u16 = 1000;

/// Which tasks a list holds, by whether they are done.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum StatusFilter {
    /// Every task.
    #[default]
    All,
    /// Those not done.
    Pending,
    /// Those done.
    Completed,
}

/// From a time on, until before another, both as PostgreSQL reads a `timestamptz`.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Window {
    /// The first time within.
    pub after: Option<String>,
    /// The first time no longer within.
    pub before: Option<String>,
}

/// What a list is sorted by.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum SortKey {
    /// When the task was stored.
    #[default]
    CreatedAt,
    /// When it last changed.
    UpdatedAt,
    /// When it is due; a task that is not comes last.
    Due,
    /// How much it matters.
    Priority,
    /// Its title, in Unicode's order.
    Title,
}

/// The order of a list; ties are in the order of ids.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize)]
pub struct Sort {
    /// What it is sorted by.
    pub key: SortKey,
    /// Whether the largest comes first.
    pub descending: bool,
}

impl Default for Sort {
    /// The newest first.
    fn default() -> Self {
        Self { key: SortKey::CreatedAt, descending: true }
    }
}

/// The last task of a page: the next one begins after it.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Cursor {
    /// What it is sorted by, as text.
    pub key: String,
    /// Its id.
    pub id: Uuid,
}

/// What is asked of a list. As JSON it tells whether two pages belong to one list.
#[derive(Clone, Debug, Default, Serialize)]
pub struct ListQuery {
    /// By whether they are done.
    pub status: StatusFilter,
    /// Tasks of any of these priorities; of every priority when there is none.
    pub priorities: Vec<Priority>,
    /// Tasks that have all of these tags.
    pub tags: Vec<String>,
    /// By when they are due; tasks that are not due are outside of every window.
    pub due: Window,
    /// By when they were stored.
    pub created: Window,
    /// By when they last changed.
    pub updated: Window,
    /// Whether they are pending and were due.
    pub overdue: Option<bool>,
    /// Where "today" is judged for tasks that are due all day; in UTC when there is none.
    pub time_zone: Option<TimeZoneName>,
    /// Words that begin words of the title or the description; or a text within one of them.
    pub search: Option<String>,
    /// In which order.
    pub sort: Sort,
    /// The most tasks of the page; nothing for [`LIST_MAX_TASKS`].
    #[serde(skip)]
    pub limit: Option<u16>,
    /// Where the page begins.
    #[serde(skip)]
    pub cursor: Option<Cursor>,
    /// Whether to count the tasks of all pages.
    #[serde(skip)]
    pub count: bool,
}

impl ListQuery {
    fn limit(&self) -> u16 {
        self.limit.unwrap_or(LIST_MAX_TASKS)
    }

    /// The cursor of the page that begins after `task`.
    #[must_use]
    pub fn cursor_after(&self, task: &Task) -> Cursor {
        let key = match self.sort.key {
            SortKey::CreatedAt => rfc3339(&task.created_at),
            SortKey::UpdatedAt => rfc3339(&task.updated_at),
            SortKey::Due => task.due.as_ref().map_or_else(|| "infinity".to_owned(), crate::task::Due::order),
            SortKey::Priority => task.priority.rank().to_string(),
            SortKey::Title => task.title.clone(),
        };
        Cursor { key, id: task.id }
    }
}

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

/// `$2` to `$16`. PostgreSQL plans an unnamed statement for the parameters that it is given: what is null here costs
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
        if $descending { ordered!($key, $type, "<", "desc") } else { ordered!($key, $type, ">", "asc") }
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
    let count = query.count.then(|| with_filters(Statement::new(COUNT), query, now));
    std::iter::once(page).chain(count).collect()
}

fn with_filters(statement: Statement, query: &ListQuery, now: Timestamp) -> Statement {
    let completed = match query.status {
        StatusFilter::All => None,
        StatusFilter::Pending => Some(false),
        StatusFilter::Completed => Some(true),
    };
    let some = |list: &[String]| (!list.is_empty()).then(|| list.to_vec());
    let ranks: Vec<i16> = query.priorities.iter().map(|priority| priority.rank()).collect();
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
    time_zone.map_or_else(|| now.to_zoned(jiff::tz::TimeZone::UTC).date(), |zone| zone.date(now))
}

/// Each word as the beginning of a word, all of them.
fn words(text: &str) -> String {
    let quoted = |word: &str| format!("'{}':*", word.replace('\\', "\\\\").replace('\'', "''"));
    text.split_whitespace().map(quoted).collect::<Vec<_>>().join(" & ")
}

/// The pattern of a text anywhere within another. After `***=` nothing is special (PostgreSQL's manual, 9.7.3.4).
///
/// Not `ilike`, which begins again at each character: `aaa...b` in descriptions that are all `a` took 5 times as long
/// as `ab`. A regular expression passes over the text once, whatever is looked for.
fn within(text: &str) -> String {
    format!("***={text}")
}

pub(super) fn page(results: &[Vec<Row>], query: &ListQuery) -> Result<Page, Error> {
    let rows = results.first().map(Vec::as_slice).unwrap_or_default();
    let limit = usize::from(query.limit());
    let tasks = rows.iter().take(limit).map(Task::try_from).collect::<Result<_, _>>()?;
    let count = results.get(1).and_then(|rows| rows.first());
    let total = count.map(|row| value(row, 0)).transpose()?;
    Ok(Page { tasks, more: rows.len() > limit, total })
}

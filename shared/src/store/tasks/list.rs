//! Pages of tasks.

use jiff::Timestamp;
use unicode_normalization::UnicodeNormalization;

use super::columns::{COLUMNS, task};
use super::day::today;
use super::due_window;
use super::fields::Cells;
use crate::domain::{
    Cursor, Days, ListQuery, Listing, Page, Priority, Search, SortKey, StatusFilter, Window,
};
use crate::store::StoreError;
use crate::store::database::{Results, Statement};

/// The state of the list; the page, unless the client knows it in this state; and the count if the
/// query asks for it.
#[must_use]
pub fn list(query: &ListQuery, known: &[String]) -> Vec<Statement> {
    let by_due = query.sort.key == SortKey::Due;
    let uses_days = by_due || query.due.after.is_some() || query.due.before.is_some();
    let asked = Asked {
        query,
        known,
        days: uses_days.then(|| query.days()).flatten(),
        now: Timestamp::now(),
    };
    let mut statements = vec![asked.state(Statement::new("select ")), asked.page()];
    if query.count {
        let count = Statement::new("select count(*) from tasks where user_id = $1");
        statements.push(asked.filtered(count));
    }
    statements
}

/// What a list is asked for, and when.
struct Asked<'a> {
    query: &'a ListQuery,
    /// The states in which the client knows the list.
    known: &'a [String],
    /// When days start in the time zone of the query, if due dates depend on it.
    days: Option<Days>,
    now: Timestamp,
}

impl Asked<'_> {
    /// The version of the user's tasks. What is overdue also depends on the last due date that has
    /// passed, and on the day.
    fn state(&self, statement: Statement) -> Statement {
        let statement = statement
            .text("coalesce((select to_hex(version) from user_counters where user_id = $1), '0')");
        if self.query.overdue.is_none() {
            return statement;
        }
        statement
            .text(
                " || '-' || coalesce((
                     select to_hex((extract(epoch from due_order) * 1000000)::bigint)
                     from tasks where user_id = $1 and due_order < ",
            )
            .value(self.now)
            .text(" order by due_order desc limit 1), '0') || '-' || ")
            .value(today(self.query.time_zone.as_ref(), self.now).to_string())
    }

    fn page(&self) -> Statement {
        let statement = Statement::new("select ")
            .text(COLUMNS)
            .text(" from tasks where user_id = $1");
        let mut statement = self.filtered(statement);
        let (after, direction) = if self.query.sort.descending {
            (", id) < (", " desc")
        } else {
            (", id) > (", " asc")
        };
        if let Some(Cursor { key, id }) = self.query.cursor.clone() {
            statement = self.key(statement.text(" and (")).text(after);
            statement = statement.value(key).text(self.cast()).text(", ");
            statement = statement.value(id).text(")");
        }
        statement = self.key(statement.text(" order by ")).text(direction);
        statement = statement.text(", id").text(direction);
        // One more than the page holds shows whether there is another page.
        let limit = i64::from(self.query.limit()) + 1;
        statement.text(" limit ").value(limit)
    }

    /// What the list is sorted by.
    fn key(&self, statement: Statement) -> Statement {
        match self.query.sort.key {
            SortKey::CreatedAt => statement.text("created_at"),
            SortKey::UpdatedAt => statement.text("updated_at"),
            SortKey::Due => due_window::order(statement, self.days.as_ref()),
            SortKey::Priority => statement.text("priority"),
            SortKey::Title => statement.text("title collate \"und-x-icu\""),
        }
    }

    /// The cast of a cursor's key.
    fn cast(&self) -> &'static str {
        match self.query.sort.key {
            SortKey::CreatedAt | SortKey::UpdatedAt | SortKey::Due => "::timestamptz",
            SortKey::Priority => "::int2",
            SortKey::Title => "",
        }
    }

    /// Only the filters that the query has, so that PostgreSQL plans for those alone.
    fn filtered(&self, mut statement: Statement) -> Statement {
        let query = self.query;
        if !self.known.is_empty() {
            statement = self.state(statement.text(" and ")).text(" <> all(");
            statement = statement.value(self.known.to_vec()).text(")");
        }
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
            let tags: Vec<String> = query.tags.iter().map(|tag| tag.nfc().collect()).collect();
            statement = statement.text(" and compose_tags(tags) @> ").value(tags);
        }
        let words = query.search.iter().flat_map(Search::words);
        for word in words {
            // A regular expression reads the text once, whatever it looks for, while `like` starts
            // again at each character when it looks for `aaa...b` in a text of `a`s. After `***=`,
            // nothing in the pattern is special.
            // https://www.postgresql.org/docs/current/functions-matching.html#POSIX-METASYNTAX
            statement = statement
                .text(" and folded collate \"C\" ~ ('***=' || fold_text(")
                .value(word.clone())
                .text("))");
        }
        self.timed(statement)
    }

    fn timed(&self, statement: Statement) -> Statement {
        let Self { query, now, .. } = *self;
        let created = [" and created_at >= ", " and created_at < "];
        let statement = within(statement, &query.created, created);
        let updated = [" and updated_at >= ", " and updated_at < "];
        let statement = within(statement, &query.updated, updated);
        let statement = due_window::within(statement, &query.due, self.days.as_ref());
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

/// The list that the statements returned.
pub(super) fn listing(
    results: &Results,
    query: &ListQuery,
    known: &[String],
) -> Result<Listing, StoreError> {
    let state = results.first();
    let state = state.ok_or_else(|| StoreError::defect("the list has no state"))?;
    let state: String = Cells::new(state).next()?;
    if known.contains(&state) {
        return Ok(Listing::Known(state));
    }
    let limit = usize::from(query.limit());
    let rows = results.of(1);
    let tasks = rows.iter().take(limit).map(task);
    let count = results.of(2).first();
    Ok(Listing::Page(Page {
        state,
        tasks: tasks.collect::<Result<_, _>>()?,
        more: rows.len() > limit,
        total: count.map(|row| Cells::new(row).next()).transpose()?,
    }))
}

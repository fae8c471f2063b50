//! Due dates in lists: their order, and windows of them.

use crate::domain::{Days, Due, DueWindow};
use crate::store::database::Statement;

/// How a bound of a window is compared: exactly, and for the index, which counts days in UTC. In
/// other zones, they start less than a day earlier or later.
struct Comparison {
    exact: &'static str,
    near: &'static str,
    margin: &'static str,
}

const AFTER: Comparison = Comparison {
    exact: " >= ",
    near: " and due_order >= ",
    margin: "::timestamptz - interval '1 day'",
};

const BEFORE: Comparison = Comparison {
    exact: " < ",
    near: " and due_order < ",
    margin: "::timestamptz + interval '1 day'",
};

/// Appends the place of a task in the order of due dates. An all-day due date stands at the start of
/// its day.
pub(super) fn order(statement: Statement, days: Option<&Days>) -> Statement {
    let Some(days) = days else {
        return statement.text("due_order");
    };
    statement
        .text("coalesce(due_at, due_on::timestamp at time zone 'UTC' - interval '1 second' * (")
        .value(days.offsets().to_vec())
        .text(")[width_bucket(due_on, ")
        .value(days.periods().to_vec())
        .text(")], 'infinity')")
}

/// Appends the conditions of a window. A task without a due date is outside every window.
pub(super) fn within(statement: Statement, window: &DueWindow, days: Option<&Days>) -> Statement {
    let statement = bounded(statement, window.after.as_ref(), days, &AFTER);
    let statement = bounded(statement, window.before.as_ref(), days, &BEFORE);
    match window.after {
        Some(_) => statement.text(" and due_order < 'infinity'"),
        None => statement,
    }
}

fn bounded(
    statement: Statement,
    bound: Option<&Due>,
    days: Option<&Days>,
    comparison: &Comparison,
) -> Statement {
    let Some(bound) = bound else { return statement };
    let place = bound.order(days);
    let statement = order(statement.text(" and "), days).text(comparison.exact);
    let statement = statement.value(place.clone()).text("::timestamptz");
    if days.is_none() {
        return statement;
    }
    statement
        .text(comparison.near)
        .value(place)
        .text(comparison.margin)
}

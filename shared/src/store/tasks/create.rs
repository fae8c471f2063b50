//! Storing new tasks.

use super::columns::{COLUMNS, INSERT, push_values};
use super::conditions::{has_task, may_add};
use super::failure::{Sent, or_failure};
use crate::domain::{NewTask, Quota};
use crate::store::database::Statement;

/// Stores a new task, if the user may have one more.
///
/// With an id of this service, running it again, after the connection was lost before the answer,
/// finds the id taken and returns the row that is there. An id that the client has chosen must not
/// be taken.
pub(super) fn create(new: &NewTask, quota: &Quota, sent: Sent) -> Statement {
    let mut statement = Statement::new("with changed as (")
        .text(INSERT)
        .text(" select $1, ")
        .value(new.id);
    push_values(&mut statement, new.fields.clone());
    // Not `now()`, which is the same for all operations of a batch. An id that is taken is a
    // conflict, also for a user who may have no more tasks.
    statement = may_add(statement.text(", clock_timestamp() where "), quota).text(" or ");
    statement = has_task(statement, new.id).text(" on conflict (user_id, id) do ");
    statement = if sent == Sent::Alone && !new.has_own_id {
        statement.text("update set id = excluded.id")
    } else {
        statement.text("nothing")
    };
    let statement = statement.text(" returning ").text(COLUMNS).text(")");
    or_failure(statement, COLUMNS, sent, |statement| {
        has_task(statement.text("case when "), new.id).text(" then 'exists' else 'full' end")
    })
}

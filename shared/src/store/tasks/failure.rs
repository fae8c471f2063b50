//! Why an operation changed nothing. Its statement says so.

use tokio_postgres::Row;

use crate::store::StoreError;
use crate::store::database::Statement;

/// How the statement of an operation is sent.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Sent {
    /// As a request of its own.
    Alone,
    /// As the operation of a batch at this position: PostgreSQL records its failure.
    InBatch(i32),
}

/// Completes a statement that begins with `with changed as (...)`: it returns these columns of the
/// task that was changed; or, if there is none, one row with the reason, which `failure` appends,
/// in the column `failure`.
pub(super) fn or_failure(
    statement: Statement,
    columns: &'static str,
    sent: Sent,
    failure: impl FnOnce(Statement) -> Statement,
) -> Statement {
    let statement = statement
        .text(" select ")
        .text(columns)
        .text(", case when id is null then ");
    let statement = match sent {
        Sent::Alone => failure(statement),
        Sent::InBatch(position) => {
            let statement = statement.text("record_failure(").value(position).text(", ");
            failure(statement).text(")")
        }
    };
    statement.text(" end as failure from (select) as one left join changed on true")
}

/// The row of the task that was changed.
pub(super) fn changed(row: Option<&Row>) -> Result<&Row, StoreError> {
    let row = row.ok_or_else(|| StoreError::defect("an operation returned no row"))?;
    let failure: Option<&str> = row.try_get("failure").map_err(StoreError::defect)?;
    failure.map_or(Ok(row), |failure| Err(error(failure)))
}

/// The error that a reason stands for.
pub(super) fn error(failure: &str) -> StoreError {
    match failure {
        "missing" => StoreError::NotFound,
        "exists" => StoreError::AlreadyExists,
        "refused" => StoreError::PreconditionFailed,
        "full" => StoreError::QuotaExceeded,
        _ => StoreError::defect(format!(
            "an operation failed for an unknown reason: {failure}"
        )),
    }
}

//! Why a statement has no result, and whether it is worth trying again.

use std::error::Error;
use std::io;

use deadpool_postgres::PoolError;
use tokio_postgres::error::SqlState;

use crate::net::Chain;
use crate::store::error::StoreError;

/// Why a statement has no result.
///
/// The messages are for the log. They leave out PostgreSQL's `DETAIL`, which can quote a row, and
/// so a title.
#[derive(Debug, thiserror::Error)]
pub(super) enum Failure {
    /// There was no connection to run it on.
    #[error("{}", describe_pool(.0))]
    Connect(PoolError),
    /// The server has not answered, and is not going to.
    #[error("no answer, as from a server that hangs")]
    Silent,
    /// The deadline passed first.
    #[error("no answer before the invocation's deadline")]
    Late,
    /// The user runs as much at once as one user may.
    #[error("the user has no free slot, or waits for a turn")]
    Busy,
    /// The server refused it, or the connection was lost.
    #[error("{}", describe(.0))]
    Statement(tokio_postgres::Error),
}

impl From<PoolError> for Failure {
    fn from(error: PoolError) -> Self {
        Self::Connect(error)
    }
}

impl From<tokio_postgres::Error> for Failure {
    fn from(error: tokio_postgres::Error) -> Self {
        Self::Statement(error)
    }
}

impl Failure {
    /// Why the settings of a transaction failed. `take_slot` raises TD002
    /// (`migrations/V5__shares.sql`), and `take_turn` waits only briefly for its lock
    /// (`migrations/V6__versions.sql`).
    pub(super) fn of_settings(error: tokio_postgres::Error) -> Self {
        let state = error.code();
        if state
            .is_some_and(|state| state.code() == "TD002" || *state == SqlState::LOCK_NOT_AVAILABLE)
        {
            Self::Busy
        } else {
            Self::Statement(error)
        }
    }

    /// Whether the connection ended before the answer, so that the outcome is unknown.
    pub(super) fn connection_lost(&self) -> bool {
        let Self::Statement(error) = self else {
            return false;
        };
        if let Some(state) = error.code() {
            // 08: connection exception; 57P01 to 57P05: the server shuts down or ends the session.
            return state.code().starts_with("08") || state.code().starts_with("57P");
        }
        error.is_closed() || error.source().is_some_and(<dyn Error>::is::<io::Error>)
    }

    /// Whether the server has refused the statement and is ready for the next one. A server that is
    /// read-only was the primary before a failover: only a new connection finds the new primary.
    pub(super) fn is_refusal(&self) -> bool {
        let Self::Statement(error) = self else {
            return matches!(self, Self::Busy);
        };
        let is_primary = error.code() != Some(&SqlState::READ_ONLY_SQL_TRANSACTION);
        error.as_db_error().is_some() && is_primary && !self.connection_lost()
    }

    /// Whether it may work later: an outage rather than a defect.
    fn is_outage(&self) -> bool {
        let Self::Statement(error) = self else {
            return true;
        };
        let transient = [
            SqlState::QUERY_CANCELED,
            SqlState::READ_ONLY_SQL_TRANSACTION,
            SqlState::LOCK_NOT_AVAILABLE,
            SqlState::T_R_SERIALIZATION_FAILURE,
            SqlState::T_R_DEADLOCK_DETECTED,
        ];
        self.connection_lost()
            || error.code().is_some_and(|state| {
                // 53: insufficient resources; 58: system error, external to PostgreSQL itself.
                let class = &state.code()[..2];
                transient.contains(state) || class == "53" || class == "58"
            })
    }
}

impl From<Failure> for StoreError {
    fn from(failure: Failure) -> Self {
        if matches!(failure, Failure::Busy) {
            Self::Busy
        } else if failure.is_outage() {
            Self::Unavailable(Box::new(failure))
        } else {
            Self::Defect(Box::new(failure))
        }
    }
}

fn describe(error: &tokio_postgres::Error) -> String {
    match error.as_db_error() {
        Some(db) => format!("{} (SQLSTATE {})", db.message(), db.code().code()),
        None => Chain(error).to_string(),
    }
}

pub(super) fn describe_pool(error: &PoolError) -> String {
    match error {
        PoolError::Backend(error) => format!("cannot connect: {}", describe(error)),
        other => Chain(other).to_string(),
    }
}

//! Why a statement failed, and what that means for the client.

use std::error::Error as _;
use std::io;

use deadpool_postgres::PoolError;
use tokio_postgres::error::SqlState;

use crate::Error;
use crate::error::Chain;

/// Why a statement has no result.
#[derive(Debug)]
pub(super) enum Failure {
    /// There was no connection to run it on.
    Connect(String),
    /// There was no answer, nor will there be one.
    Silent,
    /// The server refused it, or the connection was lost.
    Statement(tokio_postgres::Error),
}

impl From<tokio_postgres::Error> for Failure {
    fn from(error: tokio_postgres::Error) -> Self {
        Self::Statement(error)
    }
}

impl Failure {
    /// Whether the connection ended before the answer came, so that the outcome is unknown.
    pub(super) fn connection_lost(&self) -> bool {
        let Self::Statement(error) = self else {
            return false;
        };
        match error.code().map(SqlState::code) {
            // 08: connection exception; 57P01 to 57P05: the server shuts down or ends the session.
            Some(code) => code.starts_with("08") || code.starts_with("57P"),
            None => {
                error.is_closed()
                    || error
                        .source()
                        .is_some_and(|source| source.downcast_ref::<io::Error>().is_some())
            }
        }
    }

    /// Whether the server has refused the statement, and is ready for the next one. A server that is read-only was the
    /// primary before a failover: only a new connection finds the one that is now.
    pub(super) fn is_refusal(&self) -> bool {
        let Self::Statement(error) = self else {
            return false;
        };
        let is_primary = error.code() != Some(&SqlState::READ_ONLY_SQL_TRANSACTION);
        error.as_db_error().is_some() && is_primary && !self.connection_lost()
    }

    /// Whether it is worth trying again later: an outage, not a defect of ours.
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
            || error.code().is_some_and(|code| {
                // 53: insufficient resources; 58: system error, external to PostgreSQL itself.
                transient.contains(code)
                    || code.code().starts_with("53")
                    || code.code().starts_with("58")
            })
    }
}

impl From<Failure> for Error {
    fn from(failure: Failure) -> Self {
        let is_outage = failure.is_outage();
        let cause = match failure {
            Failure::Connect(cause) => cause,
            Failure::Silent => "no answer, as from a server that hangs".into(),
            Failure::Statement(error) => describe(&error),
        };
        if is_outage {
            Self::Unavailable(cause)
        } else {
            Self::Internal(cause)
        }
    }
}

/// What the log may hold of an error. `DETAIL` is left out: it can quote a row, hence a title.
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

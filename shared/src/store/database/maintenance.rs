//! Transactions that belong to no user.

#![expect(
    clippy::disallowed_methods,
    reason = "this is where statements are run"
)]

use futures_util::join;
use tokio_postgres::types::{ToSql, Type};
use tokio_postgres::{Client, Config};

use super::connect::connect;
use super::failure::Failure;
use super::pool::{STATEMENT_TIME, answered};
use crate::store::error::StoreError;

/// The settings of a transaction, which end with it: the role `todo_purge`, which reaches only what
/// has expired, and time limits (`$1`, in milliseconds). Those of users are in `transaction`.
const SETTINGS: &str = "
select set_config('role', 'todo_purge', true),
       set_config('max_parallel_workers_per_gather', '0', true),
       set_config('statement_timeout', $1, true),
       set_config('idle_in_transaction_session_timeout', $1, true)";

/// A connection for work on the data of all users, with a role that reaches little of it.
pub(in crate::store) struct Maintenance {
    client: Client,
}

impl Maintenance {
    /// Connects to the database.
    pub(in crate::store) async fn connect(database: &Config) -> Result<Self, StoreError> {
        let client = connect(database).await?;
        Ok(Self { client })
    }

    /// Runs a statement in a transaction of its own, in one round trip, and returns how many rows
    /// it changed or returned. `$1` is a number of rows, and `$2` a number of days if there is one.
    /// Takes 5 s at most.
    pub(in crate::store) async fn run(
        &self,
        statement: &'static str,
        rows: i64,
        days: Option<i32>,
    ) -> Result<u64, StoreError> {
        Ok(answered(self.transaction(statement, rows, days)).await?)
    }

    /// Sends everything in one flush (see `transaction`).
    async fn transaction(
        &self,
        statement: &'static str,
        rows: i64,
        days: Option<i32>,
    ) -> Result<u64, Failure> {
        let limit = STATEMENT_TIME.as_millis().to_string();
        let settings: [(&(dyn ToSql + Sync), Type); 1] = [(&limit, Type::TEXT)];
        let mut parameters: Vec<(&(dyn ToSql + Sync), Type)> = vec![(&rows, Type::INT8)];
        if let Some(days) = &days {
            parameters.push((days, Type::INT4));
        }
        let (begun, set, changed, ended) = join!(
            self.client.batch_execute("begin"),
            self.client.query_typed(SETTINGS, &settings),
            self.client.execute_typed(statement, &parameters),
            self.client.batch_execute("commit"),
        );
        begun?;
        set?;
        let changed = changed?;
        ended?;
        Ok(changed)
    }
}

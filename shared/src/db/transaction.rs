//! One transaction in one flush.

#![expect(
    clippy::disallowed_methods,
    reason = "this is where statements are run"
)]

use std::future::poll_fn;
use std::task::Poll;
use std::time::Duration;

use futures_util::future::maybe_done;
use futures_util::join;
use tokio_postgres::error::SqlState;
use tokio_postgres::types::{ToSql, Type};
use tokio_postgres::{Client, Row};

use super::Statement;
use super::failure::Failure;

/// Statements, and whom they run for.
pub(super) struct Transaction<'a> {
    pub(super) user_id: &'a str,
    pub(super) statements: &'a [Statement],
}

/// The settings of a transaction; each ends with it. `role` takes away every right but those of
/// `todo_app`, `app.user_id` (`$1`) is what row-level security compares with, and `statement_timeout` (`$2`,
/// milliseconds) ends what nobody waits for any more, also a transaction of which only the beginning arrived: it would
/// hold its locks. No parallel workers: in a table of ten million tasks PostgreSQL started some for a summary of ten, which
/// took 9 ms in place of 1, and a user of many tasks would have more than his share of a small compute.
pub const SETTINGS: &str = "
select set_config('role', 'todo_app', true),
       set_config('app.user_id', $1, true),
       set_config('max_parallel_workers_per_gather', '0', true),
       set_config('statement_timeout', $2, true),
       set_config('idle_in_transaction_session_timeout', $2, true)";

impl Transaction<'_> {
    /// Sends everything in one flush: the futures are polled together on one thread, so all are queued before the
    /// connection's task writes.
    pub(super) async fn run(
        &self,
        client: &Client,
        time: Duration,
    ) -> Result<Vec<Vec<Row>>, Failure> {
        let (results, commit) = join!(self.begin(client, time), client.batch_execute("commit"));
        // `commit` answers Ok even when it rolled back: only all together mean that it is stored.
        let results = results?;
        commit?;
        Ok(results)
    }

    /// The same with a last statement, which tells by failing with SQLSTATE 22P02 that nothing is to be stored: then
    /// PostgreSQL takes `commit` for `rollback`. The results, and whether they are stored.
    pub(super) async fn run_if(
        &self,
        client: &Client,
        time: Duration,
        condition: &Statement,
    ) -> Result<(Vec<Vec<Row>>, bool), Failure> {
        let (results, condition, commit) = join!(
            self.begin(client, time),
            self.query(client, condition),
            client.batch_execute("commit")
        );
        let results = results?;
        let stored = match condition {
            Ok(_) => true,
            Err(error) if error.code() == Some(&SqlState::INVALID_TEXT_REPRESENTATION) => false,
            Err(error) => return Err(error.into()),
        };
        commit?;
        Ok((results, stored))
    }

    async fn begin(&self, client: &Client, time: Duration) -> Result<Vec<Vec<Row>>, Failure> {
        let timeout = time.as_millis().max(1).to_string();
        let settings: [(&(dyn ToSql + Sync), Type); 2] =
            [(&self.user_id, Type::TEXT), (&timeout, Type::TEXT)];
        let (begin, settings, results) = join!(
            client.batch_execute("begin"),
            client.query_typed(SETTINGS, &settings),
            self.queries(client),
        );
        begin?;
        settings?;
        Ok(results?)
    }

    /// Polls every statement each time: `join_all` would leave some of many for later, and `commit` would pass them.
    async fn queries(&self, client: &Client) -> Result<Vec<Vec<Row>>, tokio_postgres::Error> {
        let queries = self
            .statements
            .iter()
            .map(|statement| Box::pin(maybe_done(self.query(client, statement))));
        let mut queries: Vec<_> = queries.collect();
        poll_fn(|context| {
            let waiting = queries
                .iter_mut()
                .filter_map(|query| query.as_mut().poll(context).is_pending().then_some(()));
            if waiting.count() > 0 {
                Poll::Pending
            } else {
                Poll::Ready(())
            }
        })
        .await;
        queries
            .iter_mut()
            .filter_map(|query| query.as_mut().take_output())
            .collect()
    }

    async fn query(
        &self,
        client: &Client,
        statement: &Statement,
    ) -> Result<Vec<Row>, tokio_postgres::Error> {
        let mut parameters: Vec<(&(dyn ToSql + Sync), Type)> = vec![(&self.user_id, Type::TEXT)];
        parameters.extend(statement.parameters());
        client.query_typed(statement.sql(), &parameters).await
    }
}

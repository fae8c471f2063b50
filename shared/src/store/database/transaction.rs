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

use super::failure::Failure;
use super::statement::Statement;

/// The settings of a transaction, which end with it.
///
/// - `role` takes away all rights except those of `todo_app`.
/// - `app.user_id` (`$1`) is what row-level security compares with.
/// - The time limits (`$2`, in milliseconds) end what nobody waits for any more. That includes a
///   transaction of which only the beginning arrived: it would keep its locks.
/// - Parallel workers are off. In a table of ten million tasks, PostgreSQL started some to
///   summarize ten tasks, which took 9 ms rather than 1; and one user with many tasks would get
///   more than a fair share of a small compute.
/// - A slot (`$3`, how many the user has) bounds what one user runs at once. A write also takes the
///   user's turn.
macro_rules! settings {
    ($($share:literal)+) => {
        concat!(
            "
select set_config('role', 'todo_app', true),
       set_config('app.user_id', $1, true),
       set_config('max_parallel_workers_per_gather', '0', true),
       set_config('statement_timeout', $2, true),
       set_config('idle_in_transaction_session_timeout', $2, true),
       ",
            $($share)+
        )
    };
}

/// Statements, and the user for whom they run.
pub(super) struct Transaction<'a> {
    pub(super) access: Access,
    pub(super) user_id: &'a str,
    /// How many transactions of this user may run at once.
    pub(super) slots: i32,
    pub(super) statements: &'a [Statement],
}

/// What a transaction does.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Access {
    /// It reads, and may run again if its connection was lost. All statements see the same state.
    Read,
    /// It writes, in the user's turn.
    Write(Repeat),
}

/// Whether a transaction that writes may run again if its connection was lost before the answer, so
/// that nobody knows whether it was committed.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Repeat {
    /// Running it twice has the same effect as running it once.
    Safe,
    /// The second run could undo what the first did, or report it wrongly.
    Unsafe,
}

impl Access {
    pub(super) fn may_repeat(self) -> bool {
        self != Self::Write(Repeat::Unsafe)
    }

    /// The statement that begins such a transaction.
    #[must_use]
    pub fn begin(self) -> &'static str {
        match self {
            Self::Read => "begin isolation level repeatable read, read only",
            Self::Write(_) => "begin",
        }
    }

    /// The statement with the settings of such a transaction. Fails if the user has no free slot, or
    /// has to wait long for a turn.
    #[must_use]
    pub fn settings(self) -> &'static str {
        match self {
            Self::Read => settings!("take_slot($1, $3)"),
            Self::Write(_) => settings!("take_slot($1, $3), take_turn($1)"),
        }
    }
}

/// What the statements of a transaction returned.
#[derive(Debug)]
pub struct Results {
    rows: Vec<Vec<Row>>,
    /// Whether the transaction was committed. If not, one of its statements has asked for a rollback,
    /// and those after it returned nothing.
    pub committed: bool,
}

impl Results {
    /// The rows of the statement at `index`.
    #[must_use]
    pub fn of(&self, index: usize) -> &[Row] {
        self.rows.get(index).map(Vec::as_slice).unwrap_or_default()
    }

    /// The first row of the first statement.
    #[must_use]
    pub fn first(&self) -> Option<&Row> {
        self.of(0).first()
    }
}

impl Transaction<'_> {
    /// Sends everything in one flush: the futures are polled together on one thread, so all of them
    /// are queued before the connection's task writes.
    pub(super) async fn run(&self, client: &Client, time: Duration) -> Result<Results, Failure> {
        let (begun, set, answers, ended) = join!(
            client.batch_execute(self.access.begin()),
            self.set(client, self.access.settings(), time),
            self.answers(client),
            client.batch_execute("commit"),
        );
        begun?;
        set.map_err(Failure::of_settings)?;
        let results = results(answers)?;
        // `commit` succeeds even when it rolls back. The transaction is stored only if everything
        // before it succeeded too.
        ended?;
        Ok(results)
    }

    /// Whether the user has a free slot at this moment. It is a transaction of its own, which ends
    /// by itself: whoever waits keeps no connection, and costs PostgreSQL little. A transaction that
    /// found no slot would parse and log each of its statements.
    pub(super) async fn has_slot(&self, client: &Client) -> Result<bool, Failure> {
        let parameters: [(&(dyn ToSql + Sync), Type); 2] =
            [(&self.user_id, Type::TEXT), (&self.slots, Type::INT4)];
        let rows = client
            .query_typed("select try_slot($1, $2)", &parameters)
            .await?;
        Ok(rows.first().is_some_and(|row| row.get(0)))
    }

    async fn set(&self, client: &Client, settings: &str, time: Duration) -> Answered {
        let timeout = time.as_millis().max(1).to_string();
        let parameters: [(&(dyn ToSql + Sync), Type); 3] = [
            (&self.user_id, Type::TEXT),
            (&timeout, Type::TEXT),
            (&self.slots, Type::INT4),
        ];
        client.query_typed(settings, &parameters).await
    }

    /// Runs every statement. Polls all of them each time: `join_all` leaves some for later if there
    /// are many, and `commit` would overtake them.
    async fn answers(&self, client: &Client) -> Vec<Answered> {
        let mut queries: Vec<_> = (self.statements.iter())
            .map(|statement| Box::pin(maybe_done(self.query(client, statement))))
            .collect();
        poll_fn(|context| {
            let waiting = (queries.iter_mut())
                .filter_map(|query| query.as_mut().poll(context).is_pending().then_some(()));
            if waiting.count() > 0 {
                Poll::Pending
            } else {
                Poll::Ready(())
            }
        })
        .await;
        (queries.iter_mut())
            .filter_map(|query| query.as_mut().take_output())
            .collect()
    }

    async fn query(&self, client: &Client, statement: &Statement) -> Answered {
        let mut parameters: Vec<(&(dyn ToSql + Sync), Type)> = vec![(&self.user_id, Type::TEXT)];
        parameters.extend(statement.parameters());
        client.query_typed(statement.sql(), &parameters).await
    }
}

type Answered = Result<Vec<Row>, tokio_postgres::Error>;

/// The rows, unless a statement failed in any other way than by asking for a rollback. After that,
/// PostgreSQL refuses every statement.
fn results(answers: Vec<Answered>) -> Result<Results, Failure> {
    let mut committed = true;
    let rows = answers.into_iter().map(|answer| match answer {
        Err(_) if !committed => Ok(Vec::new()),
        Err(error) if asks_for_rollback(&error) => {
            committed = false;
            Ok(Vec::new())
        }
        answer => answer,
    });
    let rows = rows.collect::<Result<_, _>>()?;
    Ok(Results { rows, committed })
}

/// The SQLSTATEs of `raise_if_failed` and `raise_if_used` (both in `migrations/V6__versions.sql`).
/// The SQL standard reserves no class that begins with I to Z, and
/// PostgreSQL uses no class `TD`.
/// <https://www.postgresql.org/docs/current/errcodes-appendix.html>
fn asks_for_rollback(error: &tokio_postgres::Error) -> bool {
    let state = error.code().map(SqlState::code);
    matches!(state, Some("TD001" | "TD003"))
}

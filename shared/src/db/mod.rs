//! The database: one pool for each execution environment, and the one way to run a statement.
//!
//! Statements run in a transaction of their own, as the role `todo_app` and for one user, so that
//! row-level security holds whoever the login role is. `BEGIN`, the settings, the statements and
//! `COMMIT` are sent in one flush and answered in one: one round trip.

mod connect;
mod failure;
mod lifecycle;
mod statement;
mod transaction;

use std::time::{Duration, Instant};

use deadpool_postgres::{BuildError, Hook, HookError, Object, Pool, PoolError, Runtime};
use scopeguard::{ScopeGuard, guard};
use tokio_postgres::{Client, Row};

pub use connect::connect;
pub use statement::Statement;
pub use transaction::SETTINGS;
use transaction::Transaction;

use crate::config::Config;
use crate::error::Chain;
use crate::{Caller, Error, Invocation};

/// A connection unused for longer is asked whether it still works before it is trusted: environments
/// freeze, Neon suspends, and network devices forget connections without telling.
const TRUSTED_IDLE: Duration = Duration::from_secs(30);

/// How long a connection has to answer that question.
const CHECK_TIME: Duration = Duration::from_secs(1);

/// How long a statement may run. PostgreSQL gives up what takes longer, such as the wait for a lock, and says so.
const STATEMENT_TIME: Duration = Duration::from_secs(4);

/// After how long without an answer nobody expects one any more: PostgreSQL would have given up by itself. While the
/// database hangs, each request holds an environment for this long, and not until its deadline; a third of the
/// environments serve as many clients.
const SILENCE: Duration = Duration::from_secs(5);

/// Whether a statement may run again when its connection was lost before it answered, so that nobody
/// knows whether it was committed.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Repeat {
    /// Running it twice is the same as once.
    Safe,
    /// Running it twice could undo, or report wrongly, what the first run did.
    Unsafe,
}

/// The database of an execution environment; cloning is cheap.
#[derive(Clone, Debug)]
pub struct Database {
    pool: Pool,
}

impl Database {
    /// A pool with one connection for each request that the environment serves at once.
    pub fn new(config: &Config) -> Result<Self, BuildError> {
        let pool = Pool::builder(connect::manager(&config.database))
            .max_size(config.max_concurrency)
            .runtime(Runtime::Tokio1)
            .create_timeout(Some(connect::CONNECT_TIMEOUT))
            .pre_recycle(Hook::async_fn(|client, metrics| {
                Box::pin(async move {
                    let idle = metrics.last_used();
                    check(client, idle).await.map_err(HookError::message)
                })
            }))
            .build()?;
        Ok(Self { pool })
    }

    /// Opens the first connection, so that the first request does not wait for it. Failing is no
    /// error, and takes no longer than connecting may: the database may be back when a request comes.
    pub async fn warm_up(&self) {
        if let Err(error) = self.pool.get().await {
            tracing::warn!(
                cause = failure::describe_pool(&error),
                "no database connection during init"
            );
        }
    }

    /// Runs a statement as `caller`, in a transaction and in one round trip.
    ///
    /// Fails with [`Error::Unavailable`] when the database cannot be reached or does not answer within seconds or before
    /// the invocation's deadline, and with [`Error::Internal`] when it refuses the statement.
    pub async fn run(
        &self,
        caller: &Caller,
        statement: Statement,
        repeat: Repeat,
    ) -> Result<Vec<Row>, Error> {
        let results = self.run_all(caller, &[statement], repeat).await?;
        Ok(results.into_iter().next().unwrap_or_default())
    }

    /// Runs statements one after the other as `caller`, in one transaction and, however many they are, in one
    /// round trip; the rows of each. Fails as [`Database::run`] does, and then none of them is done.
    pub async fn run_all(
        &self,
        caller: &Caller,
        statements: &[Statement],
        repeat: Repeat,
    ) -> Result<Vec<Vec<Row>>, Error> {
        let transaction = Transaction {
            user_id: caller.user_id(),
            statements,
        };
        self.within(caller.invocation(), async {
            match self.attempt(caller.invocation(), &transaction).await {
                Err(failure) if failure.connection_lost() && repeat == Repeat::Safe => {
                    self.attempt(caller.invocation(), &transaction).await
                }
                result => result,
            }
        })
        .await
    }

    /// Runs statements as [`Database::run_all`] does, and then `condition`: when that fails with SQLSTATE 22P02, invalid
    /// text representation, nothing is stored. The rows of each statement, and whether they are stored. Never repeated:
    /// nobody knows what a lost connection has committed.
    pub async fn run_all_if(
        &self,
        caller: &Caller,
        statements: &[Statement],
        condition: &Statement,
    ) -> Result<(Vec<Vec<Row>>, bool), Error> {
        let transaction = Transaction {
            user_id: caller.user_id(),
            statements,
        };
        self.within(caller.invocation(), async {
            let connection = guard(self.pool.get().await?, close as fn(Object));
            let time = statement_time(caller.invocation());
            let results = answered(transaction.run_if(&connection, time, condition)).await;
            settle(connection, results)
        })
        .await
    }

    /// Asks the database for a sign of life, in one round trip.
    #[expect(clippy::disallowed_methods, reason = "its text is a constant")]
    pub async fn ping(&self, invocation: &Invocation) -> Result<(), Error> {
        self.within(invocation, async {
            let connection = guard(self.pool.get().await?, close as fn(Object));
            answered(async { Ok(connection.query_typed("select 1", &[]).await?) }).await?;
            give_back(connection);
            Ok(())
        })
        .await
    }

    async fn attempt(
        &self,
        invocation: &Invocation,
        transaction: &Transaction<'_>,
    ) -> Result<Vec<Vec<Row>>, failure::Failure> {
        let connection = guard(self.pool.get().await?, close as fn(Object));
        let results = answered(transaction.run(&connection, statement_time(invocation))).await;
        settle(connection, results)
    }

    /// Bounds the work by the invocation's deadline and counts its time.
    async fn within<T>(
        &self,
        invocation: &Invocation,
        work: impl Future<Output = Result<T, failure::Failure>>,
    ) -> Result<T, Error> {
        let started = Instant::now();
        let result = tokio::time::timeout(invocation.remaining(), work).await;
        invocation.add_database_time(started.elapsed());
        match result {
            Ok(result) => result.map_err(Error::from),
            Err(_) => Err(Error::Unavailable(
                "no answer before the invocation's deadline".into(),
            )),
        }
    }
}

/// How long a statement of this invocation may run.
fn statement_time(invocation: &Invocation) -> Duration {
    invocation.remaining().min(STATEMENT_TIME)
}

/// Waits for an answer as long as one can be expected.
async fn answered<T>(
    work: impl Future<Output = Result<T, failure::Failure>>,
) -> Result<T, failure::Failure> {
    tokio::time::timeout(SILENCE, work)
        .await
        .unwrap_or(Err(failure::Failure::Silent))
}

/// What becomes of a connection that is not given back (a deadline, a panic, a lost connection): nobody
/// knows what it would answer next.
fn close(connection: Object) {
    drop(Object::take(connection));
}

/// Returns a connection to the pool: it has answered everything that it was asked.
fn give_back(connection: ScopeGuard<Object, fn(Object)>) {
    drop(ScopeGuard::into_inner(connection));
}

/// Gives the connection back when the transaction has ended: a server that refused a statement has rolled back, and
/// the connection is as good as before, unless it leads to a server that takes no changes.
fn settle<T>(
    connection: ScopeGuard<Object, fn(Object)>,
    results: Result<T, failure::Failure>,
) -> Result<T, failure::Failure> {
    if results
        .as_ref()
        .err()
        .is_none_or(failure::Failure::is_refusal)
    {
        give_back(connection);
    }
    results
}

/// Whether a pooled connection may be used.
#[expect(clippy::disallowed_methods, reason = "its text is a constant")]
async fn check(client: &Client, idle: Duration) -> Result<(), String> {
    // What arrived while the environment was frozen, such as the server's goodbye, is only in the socket
    // yet: the first time, the runtime looks there; the second, the connection's task reads it.
    for _ in 0..2 {
        tokio::task::yield_now().await;
    }
    if client.is_closed() {
        return Err("closed".into());
    }
    if idle < TRUSTED_IDLE {
        return Ok(());
    }
    match tokio::time::timeout(CHECK_TIME, client.simple_query("")).await {
        Ok(Ok(_)) => Ok(()),
        Ok(Err(error)) => Err(Chain(&error).to_string()),
        Err(_) => Err("no answer".into()),
    }
}

impl From<PoolError> for failure::Failure {
    fn from(error: PoolError) -> Self {
        Self::Connect(failure::describe_pool(&error))
    }
}

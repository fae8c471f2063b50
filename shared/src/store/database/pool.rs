//! Pooled connections, and what runs on them.

use std::mem::replace;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use deadpool_postgres::{BuildError, Hook, HookError, Object, Pool, Runtime};
use scopeguard::{ScopeGuard, guard};
use tokio_postgres::Client;

use super::connect;
use super::failure::{self, Failure};
use super::refused::Refused;
use super::statement::Statement;
use super::transaction::{Access, Results, Transaction};
use crate::net::{Chain, Moment};
use crate::store::error::StoreError;
use crate::store::session::{Session, TimeBudget};

/// After this long without use, a connection is checked before it is trusted: environments freeze,
/// Neon suspends, and network devices silently forget connections.
const TRUSTED_IDLE: Duration = Duration::from_secs(30);

/// How long a connection has to answer that check.
const CHECK_TIME: Duration = Duration::from_secs(1);

/// How long a statement may run. PostgreSQL then cancels it, even if it only waits for a lock.
pub(super) const STATEMENT_TIME: Duration = Duration::from_secs(4);

/// After this long without an answer, none will come: PostgreSQL would have cancelled the
/// statement. While the database hangs, each request occupies an environment for this long rather
/// than until its deadline, so the same clients occupy a third as many environments.
const SILENCE: Duration = Duration::from_secs(5);

/// How long a request waits for a slot or a turn of its user, altogether. It waits without a
/// connection.
const BUSY_TIME: Duration = Duration::from_secs(3);

/// The first pause before it tries again, and the longest. Pauses double, and vary at random.
const PAUSES: [Duration; 2] = [Duration::from_millis(10), Duration::from_millis(640)];

/// The database of an execution environment. Cloning it is cheap.
#[derive(Clone, Debug)]
pub struct Database {
    pool: Pool,
    slots: i32,
    refused: Arc<Refused>,
}

impl Database {
    /// A pool with one connection for each request that the environment may serve at once. Each user
    /// runs at most `user_slots` transactions at once, in all environments together. Connects to
    /// nothing yet.
    pub fn new(
        config: &tokio_postgres::Config,
        max_concurrency: usize,
        user_slots: i32,
    ) -> Result<Self, BuildError> {
        let last = Mutex::new(Moment::now());
        let pool = Pool::builder(connect::manager(config))
            .max_size(max_concurrency)
            .runtime(Runtime::Tokio1)
            .create_timeout(Some(connect::CONNECT_TIMEOUT))
            .pre_recycle(Hook::async_fn(move |client, metrics| {
                let idle = metrics.last_used().max(time_since(&last));
                Box::pin(async move { check(client, idle).await.map_err(HookError::message) })
            }))
            .build()?;
        Ok(Self {
            pool,
            slots: user_slots,
            refused: Arc::default(),
        })
    }

    /// Opens the first connection, so that the first request does not wait for it. A failure is not
    /// an error: the database may be back when a request arrives.
    pub async fn warm_up(&self) {
        if let Err(error) = self.pool.get().await {
            let cause = failure::describe_pool(&error);
            tracing::warn!(cause, "no database connection during init");
        }
    }

    /// Closes the connections that are not in use, so that the server does not keep sessions for an
    /// environment that is gone.
    pub async fn disconnect(&self) {
        drop(self.pool.retain(|_, _| false));
        // The sockets close when the connections' tasks get their turn.
        tokio::task::yield_now().await;
    }

    /// Runs statements one after the other for the session's user, in one transaction and, however
    /// many they are, in one round trip.
    ///
    /// If one fails, none of them has an effect. One may call `raise_if_failed` or `raise_if_used`:
    /// if that raises, the transaction is rolled back and its results say so
    /// ([`Results::committed`]).
    ///
    /// If the user runs as much at once as one user may, or waits for a turn, waits without a
    /// connection and tries again; fails with [`StoreError::Busy`] after 3 s. Fails with
    /// [`StoreError::Unavailable`] if the database cannot be reached, or does not answer within
    /// seconds or before the deadline, and with [`StoreError::Defect`] if it refuses a statement.
    pub async fn run(
        &self,
        session: &Session,
        statements: &[Statement],
        access: Access,
    ) -> Result<Results, StoreError> {
        let transaction = Transaction {
            access,
            user_id: session.user_id(),
            slots: self.slots,
            statements,
        };
        let budget = session.budget();
        within(budget, async {
            match self.attempt(budget, &transaction).await {
                Err(failure) if failure.connection_lost() && access.may_repeat() => {
                    self.attempt(budget, &transaction).await
                }
                result => result,
            }
        })
        .await
    }

    /// Checks whether the database answers, in one round trip.
    #[expect(clippy::disallowed_methods, reason = "its text is a constant")]
    pub async fn ping(&self, budget: &TimeBudget) -> Result<(), StoreError> {
        within(budget, async {
            let connection = guard(self.pool.get().await?, close as fn(Object));
            answered(async { Ok(connection.query_typed("select 1", &[]).await?) }).await?;
            give_back(connection);
            Ok(())
        })
        .await
    }

    /// Runs the transaction, as often as it takes to get a slot and a turn.
    async fn attempt(
        &self,
        budget: &TimeBudget,
        transaction: &Transaction<'_>,
    ) -> Result<Results, Failure> {
        let started = Instant::now();
        let [mut pause, longest] = PAUSES;
        loop {
            match self.attempt_once(budget, transaction).await {
                Err(Failure::Busy) if started.elapsed() < BUSY_TIME => {
                    self.refused.note(transaction.user_id);
                    tokio::time::sleep(pause.mul_f64(0.5 + fastrand::f64())).await;
                    pause = (pause * 2).min(longest);
                }
                result => return result,
            }
        }
    }

    async fn attempt_once(
        &self,
        budget: &TimeBudget,
        transaction: &Transaction<'_>,
    ) -> Result<Results, Failure> {
        let connection = guard(self.pool.get().await?, close as fn(Object));
        let time = budget.remaining().min(STATEMENT_TIME);
        let results = answered(async {
            let cautious = self.refused.was(transaction.user_id);
            if cautious && !transaction.has_slot(&connection).await? {
                return Err(Failure::Busy);
            }
            transaction.run(&connection, time).await
        });
        let results = results.await;
        // A server that refused a statement has rolled back, and the connection is as good as
        // before, unless that server takes no changes.
        if results.as_ref().err().is_none_or(Failure::is_refusal) {
            give_back(connection);
        }
        results
    }
}

/// Ends the work at the deadline, and adds the time it took to the budget.
async fn within<T>(
    budget: &TimeBudget,
    work: impl Future<Output = Result<T, Failure>>,
) -> Result<T, StoreError> {
    let started = Instant::now();
    let result = tokio::time::timeout(budget.remaining(), work).await;
    budget.spend(started.elapsed());
    Ok(result.unwrap_or(Err(Failure::Late))?)
}

/// Waits for an answer for as long as one can be expected.
pub(super) async fn answered<T>(
    work: impl Future<Output = Result<T, Failure>>,
) -> Result<T, Failure> {
    let result = tokio::time::timeout(SILENCE, work).await;
    result.unwrap_or(Err(Failure::Silent))
}

/// Closes a connection that is not given back (after a deadline, a panic or a lost connection):
/// nobody knows what it would answer next.
fn close(connection: Object) {
    drop(Object::take(connection));
}

/// Returns a connection to the pool once it has answered everything.
fn give_back(connection: ScopeGuard<Object, fn(Object)>) {
    drop(ScopeGuard::into_inner(connection));
}

/// Returns the time since a connection was last asked for, and notes that one is asked for now. The
/// pool's own times stand still where a freeze stops the monotonic clock. Environments that Lambda
/// freezes serve one request at a time, so this one time stands for every connection.
fn time_since(last: &Mutex<Moment>) -> Duration {
    let previous = last
        .lock()
        .map(|mut last| replace(&mut *last, Moment::now()));
    previous.map_or(Duration::MAX, Moment::age)
}

/// Checks whether a pooled connection may be used.
#[expect(clippy::disallowed_methods, reason = "its text is a constant")]
async fn check(client: &Client, idle: Duration) -> Result<(), String> {
    // What arrived while the environment was frozen, such as the server's goodbye, is still in the
    // socket. The first yield lets the runtime look there; the second lets the connection's task
    // read it.
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

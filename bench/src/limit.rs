//! The limit: the same statements with the same parameters, sent by tokio-postgres alone. No
//! function can be faster with this database.

use std::thread;
use std::time::Instant;

use anyhow::{Result, anyhow};

use futures_util::future::try_join_all;
use futures_util::try_join;
use shared::store::database::{Access, Statement};
use shared::store::tasks::statements;
use tokio_postgres::types::{ToSql, Type};
use tokio_postgres::{Client, Config, NoTls};

use crate::database::task_id;
use crate::figures::{median, milliseconds};
use crate::process::thread_cpu_nanoseconds;

/// The cost of transactions.
pub(crate) struct TransactionCost {
    /// The time of each, in milliseconds.
    pub(crate) latencies: Vec<f64>,
    /// The client's CPU time for each, in milliseconds.
    pub(crate) cpu: f64,
}

/// Runs transactions of `user`, one after the other.
pub(crate) fn run(
    config: Config,
    user: String,
    access: Access,
    work: Vec<Vec<Statement>>,
) -> Result<TransactionCost> {
    alone(async move { measure(&config, &user, access, &work).await })
}

/// The median time of connecting without TLS and of get-task's statement, in milliseconds. Each
/// connection has a new process of PostgreSQL, which has not read the catalogues yet.
pub(crate) fn cold(config: Config, user: String, times: usize) -> Result<f64> {
    alone(async move {
        let mut latencies = Vec::with_capacity(times);
        for _ in 0..times {
            let started = Instant::now();
            let (client, connection) = config.connect(NoTls).await?;
            tokio::spawn(connection);
            let statements = [statements::get(task_id(1))];
            transaction(&client, &user, Access::Read, &statements).await?;
            latencies.push(started.elapsed().as_secs_f64() * 1000.0);
        }
        Ok(median(&latencies))
    })
}

/// Runs on one thread, as functions do.
fn alone<T: Send + 'static>(work: impl Future<Output = Result<T>> + Send + 'static) -> Result<T> {
    let thread = thread::spawn(move || {
        tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()?
            .block_on(work)
    });
    thread
        .join()
        .unwrap_or_else(|_| Err(anyhow!("the limit panicked")))
}

async fn measure(
    config: &Config,
    user: &str,
    access: Access,
    work: &[Vec<Statement>],
) -> Result<TransactionCost> {
    let (client, connection) = config.connect(NoTls).await?;
    tokio::spawn(connection);
    // The first statement of a connection costs more, and is not measured.
    client
        .batch_execute("select count(*) from (select from tasks limit 1) as one")
        .await?;
    let cpu = thread_cpu_nanoseconds();
    let mut latencies = Vec::with_capacity(work.len());
    for statements in work {
        let started = Instant::now();
        transaction(&client, user, access, statements).await?;
        latencies.push(started.elapsed().as_secs_f64() * 1000.0);
    }
    let cpu = milliseconds(thread_cpu_nanoseconds() - cpu) / crate::figures::number(work.len());
    Ok(TransactionCost { latencies, cpu })
}

/// Sends everything in one flush, as the functions do.
async fn transaction(
    client: &Client,
    user: &str,
    access: Access,
    statements: &[Statement],
) -> Result<()> {
    let settings: [(&(dyn ToSql + Sync), Type); 3] =
        [(&user, Type::TEXT), (&"9500", Type::TEXT), (&4, Type::INT4)];
    let queries = statements
        .iter()
        .map(|statement| query(client, user, statement));
    try_join!(
        client.batch_execute(access.begin()),
        client.query_typed(access.settings(), &settings),
        try_join_all(queries),
        client.batch_execute("commit"),
    )?;
    Ok(())
}

async fn query(
    client: &Client,
    user: &str,
    statement: &Statement,
) -> Result<(), tokio_postgres::Error> {
    let mut parameters: Vec<(&(dyn ToSql + Sync), Type)> = vec![(&user, Type::TEXT)];
    parameters.extend(statement.parameters());
    client
        .query_typed(statement.sql(), &parameters)
        .await
        .map(|_| ())
}

//! The limit: the same statements with the same parameters, sent by nothing but tokio-postgres. What they take, no
//! function with this database can do without.

use std::thread;
use std::time::Instant;

use futures_util::future::try_join_all;
use futures_util::try_join;
use shared::db::{SETTINGS, Statement};
use tokio_postgres::types::{ToSql, Type};
use tokio_postgres::{Client, Config, NoTls};

use crate::error::BenchError;
use crate::figures::milliseconds;
use crate::process::own_cpu_nanoseconds;

/// What a transaction took.
pub(crate) struct Limit {
    /// Of each, in milliseconds.
    pub(crate) latencies: Vec<f64>,
    /// CPU time of the client, for each, in milliseconds.
    pub(crate) cpu: f64,
}

/// Runs transactions of `user`, one after the other, on a thread of their own as functions have it.
pub(crate) fn run(config: Config, user: String, work: Vec<Vec<Statement>>) -> Result<Limit, BenchError> {
    let thread = thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        runtime.block_on(measure(&config, &user, &work))
    });
    thread.join().unwrap_or_else(|_| Err(BenchError::Unexpected("the limit panicked".into())))
}

async fn measure(config: &Config, user: &str, work: &[Vec<Statement>]) -> Result<Limit, BenchError> {
    let (client, connection) = config.connect(NoTls).await?;
    tokio::spawn(connection);
    // What a connection costs the first time is no part of it.
    client.batch_execute("select count(*) from (select from tasks limit 1) as one").await?;
    let cpu = own_cpu_nanoseconds();
    let mut latencies = Vec::with_capacity(work.len());
    for statements in work {
        let started = Instant::now();
        transaction(&client, user, statements).await?;
        latencies.push(started.elapsed().as_secs_f64() * 1000.0);
    }
    let cpu = milliseconds(own_cpu_nanoseconds() - cpu) / crate::figures::number(work.len());
    Ok(Limit { latencies, cpu })
}

/// As the functions do it: everything in one flush.
async fn transaction(client: &Client, user: &str, statements: &[Statement]) -> Result<(), BenchError> {
    let settings: [(&(dyn ToSql + Sync), Type); 2] = [(&user, Type::TEXT), (&"9500", Type::TEXT)];
    let queries = statements.iter().map(|statement| query(client, user, statement));
    try_join!(
        client.batch_execute("begin"),
        client.query_typed(SETTINGS, &settings),
        try_join_all(queries),
        client.batch_execute("commit"),
    )?;
    Ok(())
}

async fn query(client: &Client, user: &str, statement: &Statement) -> Result<(), tokio_postgres::Error> {
    let mut parameters: Vec<(&(dyn ToSql + Sync), Type)> = vec![(&user, Type::TEXT)];
    parameters.extend(statement.parameters());
    client.query_typed(statement.sql(), &parameters).await.map(|_| ())
}

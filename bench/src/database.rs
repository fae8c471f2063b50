//! The private PostgreSQL, and what is in it.

use local::postgres::{Cluster, ClusterOptions};
use tokio_postgres::Client;
use uuid::Uuid;

use crate::error::BenchError;
use crate::process::cpu_nanoseconds;

/// Tasks as people have them, of users with 10, 1,000 and (from a million tasks on) 100,000 tasks, and of a thousand
/// others. Each user's tasks are spread over the whole table, and have ids that count from 1.
const FILL: &str = "
insert into tasks (id, user_id, title, description, completed, priority, tags, due_on, created_at, updated_at)
select ('00000000-0000-7000-8000-' || lpad(to_hex(row_number() over (partition by user_id)), 12, '0'))::uuid,
       user_id,
       (array['Buy', 'Call', 'Write', 'Fix', 'Read'])[1 + m % 5] || ' ' || substr(md5(n::text), 1, 8) || ' ' || n,
       case when m % 3 = 0 then repeat(md5((n / 7)::text) || ' ', 4) end,
       m % 4 = 1,
       case when m % 50 < 5 then m % 50 else 0 end,
       case when m % 20 = 0 then array['rare ' || m % 1000] when m % 3 = 0 then array['home', 'work'] else '{}' end,
       case when m % 5 = 0 then date '2026-12-01' + (m % 700)::int - 350 end,
       t, t
from (
    select n, n / 10 as m, now() - n * interval '1 second' as t,
           case when $1::int8 >= 1000000 and n % ($1 / 100000) = 0 then 'user-100000'
                when n % ($1 / 1000) = 1 then 'user-1000'
                when n % ($1 / 10) = 2 then 'user-10'
                else 'user ' || n % 1000 end as user_id
    from generate_series(1, $1::int8) n
) as tasks
order by n";

/// How the indexes of tasks are dropped and created again, but for the primary key's.
const INDEXES: &str = "
select 'drop index ' || indexname as drop, indexdef as create
from pg_indexes
where tablename = 'tasks' and indexname <> 'tasks_pkey'";

/// The database.
pub(crate) struct Database {
    cluster: Cluster,
}

impl Database {
    /// Starts PostgreSQL without any database of tasks.
    pub(crate) async fn start() -> Result<Self, BenchError> {
        Ok(Self {
            cluster: Cluster::start(ClusterOptions::temporary()).await?,
        })
    }

    /// A database with this many tasks.
    pub(crate) async fn fill(&self, name: &str, tasks: i64) -> Result<(), BenchError> {
        self.create(name).await?;
        migrations::apply(&parsed(&self.cluster.url(name))?).await?;
        let client = self.superuser(name).await?;
        // Sorting for an index is faster than inserting into it: ten million tasks take minutes all the same.
        let indexes = client.query(INDEXES, &[]).await?;
        for index in &indexes {
            client.batch_execute(index.get("drop")).await?;
        }
        client.execute(FILL, &[&tasks]).await?;
        client
            .batch_execute("set maintenance_work_mem = '1GB'")
            .await?;
        for index in &indexes {
            client.batch_execute(index.get("create")).await?;
        }
        client.batch_execute("vacuum analyze").await?;
        Ok(())
    }

    /// An empty database.
    pub(crate) async fn create(&self, name: &str) -> Result<(), BenchError> {
        Ok(self.cluster.create_database(name).await?)
    }

    /// The address for the functions.
    pub(crate) fn url(&self, name: &str) -> String {
        self.cluster.url(name)
    }

    /// The same by way of another port on this machine.
    pub(crate) fn url_by(&self, port: u16, name: &str) -> String {
        self.by(port, &self.url(name))
    }

    /// The superuser's address by way of a port on this machine.
    pub(crate) fn superuser_url_by(&self, port: u16, name: &str) -> String {
        self.by(port, &self.cluster.superuser_url(name))
    }

    fn by(&self, port: u16, url: &str) -> String {
        url.replace(&format!(":{}/", self.port()), &format!(":{port}/"))
    }

    /// PostgreSQL's port.
    pub(crate) fn port(&self) -> u16 {
        self.cluster.port()
    }

    /// A connection past row-level security.
    pub(crate) async fn superuser(&self, name: &str) -> Result<Client, BenchError> {
        Ok(shared::store::database::connect(&parsed(&self.cluster.superuser_url(name))?).await?)
    }

    /// Which PostgreSQL it is.
    pub(crate) async fn version(&self) -> Result<String, BenchError> {
        let client = self.superuser("postgres").await?;
        Ok(client.query_one("show server_version", &[]).await?.get(0))
    }
}

fn parsed(url: &str) -> Result<tokio_postgres::Config, BenchError> {
    Ok(url.parse()?)
}

/// The processes that serve a database, but for the one that serves `client`.
pub(crate) async fn backends(client: &Client) -> Result<Vec<u32>, BenchError> {
    let statement = "select pid from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid() \
                     and backend_type = 'client backend'";
    let rows = client.query(statement, &[]).await?;
    Ok(rows
        .iter()
        .filter_map(|row| row.get::<_, i32>(0).try_into().ok())
        .collect())
}

/// The CPU time that they have used together.
pub(crate) fn cpu_of(processes: &[u32]) -> u64 {
    processes.iter().map(|&pid| cpu_nanoseconds(pid)).sum()
}

/// The id of a user's task, counted from 1.
pub(crate) fn task_id(number: usize) -> Uuid {
    Uuid::from_u128(0x7000_8000_0000_0000_0000 | number as u128)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_those_of_the_statement() {
        assert_eq!(
            task_id(255).to_string(),
            "00000000-0000-7000-8000-0000000000ff"
        );
    }
}

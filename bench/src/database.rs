//! The private PostgreSQL, and the tasks in it.

use anyhow::Result;

use local::postgres::Cluster;
use tokio_postgres::Client;
use uuid::Uuid;

/// The SQL expression of the owner of task number `n`: one of the users with 10, 1,000 and (from a
/// million tasks on) 100,000 tasks, and of a thousand others.
fn owner(tasks: i64) -> String {
    let [every_hundred_thousandth, every_thousandth, every_tenth] =
        [100_000, 1000, 10].map(|part| tasks / part);
    let largest = if tasks >= 1_000_000 {
        format!("when n % {every_hundred_thousandth} = 0 then 'user-100000'")
    } else {
        String::new()
    };
    format!(
        "case {largest} when n % {every_thousandth} = 1 then 'user-1000' when n % {every_tenth} = 2 then 'user-10'
              else 'user ' || n % 1000 end"
    )
}

/// The statements that drop and create the indexes of tasks, without the primary key's.
const INDEXES: &str = "
select 'drop index ' || indexname as drop, indexdef as create
from pg_indexes
where tablename = 'tasks' and indexname <> 'tasks_pkey'";

/// The database.
pub(crate) struct BenchDatabase {
    cluster: Cluster,
}

impl BenchDatabase {
    /// Starts PostgreSQL, without a database of tasks yet.
    pub(crate) async fn start() -> Result<Self> {
        Ok(Self {
            cluster: Cluster::start(testbed::cluster::temporary()).await?,
        })
    }

    /// Creates a database with this many tasks.
    pub(crate) async fn fill(&self, name: &str, tasks: i64) -> Result<()> {
        self.create(name).await?;
        migrations::apply(&parsed(&self.cluster.url(name))?).await?;
        let client = self.superuser(name).await?;
        // Building an index is faster than inserting into it. Ten million tasks still take minutes.
        let indexes = client.query(INDEXES, &[]).await?;
        for index in &indexes {
            client.batch_execute(index.get("drop")).await?;
        }
        testbed::tasks::fill(&client, tasks, &owner(tasks)).await?;
        client
            .batch_execute("set maintenance_work_mem = '1GB'")
            .await?;
        for index in &indexes {
            client.batch_execute(index.get("create")).await?;
        }
        client.batch_execute("vacuum analyze").await?;
        Ok(())
    }

    /// Creates an empty database.
    pub(crate) async fn create(&self, name: &str) -> Result<()> {
        self.cluster.create_database(name).await
    }

    /// The functions' URL.
    pub(crate) fn url(&self, name: &str) -> String {
        self.cluster.url(name)
    }

    /// The superuser's URL.
    pub(crate) fn superuser_url(&self, name: &str) -> String {
        self.cluster.superuser_url(name)
    }

    /// PostgreSQL's port.
    pub(crate) fn port(&self) -> u16 {
        self.cluster.port()
    }

    /// A connection that bypasses row-level security.
    pub(crate) async fn superuser(&self, name: &str) -> Result<Client> {
        Ok(shared::store::database::connect(&parsed(&self.cluster.superuser_url(name))?).await?)
    }

    /// PostgreSQL's version.
    pub(crate) async fn version(&self) -> Result<String> {
        let client = self.superuser("postgres").await?;
        Ok(client.query_one("show server_version", &[]).await?.get(0))
    }
}

fn parsed(url: &str) -> Result<tokio_postgres::Config> {
    Ok(url.parse()?)
}

/// The processes that serve the database of `client`, without the one that serves `client` itself.
pub(crate) async fn backends(client: &Client) -> Result<Vec<u32>> {
    let statement = "select pid from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid() \
                     and backend_type = 'client backend'";
    let rows = client.query(statement, &[]).await?;
    Ok(rows
        .iter()
        .filter_map(|row| row.get::<_, i32>(0).try_into().ok())
        .collect())
}

/// The ID of one of a user's tasks, which count from 1.
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

//! The API, with what can be disturbed between it and its database.

use std::process::Command;
use std::time::Duration;

use local::lambda::EnvironmentStatus;
use local::postgres::{Cluster, ClusterOptions};
use tokio_postgres::Client;

use crate::harness::{Gateway, PgBouncer, Proxy};

const DATABASE: &str = "todo";

/// How many connections PgBouncer has to PostgreSQL.
const POOL_SIZE: usize = 20;

/// How functions get to PostgreSQL.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Path {
    Direct,
    Pooled,
}

/// Functions, a proxy, perhaps PgBouncer, and a PostgreSQL of their own.
pub struct Deployment {
    // Dropped in this order: clients before their servers.
    pub api: Gateway,
    pub proxy: Proxy,
    pub bouncer: Option<PgBouncer>,
    pub cluster: Cluster,
    pub path: Path,
}

impl Deployment {
    pub async fn start(path: Path) -> Self {
        Self::start_with(path, ClusterOptions::temporary(), None).await
    }

    /// Where a crash loses nothing that was acknowledged.
    pub async fn start_durable(path: Path) -> Self {
        Self::start_with(path, ClusterOptions { durable: true, ..ClusterOptions::temporary() }, None).await
    }

    /// With another time limit of the functions.
    pub async fn start_with_timeout(path: Path, timeout: Duration) -> Self {
        Self::start_with(path, ClusterOptions::temporary(), Some(timeout)).await
    }

    async fn start_with(path: Path, options: ClusterOptions, timeout: Option<Duration>) -> Self {
        let cluster = Cluster::start(options).await.unwrap();
        cluster.create_database(DATABASE).await.unwrap();
        let url = cluster.url(DATABASE);
        migrations::apply(&url.parse().unwrap()).await.unwrap();
        let bouncer = match path {
            Path::Direct => None,
            Path::Pooled => Some(PgBouncer::start(&url, POOL_SIZE).await),
        };
        let proxy = Proxy::to(bouncer.as_ref().map_or(cluster.port(), PgBouncer::port)).await;
        let (binaries, url) = (crate::harness::binaries(), proxy.through(&url));
        let api = Gateway::start_adjusted(binaries, &url, &[], |options| {
            for function in &mut options.template.functions {
                function.timeout = timeout.unwrap_or(function.timeout);
            }
        })
        .await;
        Self { api, proxy, bouncer, cluster, path }
    }

    /// A connection past row-level security, the proxy and PgBouncer.
    pub async fn superuser(&self) -> Client {
        shared::db::connect(&self.cluster.superuser_url(DATABASE).parse().unwrap()).await.unwrap()
    }

    /// Does this as a superuser.
    pub async fn execute(&self, sql: &str) {
        self.superuser().await.batch_execute(sql).await.unwrap();
    }

    /// Ends all other sessions (`57P01`); how many there were.
    pub async fn terminate_sessions(&self) -> usize {
        let sessions = "select pg_terminate_backend(pid) from pg_stat_activity
                        where datname = current_database() and pid <> pg_backend_pid()";
        self.superuser().await.query(sessions, &[]).await.unwrap().len()
    }

    /// Kills the environments of the function, at work or not; how many.
    pub fn kill_all(&self, function: &str) -> usize {
        let environments = self.api.server.environments(function);
        // 0: not started yet; to `kill` it would be ourselves.
        let pids = environments.iter().filter(|EnvironmentStatus { pid, .. }| *pid > 0);
        let kill = |pid: u32| Command::new("kill").args(["-KILL", &pid.to_string()]).output().unwrap();
        pids.filter(|environment| kill(environment.pid).status.success()).count()
    }
}

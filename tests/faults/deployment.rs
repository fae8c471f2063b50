//! The API, with what can be disturbed between it and its database.

use std::process::Command;
use std::time::Duration;

use local::lambda::EnvironmentStatus;
use local::postgres::{Cluster, ClusterOptions};
use tokio_postgres::Client;

use crate::harness::{Gateway, PgBouncer, Proxy};

const DATABASE: &str = "todo";

/// How functions get to PostgreSQL.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Path {
    Direct,
    Pooled,
}

/// How large a deployment is.
pub struct Sizes {
    /// PgBouncer's connections to PostgreSQL.
    pub pool_size: usize,
    /// The most environments of each function, if not the gateway's own.
    pub max_environments: Option<usize>,
    /// The time limit of functions, if not that of template.yaml.
    pub timeout: Option<Duration>,
    /// Whether PostgreSQL survives a crash.
    pub durable: bool,
}

impl Default for Sizes {
    fn default() -> Self {
        Self {
            pool_size: 20,
            max_environments: None,
            timeout: None,
            durable: false,
        }
    }
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
        Self::start_sized(path, Sizes::default()).await
    }

    /// Where a crash loses nothing that was acknowledged.
    pub async fn start_durable(path: Path) -> Self {
        Self::start_sized(
            path,
            Sizes {
                durable: true,
                ..Sizes::default()
            },
        )
        .await
    }

    pub async fn start_sized(path: Path, sizes: Sizes) -> Self {
        let options = ClusterOptions {
            durable: sizes.durable,
            ..ClusterOptions::temporary()
        };
        let cluster = Cluster::start(options).await.unwrap();
        cluster.create_database(DATABASE).await.unwrap();
        let url = cluster.url(DATABASE);
        migrations::apply(&url.parse().unwrap()).await.unwrap();
        let bouncer = match path {
            Path::Direct => None,
            Path::Pooled => Some(PgBouncer::start(&url, sizes.pool_size).await),
        };
        let proxy = Proxy::start(bouncer.as_ref().map_or(cluster.port(), PgBouncer::port))
            .await
            .unwrap();
        let (binaries, url) = (crate::harness::binaries(), proxy.through(&url));
        let api = Gateway::start_adjusted(binaries, &url, &[], |options| {
            options.max_environments = sizes.max_environments.unwrap_or(options.max_environments);
            for function in &mut options.template.functions {
                function.timeout = sizes.timeout.unwrap_or(function.timeout);
            }
        })
        .await;
        Self {
            api,
            proxy,
            bouncer,
            cluster,
            path,
        }
    }

    /// A connection past row-level security, the proxy and PgBouncer.
    pub async fn superuser(&self) -> Client {
        shared::db::connect(&self.cluster.superuser_url(DATABASE).parse().unwrap())
            .await
            .unwrap()
    }

    /// Does this as a superuser.
    pub async fn execute(&self, sql: &str) {
        self.superuser().await.batch_execute(sql).await.unwrap();
    }

    /// Ends all other sessions (`57P01`); how many there were.
    pub async fn terminate_sessions(&self) -> usize {
        let sessions = "select pg_terminate_backend(pid) from pg_stat_activity
                        where datname = current_database() and pid <> pg_backend_pid()";
        self.superuser()
            .await
            .query(sessions, &[])
            .await
            .unwrap()
            .len()
    }

    /// Kills the environments of the function, at work or not; how many.
    pub fn kill_all(&self, function: &str) -> usize {
        let environments = self.api.server.environments(function);
        // 0: not started yet; to `kill` it would be ourselves.
        let pids = environments
            .iter()
            .filter(|EnvironmentStatus { pid, .. }| *pid > 0);
        let kill = |pid: u32| {
            Command::new("kill")
                .args(["-KILL", &pid.to_string()])
                .output()
                .unwrap()
        };
        pids.filter(|environment| kill(environment.pid).status.success())
            .count()
    }
}

//! The API with its database, and with everything in between that can fail.

use std::process::Command;
use std::time::Duration;

use local::lambda::EnvironmentStatus;
use local::postgres::{Cluster, ClusterOptions};
use tokio_postgres::Client;

use crate::harness::{Gateway, PgBouncer, Proxy};

const DATABASE: &str = "todo";

/// How functions reach PostgreSQL.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Path {
    Direct,
    Pooled,
}

/// How large a deployment is.
pub struct Sizes {
    /// PgBouncer's connections to PostgreSQL.
    pub pool_size: usize,
    /// The most environments of each function, if not the default.
    pub max_environments: Option<usize>,
    /// The functions' time limit, if not the one in template.yaml.
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

/// Functions, a proxy, optionally PgBouncer, and a PostgreSQL.
pub struct Deployment {
    // Dropped in this order: clients before servers.
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

    /// Starts a deployment whose PostgreSQL loses nothing in a crash.
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
            ..testbed::cluster::temporary()
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

    /// A connection that bypasses row-level security, the proxy and PgBouncer.
    pub async fn superuser(&self) -> Client {
        shared::store::database::connect(&self.cluster.superuser_url(DATABASE).parse().unwrap())
            .await
            .unwrap()
    }

    /// Runs SQL as a superuser.
    pub async fn execute(&self, sql: &str) {
        self.superuser().await.batch_execute(sql).await.unwrap();
    }

    /// Ends all other sessions (`57P01`), and returns their number.
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

    /// Kills all environments of the function, and returns their number.
    pub fn kill_all(&self, function: &str) -> usize {
        let environments = self.api.server.environments(function);
        // 0 means not started yet, and would make `kill` end this process.
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

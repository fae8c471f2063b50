//! A database for each test, copied from one that is migrated once.

use local::postgres::Cluster;
use shared::runtime::Config;
use tokio::sync::OnceCell;
use uuid::Uuid;

use super::{SECRET, root};

const TEMPLATE: &str = "migrated";

/// The cluster of this test run. It ends with the process, and its directory is removed.
static CLUSTER: OnceCell<Cluster> = OnceCell::const_new();

async fn cluster() -> &'static Cluster {
    CLUSTER
        .get_or_init(|| async {
            let cluster = Cluster::start(testbed::cluster::temporary()).await.unwrap();
            cluster.create_database(TEMPLATE).await.unwrap();
            migrations::apply(&cluster.url(TEMPLATE).parse().unwrap())
                .await
                .unwrap();
            cluster
        })
        .await
}

/// A migrated database. Dropping this value removes the database.
pub struct TestDatabase {
    name: String,
    cluster: &'static Cluster,
}

impl TestDatabase {
    pub async fn create() -> Self {
        let cluster = cluster().await;
        let name = format!("test_{}", Uuid::new_v4().simple());
        cluster
            .create_database_from_template(&name, TEMPLATE)
            .await
            .unwrap();
        Self { name, cluster }
    }

    /// Creates an empty database, without migrations.
    pub async fn create_empty() -> Self {
        let cluster = cluster().await;
        let name = format!("test_{}", Uuid::new_v4().simple());
        cluster.create_database(&name).await.unwrap();
        Self { name, cluster }
    }

    pub fn url(&self) -> String {
        self.cluster.url(&self.name)
    }

    /// PostgreSQL's port on 127.0.0.1.
    pub fn port(&self) -> u16 {
        self.cluster.port()
    }

    pub fn superuser_url(&self) -> String {
        self.cluster.superuser_url(&self.name)
    }

    /// A connection that bypasses row-level security, to see what is stored.
    pub async fn superuser(&self) -> tokio_postgres::Client {
        shared::store::database::connect(&self.superuser_url().parse().unwrap())
            .await
            .unwrap()
    }
}

impl Drop for TestDatabase {
    fn drop(&mut self) {
        let (cluster, name) = (self.cluster, std::mem::take(&mut self.name));
        let dropped = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build()
                .unwrap();
            runtime.block_on(cluster.drop_database(&name)).unwrap();
        });
        dropped.join().unwrap();
    }
}

/// The name of every migration, the oldest first.
pub fn every_migration() -> Vec<String> {
    let files = root().join("migrations").read_dir().unwrap();
    let names = files.map(|file| file.unwrap().file_name().into_string().unwrap());
    let mut migrations: Vec<_> = names
        .filter_map(|name| name.strip_suffix(".sql").map(str::to_owned))
        .collect();
    migrations.sort_by_key(|name| {
        name.split_once("__")
            .map(|(version, _)| (version.len(), version.to_owned()))
    });
    migrations
}

/// The configuration of a function that uses the database at `url` and has further variables.
pub fn config(url: &str, variables: &[(&str, &str)]) -> Config {
    let variables = [
        &[("DATABASE_URL", url), ("BETTER_AUTH_SECRET", SECRET)],
        variables,
    ]
    .concat();
    Config::from_lookup(|name| {
        let variable = variables.iter().find(|(key, _)| *key == name);
        variable.map(|(_, value)| (*value).to_owned())
    })
    .unwrap()
}

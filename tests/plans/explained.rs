//! A PostgreSQL that logs the plan of every statement.

use std::fs::{File, read_to_string};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use local::postgres::Cluster;
use shared::store::{Purge, Retention, TimeBudget};
use tokio_postgres::Client;

use crate::harness::{Handlers, Request};

/// `ann` has a tenth of them, and 1,000 other users the rest.
const OWNER: &str = "case when n % 10 = 0 then 'ann' else 'user ' || n % 1000 end";

/// Keys of the last two days.
const FILL_KEYS: &str = "
insert into idempotency_keys (user_id, key, fingerprint, task_id, created_at)
select case when n % 10 = 0 then 'ann' else 'user ' || n % 1000 end, n::text, sha256(n::text::bytea), gen_random_uuid(),
       now() - n * interval '48 hours' / $1::int8
from generate_series(1, $1::int8) n";

/// Deletions, all still in the trash.
const FILL_DELETIONS: &str = "
insert into deleted_tasks (user_id, id, version, deleted_at, content, text_bytes)
select case when n % 10 = 0 then 'ann' else 'user ' || n % 1000 end, gen_random_uuid(), n, now(),
       jsonb_build_object('title', 't', 'completed', false, 'priority', 0, 'tags', '[]'::jsonb,
                          'created_at', now(), 'updated_at', now()),
       1
from generate_series(1, $1::int8) n";

/// The handlers, with their own PostgreSQL, because the tests read its log.
pub struct Explained {
    pub api: Handlers,
    log: PathBuf,
    read: usize,
    pub cluster: Cluster,
}

impl Explained {
    pub async fn start(tasks: u32) -> Self {
        let cluster = Cluster::start(testbed::cluster::temporary()).await.unwrap();
        cluster.create_database("todo").await.unwrap();
        migrations::apply(&cluster.url("todo").parse().unwrap())
            .await
            .unwrap();
        let client = superuser(&cluster).await;
        testbed::tasks::fill(&client, i64::from(tasks), OWNER)
            .await
            .unwrap();
        client
            .execute(FILL_KEYS, &[&i64::from(tasks)])
            .await
            .unwrap();
        client
            .execute(FILL_DELETIONS, &[&i64::from(tasks / 10)])
            .await
            .unwrap();
        client.batch_execute("vacuum analyze").await.unwrap();
        set(&client, &EXPLAIN).await;
        let directory = client
            .query_one("show data_directory", &[])
            .await
            .unwrap()
            .get::<_, String>(0);
        let log = Path::new(&directory).with_file_name("postgresql.log");
        let api = Handlers::on(&cluster.url("todo"));
        Self {
            api,
            log,
            read: 0,
            cluster,
        }
    }

    /// Another session past row-level security.
    pub async fn superuser(&self) -> Client {
        superuser(&self.cluster).await
    }

    /// Sends a request and returns the plans of its statements on tables, as PostgreSQL logs them
    /// when they end.
    pub async fn plans(&mut self, request: Request) -> String {
        self.mark();
        let answer = self.api.send(request).await;
        assert!(answer.status < 400, "{answer:?}");
        self.since_mark()
    }

    /// Deletes expired idempotency keys, and returns how many and the plans of all statements.
    pub async fn purge(&mut self) -> (u64, String) {
        self.mark();
        let purge = Purge::new(
            self.cluster.url("todo").parse().unwrap(),
            Retention::default(),
        );
        let budget = TimeBudget::until(Instant::now() + Duration::from_mins(5));
        let purged = purge.run(&budget).await.unwrap();
        (purged.idempotency_keys, self.since_mark())
    }

    /// The log so far is not asked for.
    fn mark(&mut self) {
        self.read =
            usize::try_from(File::open(&self.log).unwrap().metadata().unwrap().len()).unwrap();
    }

    fn since_mark(&self) -> String {
        read_to_string(&self.log).unwrap()[self.read..].to_owned()
    }
}

async fn superuser(cluster: &Cluster) -> Client {
    shared::store::database::connect(&cluster.superuser_url("todo").parse().unwrap())
        .await
        .unwrap()
}

/// Logs the plan of every statement.
const EXPLAIN: [&str; 5] = [
    "session_preload_libraries = 'auto_explain'",
    "auto_explain.log_min_duration = 0",
    "auto_explain.log_analyze = on",
    "auto_explain.log_buffers = on",
    // Those of functions and triggers too.
    "auto_explain.log_nested_statements = on",
];

/// Only new sessions have these settings.
pub async fn set(client: &Client, settings: &[&str]) {
    for setting in settings {
        client
            .batch_execute(&format!("alter database todo set {setting}"))
            .await
            .unwrap();
    }
}

//! The third yardstick: the service that this project replaces (`bench/fastapi`), with the same
//! requests.

mod service;

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use anyhow::{Result, anyhow};

use service::FastApiService;
use testbed::proxy::Proxy;
use tokio::time::sleep;

use crate::cases::{Case, DELETED, USER, WARM_UP};
use crate::database::BenchDatabase;
use crate::events::Sender;
use crate::figures::{median, milliseconds, number};
use crate::process::{cpu_nanoseconds, peak_megabytes};

const DATABASE: &str = "fastapi";

/// As many tasks as in the functions' database, and as many of them of the user.
const FILL: &str = "
insert into task (id, user_id, title, completed, created_at, updated_at)
select ('00000000-0000-7000-8000-' || lpad(to_hex(n), 12, '0'))::uuid,
       case when n <= 1000 then 'user-1000' else 'user ' || n % 1000 end,
       'Buy ' || substr(md5(n::text), 1, 8) || ' ' || n, n % 4 = 1,
       now() - n * interval '1 second', now() - n * interval '1 second'
from generate_series(1, 10000) n
union all
select ('00000000-0000-7000-8000-' || lpad(to_hex(n), 12, '0'))::uuid, 'user-1000', 'Go', false, now(), now()
from generate_series($1::int8, $1 + $2 - 1) n";

/// How long the end of a session, which follows the answer, may take.
const SETTLED: Duration = Duration::from_millis(100);

/// What a request costs.
pub(crate) struct Cost {
    /// Medians, in milliseconds.
    pub(crate) latency: f64,
    pub(crate) cpu: f64,
    pub(crate) round_trips: usize,
    /// The most memory that the service has used at once, in MB.
    pub(crate) memory: f64,
}

/// The service, installed.
pub(crate) struct Fastapi<'a> {
    database: &'a BenchDatabase,
    sender: Sender,
    folder: PathBuf,
    python: PathBuf,
}

impl<'a> Fastapi<'a> {
    /// Installs the packages of requirements.txt into a virtual environment under `directory`, and
    /// creates the table.
    pub(crate) async fn install(
        database: &'a BenchDatabase,
        root: &Path,
        directory: &Path,
    ) -> Result<Self> {
        let (folder, environment) = (root.join("bench/fastapi"), directory.join("fastapi"));
        succeed(
            Command::new("python3")
                .args(["-m", "venv"])
                .arg(&environment),
        )?;
        let python = environment.join("bin/python");
        let requirements = folder.join("requirements.txt");
        succeed(
            Command::new(&python)
                .args(["-m", "pip", "install", "--quiet", "-r"])
                .arg(requirements),
        )?;
        database.create(DATABASE).await?;
        let service = Self {
            database,
            sender: Sender::new(USER)?,
            folder,
            python,
        };
        drop(service.start(&service.url()).await?);
        Ok(service)
    }

    /// From the start of the process to its first answer from the database, in milliseconds: the
    /// median.
    pub(crate) async fn cold(&self, starts: usize) -> Result<f64> {
        self.fill(0).await?;
        let case = Case::labelled("get-task")?;
        let mut times = Vec::new();
        for _ in 0..starts {
            let started = Instant::now();
            self.start(&self.url()).await?.ask(&case, 0).await?;
            times.push(started.elapsed().as_secs_f64() * 1000.0);
        }
        Ok(median(&times))
    }

    /// Measures what a case costs.
    pub(crate) async fn cost(&self, case: &Case) -> Result<Cost> {
        self.fill(case.deleted(WARM_UP + case.requests)).await?;
        let service = self.start(&self.url()).await?;
        for n in 0..WARM_UP {
            service.ask(case, n).await?;
        }
        let process = service.process.id();
        let (cpu, mut latencies) = (cpu_nanoseconds(process), Vec::new());
        for n in WARM_UP..WARM_UP + case.requests {
            latencies.push(service.ask(case, n).await?);
        }
        let cpu = milliseconds(cpu_nanoseconds(process) - cpu) / number(case.requests);
        let memory = peak_megabytes(process);
        let round_trips = self.round_trips(case).await?;
        Ok(Cost {
            latency: median(&latencies),
            cpu,
            round_trips,
            memory,
        })
    }

    async fn round_trips(&self, case: &Case) -> Result<usize> {
        self.fill(case.deleted(2)).await?;
        let proxy = Proxy::start(self.database.port()).await?;
        let service = self.start(&proxy.through(&self.url())).await?;
        for n in 0..2 {
            let _ = proxy.take();
            service.ask(case, n).await?;
            sleep(SETTLED).await;
        }
        Ok(proxy.take().round_trips)
    }

    /// Stores the tasks as they were at first, and `others` to delete.
    async fn fill(&self, others: usize) -> Result<()> {
        let client = self.database.superuser(DATABASE).await?;
        client.batch_execute("truncate task").await?;
        client
            .execute(FILL, &[&i64::try_from(DELETED)?, &i64::try_from(others)?])
            .await?;
        client.batch_execute("vacuum analyze task").await?;
        Ok(())
    }

    fn url(&self) -> String {
        self.database.superuser_url(DATABASE)
    }

    /// Starts the service with the database at `url`, and returns when it listens.
    async fn start(&self, url: &str) -> Result<FastApiService<'_>> {
        FastApiService::start(&self.python, &self.folder, url, &self.sender).await
    }
}

fn succeed(command: &mut Command) -> Result<()> {
    let status = command.status()?;
    if status.success() {
        Ok(())
    } else {
        Err(anyhow!("{command:?} failed"))
    }
}

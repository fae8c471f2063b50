//! What `cargo dev` does.

mod greeting;
mod log;
mod settings;
mod workspace;

use std::env;
use std::io;
use std::net::Ipv4Addr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use ::dev::step;
use anyhow::{Context, Result, anyhow};
use local::postgres::{Cluster, ClusterOptions};
use local::{Server, ServerOptions, token};
use tokio::net::TcpListener;
use tokio::sync::Notify;
use tokio::task::JoinSet;

use settings::Settings;
use workspace::Workspace;

/// How long tokens are valid.
const TOKEN_LIFETIME: Duration = Duration::from_hours(24);
/// The user that the greeting is for.
const DEMO: &str = "demo";
/// The page that a newcomer looks for.
const DOCS: &str = "/docs";

/// Prints a token for `user` that the functions accept.
pub(crate) fn print_token(user: &str) -> Result<()> {
    println!("{}", token(&Workspace::find()?.secret()?, user)?);
    Ok(())
}

/// A token that the functions accept with their configuration here.
fn token(secret: &str, user: &str) -> Result<String> {
    let mut claims = token::claims(user, TOKEN_LIFETIME);
    for (claim, name) in [("iss", "JWT_ISSUER"), ("aud", "JWT_AUDIENCE")] {
        if let Some(value) = settings::variable(name) {
            claims[claim] = value.into();
        }
    }
    token::sign(secret, &claims)
}

/// Serves until a signal ends it.
#[tokio::main]
pub(crate) async fn serve(port: u16) -> Result<()> {
    let ending = Arc::<Notify>::default();
    let asked = Arc::clone(&ending);
    // From now on Ctrl-C, SIGTERM and, when the terminal is closed, SIGHUP only notify.
    ctrlc::set_handler(move || asked.notify_one())?;
    let running = tokio::select! {
        biased;
        // Everything that has been started ends when it is dropped.
        () = ending.notified() => return Ok(()),
        running = Running::start(port) => running?,
    };
    ending.notified().await;
    tokio::select! {
        // A second signal: everything ends by being dropped.
        () = ending.notified() => {}
        () = running.stop() => {}
    }
    Ok(())
}

/// Everything that `cargo dev` runs.
struct Running {
    server: Server,
    /// None when `DATABASE_URL` names another database.
    cluster: Option<Cluster>,
    _schedules: JoinSet<()>,
}

impl Running {
    async fn start(port: u16) -> Result<Self> {
        let workspace = Workspace::find()?;
        // First, since it fails most often.
        let listener = bind(port).await?;
        let (database, cluster) = database(&workspace).await?;
        let secret = workspace.secret()?;
        let settings = Settings::new(&database, &secret);
        settings.check()?;
        step("Applying", "migrations");
        settings.migrate().await?;
        step("Serving", "the routes of template.yaml");
        let template = settings.template(&workspace.0.join("template.yaml"))?;
        let redirects = ["/", "/docs/"].map(|path| (path.to_owned(), DOCS.to_owned()));
        let options = ServerOptions {
            environment: settings.overrides(),
            redirects: redirects.into(),
            log: log::print(),
            ..ServerOptions::new(template, binaries()?)
        };
        let server = Server::start_on(listener, options)?;
        let token = token(&secret, DEMO)?;
        greeting::print(&server.url(), &database, DEMO, &token);
        Ok(Self {
            _schedules: server.run_schedules(),
            server,
            cluster,
        })
    }

    /// In this order, so that functions do not lose their database while they serve.
    async fn stop(self) {
        self.server.stop().await;
        if let Some(cluster) = self.cluster {
            cluster.stop().await;
        }
    }
}

/// The directory of the functions' binaries: cargo builds them next to this program.
fn binaries() -> Result<PathBuf> {
    let program = env::current_exe()?;
    Ok(program.parent().map(Path::to_owned).unwrap_or_default())
}

async fn bind(port: u16) -> Result<TcpListener> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await;
    listener.map_err(|error| match error.kind() {
        io::ErrorKind::AddrInUse => {
            let other = port.checked_add(1).unwrap_or(9000);
            anyhow!("port {port} is in use on 127.0.0.1: try `cargo dev --port {other}`")
        }
        _ => anyhow!("port {port} on 127.0.0.1: {error}"),
    })
}

/// The address of the database: `DATABASE_URL`, else a private one.
async fn database(workspace: &Workspace) -> Result<(String, Option<Cluster>)> {
    if let Some(url) = settings::variable("DATABASE_URL") {
        return Ok((url, None));
    }
    step("Starting", "PostgreSQL in .local/postgres");
    let directory = workspace.private()?.join("postgres");
    let cluster = Cluster::start(ClusterOptions::kept(directory)).await?;
    let created = cluster.create_database("todo").await;
    created.context("the database todo cannot be created")?;
    Ok((cluster.url("todo"), Some(cluster)))
}

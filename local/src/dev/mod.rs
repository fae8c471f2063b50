//! What `cargo dev` does.

mod build;
mod ending;
mod environment;
mod error;
mod greeting;
mod log;
mod workspace;

use std::io;
use std::net::Ipv4Addr;
use std::time::Duration;

use local::postgres::{Cluster, ClusterOptions};
use local::{Server, ServerOptions, token};
use tokio::net::TcpListener;

use ending::Ending;
use environment::Environment;
pub(crate) use error::DevError;
use greeting::Greeting;
use workspace::Workspace;

/// How long tokens are valid.
const TOKEN_LIFETIME: Duration = Duration::from_hours(24);
/// The user that the greeting is for.
const DEMO: &str = "demo";

/// Prints a token for `user` that the functions accept.
pub(crate) fn print_token(user: &str) -> Result<(), DevError> {
    println!("{}", token(&Workspace::find()?.secret()?, user)?);
    Ok(())
}

/// A token that the functions accept as they are configured here.
fn token(secret: &str, user: &str) -> Result<String, DevError> {
    let mut claims = token::claims(user, TOKEN_LIFETIME);
    for (claim, name) in [("iss", "JWT_ISSUER"), ("aud", "JWT_AUDIENCE")] {
        if let Some(value) = environment::variable(name) {
            claims[claim] = value.into();
        }
    }
    Ok(token::sign(secret, &claims)?)
}

/// Serves until a signal ends it.
pub(crate) fn serve(port: u16) -> Result<(), DevError> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build();
    runtime.map_err(DevError::Runtime)?.block_on(async {
        let mut ending = Ending::listen().map_err(DevError::Runtime)?;
        let running = tokio::select! {
            biased;
            // What has been started ends as it is dropped.
            () = ending.asked() => return Ok(()),
            running = Running::start(port) => running?,
        };
        ending.asked().await;
        tokio::select! {
            // Asked twice: as it is dropped, then.
            () = ending.asked() => {}
            () = running.stop() => {}
        }
        Ok(())
    })
}

/// All that `cargo dev` runs.
struct Running {
    server: Server,
    /// None when the database is somebody else's.
    cluster: Option<Cluster>,
}

impl Running {
    async fn start(port: u16) -> Result<Self, DevError> {
        let workspace = Workspace::find()?;
        // First, as it is what fails most often; requests wait until they can be served.
        let listener = bind(port).await?;
        let (binaries, (database, cluster)) =
            tokio::try_join!(build::functions(&workspace), database(&workspace))?;
        let environment = Environment::new(database, workspace.secret()?);
        environment.check()?;
        environment.migrate().await?;
        let options = ServerOptions {
            environment: Environment::overrides(),
            log: log::print(),
            ..ServerOptions::new(environment.template(&workspace.template())?, binaries)
        };
        let server = Server::start_on(listener, options)
            .await
            .map_err(DevError::Serve)?;
        let greeting = Greeting {
            url: &server.url(),
            database: &environment.database,
            token: &token(&environment.secret, DEMO)?,
            user: DEMO,
        };
        greeting.print();
        Ok(Self { server, cluster })
    }

    /// In this order, so that functions do not lose their database while they serve.
    async fn stop(self) {
        self.server.stop().await;
        if let Some(cluster) = self.cluster {
            // Only a temporary cluster has an error here.
            let _ = cluster.stop().await;
        }
    }
}

async fn bind(port: u16) -> Result<TcpListener, DevError> {
    TcpListener::bind((Ipv4Addr::LOCALHOST, port))
        .await
        .map_err(|error| match error.kind() {
            io::ErrorKind::AddrInUse => DevError::PortTaken {
                port,
                other: port.checked_add(1).unwrap_or(9000),
            },
            _ => DevError::Serve(error),
        })
}

/// The address of the database: that of `DATABASE_URL`, else of a private one.
async fn database(workspace: &Workspace) -> Result<(String, Option<Cluster>), DevError> {
    if let Some(url) = environment::variable("DATABASE_URL") {
        return Ok((url, None));
    }
    let cluster =
        Cluster::start(ClusterOptions::kept(workspace.private()?.join("postgres"))).await?;
    cluster.create_database("todo").await?;
    Ok((cluster.url("todo"), Some(cluster)))
}

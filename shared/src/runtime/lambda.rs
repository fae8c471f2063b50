//! The runtime loop, and what Lambda does with an execution environment besides sending it
//! requests.

use std::sync::Arc;

use axum::handler::Handler;
use lambda_http::request::LambdaRequest;
use lambda_http::tower::ServiceExt;
use lambda_http::{Adapter, BoxFuture, Error, SnapStartResource};
use lambda_runtime::{LambdaEvent, Runtime};

use super::app::App;
use super::event::harmless;
use super::service::service;
use crate::store::Database;

/// Closes the database connections on SIGTERM. Lambda sends that only to environments with an
/// extension, so this registers one, which wants no events.
pub(super) async fn disconnect_at_the_end(database: &Database) {
    let database = database.clone();
    let disconnect = move || async move { database.disconnect().await };
    lambda_runtime::spawn_graceful_shutdown_handler(disconnect).await;
}

/// Takes events until Lambda ends the environment. On Managed Instances
/// (`AWS_LAMBDA_MAX_CONCURRENCY`), serves several requests at once.
pub(super) async fn run<H, T>(operation: &'static str, handler: H, app: App) -> Result<(), Error>
where
    H: Handler<T, App> + Sync,
    T: 'static,
{
    let connections = Connections(app.database().clone());
    let service = service(operation, handler, app);
    Runtime::new(Adapter::from(service).map_request(checked))
        .register_snapstart_resource(Arc::new(connections))
        .run_concurrent()
        .await
}

/// The same for an operation that has no connections.
pub(super) async fn run_alone<H, T>(operation: &'static str, handler: H) -> Result<(), Error>
where
    H: Handler<T, ()> + Sync,
    T: 'static,
{
    let service = service(operation, handler, ());
    Runtime::new(Adapter::from(service).map_request(checked))
        .run_concurrent()
        .await
}

/// `lambda_http` calls its adapter internal, but its tests show that a layer may be put in front of
/// it.
fn checked(event: LambdaEvent<LambdaRequest>) -> LambdaEvent<LambdaRequest> {
    LambdaEvent {
        payload: harmless(event.payload),
        context: event.context,
    }
}

/// Connections do not outlive the snapshot of `SnapStart`: they would be in every environment that
/// is restored from it.
struct Connections(Database);

impl SnapStartResource for Connections {
    fn before_snapshot(&self) -> BoxFuture<'_, Result<(), Error>> {
        Box::pin(async {
            self.0.disconnect().await;
            Ok(())
        })
    }

    fn after_restore(&self) -> BoxFuture<'_, Result<(), Error>> {
        Box::pin(async {
            self.0.warm_up().await;
            Ok(())
        })
    }
}

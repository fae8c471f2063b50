//! The runtime loop, and what else Lambda does with an execution environment than give it requests.

use std::sync::Arc;

use axum::handler::Handler;
use lambda_http::Adapter;
use lambda_http::request::LambdaRequest;
use lambda_http::tower::ServiceExt;
use lambda_runtime::{LambdaEvent, Runtime};

use crate::Database;
use crate::event::harmless;
use crate::serve::{App, service};

/// SIGTERM closes the database connections. Lambda sends it only to environments with an extension: this registers one
/// that wants no events.
pub(crate) async fn disconnect_at_the_end(database: &Database) {
    let database = database.clone();
    lambda_runtime::spawn_graceful_shutdown_handler(
        move || async move { database.disconnect().await },
    )
    .await;
}

/// Takes events until Lambda ends the environment.
///
/// On Managed Instances (`AWS_LAMBDA_MAX_CONCURRENCY`) several requests are served at once. The snapshot of `SnapStart`
/// closes the database connections; a restored environment opens new ones.
pub(crate) async fn run<H, T>(
    handler: H,
    app: App,
    database: Database,
) -> Result<(), lambda_http::Error>
where
    H: Handler<T, App> + Sync,
    T: 'static,
{
    Runtime::new(Adapter::from(service(handler, app)).map_request(checked))
        .register_snapstart_resource(Arc::new(database))
        .run_concurrent()
        .await
}

/// The same for an operation that holds nothing that must be closed.
pub(crate) async fn run_alone<H, T>(handler: H) -> Result<(), lambda_http::Error>
where
    H: Handler<T, ()> + Sync,
    T: 'static,
{
    Runtime::new(Adapter::from(service(handler, ())).map_request(checked))
        .run_concurrent()
        .await
}

/// `lambda_http` says of its adapter that it is internal, and tests that a layer may stand before it.
fn checked(
    LambdaEvent { payload, context }: LambdaEvent<LambdaRequest>,
) -> LambdaEvent<LambdaRequest> {
    LambdaEvent {
        payload: harmless(payload),
        context,
    }
}

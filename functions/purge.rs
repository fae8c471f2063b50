//! Deletes what has expired, of all users, and answers with how much that was. A schedule invokes
//! it; it has no route.

use shared::http::Invocation;
use shared::runtime::configuration;
use shared::runtime::{InvocationError, StartError, operation, serve_invocations};
use shared::store::{Purge, Purged};

fn main() -> Result<(), StartError> {
    serve_invocations(operation!(), purge)
}

async fn purge(invocation: Invocation) -> Result<Purged, InvocationError> {
    let (database, retention) = configuration::purge().await?;
    let purge = Purge::new(database, retention);
    Ok(purge.run(invocation.budget()).await?)
}

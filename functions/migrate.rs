//! Applies the migrations that the database lacks, and answers with those it applied. Invoked by the
//! deployment, not reachable by HTTP.

use lambda_runtime::{LambdaEvent, service_fn};
use migrations::Report;
use serde_json::Value;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_runtime::Error> {
    lambda_runtime::run(service_fn(migrate)).await
}

async fn migrate(_: LambdaEvent<Value>) -> Result<Report, lambda_runtime::Error> {
    Ok(migrations::apply(&shared::config::migration_database().await?).await?)
}

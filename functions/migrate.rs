//! Applies the migrations that the database lacks, and answers with their names. The deployment
//! invokes it; it has no route.

use lambda_runtime::{LambdaEvent, service_fn};
use migrations::Report;
use serde_json::Value;
use shared::runtime::configuration::migration_database;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_runtime::Error> {
    lambda_runtime::run(service_fn(migrate)).await
}

async fn migrate(_: LambdaEvent<Value>) -> Result<Report, lambda_runtime::Error> {
    let database = migration_database().await?;
    Ok(migrations::apply(&database).await?)
}

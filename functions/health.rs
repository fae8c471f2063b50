//! `GET /health` and `GET /health/database`: whether the service can serve. Needs no token.

use shared::http::{Health, Invocation};
use shared::runtime::{StartError, State, operation, serve};
use shared::store::Database;

fn main() -> Result<(), StartError> {
    serve(operation!(), health)
}

/// Answers 200 if the database answers, else 503.
pub async fn health(invocation: Invocation, State(database): State<Database>) -> Health {
    let ping = database.ping(invocation.budget()).await;
    Health::new(ping, &invocation)
}

//! `GET /health` and `GET /health/database`: whether the service can serve. Needs no token.

use shared::{Database, Health, Invocation, StartError, State, serve};

fn main() -> Result<(), StartError> {
    serve(health)
}

/// Answers 200 when the database answers, else 503.
pub async fn health(invocation: Invocation, State(database): State<Database>) -> Health {
    Health::of(&database, &invocation).await
}

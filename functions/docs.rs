//! `GET /docs`, `GET /docs/problems`, `GET /docs/{asset}` and `GET /openapi.json`: the
//! documentation; and every request that no other route takes. Needs no token, no database and no
//! configuration.

use shared::runtime::{StartError, operation, serve_alone};
use site::{Answer, Visit};

fn main() -> Result<(), StartError> {
    serve_alone(operation!(), docs)
}

/// Answers 200 with what is at the path, 304 if the client already has it, 307 if the path ends
/// with a slash, else 404.
pub async fn docs(visit: Visit) -> Answer {
    visit.answer()
}

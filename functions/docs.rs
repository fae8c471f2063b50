//! `GET /docs`, `GET /docs/problems`, `GET /docs/{asset}` and `GET /openapi.json`: the documentation. Needs no token,
//! no database and no configuration.

use shared::{StartError, serve_alone};
use site::{Answer, Visit};

fn main() -> Result<(), StartError> {
    serve_alone(docs)
}

/// Answers 200 with what there is at the path, 304 when the client has it, else 404.
pub async fn docs(visit: Visit) -> Answer {
    visit.answer()
}

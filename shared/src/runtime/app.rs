//! What all requests of an execution environment share.

use axum::extract::FromRef;
use deadpool_postgres::BuildError;

use super::configuration::Config;
use crate::auth::Verifier;
use crate::domain::Quota;
use crate::store::{Database, Tasks, Users};

/// What an operation may ask for with `State`.
#[derive(Clone)]
pub struct App {
    database: Database,
    quota: Quota,
    verifier: Verifier,
}

/// The pool cannot be set up.
#[derive(Debug, thiserror::Error)]
#[error("the database pool cannot be set up")]
pub struct AppError(#[from] BuildError);

impl App {
    /// Prepares everything. Connects to nothing yet.
    pub fn new(config: &Config) -> Result<Self, AppError> {
        Ok(Self {
            database: Database::new(
                &config.database,
                config.max_concurrency,
                config.user_max_concurrency,
            )?,
            quota: config.quota,
            verifier: config.tokens.verifier(),
        })
    }

    pub(super) fn database(&self) -> &Database {
        &self.database
    }

    /// Connects to the database and fetches the issuer's keys, so that the first request does not
    /// wait for them. A failure is not an error: that request tries again.
    pub(super) async fn warm_up(&self) {
        futures_util::join!(self.database.warm_up(), self.verifier.warm_up());
    }
}

impl FromRef<App> for Database {
    fn from_ref(app: &App) -> Self {
        app.database.clone()
    }
}

impl FromRef<App> for Tasks {
    fn from_ref(app: &App) -> Self {
        Self::new(app.database.clone(), app.quota)
    }
}

impl FromRef<App> for Users {
    fn from_ref(app: &App) -> Self {
        Self::new(app.database.clone())
    }
}

impl FromRef<App> for Verifier {
    fn from_ref(app: &App) -> Self {
        app.verifier.clone()
    }
}

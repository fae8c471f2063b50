//! What is stored about a user as a whole.

use super::database::{Access, Database, Repeat, Statement};
use super::error::StoreError;
use super::session::Session;

const ERASE_TASKS: &str = "delete from tasks where user_id = $1";

const ERASE_KEYS: &str = "delete from idempotency_keys where user_id = $1";

const ERASE_COUNTERS: &str = "delete from user_counters where user_id = $1";

/// The users of the service.
#[derive(Clone, Debug)]
pub struct Users {
    database: Database,
}

impl Users {
    /// The users in `database`.
    #[must_use]
    pub fn new(database: Database) -> Self {
        Self { database }
    }

    /// Erases everything that is stored about the user.
    ///
    /// Not repeated on a lost connection: that could erase what the user has created since.
    pub async fn erase(&self, session: &Session) -> Result<(), StoreError> {
        let statements = [ERASE_TASKS, ERASE_KEYS, ERASE_COUNTERS].map(Statement::new);
        self.database
            .run(session, &statements, Access::Write(Repeat::Unsafe))
            .await?;
        Ok(())
    }
}

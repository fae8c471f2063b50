//! A statement with its parameters.

use tokio_postgres::types::{ToSql, Type};

/// A statement, and the parameters that it is given besides `$1`, which is always the caller's id.
///
/// Its text is part of this program: no input can become SQL. Each parameter comes with its type: typed queries need
/// no prepare, hence no round trip of their own, and pass through `PgBouncer` in transaction mode.
#[derive(Debug)]
pub struct Statement {
    sql: &'static str,
    parameters: Vec<(Box<dyn ToSql + Sync + Send>, Type)>,
}

impl Statement {
    /// A statement without further parameters.
    #[must_use]
    pub fn new(sql: &'static str) -> Self {
        Self {
            sql,
            parameters: Vec::new(),
        }
    }

    /// Adds the next parameter: `$2`, then `$3` and so on.
    #[must_use]
    pub fn with(mut self, value: impl ToSql + Sync + Send + 'static, kind: Type) -> Self {
        self.parameters.push((Box::new(value), kind));
        self
    }

    /// Its text.
    #[must_use]
    pub fn sql(&self) -> &'static str {
        self.sql
    }

    /// Its parameters after `$1`, each with its type.
    pub fn parameters(&self) -> impl Iterator<Item = (&(dyn ToSql + Sync), Type)> {
        self.parameters
            .iter()
            .map(|(value, kind)| (&**value as _, kind.clone()))
    }
}

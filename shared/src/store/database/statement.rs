//! A statement and its parameters.

use std::borrow::Cow;

use tokio_postgres::types::{ToSql, Type};

use super::parameter::Parameter;

/// An SQL statement. `$1` is always the user's id; the other parameters follow in the order in
/// which they are added.
///
/// Its text consists of parts of this program: no input can become SQL.
///
/// ```
/// # use shared::store::database::Statement;
/// let statement = Statement::new("select title from tasks where user_id = $1")
///     .text(" and completed = ").value(false)
///     .text(" limit ").value(10_i64);
/// assert_eq!(
///     statement.sql(),
///     "select title from tasks where user_id = $1 and completed = $2 limit $3",
/// );
/// ```
#[derive(Debug)]
pub struct Statement {
    sql: Cow<'static, str>,
    values: Vec<BoundValue>,
}

/// A parameter: a value and its type in PostgreSQL.
#[derive(Debug)]
pub struct BoundValue {
    value: Box<dyn ToSql + Send + Sync>,
    kind: Type,
}

impl<P: Parameter> From<P> for BoundValue {
    fn from(value: P) -> Self {
        Self {
            value: Box::new(value),
            kind: P::TYPE,
        }
    }
}

impl Statement {
    /// A statement that begins with this text.
    #[must_use]
    pub fn new(text: &'static str) -> Self {
        Self {
            sql: Cow::Borrowed(text),
            values: Vec::new(),
        }
    }

    /// Appends text.
    #[must_use]
    pub fn text(mut self, text: &'static str) -> Self {
        self.push_text(text);
        self
    }

    /// Appends a parameter.
    #[must_use]
    pub fn value(mut self, value: impl Into<BoundValue>) -> Self {
        self.push_value(value);
        self
    }

    /// Adds the value of the next parameter, to which the text already refers by its number.
    #[must_use]
    pub fn with(mut self, value: impl Into<BoundValue>) -> Self {
        self.values.push(value.into());
        self
    }

    /// Appends text.
    pub fn push_text(&mut self, text: &'static str) {
        self.sql.to_mut().push_str(text);
    }

    /// Appends a parameter.
    pub fn push_value(&mut self, value: impl Into<BoundValue>) {
        self.values.push(value.into());
        let number = self.values.len() + 1;
        *self.sql.to_mut() += format!("${number}").as_str();
    }

    /// The text.
    #[must_use]
    pub fn sql(&self) -> &str {
        &self.sql
    }

    /// The parameters after `$1`, each with its type.
    pub fn parameters(&self) -> impl Iterator<Item = (&(dyn ToSql + Sync), Type)> {
        let values = self.values.iter();
        values.map(|BoundValue { value, kind }| (&**value as _, kind.clone()))
    }
}

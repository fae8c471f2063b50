//! Roles and databases of a cluster.

use anyhow::Result;
use tokio_postgres::error::SqlState;
use tokio_postgres::{Client, Error, NoTls};

use super::Cluster;
use super::setup::SUPERUSER;

/// The role that owns the databases.
pub(super) const OWNER: &str = "todo";

impl Cluster {
    /// Creates a database that belongs to `todo`, unless it exists.
    ///
    /// # Errors
    ///
    /// When PostgreSQL refuses or cannot be reached.
    pub async fn create_database(&self, name: &str) -> Result<()> {
        let statement = format!("create database {} owner {OWNER}", quoted(name));
        unless_it_exists(
            self.execute(&statement).await,
            &SqlState::DUPLICATE_DATABASE,
        )
    }

    /// Copies the database `template`, which must have no connections.
    ///
    /// # Errors
    ///
    /// When PostgreSQL refuses (the name is taken, the template is in use) or cannot be reached.
    pub async fn create_database_from_template(&self, name: &str, template: &str) -> Result<()> {
        let (name, template) = (quoted(name), quoted(template));
        let statement = format!("create database {name} template {template} owner {OWNER}");
        Ok(self.execute(&statement).await?)
    }

    /// Removes a database if it exists, ending its connections.
    ///
    /// # Errors
    ///
    /// When PostgreSQL refuses or cannot be reached.
    pub async fn drop_database(&self, name: &str) -> Result<()> {
        let statement = format!("drop database if exists {} with (force)", quoted(name));
        Ok(self.execute(&statement).await?)
    }

    /// Creates the role `todo`, unless it exists. It has the attributes that Neon gives to the
    /// owner of a project, BYPASSRLS among them, so that a function that relies on row-level
    /// security alone fails here too.
    pub(super) async fn create_owner(&self) -> Result<()> {
        // The password consists of hexadecimal digits.
        let password = &self.password;
        let attributes = format!("login createdb createrole bypassrls password '{password}'");
        let created = self
            .execute(&format!("create role {OWNER} {attributes}"))
            .await;
        unless_it_exists(created, &SqlState::DUPLICATE_OBJECT)
    }

    async fn execute(&self, statement: &str) -> Result<(), Error> {
        let client = self.connect(SUPERUSER, "postgres").await?;
        client.batch_execute(statement).await
    }

    /// Connects; the connection ends with the client.
    pub(super) async fn connect(&self, role: &str, database: &str) -> Result<Client, Error> {
        let url = self.url_as(role, database);
        let (client, connection) = tokio_postgres::connect(&url, NoTls).await?;
        // The client's calls report its errors too.
        tokio::spawn(connection);
        Ok(client)
    }
}

/// The result of creating something, which may exist already.
fn unless_it_exists(created: Result<(), Error>, exists: &SqlState) -> Result<()> {
    match created {
        Err(error) if error.code() == Some(exists) => Ok(()),
        other => Ok(other?),
    }
}

/// A name as an SQL identifier.
fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

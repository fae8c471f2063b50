//! Roles and databases of a cluster.

use anyhow::Result;
use tokio_postgres::{Client, NoTls};

use super::Cluster;
use super::initialize::SUPERUSER;

/// The role that owns the databases.
pub(super) const OWNER: &str = "todo";

impl Cluster {
    /// Creates a database that belongs to `todo`, unless it exists.
    ///
    /// # Errors
    ///
    /// When PostgreSQL refuses or cannot be reached.
    pub async fn create_database(&self, name: &str) -> Result<()> {
        let client = self.connect(SUPERUSER, "postgres").await?;
        let exists = client
            .query_opt("select 1 from pg_database where datname = $1", &[&name])
            .await?;
        if exists.is_none() {
            let statement = format!("create database {} owner {OWNER}", quoted(name));
            client.batch_execute(&statement).await?;
        }
        Ok(())
    }

    /// Copies the database `template`, which must have no connections.
    ///
    /// # Errors
    ///
    /// When PostgreSQL refuses (the name is taken, the template is in use) or cannot be reached.
    pub async fn create_database_from_template(&self, name: &str, template: &str) -> Result<()> {
        let (name, template) = (quoted(name), quoted(template));
        let statement = format!("create database {name} template {template} owner {OWNER}");
        Ok(self
            .connect(SUPERUSER, "postgres")
            .await?
            .batch_execute(&statement)
            .await?)
    }

    /// Removes a database if it exists, ending its connections.
    ///
    /// # Errors
    ///
    /// When PostgreSQL refuses or cannot be reached.
    pub async fn drop_database(&self, name: &str) -> Result<()> {
        let statement = format!("drop database if exists {} with (force)", quoted(name));
        Ok(self
            .connect(SUPERUSER, "postgres")
            .await?
            .batch_execute(&statement)
            .await?)
    }

    /// Creates the role `todo`, unless it exists. It has the attributes that Neon gives to the
    /// owner of a project, BYPASSRLS among them, so that a function that relies on row-level
    /// security alone fails here too.
    pub(super) async fn create_owner(&self) -> Result<()> {
        let client = self.connect(SUPERUSER, "postgres").await?;
        let exists = client
            .query_opt("select 1 from pg_roles where rolname = $1", &[&OWNER])
            .await?;
        if exists.is_none() {
            // The password consists of hexadecimal digits.
            let attributes = "login createdb createrole bypassrls";
            let statement = format!(
                "create role {OWNER} {attributes} password '{}'",
                self.password
            );
            client.batch_execute(&statement).await?;
        }
        Ok(())
    }

    /// Connects; the connection ends with the client.
    pub(super) async fn connect(
        &self,
        role: &str,
        database: &str,
    ) -> Result<Client, tokio_postgres::Error> {
        let (client, connection) =
            tokio_postgres::connect(&self.url_as(role, database), NoTls).await?;
        // The client's calls report its errors too.
        tokio::spawn(connection);
        Ok(client)
    }
}

/// A name as an SQL identifier.
fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

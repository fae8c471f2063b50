//! Roles and databases of a cluster.

use tokio_postgres::{Client, NoTls};

use super::initialize::SUPERUSER;
use super::{Cluster, ClusterError};

/// The role that owns the databases.
pub(super) const OWNER: &str = "todo";

impl Cluster {
    /// Makes a database that belongs to `todo`, unless it exists.
    ///
    /// # Errors
    ///
    /// When PostgreSQL refuses or cannot be reached.
    pub async fn create_database(&self, name: &str) -> Result<(), ClusterError> {
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

    /// Makes a copy of the database `template`, which must have no connections then.
    ///
    /// # Errors
    ///
    /// When PostgreSQL refuses (the name is taken, the template is in use) or cannot be reached.
    pub async fn create_database_from_template(
        &self,
        name: &str,
        template: &str,
    ) -> Result<(), ClusterError> {
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
    pub async fn drop_database(&self, name: &str) -> Result<(), ClusterError> {
        let statement = format!("drop database if exists {} with (force)", quoted(name));
        Ok(self
            .connect(SUPERUSER, "postgres")
            .await?
            .batch_execute(&statement)
            .await?)
    }

    /// Makes the role `todo`, unless it exists. It has the attributes that Neon gives to the owner of a
    /// project, BYPASSRLS among them: what must not depend on row-level security shows here.
    pub(super) async fn create_owner(&self) -> Result<(), ClusterError> {
        let client = self.connect(SUPERUSER, "postgres").await?;
        let exists = client
            .query_opt("select 1 from pg_roles where rolname = $1", &[&OWNER])
            .await?;
        if exists.is_none() {
            // The password is hexadecimal digits.
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
        // Its errors are those of the client's calls too.
        tokio::spawn(connection);
        Ok(client)
    }
}

/// A name as an SQL identifier.
fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

//! Databases of a private cluster. Each call is one short connection of its own,
//! so a cluster can be shared by tests that run on different runtimes.

use sqlx::{AssertSqlSafe, Connection, PgConnection};

use super::{Cluster, ClusterError};

/// The database that every cluster has.
const MAINTENANCE: &str = "postgres";

impl Cluster {
    pub async fn create_database(&self, name: &str) -> Result<(), ClusterError> {
        self.run(format!("create database {}", quote_name(name))).await
    }

    /// A copy; nobody may be connected to the template meanwhile.
    pub async fn create_database_from(&self, template: &str, name: &str) -> Result<(), ClusterError> {
        self.run(format!("create database {} template {}", quote_name(name), quote_name(template))).await
    }

    /// Ends whoever is connected to it.
    pub async fn drop_database(&self, name: &str) -> Result<(), ClusterError> {
        self.run(format!("drop database {} with (force)", quote_name(name))).await
    }

    async fn run(&self, statement: String) -> Result<(), ClusterError> {
        let mut connection = PgConnection::connect(&self.url(MAINTENANCE)).await?;
        // Names of databases cannot be bound; they are quoted above.
        sqlx::query(AssertSqlSafe(statement)).execute(&mut connection).await?;
        connection.close().await?;
        Ok(())
    }
}

fn quote_name(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

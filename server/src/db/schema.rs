//! Whether the database is what this program was written for, and still as safe as it was.

use super::Database;
use crate::error::Error;
use crate::migrate::{self, Applied};
use sqlx::Row;
use sqlx::postgres::PgPoolOptions;

impl Database {
    /// Brings the database to the schema of this program, however long that takes.
    pub async fn migrate(&self) -> Result<Vec<Applied>, Error> {
        let options = self.pool.connect_options().as_ref().clone();
        let patient = PgPoolOptions::new()
            .max_connections(1)
            .connect_with(options.options([("statement_timeout", "0")]))
            .await?;
        let applied = migrate::migrate(&patient).await;
        patient.close().await;
        Ok(applied?)
    }

    /// Fails where `migrate` has something to do.
    pub async fn check_schema(&self) -> Result<(), Error> {
        let missing = migrate::list_missing(&self.pool).await?;
        if missing.is_empty() { Ok(()) } else { Err(Error::NotMigrated { missing }) }
    }

    /// Fails where a change could slip past the engine, or a row past row-level security.
    pub async fn check_breaches(&self) -> Result<(), Error> {
        let mut transaction = self.pool.begin_with("begin; set local role guildhall_owner").await?;
        let rows = sqlx::query("select table_name, breach from sync.breaches() order by table_name, breach")
            .fetch_all(&mut *transaction)
            .await?;
        let breaches: Vec<String> = rows
            .iter()
            .map(|row| {
                let (table, breach): (&str, &str) = (row.try_get("table_name")?, row.try_get("breach")?);
                Ok(format!("{table}: {breach}"))
            })
            .collect::<Result<_, sqlx::Error>>()?;
        if breaches.is_empty() { Ok(()) } else { Err(Error::Breached { breaches }) }
    }
}

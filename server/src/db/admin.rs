//! The administrator's way to Postgres: migrate, add a guild, add a person, load a sample. No
//! request comes here.

use super::Database;
use crate::error::Error;
use guildhall_sync::id::GuildId;
use sqlx::{PgConnection, Postgres, Transaction};

/// An open transaction with the rights of `guildhall_owner`. Dropping it takes everything back.
#[derive(Debug)]
pub struct AdminTx {
    transaction: Transaction<'static, Postgres>,
}

impl Database {
    pub async fn begin_admin(&self) -> Result<AdminTx, Error> {
        let begin = "begin; set local role guildhall_owner; set local statement_timeout = 0";
        let transaction = self.begin_with(begin).await?;
        Ok(AdminTx { transaction })
    }
}

impl AdminTx {
    pub fn connection(&mut self) -> &mut PgConnection {
        &mut self.transaction
    }

    /// Says for which guild the statements that follow are, and who history says it was.
    pub async fn enter(&mut self, guild: GuildId, actor: &str) -> Result<(), Error> {
        sqlx::query(
            "select set_config('guildhall.guild', $1::text, true), set_config('guildhall.actor', $2, true)",
        )
        .bind(guild.0)
        .bind(actor)
        .execute(&mut *self.transaction)
        .await?;
        Ok(())
    }

    pub async fn commit(self) -> Result<(), Error> {
        Ok(self.transaction.commit().await?)
    }
}

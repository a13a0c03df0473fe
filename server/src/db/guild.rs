//! The one way of a request to Postgres: a transaction that can see one guild, as one person.

use super::Database;
use crate::auth::Session;
use crate::auth::token::TokenHash;
use crate::error::Error;
use guildhall_sync::id::{DeviceId, GuildId, UserId};
use sqlx::{PgConnection, Postgres, Row, Transaction};
use uuid::Uuid;

/// What the statements of a transaction see of what others commit meanwhile.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Isolation {
    /// Each statement sees what was committed before it.
    ReadCommitted,
    /// All statements see one snapshot.
    RepeatableRead,
}

/// An open transaction with the rights of `guildhall_app`, in one guild, for one person. Role and
/// settings end with the transaction. Dropping it takes everything back.
#[derive(Debug)]
pub struct GuildTx {
    transaction: Transaction<'static, Postgres>,
    pub guild: GuildId,
    pub user: UserId,
}

impl Database {
    /// Begins a transaction for a person who is known already.
    pub async fn begin(&self, guild: GuildId, user: UserId, isolation: Isolation) -> Result<GuildTx, Error> {
        let begin = match isolation {
            Isolation::ReadCommitted => "begin isolation level read committed; set local role guildhall_app",
            Isolation::RepeatableRead => {
                "begin isolation level repeatable read; set local role guildhall_app"
            }
        };
        let mut transaction = self.begin_with(begin).await?;
        sqlx::query(
            "select set_config('guildhall.guild', $1::text, true), set_config('guildhall.user', $2::text, true),
                    set_config('guildhall.actor', 'user:' || $2::text, true)",
        )
        .bind(guild.0)
        .bind(user.0)
        .execute(&mut *transaction)
        .await?;
        Ok(GuildTx { transaction, guild, user })
    }

    /// Begins a transaction for the session behind an access token, found in the same transaction:
    /// what was revoked before it is not served by it.
    pub(crate) async fn begin_session(
        &self,
        access: &TokenHash,
        isolation: Isolation,
    ) -> Result<(GuildTx, Session), Error> {
        let begin = match isolation {
            Isolation::ReadCommitted => "begin isolation level read committed; set local role guildhall_auth",
            Isolation::RepeatableRead => {
                "begin isolation level repeatable read; set local role guildhall_auth"
            }
        };
        let mut transaction = self.begin_with(begin).await?;
        let session = super::accounts::enter_session(&mut transaction, access).await?;
        Ok((GuildTx { transaction, guild: session.guild, user: session.user }, session))
    }
}

impl GuildTx {
    pub fn connection(&mut self) -> &mut PgConnection {
        &mut self.transaction
    }

    /// The number that the guild's last sealed commit has.
    pub async fn read_stream_at(&mut self) -> Result<u64, Error> {
        let row = sqlx::query("select last_no from sync.stream where stream = $1")
            .bind(self.guild.0)
            .fetch_one(&mut *self.transaction)
            .await?;
        let last_no: i64 = row.try_get("last_no")?;
        Ok(u64::try_from(last_no).unwrap_or_default())
    }

    /// Notes that a device of the person was in contact, and the highest number it has sent.
    pub async fn note_device(
        &mut self,
        device: DeviceId,
        incarnation: Uuid,
        device_seq: u64,
    ) -> Result<(), Error> {
        sqlx::query("select sync.note_device($1, $2, $3)")
            .bind(device.0)
            .bind(incarnation)
            .bind(i64::try_from(device_seq).unwrap_or_default())
            .execute(&mut *self.transaction)
            .await?;
        Ok(())
    }

    /// Lets the statements that follow take longer than usual.
    pub async fn allow_ms(&mut self, timeout_ms: u64) -> Result<(), Error> {
        sqlx::query("select set_config('statement_timeout', $1, true)")
            .bind(timeout_ms.to_string())
            .execute(&mut *self.transaction)
            .await?;
        Ok(())
    }

    pub async fn commit(self) -> Result<(), Error> {
        Ok(self.transaction.commit().await?)
    }

    pub async fn roll_back(self) -> Result<(), Error> {
        Ok(self.transaction.rollback().await?)
    }
}

//! A database that was set back to an earlier state: finding out, stopping the guild, and the new
//! history with which it goes on.

use super::{AdminTx, Database, changes};
use crate::error::Error;
use crate::marks::Known;
use guildhall_sync::id::GuildId;
use guildhall_sync::time::Timestamp;
use sqlx::{PgConnection, Row};
use uuid::Uuid;

impl Database {
    /// The epoch of a guild whose history lacks what was handed out; none where nothing is lacking,
    /// or where it has stopped already.
    pub async fn find_lost_history(&self, guild: GuildId, known: &Known) -> Result<Option<Uuid>, Error> {
        let mut transaction = self.begin_admin().await?;
        let connection = transaction.connection();
        let is_here = sqlx::query("select from sync.stream where stream = $1").bind(guild.0);
        if is_here.fetch_optional(&mut *connection).await?.is_none() {
            return Ok(None);
        }
        let stream = changes::read_stream(connection, guild).await?;
        let is_lost = has_lost(connection, guild, known, &stream).await?;
        Ok((is_lost && !stream.is_set_back).then_some(stream.epoch))
    }

    /// From now on the guild does not sync, on any server of this database. Something that it lacks
    /// was `handed_out_at` this time: the restore came after it, and what was written since is new.
    pub async fn stop_guild(
        &self,
        guild: GuildId,
        epoch: Uuid,
        seen_by: &'static str,
        handed_out_at: Timestamp,
    ) -> Result<(), Error> {
        let mut transaction = self.begin_admin().await?;
        let row = sqlx::query("select sync.stop($1, $2, $3, to_timestamp($4::bigint / 1000000.0)) as is_new")
            .bind(guild.0)
            .bind(epoch)
            .bind(seen_by)
            .bind(handed_out_at.0)
            .fetch_one(transaction.connection())
            .await?;
        transaction.commit().await?;
        if row.try_get("is_new")? {
            tracing::error!(%guild, seen_by, "the database was set back: run `guildhall epoch new` for this guild");
        }
        Ok(())
    }
}

/// Whether the history that the connection sees lacks what is known to have been handed out.
pub async fn has_lost(
    connection: &mut PgConnection,
    guild: GuildId,
    known: &Known,
    stream: &changes::StreamState,
) -> Result<bool, Error> {
    let tag = match known.epoch == stream.epoch && known.mark.number < stream.last_no {
        true => changes::find_tag(connection, guild, known.mark.number).await?,
        false => None,
    };
    Ok(known.is_ahead_of(stream, tag))
}

impl AdminTx {
    /// Begins a new history for a guild. Devices keep everything, and offer again what this
    /// database does not know.
    pub async fn begin_epoch(&mut self, guild: GuildId) -> Result<Uuid, Error> {
        let row = sqlx::query("select sync.new_epoch($1) as epoch")
            .bind(guild.0)
            .fetch_one(self.connection())
            .await?;
        Ok(row.try_get("epoch")?)
    }
}

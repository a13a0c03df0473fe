//! The snapshot that a pull answers from: how far the order of commits is in it, and which of the
//! commits that it holds had no number yet.

use super::cursor::{Mark, Place};
use crate::db::changes::{self, StreamState};
use crate::db::restore;
use crate::db::{Database, GuildTx};
use crate::error::Error;
use crate::marks::Known;

#[derive(Clone, Debug)]
pub struct Snapshot {
    pub stream: StreamState,
    /// Commits that are visible here and had no number when the snapshot was taken.
    pub unsealed: Vec<i64>,
    /// Where the device is when it has taken all of this in.
    pub place: Place,
    /// Whether commits were numbered for it.
    pub is_fresh: bool,
}

impl Snapshot {
    /// Refuses a history that lacks what was `known` to be handed out before this snapshot.
    /// Numbers what has none before anything of it is handed out: what a device has seen must
    /// survive a power cut here.
    pub async fn take(
        database: &Database,
        transaction: &mut GuildTx,
        known: Option<&Known>,
    ) -> Result<Self, Error> {
        let guild = transaction.guild;
        let stream = changes::read_stream(transaction.connection(), guild).await?;
        if stream.is_set_back {
            return Err(Error::SetBack { handed_out_at: None });
        }
        if let Some(known) = known
            && restore::has_lost(transaction.connection(), guild, known, &stream).await?
        {
            let seen_by = "a server that had handed out more";
            database.stop_guild(guild, stream.epoch, seen_by, known.at).await?;
            return Err(Error::SetBack { handed_out_at: Some(known.at) });
        }
        let unsealed = changes::list_unsealed(transaction.connection(), guild).await?;
        let is_fresh = !unsealed.is_empty();
        let seen = if is_fresh {
            let (number, tag) = database.seal(guild).await?;
            Mark { number, tag }
        } else {
            Mark { number: stream.last_no, tag: stream.last_tag }
        };
        let place = Place { stream: guild, epoch: stream.epoch, hi: stream.last_no, seen, at: stream.now };
        Ok(Self { stream, unsealed, place, is_fresh })
    }
}

//! Hears through Postgres where streams are, from any server, and tells the connections of this
//! one. After Postgres was away it asks, because what was said meanwhile is lost.

use super::{CHANNEL, Live, log_lost};
use crate::error::Error;
use guildhall_sync::id::GuildId;
use sqlx::Row;
use sqlx::postgres::PgListener;

/// Runs until live hints are closed, through any absence of Postgres.
pub(super) async fn run(live: Live) {
    let mut is_lost = false;
    loop {
        let ended = tokio::select! {
            ended = hear_while_connected(&live, &mut is_lost) => ended,
            () = live.shared.closed.cancelled() => return,
        };
        if let Err(error) = ended {
            if !is_lost {
                log_lost("listener", &error);
            }
            is_lost = true;
        }
        if !live.pause().await {
            return;
        }
    }
}

async fn hear_while_connected(live: &Live, is_lost: &mut bool) -> Result<(), Error> {
    let mut listener = live.shared.database.listen(CHANNEL).await?;
    if std::mem::take(is_lost) {
        tracing::info!(task = "listener", "Postgres is back");
    }
    // The listener is there first, so nothing falls between asking and hearing.
    catch_up(live, &mut listener).await?;
    while let Some(hint) = next_hint(&mut listener).await? {
        let (guild, stream_at) = hint;
        live.announce(guild, stream_at);
    }
    Ok(())
}

/// The next hint, or none when the connection was lost.
async fn next_hint(listener: &mut PgListener) -> Result<Option<(GuildId, u64)>, Error> {
    while let Some(notification) = listener.try_recv().await? {
        // Anybody who may sign in to Postgres can notify; what is no hint is passed over.
        if let Some(hint) = read_hint(notification.payload()) {
            return Ok(Some(hint));
        }
    }
    Ok(None)
}

fn read_hint(payload: &str) -> Option<(GuildId, u64)> {
    let (guild, stream_at) = payload.split_once(' ')?;
    Some((GuildId(guild.parse().ok()?), stream_at.parse().ok()?))
}

async fn catch_up(live: &Live, listener: &mut PgListener) -> Result<(), Error> {
    let rows = sqlx::query("select stream, last_no from sync.stream").fetch_all(listener).await?;
    for row in rows {
        let last_no: i64 = row.try_get("last_no")?;
        live.announce(GuildId(row.try_get("stream")?), u64::try_from(last_no).unwrap_or_default());
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_hints_are_hints() {
        let guild = "018f0000-0000-7000-8000-000000000001";
        let expected = GuildId(guild.parse().expect("a uuid"));
        assert_eq!(read_hint(&format!("{guild} 42")), Some((expected, 42)));
        for other in ["", "42", "guild 42", &format!("{guild} -1"), guild] {
            assert_eq!(read_hint(other), None, "{other}");
        }
    }
}

//! Numbers commits soon after they were made, and says so. In every process it looks at once into
//! guilds in which this process wrote; in one process of all it also looks regularly into all
//! guilds, for what psql, jobs and other programs wrote.

use super::{CHANNEL, Live, log_lost};
use crate::error::Error;
use guildhall_sync::id::GuildId;
use sqlx::{PgConnection, Row};
use std::collections::HashMap;
use std::time::Duration;
use tokio::time::MissedTickBehavior;

const POLL_MS: u64 = 200;

/// Runs until live hints are closed, through any absence of Postgres.
pub(super) async fn run(live: Live) {
    let mut is_lost = false;
    loop {
        if let Err(error) = seal_while_connected(&live, &mut is_lost).await {
            if !is_lost {
                log_lost("sealer", &error);
            }
            is_lost = true;
        }
        if live.shared.closed.is_cancelled() || !live.pause().await {
            return;
        }
    }
}

async fn seal_while_connected(live: &Live, is_lost: &mut bool) -> Result<(), Error> {
    let mut sealer = Sealer::connect(live).await?;
    if std::mem::take(is_lost) {
        tracing::info!(task = "sealer", "Postgres is back");
    }
    let mut poll = tokio::time::interval(Duration::from_millis(POLL_MS));
    poll.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            biased;
            () = live.shared.closed.cancelled() => return Ok(()),
            () = live.shared.wake.notified() => {
                for guild in live.take_poked() {
                    sealer.seal(guild).await.inspect_err(|_| live.poke(guild))?;
                }
            }
            _ = poll.tick() => sealer.poll().await?,
        }
    }
}

/// A connection that may hold the lock of the one who polls.
struct Sealer {
    connection: PgConnection,
    polls: bool,
    /// What this process said last of each guild.
    announced: HashMap<GuildId, i64>,
}

impl Sealer {
    async fn connect(live: &Live) -> Result<Self, Error> {
        let connection = live.shared.database.connect_alone().await?;
        Ok(Self { connection, polls: false, announced: HashMap::new() })
    }

    async fn seal(&mut self, guild: GuildId) -> Result<(), Error> {
        let row = sqlx::query("select last_no from sync.seal($1)")
            .bind(guild.0)
            .fetch_optional(&mut self.connection)
            .await?;
        match row {
            Some(row) => self.announce(guild, row.try_get("last_no")?).await,
            None => Ok(()),
        }
    }

    /// Says a number that was not said yet, in a transaction that holds nothing else: notifying
    /// takes a lock on the whole cluster until the commit.
    async fn announce(&mut self, guild: GuildId, last_no: i64) -> Result<(), Error> {
        if self.announced.insert(guild, last_no) != Some(last_no) {
            sqlx::query("select pg_notify($1, $2)")
                .bind(CHANNEL)
                .bind(format!("{guild} {last_no}"))
                .execute(&mut self.connection)
                .await?;
        }
        Ok(())
    }

    /// Seals what waits in any guild, and says what others sealed, if nobody else does.
    async fn poll(&mut self) -> Result<(), Error> {
        if !self.polls {
            self.polls = self.lead().await?;
            if !self.polls {
                return Ok(());
            }
        }
        let rows =
            sqlx::query("select stream, last_no, sync.needs_seal(stream) as is_waiting from sync.stream")
                .fetch_all(&mut self.connection)
                .await?;
        for row in rows {
            let guild = GuildId(row.try_get("stream")?);
            if row.try_get("is_waiting")? {
                self.seal(guild).await?;
            } else {
                self.announce(guild, row.try_get("last_no")?).await?;
            }
        }
        Ok(())
    }

    /// Tries to become the one who polls, for as long as the connection lasts.
    async fn lead(&mut self) -> Result<bool, Error> {
        let row =
            sqlx::query("select pg_try_advisory_lock(hashtextextended('guildhall.sealer', 0)) as leads")
                .fetch_one(&mut self.connection)
                .await?;
        Ok(row.try_get("leads")?)
    }
}

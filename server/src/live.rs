//! Live hints: that a guild's stream is at N. What changed comes by pull; a hint that is lost
//! costs at most the device's periodic pull.
//!
//! Two tasks stand behind it. The [sealer](sealer) numbers commits and says so through Postgres,
//! the [listener](listener) hears it, from whichever server it comes, and tells the connections.

use crate::auth::Session;
use crate::db::Database;
use crate::error::Error;
use axum::response::sse::{Event, KeepAlive, Sse};
use futures_util::{Stream, StreamExt};
use guildhall_sync::id::GuildId;
use std::collections::{BTreeSet, HashMap};
use std::convert::Infallible;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::sync::{Notify, watch};
use tokio::time::Sleep;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

mod connections;
mod listener;
mod sealer;

use connections::{Connection, Connections};

/// The name under which servers tell each other in Postgres.
const CHANNEL: &str = "guildhall_sealed";
const KEEP_ALIVE_MS: u64 = 15_000;
/// How soon a connection ends after its session was revoked.
const REVOCATION_MS: u64 = 5_000;
/// Between two tries to reach Postgres again.
const RETRY_MS: u64 = 500;

/// What is known of all streams, and who listens.
#[derive(Clone, Debug)]
pub struct Live {
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    database: Database,
    /// Guilds in which something waits to be numbered, as far as this process knows.
    poked: Mutex<BTreeSet<GuildId>>,
    wake: Notify,
    /// The last number heard, for each guild that somebody listened to.
    streams: Mutex<HashMap<GuildId, watch::Sender<u64>>>,
    connections: Connections,
    closed: CancellationToken,
}

impl Live {
    /// Starts the tasks. They end with [`Live::close`].
    pub fn start(database: Database, connections_per_user: usize) -> Self {
        let shared = Arc::new(Shared {
            database,
            poked: Mutex::default(),
            wake: Notify::new(),
            streams: Mutex::default(),
            connections: Connections::new(connections_per_user),
            closed: CancellationToken::new(),
        });
        let live = Self { shared };
        tokio::spawn(sealer::run(live.clone()));
        tokio::spawn(listener::run(live.clone()));
        tokio::spawn(connections::end_revoked(live.clone()));
        live
    }

    /// Says that something was committed or sealed in a guild: devices will hear of it soon.
    pub fn poke(&self, guild: GuildId) {
        lock(&self.shared.poked).insert(guild);
        self.shared.wake.notify_one();
    }

    /// Ends the connections of a session, at once.
    pub fn end_session(&self, session: Uuid) {
        self.shared.connections.end(&[session]);
    }

    /// Ends all connections and tasks.
    pub fn close(&self) {
        self.shared.closed.cancel();
    }

    /// Hears of the session's guild from now on. Where the stream is already is to be read after
    /// this, so that nothing falls between.
    pub(crate) fn open(&self, session: &Session) -> Hints {
        let shared = &self.shared;
        let guild = session.guild;
        let heard = lock(&shared.streams).entry(guild).or_insert_with(|| watch::channel(0).0).subscribe();
        Hints {
            said: None,
            heard,
            connection: shared.connections.open(session),
            closed: shared.closed.clone(),
            expiry: Box::pin(tokio::time::sleep(Duration::from_millis(session.remaining_ms))),
        }
    }

    /// Tells those who listen to the guild. Somebody who is slow gets the newest number only.
    fn announce(&self, guild: GuildId, stream_at: u64) {
        if let Some(stream) = lock(&self.shared.streams).get(&guild) {
            stream.send_if_modified(|last| std::mem::replace(last, stream_at) != stream_at);
        }
    }

    fn take_poked(&self) -> BTreeSet<GuildId> {
        std::mem::take(&mut *lock(&self.shared.poked))
    }

    /// Waits before Postgres is tried again; false when there is nothing to try for any more.
    async fn pause(&self) -> bool {
        tokio::select! {
            () = tokio::time::sleep(Duration::from_millis(RETRY_MS)) => true,
            () = self.shared.closed.cancelled() => false,
        }
    }
}

/// One connection's side of a stream. It ends when the token expires or the session is revoked.
pub(crate) struct Hints {
    /// What the device was told last.
    said: Option<u64>,
    heard: watch::Receiver<u64>,
    connection: Connection,
    closed: CancellationToken,
    expiry: Pin<Box<Sleep>>,
}

impl Hints {
    /// The answer: where the stream is now, then wherever it moves.
    pub fn answer(mut self, stream_at: u64) -> Sse<impl Stream<Item = Result<Event, Infallible>>> {
        self.said = Some(stream_at);
        let now = futures_util::stream::once(async move { Ok(hint(stream_at)) });
        let later = futures_util::stream::unfold(self, |mut hints| async move {
            let stream_at = hints.next().await?;
            Some((Ok(hint(stream_at)), hints))
        });
        Sse::new(now.chain(later)).keep_alive(KeepAlive::new().interval(Duration::from_millis(KEEP_ALIVE_MS)))
    }

    /// The next number that was not said yet.
    async fn next(&mut self) -> Option<u64> {
        loop {
            tokio::select! {
                changed = self.heard.changed() => changed.ok()?,
                () = self.connection.ended() => return None,
                () = self.closed.cancelled() => return None,
                () = &mut self.expiry => return None,
            }
            let stream_at = *self.heard.borrow_and_update();
            if self.said.replace(stream_at) != Some(stream_at) {
                return Some(stream_at);
            }
        }
    }
}

fn hint(stream_at: u64) -> Event {
    Event::default().event("hi").data(format!("{{\"stream_at\":{stream_at}}}"))
}

/// Logs that a task lost Postgres.
fn log_lost(task: &'static str, error: &Error) {
    tracing::warn!(task, reason = %error.describe(), "lost Postgres, trying again");
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    // What these hold is right at every moment, so a panic elsewhere spoils nothing.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

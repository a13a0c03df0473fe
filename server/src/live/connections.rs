//! Who listens: a bounded number of connections per person, ended when the session is over.

use super::{Live, REVOCATION_MS, lock, log_lost};
use crate::auth::Session;
use guildhall_sync::id::UserId;
use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

/// All open connections of this process.
#[derive(Debug)]
pub(super) struct Connections {
    per_user: usize,
    open: Arc<Mutex<Open>>,
}

#[derive(Debug, Default)]
struct Open {
    next_number: u64,
    by_number: HashMap<u64, Entry>,
}

#[derive(Debug)]
struct Entry {
    session: Uuid,
    user: UserId,
    end: CancellationToken,
}

/// An open connection; dropping it makes room.
#[derive(Debug)]
pub(super) struct Connection {
    number: u64,
    end: CancellationToken,
    open: Arc<Mutex<Open>>,
}

impl Connections {
    pub fn new(per_user: usize) -> Self {
        Self { per_user, open: Arc::default() }
    }

    /// Takes a connection in. A person who has too many loses the oldest: most likely its other
    /// end is gone and nobody has noticed.
    pub fn open(&self, session: &Session) -> Connection {
        let mut open = lock(&self.open);
        let mut theirs: Vec<u64> = open
            .by_number
            .iter()
            .filter(|(_, entry)| entry.user == session.user)
            .map(|(at, _)| *at)
            .collect();
        theirs.sort_unstable();
        let surplus = (theirs.len() + 1).saturating_sub(self.per_user);
        for number in &theirs[..surplus.min(theirs.len())] {
            if let Some(entry) = open.by_number.remove(number) {
                entry.end.cancel();
            }
        }
        let number = open.next_number;
        open.next_number += 1;
        let end = CancellationToken::new();
        open.by_number.insert(number, Entry { session: session.id, user: session.user, end: end.clone() });
        Connection { number, end, open: Arc::clone(&self.open) }
    }

    pub fn end(&self, sessions: &[Uuid]) {
        lock(&self.open)
            .by_number
            .values()
            .filter(|entry| sessions.contains(&entry.session))
            .for_each(|entry| entry.end.cancel());
    }

    fn sessions(&self) -> Vec<Uuid> {
        let mut sessions: Vec<Uuid> =
            lock(&self.open).by_number.values().map(|entry| entry.session).collect();
        sessions.sort_unstable();
        sessions.dedup();
        sessions
    }
}

impl Connection {
    pub async fn ended(&self) {
        self.end.cancelled().await;
    }
}

impl Drop for Connection {
    fn drop(&mut self) {
        lock(&self.open).by_number.remove(&self.number);
    }
}

/// Ends connections whose session was revoked anywhere: by an admin, another server, by hand.
pub(super) async fn end_revoked(live: Live) {
    loop {
        tokio::select! {
            () = tokio::time::sleep(Duration::from_millis(REVOCATION_MS)) => {}
            () = live.shared.closed.cancelled() => return,
        }
        let sessions = live.shared.connections.sessions();
        if sessions.is_empty() {
            continue;
        }
        match live.shared.database.list_ended_sessions(&sessions).await {
            Ok(ended) => live.shared.connections.end(&ended),
            Err(error) => log_lost("revocation", &error),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use guildhall_sync::id::{DeviceId, GuildId};

    fn session(id: u128, user: u128) -> Session {
        let id = Uuid::from_u128(id);
        let user = UserId(Uuid::from_u128(user));
        Session { id, guild: GuildId(id), user, device: DeviceId(id), remaining_ms: 1000 }
    }

    #[test]
    fn the_oldest_makes_room_for_the_newest() {
        let connections = Connections::new(2);
        let first = connections.open(&session(1, 7));
        let second = connections.open(&session(2, 7));
        let stranger = connections.open(&session(3, 8));
        let third = connections.open(&session(4, 7));
        assert!(first.end.is_cancelled());
        assert!(!second.end.is_cancelled() && !third.end.is_cancelled() && !stranger.end.is_cancelled());
        drop(second);
        let fourth = connections.open(&session(5, 7));
        assert!(!third.end.is_cancelled() && !fourth.end.is_cancelled());
    }

    #[test]
    fn a_session_that_is_over_loses_its_connections_only() {
        let connections = Connections::new(5);
        let theirs = [connections.open(&session(1, 7)), connections.open(&session(1, 7))];
        let other = connections.open(&session(2, 7));
        connections.end(&[Uuid::from_u128(1)]);
        assert!(theirs.iter().all(|connection| connection.end.is_cancelled()));
        assert!(!other.end.is_cancelled());
        drop((theirs, other));
        assert!(connections.sessions().is_empty());
    }
}

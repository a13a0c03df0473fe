//! What a server remembers outside its database: of each guild the epoch, and the highest commit
//! that was ever handed out. A database that knows less was set back to an earlier state, and says
//! nothing of it by itself.
//!
//! Several servers of one database may share the folder or have one each: what one of them misses
//! is found by another, or by a device.

use crate::db::changes::StreamState;
use crate::error::Error;
use crate::sync::pull::cursor::{Mark, Place};
use guildhall_sync::id::GuildId;
use guildhall_sync::time::Timestamp;
use serde::{Deserialize, Serialize};
use std::collections::HashMap;
use std::fs::{File, OpenOptions};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use uuid::Uuid;

/// Earlier histories of a guild that are remembered.
const MAX_PAST: usize = 100;

/// How far a guild's history was handed out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Known {
    pub epoch: Uuid,
    pub mark: Mark,
    /// When that was, by the clock of the database.
    pub at: Timestamp,
    /// Epochs before this one, the oldest first.
    pub past: Vec<Uuid>,
}

pub type Snapshot = Arc<HashMap<GuildId, Known>>;

#[derive(Debug)]
pub struct Marks {
    /// None keeps them in memory only.
    folder: Option<PathBuf>,
    known: Mutex<Snapshot>,
    /// Who writes a file has read it before, and nobody else between the two.
    writing: tokio::sync::Mutex<()>,
}

impl Marks {
    /// Reads what is remembered. A file that cannot be read is a warning: devices still see what
    /// it would have shown.
    pub fn open(folder: Option<PathBuf>) -> Result<Self, Error> {
        let mut known = HashMap::new();
        if let Some(folder) = &folder {
            std::fs::create_dir_all(folder).map_err(|source| failed(folder, source))?;
            for entry in std::fs::read_dir(folder).map_err(|source| failed(folder, source))? {
                let path = entry.map_err(|source| failed(folder, source))?.path();
                if let Some((guild, found)) = guild_of(&path).zip(read(&path)?) {
                    known.insert(guild, found);
                }
            }
        }
        Ok(Self { folder, known: Mutex::new(Arc::new(known)), writing: tokio::sync::Mutex::default() })
    }

    /// All that is known. To be taken before the database is asked: what was handed out before is
    /// in every snapshot after.
    pub fn snapshot(&self) -> Snapshot {
        Arc::clone(&self.known.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Remembers a place before it is handed out.
    pub async fn advance(&self, place: Place) -> Result<(), Error> {
        if self.covers(&place) {
            return Ok(());
        }
        let _turn = self.writing.lock().await;
        if self.covers(&place) {
            return Ok(());
        }
        let before = self.snapshot().get(&place.stream).cloned();
        let next = match &self.folder {
            None => advanced(before, &place),
            Some(folder) => {
                let path = folder.join(format!("{}.json", place.stream));
                let written = tokio::task::spawn_blocking(move || write(&path, before, &place));
                written.await.map_err(|_| Error::Damaged { what: "a task that writes a mark" })??
            }
        };
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        Arc::make_mut(&mut known).insert(place.stream, next);
        Ok(())
    }

    fn covers(&self, place: &Place) -> bool {
        let known = self.snapshot();
        known.get(&place.stream).is_some_and(|known| known.covers(place))
    }
}

impl Known {
    /// Whether a history that stands there has lost what was handed out. `tag` is the word that it
    /// has for [`Self::mark`]'s number, where it still keeps that commit.
    pub fn is_ahead_of(&self, stream: &StreamState, tag: Option<i64>) -> bool {
        if self.epoch != stream.epoch {
            return self.past.contains(&stream.epoch);
        }
        let is_last = self.mark.number == stream.last_no && self.mark.number > 0;
        let tag = if is_last { Some(stream.last_tag) } else { tag };
        self.mark.number > stream.last_no || tag.is_some_and(|tag| tag != self.mark.tag)
    }

    fn covers(&self, place: &Place) -> bool {
        self.epoch == place.epoch && self.mark.number >= place.seen.number
    }
}

/// What is known once a place was handed out.
fn advanced(known: Option<Known>, place: &Place) -> Known {
    match known {
        Some(known) if known.covers(place) || known.past.contains(&place.epoch) => known,
        Some(known) if known.epoch == place.epoch => Known { mark: place.seen, at: place.at, ..known },
        Some(Known { epoch, mut past, .. }) => {
            past.push(epoch);
            past.drain(..past.len().saturating_sub(MAX_PAST));
            Known { epoch: place.epoch, mark: place.seen, at: place.at, past }
        }
        None => Known { epoch: place.epoch, mark: place.seen, at: place.at, past: Vec::new() },
    }
}

fn guild_of(path: &Path) -> Option<GuildId> {
    let name = path.file_name()?.to_str()?.strip_suffix(".json")?;
    Some(GuildId(name.parse().ok()?))
}

fn read(path: &Path) -> Result<Option<Known>, Error> {
    match std::fs::read(path) {
        Ok(bytes) => {
            let known = serde_json::from_slice(&bytes).ok();
            if known.is_none() {
                tracing::warn!(path = %path.display(), "what was remembered of a guild cannot be read");
            }
            Ok(known)
        }
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(source) => Err(failed(path, source)),
    }
}

/// Another process may have written since: what it knows more than this one is kept.
fn write(path: &Path, known: Option<Known>, place: &Place) -> Result<Known, Error> {
    let lock = path.with_extension("lock");
    let locked = OpenOptions::new().write(true).create(true).truncate(false).open(&lock);
    let locked =
        locked.and_then(|file| file.lock().map(|()| file)).map_err(|source| failed(&lock, source))?;
    let next = advanced(read(path)?.or(known), place);
    let unfinished = path.with_extension("unfinished");
    let bytes = serde_json::to_vec(&next).expect("a mark can always be printed");
    replace(&unfinished, path, &bytes).map_err(|source| failed(path, source))?;
    drop(locked);
    Ok(next)
}

fn replace(unfinished: &Path, path: &Path, bytes: &[u8]) -> std::io::Result<()> {
    let mut file = File::create(unfinished)?;
    file.write_all(bytes)?;
    file.sync_data()?;
    std::fs::rename(unfinished, path)
}

fn failed(path: &Path, source: std::io::Error) -> Error {
    Error::File { path: path.to_owned(), source }
}

#[cfg(test)]
mod tests {
    use super::*;

    const GUILD: GuildId = GuildId(Uuid::from_u128(1));
    const FIRST: Uuid = Uuid::from_u128(2);
    const SECOND: Uuid = Uuid::from_u128(3);

    fn place(epoch: Uuid, number: u64, tag: i64) -> Place {
        Place { stream: GUILD, epoch, hi: number, seen: Mark { number, tag }, at: Timestamp(tag) }
    }

    fn stream(epoch: Uuid, last_no: u64, last_tag: i64) -> StreamState {
        StreamState { epoch, last_no, last_tag, kept_from: 1, is_set_back: false, now: Timestamp(0) }
    }

    fn known(marks: &Marks) -> Known {
        marks.snapshot()[&GUILD].clone()
    }

    #[tokio::test]
    async fn the_highest_place_is_known_after_a_restart_of_either_server() {
        let folder = tempfile::tempdir().expect("a folder");
        let open = || Marks::open(Some(folder.path().join("deep"))).expect("marks");
        let (one, other) = (open(), open());
        one.advance(place(FIRST, 7, 70)).await.expect("written");
        other.advance(place(FIRST, 5, 50)).await.expect("written");
        assert_eq!(known(&open()).mark, Mark { number: 7, tag: 70 });
        assert_eq!(known(&other).mark.number, 7, "what the other one wrote is read before it is replaced");
        other.advance(place(FIRST, 9, 90)).await.expect("written");
        one.advance(place(SECOND, 3, 30)).await.expect("written");
        assert_eq!(
            known(&open()),
            Known { epoch: SECOND, mark: Mark { number: 3, tag: 30 }, at: Timestamp(30), past: vec![FIRST] }
        );
    }

    #[tokio::test]
    async fn a_history_that_lost_something_is_told_from_one_that_went_on() {
        let marks = Marks::open(None).expect("marks");
        marks.advance(place(FIRST, 7, 70)).await.expect("known");
        for (stream, tag, is_lost) in [
            (stream(FIRST, 7, 70), None, false),
            (stream(FIRST, 9, 90), Some(70), false),
            (stream(FIRST, 9, 90), None, false),
            (stream(FIRST, 6, 60), None, true),
            (stream(FIRST, 7, 71), None, true),
            (stream(FIRST, 9, 90), Some(71), true),
            (stream(SECOND, 1, 10), None, false),
        ] {
            assert_eq!(known(&marks).is_ahead_of(&stream, tag), is_lost, "{stream:?} {tag:?}");
        }
        marks.advance(place(SECOND, 8, 80)).await.expect("known");
        assert!(known(&marks).is_ahead_of(&stream(FIRST, 7, 70), None), "an epoch that has ended comes back");
        marks.advance(place(FIRST, 8, 80)).await.expect("known");
        assert_eq!(known(&marks).epoch, SECOND, "and is not taken for a new one");
    }

    #[test]
    fn a_damaged_file_does_not_keep_a_server_from_starting() {
        let folder = tempfile::tempdir().expect("a folder");
        std::fs::write(folder.path().join(format!("{GUILD}.json")), "{\"epo").expect("written");
        assert!(Marks::open(Some(folder.path().to_owned())).expect("marks").snapshot().is_empty());
    }
}

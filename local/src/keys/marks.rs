//! What is remembered outside the mirror: which life of the file last pushed, and how far. A file
//! that knows less than that was restored or copied, and begins a new life.
//!
//! Kept in the keyring; where none answers, in the folder for state outside the profile, so that
//! it is not copied with it.

use super::Ring;
use crate::atomic_file;
use crate::error::{Error, Result};
use crate::store::Store;
use crate::store::state::{self, State};
use serde::{Deserialize, Serialize};
use std::path::PathBuf;
use uuid::Uuid;

/// How far a life of a file has pushed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mark {
    pub incarnation: Uuid,
    /// The highest `device_seq` that was handed to the network.
    pub pushed_seq: u64,
}

/// What the marks say about a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Life {
    Same,
    /// The file is older than what was pushed, or another laptop's: it needs a new incarnation,
    /// and numbers from here on.
    New {
        next_device_seq: u64,
    },
}

#[derive(Clone, Debug)]
pub struct Marks {
    ring: Option<Ring>,
    name: String,
    file: PathBuf,
}

impl Marks {
    /// `folder` is where programs keep their state on this laptop; see [`state_folder`].
    pub fn new(profile: Uuid, ring: Option<Ring>, folder: PathBuf) -> Self {
        let name = format!("{profile} mark");
        Self { ring, name, file: folder.join(format!("{profile}.json")) }
    }

    /// To be called before every push, after the mirror has noted it.
    pub fn record(&self, mark: Mark) -> Result<()> {
        let bytes = serde_json::to_vec(&mark).expect("a mark can always be printed");
        match &self.ring {
            Some(ring) if ring.write(&self.name, &bytes).is_ok() => Ok(()),
            _ => atomic_file::write(&self.file, &bytes),
        }
    }

    /// The furthest mark; none where this laptop has never pushed from this profile.
    pub fn find(&self) -> Result<Option<Mark>> {
        let in_ring = self.ring.as_ref().and_then(|ring| ring.read(&self.name).ok().flatten());
        let in_ring = in_ring.and_then(|bytes| serde_json::from_slice(&bytes).ok());
        Ok([in_ring, self.find_in_file()?].into_iter().flatten().max_by_key(|mark: &Mark| mark.pushed_seq))
    }

    fn find_in_file(&self) -> Result<Option<Mark>> {
        match std::fs::read(&self.file) {
            Ok(bytes) => Ok(serde_json::from_slice(&bytes).ok()),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(Error::io(&self.file, error)),
        }
    }

    /// Looks whether the file is the one that last pushed; where it is not, begins a new life,
    /// with all that is unsent. To be called before the first push after opening.
    pub fn recognise(&self, store: &Store) -> Result<Life> {
        let state = store.read(state::read)?;
        let life = compare(&state, self.find()?);
        if let Life::New { next_device_seq } = life {
            let incarnation = store.clock().new_id();
            store.record(|connection| state::set_incarnation(connection, incarnation, next_device_seq))?;
            self.record(Mark { incarnation, pushed_seq: next_device_seq.saturating_sub(1) })?;
        }
        Ok(life)
    }
}

impl Marks {
    /// The server has seen another life of this file use its numbers: a new one begins. Unsent
    /// entries keep their ids, so that what did arrive is recognised.
    pub fn begin_anew(&self, store: &Store) -> Result<()> {
        let incarnation = store.clock().new_id();
        let state = store.record(|connection| {
            let next = state::read(connection)?.next_device_seq;
            state::set_incarnation(connection, incarnation, next)?;
            state::read(connection)
        })?;
        self.record(Mark { incarnation, pushed_seq: state.pushed_seq })
    }
}

/// A file that has never pushed has no mark and needs none.
pub fn compare(state: &State, outside: Option<Mark>) -> Life {
    let beyond = |mark: Mark| Life::New { next_device_seq: mark.pushed_seq.max(state.pushed_seq) + 1 };
    match outside {
        None if state.pushed_seq == 0 => Life::Same,
        None => Life::New { next_device_seq: state.next_device_seq },
        Some(mark) if mark.incarnation != state.incarnation => beyond(mark),
        Some(mark) if mark.pushed_seq > state.pushed_seq => beyond(mark),
        Some(_) => Life::Same,
    }
}

/// Where this system's programs keep what is neither settings nor documents.
pub fn state_folder() -> Option<PathBuf> {
    let folder = |name| std::env::var_os(name).map(PathBuf::from).filter(|path| path.is_absolute());
    let home = || folder("HOME").map(|home| home.join(".local/state"));
    let base = folder("XDG_STATE_HOME").or_else(|| folder("LOCALAPPDATA")).or_else(home)?;
    Some(base.join("guildhall"))
}

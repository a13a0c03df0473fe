//! A disk in memory under the real SQLite: it notes everything that is written to it, loses power
//! at any moment, runs full, and fails to flush. Files elsewhere are the system's, as ever.

use std::collections::{BTreeMap, HashMap};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use tempfile::TempDir;

pub mod locks;
pub mod replay;
mod vfs;

use locks::{FileLock, SharedMemory};

pub type FileId = u32;
/// The files of a disk, by name.
pub type Image = BTreeMap<String, Vec<u8>>;

/// Something that reached the disk, in this order.
#[derive(Clone, Debug)]
pub enum Op {
    Create {
        file: FileId,
        name: String,
    },
    Write {
        file: FileId,
        at: usize,
        bytes: Vec<u8>,
    },
    Truncate {
        file: FileId,
        size: usize,
    },
    Sync {
        file: FileId,
    },
    /// The system could not flush the file, and forgets what it had to flush.
    SyncFailed {
        file: FileId,
    },
    /// All that is in the file was written once more, and flushed.
    WrittenAgain {
        file: FileId,
        bytes: Vec<u8>,
    },
    Delete {
        name: String,
    },
    /// The program has said that this is on the disk.
    Said(u64),
}

/// What a full disk still takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Full {
    /// One write fails; somebody else has freed space before the next.
    ForAMoment,
    Nothing,
    /// Files may be written over and may not grow.
    NoGrowth,
}

/// What is to go wrong.
#[derive(Clone, Copy, Debug, Default)]
pub struct Trouble {
    /// From the write with this number on.
    pub full: Option<(usize, Full)>,
    /// The flush with this number.
    pub flush_fails_at: Option<usize>,
}

#[derive(Debug)]
pub struct Disk {
    place: TempDir,
    folder: PathBuf,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    names: BTreeMap<String, FileId>,
    files: HashMap<FileId, File>,
    next: FileId,
    log: Vec<Op>,
    trouble: Trouble,
    writes: usize,
    flushes: usize,
}

#[derive(Debug, Default)]
struct File {
    bytes: Vec<u8>,
    lock: FileLock,
    memory: SharedMemory,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Failed {
    Full,
    Flush,
}

static MOUNTED: Mutex<Vec<Weak<Disk>>> = Mutex::new(Vec::new());

impl Disk {
    /// A new empty disk; what SQLite opens in its folder is on it.
    pub fn mount() -> Arc<Self> {
        vfs::register();
        let place = tempfile::tempdir().expect("a folder");
        let folder = place.path().canonicalize().expect("it is there");
        let disk = Arc::new(Self { place, folder, state: Mutex::default() });
        let mut mounted = MOUNTED.lock().unwrap_or_else(PoisonError::into_inner);
        mounted.retain(|disk| disk.strong_count() > 0);
        mounted.push(Arc::downgrade(&disk));
        disk
    }

    fn find(path: &str) -> Option<Arc<Self>> {
        let mounted = MOUNTED.lock().unwrap_or_else(PoisonError::into_inner);
        mounted.iter().filter_map(Weak::upgrade).find(|disk| Path::new(path).starts_with(&disk.folder))
    }

    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Lets code that asks the system whether a file is there find one.
    pub fn show(&self, name: &str) {
        std::fs::write(self.place.path().join(name), []).expect("an empty file");
    }

    /// What is on it now, as programs see it.
    pub fn image(&self) -> Image {
        let state = self.state();
        state.names.iter().map(|(name, file)| (name.clone(), state.files[file].bytes.clone())).collect()
    }

    /// Takes the place of everything on it, and of its log. Nobody may have a file of it open.
    pub fn load(&self, image: &Image) {
        let mut state = State::default();
        for (name, bytes) in image {
            let file = state.add(name);
            state.write(file, 0, bytes).expect("nothing is to go wrong yet");
        }
        *self.state() = state;
    }

    /// Notes that the program has said that this is on the disk.
    pub fn say(&self, number: u64) {
        self.state().log.push(Op::Said(number));
    }

    pub fn log(&self) -> Vec<Op> {
        self.state().log.clone()
    }

    /// Notes that a program has written a file again by other means than SQLite's, and flushed it.
    pub fn written_again(&self, name: &str) {
        let mut state = self.state();
        if let Some(file) = state.names.get(name).copied() {
            let bytes = state.file(file).bytes.clone();
            state.log.push(Op::WrittenAgain { file, bytes });
        }
    }

    /// Counts from here on, and goes wrong where it is told to.
    pub fn trouble(&self, trouble: Trouble) {
        let mut state = self.state();
        (state.trouble, state.writes, state.flushes) = (trouble, 0, 0);
    }

    /// Writes and flushes since trouble was last asked for.
    pub fn counts(&self) -> (usize, usize) {
        let state = self.state();
        (state.writes, state.flushes)
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn add(&mut self, name: &str) -> FileId {
        self.next += 1;
        self.names.insert(name.to_owned(), self.next);
        self.files.insert(self.next, File::default());
        self.log.push(Op::Create { file: self.next, name: name.to_owned() });
        self.next
    }

    fn file(&mut self, file: FileId) -> &mut File {
        self.files.get_mut(&file).expect("an open file is kept")
    }

    /// A write that the disk is too full for leaves its first half, as it may.
    fn write(&mut self, file: FileId, at: usize, bytes: &[u8]) -> Result<(), Failed> {
        self.writes += 1;
        let grows = at + bytes.len() > self.file(file).bytes.len();
        let is_refused = self.trouble.full.is_some_and(|(from, full)| match full {
            Full::ForAMoment => self.writes == from,
            Full::Nothing => self.writes >= from,
            Full::NoGrowth => self.writes >= from && grows,
        });
        let taken = if is_refused { &bytes[..bytes.len() / 2] } else { bytes };
        put(&mut self.file(file).bytes, at, taken);
        self.log.push(Op::Write { file, at, bytes: taken.to_vec() });
        if is_refused { Err(Failed::Full) } else { Ok(()) }
    }

    fn truncate(&mut self, file: FileId, size: usize) {
        self.file(file).bytes.resize(size, 0);
        self.log.push(Op::Truncate { file, size });
    }

    fn sync(&mut self, file: FileId) -> Result<(), Failed> {
        self.flushes += 1;
        if self.trouble.flush_fails_at == Some(self.flushes) {
            self.log.push(Op::SyncFailed { file });
            return Err(Failed::Flush);
        }
        self.log.push(Op::Sync { file });
        Ok(())
    }

    /// False where there is none.
    fn delete(&mut self, name: &str) -> bool {
        let is_gone = self.names.remove(name).is_some();
        if is_gone {
            self.log.push(Op::Delete { name: name.to_owned() });
        }
        is_gone
    }
}

/// Bytes at a place of a file, which grows for them.
fn put(file: &mut Vec<u8>, at: usize, bytes: &[u8]) {
    if file.len() < at {
        file.resize(at, 0);
    }
    // In two steps: unoptimised, growing by zeros first would take longest of all.
    let over = bytes.len().min(file.len() - at);
    file[at..at + over].copy_from_slice(&bytes[..over]);
    file.extend_from_slice(&bytes[over..]);
}

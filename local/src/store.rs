//! The mirror: one encrypted SQLite file of one person on one laptop.
//!
//! One connection writes, others read beside it (WAL). Nothing here knows what a row means: what
//! people write goes through [`crate::write`], what the server sends through the inbox.
//! Every method blocks; async code calls them from a blocking thread.

use crate::clock::Clock;
use crate::error::{Error, Result, StoreError};
use crate::fault;
use crate::keys::Key;
use crate::write::Touched;
use flush::Flushes;
use rusqlite::{Connection, Transaction, TransactionBehavior};
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use tokio::sync::broadcast;
use turn::{Turn, Turns};

#[cfg(feature = "faults")]
mod blank;
pub mod connection;
mod flush;
pub mod migrate;
pub mod owner;
pub mod rows;
pub mod state;
pub mod turn;
pub mod value;
pub mod vector;

pub use connection::FILE_NAME;
use connection::Writer;

/// Readers kept open between questions; more are opened when more are asked at once.
const MAX_IDLE_READERS: usize = 4;
/// Local writes that a listener may be behind; one that is further behind looks at everything.
const MAX_UNHEARD: usize = 256;

#[derive(Debug)]
pub struct Store {
    path: PathBuf,
    pub(crate) key: Key,
    clock: Clock,
    writer: Mutex<Writer>,
    flushes: Flushes,
    pub(crate) turns: Turns,
    readers: Mutex<Vec<Connection>>,
    written: broadcast::Sender<Vec<Touched>>,
}

/// How much of a commit must be on the disk before it counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Durability {
    /// What only this laptop knows: on the disk before anything is said.
    Full,
    /// What can be pulled again: on the disk with the next full commit.
    Pulled,
}

impl Store {
    /// Makes a new mirror in `dir`. Refused where one is.
    pub fn create(dir: &Path, key: Key, profile: uuid::Uuid, clock: Clock) -> Result<Self> {
        let path = dir.join(FILE_NAME);
        if path.exists() {
            return Err(StoreError::MirrorExists { path }.into());
        }
        let mut writer = connection::create(&path, &key)?;
        migrate::run(&mut writer, &path)?;
        state::begin(&writer, profile, clock.new_id())?;
        Self::over(path, key, clock, writer)
    }

    /// Opens the mirror in `dir`, bringing its tables up to this program's first.
    pub fn open(dir: &Path, key: Key, clock: Clock) -> Result<Self> {
        let path = dir.join(FILE_NAME);
        let mut writer = connection::open(&path, &key)?;
        migrate::run(&mut writer, &path)?;
        Self::over(path, key, clock, writer)
    }

    /// Ends the making of a file that was cut short by a crash.
    pub fn finish_making(&self, profile: uuid::Uuid) -> Result<()> {
        if self.read(state::has_begun)? {
            return Ok(());
        }
        let incarnation = self.clock.new_id();
        self.record(|connection| state::begin(connection, profile, incarnation))
    }

    fn over(path: PathBuf, key: Key, clock: Clock, writer: Connection) -> Result<Self> {
        let (turns, readers) = (Turns::default(), Mutex::new(Vec::new()));
        let (written, _) = broadcast::channel(MAX_UNHEARD);
        let writer = Mutex::new(Writer::over(writer)?);
        let flushes = Flushes::default();
        Ok(Self { path, key, clock, writer, flushes, turns, readers, written })
    }

    /// The rows that each local write of this process touches, told after its commit.
    pub fn listen(&self) -> broadcast::Receiver<Vec<Touched>> {
        self.written.subscribe()
    }

    pub(crate) fn tell_written(&self, touched: &[Touched]) {
        // Nobody listens in a program that runs one command.
        self.written.send(touched.to_vec()).ok();
    }

    pub fn path(&self) -> &Path {
        &self.path
    }

    pub fn clock(&self) -> &Clock {
        &self.clock
    }

    /// Answers a question from one snapshot of the mirror.
    pub fn read<T>(&self, question: impl FnOnce(&Connection) -> Result<T>) -> Result<T> {
        let reader = self.take_reader()?;
        // Prepared once: there are more questions than anything else.
        reader.prepare_cached("begin")?.execute([])?;
        let answer = question(&reader);
        reader.prepare_cached("rollback")?.execute([])?;
        self.give_back(reader);
        answer
    }

    /// As [`Self::read`], by a connection that has read nothing before.
    pub fn read_anew<T>(&self, question: impl FnOnce(&Connection) -> Result<T>) -> Result<T> {
        question(&*connection::open_reader(&self.path, &self.key)?.transaction()?)
    }

    /// Writes what the server sent, in one transaction. Lets local writes go first.
    pub fn apply<T>(&self, step: impl FnOnce(&Transaction<'_>) -> Result<T>) -> Result<T> {
        Ok(self.apply_timed(step)?.0)
    }

    /// As [`Self::apply`], and says for how many microseconds nobody else could write.
    pub fn apply_timed<T>(&self, step: impl FnOnce(&Transaction<'_>) -> Result<T>) -> Result<(T, i64)> {
        self.transact(self.turns.wait_behind_local(), Durability::Pulled, step)
    }

    /// Writes what this laptop must remember, in one transaction: on the disk when it returns.
    pub fn record<T>(&self, step: impl FnOnce(&Transaction<'_>) -> Result<T>) -> Result<T> {
        Ok(self.transact(self.turns.wait_local(), Durability::Full, step)?.0)
    }

    /// The turn ends with the commit: whoever writes next does not wait for the write-ahead file.
    /// Says how long the turn was, in microseconds.
    pub(crate) fn transact<T>(
        &self,
        turn: Turn<'_>,
        durability: Durability,
        step: impl FnOnce(&Transaction<'_>) -> Result<T>,
    ) -> Result<(T, i64)> {
        let start = self.clock.now().0;
        let (done, pages) = {
            let mut writer = self.writer.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
            writer.become_durable(durability)?;
            let done = self.flushes.watch(self.commit(&mut writer.connection, step))?;
            (done, writer.wal_pages())
        };
        let micros = self.clock.now().0 - start;
        drop(turn);
        self.shorten_wal(durability, pages);
        fault::step();
        Ok((done, micros))
    }

    fn commit<T>(
        &self,
        writer: &mut Connection,
        step: impl FnOnce(&Transaction<'_>) -> Result<T>,
    ) -> Result<T> {
        let transaction = writer.transaction_with_behavior(TransactionBehavior::Immediate)?;
        self.demand_flushed()?;
        let done = step(&transaction)?;
        fault::demand_room()?;
        fault::step();
        transaction.commit()?;
        Ok(done)
    }

    /// Runs a step in a transaction that is never committed.
    pub(crate) fn attempt<T>(&self, step: impl FnOnce(&Transaction<'_>) -> Result<T>) -> Result<T> {
        let mut writer = self.writer.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        step(&writer.connection.transaction_with_behavior(TransactionBehavior::Immediate)?)
    }

    /// A number that changes when another process has written to the mirror.
    pub fn data_version(&self) -> Result<i64> {
        let writer = self.writer.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        Ok(writer.connection.pragma_query_value(None, "data_version", |row| row.get(0))?)
    }

    /// Empties the write-ahead file, so that nothing removed is left in it. False when a reader
    /// still needs it: try again. Does not wait for it, because people may want to write.
    pub fn truncate_wal(&self) -> Result<bool> {
        if self.flushes.are_in_doubt() {
            return Ok(false);
        }
        let mut writer = self.writer.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        let writer = &mut writer.connection;
        connection::set_patience(writer, connection::Patience::None)?;
        let busy = writer.query_row("pragma wal_checkpoint(truncate)", [], |row| row.get::<_, i64>(0));
        connection::set_patience(writer, connection::Patience::ForOthers)?;
        Ok(self.flushes.watch(busy.map_err(Error::from))? == 0)
    }

    fn take_reader(&self) -> Result<Connection> {
        let idle = self.readers.lock().unwrap_or_else(std::sync::PoisonError::into_inner).pop();
        match idle {
            Some(reader) => Ok(reader),
            None => connection::open_reader(&self.path, &self.key),
        }
    }

    fn give_back(&self, reader: Connection) {
        let mut idle = self.readers.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        if idle.len() < MAX_IDLE_READERS {
            idle.push(reader);
        }
    }
}

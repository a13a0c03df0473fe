//! What is done when the disk did not take what was written. A system that could not flush a file
//! says so once, and from then on takes for flushed what is not on the disk. The write-ahead file
//! holds pulled rows that nobody has flushed yet: a later change behind them would be flushed and
//! still be lost, because it is found only by way of them. So the file is written again, whole,
//! before anything else counts as being on the disk.
//!
//! SQLite says nothing of a flush that fails while it moves the write-ahead file's pages into the
//! mirror by itself. So it does not do that by itself; it is asked to here.

use super::{Durability, Store};
use crate::error::{Error, Result, StoreError};
use crate::fault;
use std::fs::{File, OpenOptions};
use std::io::{ErrorKind, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};

/// Pages in the write-ahead file from which on they are moved into the mirror. A person who saves
/// waits for that only where nothing is taken in beside it.
const MOST_PAGES: i32 = 1_000;
const MOST_PAGES_BY_PERSON: i32 = 2 * MOST_PAGES;
const PIECE_BYTES: usize = 1024 * 1024;

/// Whether the write-ahead file may hold what is not on the disk although it was flushed.
#[derive(Debug, Default)]
pub(super) struct Flushes(AtomicBool);

impl Flushes {
    pub fn are_in_doubt(&self) -> bool {
        self.0.load(Ordering::SeqCst)
    }

    /// Hands a result on, and remembers where the disk failed.
    pub fn watch<T>(&self, done: Result<T>) -> Result<T> {
        if let Err(Error::Store(StoreError::DiskFails { .. })) = done {
            self.0.store(true, Ordering::SeqCst);
        }
        done
    }
}

impl Store {
    /// To be called by who holds SQLite's lock for writers, so that nobody else writes to the file.
    pub(super) fn demand_flushed(&self) -> Result<()> {
        if self.flushes.are_in_doubt() {
            write_again(&wal_path(&self.path))
                .map_err(|error| StoreError::DiskFails { what: error.to_string() })?;
            fault::point("wal.written_again");
            self.flushes.0.store(false, Ordering::SeqCst);
        }
        Ok(())
    }

    /// Keeps the write-ahead file short. What was committed is committed, whatever comes of this.
    /// Not on the writer's connection: moving a thousand pages takes longer than a save may wait.
    pub(super) fn shorten_wal(&self, written: Durability, pages: i32) {
        let most = match written {
            Durability::Full => MOST_PAGES_BY_PERSON,
            Durability::Pulled => MOST_PAGES,
        };
        // Where flushes are in doubt, the next commit writes the file again first.
        if pages < most || self.flushes.are_in_doubt() {
            return;
        }
        if let Err(error) = self.flushes.watch(self.checkpoint()) {
            tracing::warn!(%error, "the write-ahead file grows on");
        }
    }

    fn checkpoint(&self) -> Result<()> {
        let reader = self.take_reader()?;
        let done = reader
            .prepare_cached("pragma wal_checkpoint(passive)")?
            .query_row([], |_| Ok(()))
            .map_err(Error::from);
        self.give_back(reader);
        done
    }
}

fn wal_path(path: &Path) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push("-wal");
    PathBuf::from(name)
}

/// Every byte in its place, so that the system has them to flush once more. A power cut meanwhile
/// finds nothing else than one before.
fn write_again(path: &Path) -> std::io::Result<()> {
    let mut file = match OpenOptions::new().read(true).write(true).open(path) {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(()),
        file => file?,
    };
    let mut piece = vec![0; PIECE_BYTES];
    let mut at = 0;
    loop {
        let count = read_at(&mut file, at, &mut piece)?;
        if count == 0 {
            return file.sync_all();
        }
        file.seek(SeekFrom::Start(at))?;
        file.write_all(&piece[..count])?;
        at += count as u64;
    }
}

fn read_at(file: &mut File, at: u64, piece: &mut [u8]) -> std::io::Result<usize> {
    file.seek(SeekFrom::Start(at))?;
    file.read(piece)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_that_is_written_again_is_the_same_file() {
        let dir = tempfile::tempdir().expect("a folder");
        let path = dir.path().join("mirror.db-wal");
        write_again(&path).expect("there is none, and so nothing to write");
        let bytes: Vec<u8> = (0..2 * PIECE_BYTES + 17).map(|at| (at % 251) as u8).collect();
        std::fs::write(&path, &bytes).expect("a file");
        let before = std::fs::metadata(&path).expect("a file").modified().expect("a time");
        write_again(&path).expect("it can be written");
        assert_eq!(std::fs::read(&path).expect("a file"), bytes);
        assert!(std::fs::metadata(&path).expect("a file").modified().expect("a time") >= before);
    }
}

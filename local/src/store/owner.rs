//! Who talks to the server for this mirror: the window or a command line, never both. An OS lock,
//! so that it goes with the process, however that ends.

use super::Store;
use crate::error::{Error, Result};
use std::fs::{File, OpenOptions, TryLockError};

const FILE_NAME: &str = "link.lock";

/// The right to sync this mirror, until it is dropped.
#[derive(Debug)]
pub struct LinkOwner(#[allow(dead_code, reason = "the lock lives as long as the file is open")] File);

impl Store {
    /// None while another process has the right.
    pub fn own_link(&self) -> Result<Option<LinkOwner>> {
        let path = self.path().with_file_name(FILE_NAME);
        let open = OpenOptions::new().create(true).truncate(false).write(true).open(&path);
        let file = open.map_err(|error| Error::io(&path, error))?;
        match file.try_lock() {
            Ok(()) => Ok(Some(LinkOwner(file))),
            Err(TryLockError::WouldBlock) => Ok(None),
            Err(TryLockError::Error(error)) => Err(Error::io(path, error)),
        }
    }
}

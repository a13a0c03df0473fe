//! Mirrors for simulated devices: one image with all tables is made once, and every device begins
//! with a copy of it. On a file system in memory where there is one, because a simulation syncs
//! to the disk thousands of times and no power is ever cut.

use guildhall_local::clock::Clock;
use guildhall_local::keys::Key;
use guildhall_local::store::{FILE_NAME, Store};
use guildhall_local::{Error, Result};
use std::path::Path;
use std::sync::LazyLock;
use tempfile::TempDir;
use uuid::Uuid;

const IN_MEMORY: &str = "/dev/shm";

static IMAGE: LazyLock<Result<Vec<u8>, String>> = LazyLock::new(|| make().map_err(|error| error.to_string()));

/// Simulated mirrors are not encrypted: nothing in them is a secret, and half of the time would go
/// into it.
pub fn key() -> Key {
    Key::none()
}

/// A folder that goes when it is dropped.
pub fn folder() -> std::io::Result<TempDir> {
    match tempfile::Builder::new().prefix("guildhall-sim-").tempdir_in(IN_MEMORY) {
        Ok(folder) => Ok(folder),
        Err(_) => tempfile::tempdir(),
    }
}

/// Puts an empty mirror into a folder.
pub fn copy_to(dir: &Path) -> Result<(), String> {
    let image = IMAGE.as_ref().map_err(Clone::clone)?;
    std::fs::write(dir.join(FILE_NAME), image).map_err(|error| error.to_string())
}

fn make() -> Result<Vec<u8>> {
    let dir = folder().map_err(|error| Error::io(IN_MEMORY, error))?;
    let store = Store::create(dir.path(), key(), Uuid::from_u128(1), Clock::system())?;
    store.truncate_wal()?;
    let path = store.path().to_owned();
    drop(store);
    std::fs::read(&path).map_err(|error| Error::io(path, error))
}

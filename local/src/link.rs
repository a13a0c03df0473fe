//! The link: the one process that speaks with the server for a profile. It feeds what happens to
//! the client's state machine and does what comes out. When to push and pull is decided there;
//! what a push holds is decided by the outbox, how a pull is stored by the inbox.

use crate::error::{Error, RemoteError, Result};
use crate::keys::marks::Marks;
use crate::store::{Store, state};
use std::fs::{File, OpenOptions, TryLockError};
use std::path::Path;
use std::sync::Arc;

pub mod asking;
pub mod devices;
mod driver;
pub mod history;
mod notice;
mod pull;
mod push;
mod session;
pub mod sign_in;
pub mod steps;
pub mod wire;

pub use driver::{Progress, Report};
use notice::{Notice, Writer};
pub use pull::PullCounts;
pub use push::PushCounts;
use session::Session;
use wire::Wire;

const LOCK_FILE: &str = "link.lock";

/// The right to speak for a profile, held by at most one process.
#[derive(Debug)]
pub struct Link {
    store: Arc<Store>,
    session: Session,
    marks: Marks,
    /// Held for as long as the link lives.
    _lock: File,
}

impl Link {
    /// Takes the link of the profile in `dir`; an error where another process has it.
    pub fn take(store: Arc<Store>, wire: Wire, marks: Marks, dir: &Path) -> Result<Self> {
        let lock = take_lock(dir)?;
        steps::take_over(&store, &marks)?;
        let account = store.read(state::account)?;
        let session = Session::new(Arc::clone(&store), wire, account.device);
        Ok(Self { store, session, marks, _lock: lock })
    }
}

impl Drop for Link {
    fn drop(&mut self) {
        if let Err(error) = steps::hand_over(&self.store) {
            tracing::debug!(%error, "the next one to take the link will compare everything");
        }
    }
}

/// Tells of what other processes write to the mirror, until `until`. For a process that does not
/// have the link.
pub async fn overhear(
    store: &Store,
    dir: &Path,
    tell: impl Fn(Progress),
    until: impl Future<Output = ()>,
) -> Result<()> {
    let mut notice = Notice::watch(store, dir)?;
    let mut until = std::pin::pin!(until);
    loop {
        tokio::select! {
            () = &mut until => return Ok(()),
            writer = notice.changed(store) => if writer? == Writer::Elsewhere {
                tell(Progress::WrittenElsewhere);
            },
        }
    }
}

/// Whether some process has the link of the profile in `dir`.
pub fn is_taken(dir: &Path) -> Result<bool> {
    match take_lock(dir) {
        Ok(_) => Ok(false),
        Err(Error::Remote(RemoteError::LinkTaken)) => Ok(true),
        Err(error) => Err(error),
    }
}

fn take_lock(dir: &Path) -> Result<File> {
    let path = dir.join(LOCK_FILE);
    let mut options = OpenOptions::new();
    let opened = options.read(true).write(true).create(true).truncate(false).open(&path);
    let file = opened.map_err(|error| Error::io(&path, error))?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(RemoteError::LinkTaken.into()),
        Err(TryLockError::Error(error)) => Err(Error::io(&path, error)),
    }
}

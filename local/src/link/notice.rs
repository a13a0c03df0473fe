//! Notices that somebody has written to the mirror, in this process or in another one, so that the
//! edit is sent at once.

use crate::error::{Error, Result, StoreError};
use crate::store::Store;
use crate::write::Touched;
use notify::{RecommendedWatcher, RecursiveMode, Watcher};
use std::path::Path;
use tokio::sync::{broadcast, mpsc};

/// More than one notice at a time says nothing more.
const NOTICES: usize = 1;

/// Watches the profile's folder for as long as it lives.
#[derive(Debug)]
pub(super) struct Notice {
    changed: mpsc::Receiver<()>,
    written: broadcast::Receiver<Vec<Touched>>,
    seen: i64,
    _watcher: RecommendedWatcher,
}

impl Notice {
    pub fn watch(store: &Store, dir: &Path) -> Result<Self> {
        let (tell, changed) = mpsc::channel(NOTICES);
        let unwatched = |error: notify::Error| {
            Error::Store(StoreError::Damaged {
                what: format!("{} cannot be watched: {error}", dir.display()),
            })
        };
        let mut watcher = notify::recommended_watcher(move |_| {
            tell.try_send(()).ok();
        })
        .map_err(unwatched)?;
        watcher.watch(dir, RecursiveMode::NonRecursive).map_err(unwatched)?;
        Ok(Self { changed, written: store.listen(), seen: store.data_version()?, _watcher: watcher })
    }

    /// Returns when somebody has written. May be dropped and called again.
    pub async fn changed(&mut self, store: &Store) -> Result<Writer> {
        loop {
            tokio::select! {
                told = self.written.recv() => match told {
                    Ok(_) | Err(broadcast::error::RecvError::Lagged(_)) => return Ok(Writer::Here),
                    Err(broadcast::error::RecvError::Closed) => std::future::pending::<()>().await,
                },
                told = self.changed.recv() => if told.is_none() {
                    std::future::pending::<()>().await;
                },
            }
            let version = store.data_version()?;
            if version != self.seen {
                self.seen = version;
                return Ok(Writer::Elsewhere);
            }
        }
    }
}

/// Who has written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Writer {
    /// This process.
    Here,
    /// Another one.
    Elsewhere,
}

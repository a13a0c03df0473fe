//! Notices that another process has written to the mirror, so that its edit is sent at once.

use crate::error::{Error, Result, StoreError};
use crate::store::Store;
use notify::{RecommendedWatcher, RecursiveMode, Watcher};
use std::path::Path;
use tokio::sync::mpsc;

/// More than one notice at a time says nothing more.
const NOTICES: usize = 1;

/// Watches the profile's folder for as long as it lives.
#[derive(Debug)]
pub(super) struct Notice {
    changed: mpsc::Receiver<()>,
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
        Ok(Self { changed, seen: store.data_version()?, _watcher: watcher })
    }

    /// Returns when another process has written. May be dropped and called again.
    pub async fn changed(&mut self, store: &Store) -> Result<()> {
        loop {
            if self.changed.recv().await.is_none() {
                std::future::pending::<()>().await;
            }
            let version = store.data_version()?;
            if version != self.seen {
                self.seen = version;
                return Ok(());
            }
        }
    }
}

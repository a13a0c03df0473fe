//! How many pulls run at once. Each holds a connection to Postgres, a download for minutes, and
//! may need a second one to number commits: some are always left for that and for pushes.

use crate::config::Limits;
use crate::error::Error;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// Connections that pulls leave to others.
const SPARE_CONNECTIONS: usize = 3;

#[derive(Debug)]
pub struct Gate {
    pulls: Arc<Semaphore>,
    /// Fewer than pulls, so that downloads never keep small pulls out.
    downloads: Arc<Semaphore>,
    patience: Duration,
}

/// Held for as long as a pull, or its download, goes on.
#[derive(Debug)]
pub struct Permit {
    _held: OwnedSemaphorePermit,
}

impl Gate {
    pub fn new(limits: &Limits) -> Self {
        let connections = usize::try_from(limits.database_connections).unwrap_or(usize::MAX);
        let pulls = connections.saturating_sub(SPARE_CONNECTIONS).clamp(1, Semaphore::MAX_PERMITS);
        Self {
            pulls: Arc::new(Semaphore::new(pulls)),
            downloads: Arc::new(Semaphore::new((pulls / 2).max(1))),
            patience: Duration::from_millis(limits.acquire_timeout_ms),
        }
    }

    pub async fn enter(&self) -> Result<Permit, Error> {
        self.wait(&self.pulls).await
    }

    /// A place for a download, if there is one now.
    pub fn find_download(&self) -> Option<Permit> {
        Arc::clone(&self.downloads).try_acquire_owned().ok().map(|held| Permit { _held: held })
    }

    /// To be called without a permit of a pull in hand.
    pub async fn wait_for_download(&self) -> Result<Permit, Error> {
        self.wait(&self.downloads).await
    }

    async fn wait(&self, semaphore: &Arc<Semaphore>) -> Result<Permit, Error> {
        match tokio::time::timeout(self.patience, Arc::clone(semaphore).acquire_owned()).await {
            Ok(Ok(held)) => Ok(Permit { _held: held }),
            Ok(Err(_)) | Err(_) => Err(Error::Busy),
        }
    }
}

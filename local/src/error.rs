//! What can go wrong on the device, in three families: the store (this laptop), the remote (the
//! server and the way to it), and disagreement (what a person asked for cannot be).
//!
//! Variants carry what happened; the sentence is made from it here and nowhere else.

use std::path::PathBuf;

pub mod disagreement;
pub mod remote;
pub mod store;

pub use disagreement::Disagreement;
pub use remote::RemoteError;
pub use store::{KeyError, StoreError};

#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Remote(#[from] RemoteError),
    #[error(transparent)]
    Disagreement(#[from] Disagreement),
}

pub type Result<T, E = Error> = std::result::Result<T, E>;

impl Error {
    /// Whether a removal of very many rows waits for a person.
    pub fn is_guarded(&self) -> bool {
        matches!(self, Self::Remote(RemoteError::Guarded { .. }))
    }

    pub fn io(path: impl Into<PathBuf>, source: std::io::Error) -> Self {
        Self::Store(StoreError::File { path: path.into(), source })
    }
}

impl From<rusqlite::Error> for Error {
    fn from(error: rusqlite::Error) -> Self {
        Self::Store(StoreError::from(error))
    }
}

impl From<KeyError> for Error {
    fn from(error: KeyError) -> Self {
        Self::Store(StoreError::Key(error))
    }
}

//! What can go wrong with a private Postgres. Sentences for people are made by the command line.

use std::io;
use std::path::{Path, PathBuf};

#[derive(Debug, thiserror::Error)]
pub enum ClusterError {
    #[error("no Postgres with the vector extension in any of {looked_in:?}")]
    BinariesMissing { looked_in: Vec<PathBuf> },
    #[error("Postgres refuses to run as root, and the system has neither a user postgres nor nobody")]
    AccountMissing,
    #[error("neither XDG_STATE_HOME nor HOME is set")]
    HomeMissing,
    #[error("{folder:?} is too long a path for a Unix socket (at most {limit} bytes)")]
    FolderTooLong { folder: PathBuf, limit: usize },
    #[error("initdb failed in {folder:?}: {output}")]
    NotInitialised { folder: PathBuf, output: String },
    #[error("Postgres ended while it started in {folder:?}: {log}")]
    NotStarted { folder: PathBuf, log: String },
    #[error("Postgres in {folder:?} has not {awaited} after {waited_ms} ms")]
    TooSlow { folder: PathBuf, awaited: &'static str, waited_ms: u64 },
    #[error("no Postgres runs in {folder:?}")]
    NotRunning { folder: PathBuf },
    #[error("{path:?}: {source}")]
    Io { path: PathBuf, source: io::Error },
    #[error(transparent)]
    Sql(#[from] sqlx::Error),
}

/// Gives an IO error its path: `read(path).map_err(at(path))`.
pub(super) fn at(path: &Path) -> impl FnOnce(io::Error) -> ClusterError + '_ {
    move |source| ClusterError::Io { path: path.to_path_buf(), source }
}

impl ClusterError {
    /// Whether what was to be created is there already.
    pub fn is_duplicate(&self) -> bool {
        const DUPLICATE_DATABASE: &str = "42P04";
        match self {
            Self::Sql(sqlx::Error::Database(error)) => {
                error.code().is_some_and(|code| code == DUPLICATE_DATABASE)
            }
            _ => false,
        }
    }
}

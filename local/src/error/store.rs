//! Errors of this laptop: the mirror's file, its keys, the disk.

use std::path::PathBuf;

#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    #[error("There is no mirror at {path}.")]
    NoMirror { path: PathBuf },
    #[error("There is a mirror at {path} already; it is not written over.")]
    MirrorExists { path: PathBuf },
    #[error("The key does not fit the mirror at {path}, or the file is damaged.")]
    WrongKey { path: PathBuf },
    #[error(
        "The mirror was written by a newer Guildhall (version {found}, this one knows {known}). Install the newer one."
    )]
    NewerMirror { found: u32, known: u32 },
    #[error("SQLite {sqlite} with SQLCipher {cipher:?} is not safe to use; at least 3.51.3 is needed.")]
    UnsafeSqlite { sqlite: String, cipher: Option<String> },
    #[error("The mirror holds something else than its tables say, in {table}.{column}.")]
    NotAValue { table: &'static str, column: &'static str },
    #[error("The mirror cannot be read: {what}.")]
    Damaged { what: String },
    #[error("This mirror belongs to nobody yet. Sign in first.")]
    NotSetUp,
    #[error("The disk is full. Nothing was changed; free some space and try again.")]
    DiskFull,
    #[error("The disk does not take what is written to it ({what}). Nothing was changed; see to the disk.")]
    DiskFails { what: String },
    #[error("Another program holds the mirror. Try again.")]
    Busy,
    #[error("The mirror refused: {0}.")]
    Sqlite(rusqlite::Error),
    #[error("{path}: {source}.")]
    File { path: PathBuf, source: std::io::Error },
    #[error(transparent)]
    Key(KeyError),
}

impl From<rusqlite::Error> for StoreError {
    fn from(error: rusqlite::Error) -> Self {
        use rusqlite::ErrorCode::{DatabaseBusy, DatabaseCorrupt, DatabaseLocked, DiskFull, SystemIoFailure};
        match error.sqlite_error_code() {
            Some(DiskFull) => Self::DiskFull,
            Some(SystemIoFailure) => Self::DiskFails { what: error.to_string() },
            Some(DatabaseBusy | DatabaseLocked) => Self::Busy,
            Some(DatabaseCorrupt) => Self::Damaged { what: error.to_string() },
            _ => Self::Sqlite(error),
        }
    }
}

/// Why the mirror's key could not be had.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum KeyError {
    #[error("The password is wrong.")]
    WrongPassword,
    #[error("The file with the key slots is missing: {path}. Restore it from a backup of this profile.")]
    NoSlots { path: PathBuf },
    #[error("The file with the key slots is damaged: {path}. Restore it from a backup of this profile.")]
    DamagedSlots { path: PathBuf },
    #[error("The key slots were written by a newer Guildhall (version {found}). Install the newer one.")]
    NewerSlots { found: u32 },
    #[error("This profile has no slot for the {0}.")]
    NoSlot(&'static str),
    #[error("The keyring does not have this profile's secret. Unlock with the password.")]
    NotInKeyring,
    #[error("The keyring holds a secret that does not fit this profile. Unlock with the password.")]
    WrongKeyringSecret,
    #[error("The keyring is locked. Unlock it, or use the password.")]
    KeyringLocked,
    #[error("This laptop has no keyring that answers. Use the password.")]
    NoKeyring,
    #[error("The keyring did not answer in time. Use the password.")]
    KeyringSilent,
    #[error("The password is too short: at least {least} characters are needed.")]
    PasswordTooShort { least: usize },
    #[error("The password is too easy to guess{}.", hinted(.hint))]
    PasswordTooWeak { hint: Option<String> },
}

/// zxcvbn's own sentences end with a full stop.
fn hinted(hint: &Option<String>) -> String {
    hint.as_deref().map(|hint| format!(": {}", hint.trim_end_matches('.'))).unwrap_or_default()
}

//! The folder of a private cluster: what lies where in it, and the addresses that follow.

use std::fs::Permissions;
use std::io;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{PermissionsExt, chown};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};

use super::account::Account;
use super::error::{ClusterError, at};

/// Only part of the socket's file name: no port is opened.
pub(super) const PORT: u16 = 5432;
/// The shortest limit among the systems for a socket's path, less the file name in the folder.
const FOLDER_LIMIT: usize = 103 - "/.s.PGSQL.5432".len();

#[derive(Debug)]
pub(super) struct Layout {
    /// Absolute. Holds everything of the cluster, the socket too; nobody else may enter.
    pub folder: PathBuf,
}

impl Layout {
    pub fn create(folder: &Path) -> Result<Self, ClusterError> {
        std::fs::create_dir_all(folder).map_err(at(folder))?;
        Self::open(folder)
    }

    pub fn create_temporary() -> Result<Self, ClusterError> {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        loop {
            let number = NEXT.fetch_add(1, Ordering::Relaxed);
            let folder = std::env::temp_dir().join(format!("guildhall-{}-{number}", std::process::id()));
            match std::fs::create_dir(&folder) {
                Ok(()) => return Self::open(&folder),
                // Left by a machine that lost power, or somebody else's: the next name is free.
                Err(source) if source.kind() == io::ErrorKind::AlreadyExists => {}
                Err(source) => {
                    return Err(ClusterError::Io { path: folder, source });
                }
            }
        }
    }

    pub fn open(folder: &Path) -> Result<Self, ClusterError> {
        let folder = match folder.canonicalize() {
            Ok(folder) => folder,
            Err(source) if source.kind() == io::ErrorKind::NotFound => {
                return Err(ClusterError::NotRunning { folder: folder.to_path_buf() });
            }
            Err(source) => {
                return Err(ClusterError::Io { path: folder.to_path_buf(), source });
            }
        };
        if folder.as_os_str().len() > FOLDER_LIMIT {
            return Err(ClusterError::FolderTooLong { folder, limit: FOLDER_LIMIT });
        }
        Ok(Self { folder })
    }

    /// Closes the folder to everybody but the user who runs Postgres (and root).
    pub fn give_to(&self, account: Option<&Account>) -> Result<(), ClusterError> {
        if let Some(account) = account {
            chown(&self.folder, Some(account.user_id), Some(account.group_id)).map_err(at(&self.folder))?;
        }
        std::fs::set_permissions(&self.folder, Permissions::from_mode(0o700)).map_err(at(&self.folder))
    }

    pub fn database_files(&self) -> PathBuf {
        self.folder.join("data")
    }

    /// Postgres writes it, keeps its state in it, and removes it when it stops.
    pub fn pid_file(&self) -> PathBuf {
        self.database_files().join("postmaster.pid")
    }

    pub fn log(&self) -> PathBuf {
        self.folder.join("postgres.log")
    }

    pub fn url(&self, role: &str, database: &str) -> String {
        let [role, database] = [role, database].map(|name| percent_encode(name.as_bytes()));
        let folder = percent_encode(self.folder.as_os_str().as_bytes());
        format!("postgres://{role}@{folder}:{PORT}/{database}?sslmode=disable")
    }
}

fn percent_encode(bytes: &[u8]) -> String {
    let mut encoded = String::with_capacity(bytes.len());
    for &byte in bytes {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => {
                encoded.push(char::from(byte))
            }
            _ => encoded.push_str(&format!("%{byte:02X}")),
        }
    }
    encoded
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_holds_the_folder_of_the_socket() {
        let layout = Layout { folder: PathBuf::from("/tmp/a b") };
        assert_eq!(
            layout.url("role", "täglich"),
            "postgres://role@%2Ftmp%2Fa%20b:5432/t%C3%A4glich?sslmode=disable"
        );
    }

    #[test]
    fn a_folder_too_deep_for_a_socket_is_refused() {
        let root = tempfile::tempdir().expect("temporary folder");
        let deep = root.path().join("x".repeat(FOLDER_LIMIT));
        assert!(matches!(Layout::create(&deep), Err(ClusterError::FolderTooLong { .. })));
    }
}

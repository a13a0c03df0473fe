//! Opening the file: key, pragmas, and the checks without which nothing is read.

use super::{Durability, vector};
use crate::error::{Result, StoreError};
use crate::keys::Key;
use rusqlite::config::DbConfig;
use rusqlite::hooks::Wal;
use rusqlite::{Connection, ErrorCode, OpenFlags};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicI32, Ordering};
use std::time::Duration;

pub const FILE_NAME: &str = "mirror.db";

/// How often, and how many times, a write asks again while another process writes. SQLite's own
/// waiting sleeps ever longer, and a process that writes without a pause could keep it out.
const BUSY_WAIT: Duration = Duration::from_millis(2);
const BUSY_TRIES: i32 = 5_000;
/// Statements kept ready: a dozen for each table.
const CACHED_STATEMENTS: usize = 1024;
/// Pages kept decrypted by each connection: reading one again costs more than finding it.
const CACHE_KIB: i64 = 16 * 1024;
/// The write-ahead file shrinks to this after a checkpoint.
const WAL_LIMIT_BYTES: i64 = 16 * 1024 * 1024;
/// Versions before lose pages when two connections checkpoint at once.
const LEAST_SQLITE: i32 = 3_051_003;

pub fn create(path: &Path, key: &Key) -> Result<Connection> {
    connect(path, key, OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE)
}

pub fn open(path: &Path, key: &Key) -> Result<Connection> {
    if !path.exists() {
        return Err(StoreError::NoMirror { path: path.to_owned() }.into());
    }
    connect(path, key, OpenFlags::SQLITE_OPEN_READ_WRITE)
}

/// A connection that cannot write. It still needs the right to write the file, as WAL asks for it.
pub fn open_reader(path: &Path, key: &Key) -> Result<Connection> {
    let connection = open(path, key)?;
    connection.pragma_update(None, "query_only", true)?;
    Ok(connection)
}

/// The one connection that writes.
#[derive(Debug)]
pub struct Writer {
    pub connection: Connection,
    durability: Durability,
    /// In the write-ahead file after the last commit.
    pages: Arc<AtomicI32>,
}

impl Writer {
    /// Over a connection as [`open`] gives it.
    pub fn over(mut connection: Connection) -> Result<Self> {
        let pages = Arc::new(AtomicI32::new(0));
        let noting = Arc::clone(&pages);
        connection.wal_hook(Some(move |_: &mut Wal, count| {
            noting.store(count, Ordering::Relaxed);
            Ok(())
        }))?;
        Ok(Self { connection, durability: Durability::Full, pages })
    }

    /// How long the write-ahead file was after the last commit, in pages.
    pub fn wal_pages(&self) -> i32 {
        self.pages.load(Ordering::Relaxed)
    }

    pub fn become_durable(&mut self, durability: Durability) -> Result<()> {
        if self.durability != durability {
            let word = match durability {
                Durability::Full => "full",
                Durability::Pulled => "normal",
            };
            self.connection.pragma_update(None, "synchronous", word)?;
            self.durability = durability;
        }
        Ok(())
    }
}

/// Whether to wait for another process that holds the file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Patience {
    None,
    ForOthers,
}

pub fn set_patience(connection: &mut Connection, patience: Patience) -> Result<()> {
    let handler: Option<fn(i32) -> bool> = match patience {
        Patience::None => None,
        Patience::ForOthers => Some(wait_for_other_process),
    };
    Ok(connection.busy_handler(handler)?)
}

fn connect(path: &Path, key: &Key, flags: OpenFlags) -> Result<Connection> {
    vector::register();
    let mut connection = Connection::open_with_flags(path, flags | OpenFlags::SQLITE_OPEN_NO_MUTEX)?;
    // SQLCipher would print to the terminal what is returned as an error anyway.
    connection.pragma_update(None, "cipher_log_level", "none")?;
    if key.encrypts() {
        connection.pragma_update(None, "key", key.pragma().as_str())?;
    }
    demand_key_fits(&connection, path)?;
    demand_safe_sqlite(&connection)?;
    set_patience(&mut connection, Patience::ForOthers)?;
    connection.pragma_update(None, "journal_mode", "wal")?;
    connection.pragma_update(None, "synchronous", "full")?;
    connection.pragma_update(None, "secure_delete", true)?;
    connection.pragma_update(None, "foreign_keys", false)?;
    connection.pragma_update(None, "temp_store", "memory")?;
    connection.pragma_update(None, "cache_size", -CACHE_KIB)?;
    connection.pragma_update(None, "trusted_schema", false)?;
    connection.pragma_update(None, "journal_size_limit", WAL_LIMIT_BYTES)?;
    // Whoever writes sees to it: see `flush`.
    connection.pragma_update(None, "wal_autocheckpoint", 0)?;
    // No plan depends on bound values, so no statement is prepared anew because they changed.
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
    connection.set_prepared_statement_cache_capacity(CACHED_STATEMENTS);
    crate::pages::words::register(&connection)?;
    Ok(connection)
}

fn wait_for_other_process(tries: i32) -> bool {
    std::thread::sleep(BUSY_WAIT);
    tries < BUSY_TRIES
}

/// The first read is the one that fails when the key does not fit.
fn demand_key_fits(connection: &Connection, path: &Path) -> Result<()> {
    let read = connection.query_row("select count(*) from sqlite_schema", [], |row| row.get::<_, i64>(0));
    match read {
        Ok(_) => Ok(()),
        Err(error) if error.sqlite_error_code() == Some(ErrorCode::NotADatabase) => {
            Err(StoreError::WrongKey { path: path.to_owned() }.into())
        }
        Err(error) => Err(error.into()),
    }
}

fn demand_safe_sqlite(connection: &Connection) -> Result<()> {
    let cipher: Option<String> =
        connection.query_row("pragma cipher_version", [], |row| row.get(0)).unwrap_or_default();
    if cipher.is_some() && rusqlite::version_number() >= LEAST_SQLITE {
        return Ok(());
    }
    Err(StoreError::UnsafeSqlite { sqlite: rusqlite::version().to_owned(), cipher }.into())
}

//! A server that was emptied, or set up anew, must not empty laptops: what would remove more than
//! a tenth of the rows here waits for a person, with a copy of the file beside it. Rows that may
//! not be read any more are no part of this: they go at once.

use crate::error::{RemoteError, Result};
use crate::store::{Store, migrate};
use guildhall_sync::model::TABLES;
use guildhall_sync::time::Timestamp;
use rusqlite::{Connection, OptionalExtension, params};

/// Fewer rows are removed without a question.
const LEAST_ROWS: u64 = 20;
/// One of so many rows may go without a question.
const PART: u64 = 10;

/// A removal that waits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Held {
    pub removes: u64,
    /// Of so many rows on this laptop.
    pub rows: u64,
    pub seen_at: Timestamp,
    pub is_allowed: bool,
}

pub fn find(connection: &Connection) -> Result<Option<Held>> {
    let mut select =
        connection.prepare_cached("select removes, rows, seen_at, is_allowed from sync_guard")?;
    let held = select.query_row([], |row| {
        let seen_at = Timestamp(row.get(2)?);
        Ok(Held { removes: row.get(0)?, rows: row.get(1)?, seen_at, is_allowed: row.get(3)? })
    });
    Ok(held.optional()?)
}

/// A person says to go on: with that many rows, not with more. False where nothing waits.
pub fn go_on(store: &Store) -> Result<bool> {
    let allowed =
        store.record(|connection| Ok(connection.execute("update sync_guard set is_allowed = 1", [])?))?;
    store.tell_others();
    Ok(allowed > 0)
}

/// Fails where so many rows are not to be removed unasked. The first time, the file is copied.
pub fn demand(store: &Store, removes: u64) -> Result<()> {
    if removes <= LEAST_ROWS {
        return Ok(());
    }
    let (rows, known) = store.read(|connection| Ok((count_rows(connection)?, find(connection)?)))?;
    if removes * PART <= rows || known.is_some_and(|held| held.is_allowed && removes <= held.removes) {
        return Ok(());
    }
    if known.is_none() {
        migrate::keep_copy_before_removal(store)?;
    }
    let now = store.clock().now();
    store.record(|connection| {
        let insert = "insert into sync_guard (id, removes, rows, seen_at) values (1, ?1, ?2, ?3)
            on conflict (id) do update set removes = ?1, rows = ?2, is_allowed = 0";
        Ok(connection.execute(insert, params![removes, rows, now.0])?)
    })?;
    Err(RemoteError::Guarded { removes, rows }.into())
}

/// A pull came to its end: nothing waits any more.
pub fn forget(connection: &Connection) -> Result<()> {
    connection.prepare_cached("delete from sync_guard")?.execute([])?;
    Ok(())
}

fn count_rows(connection: &Connection) -> Result<u64> {
    let mut rows = 0;
    for table in TABLES {
        let select = format!("select count(*) from {}", table.name);
        rows += connection.prepare_cached(&select)?.query_row([], |row| row.get::<_, u64>(0))?;
    }
    Ok(rows)
}

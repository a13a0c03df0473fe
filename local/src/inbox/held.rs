//! What this device holds of one row, as far as the inbox asks: the server's version, the scopes,
//! and whether own edits lie over it.

use crate::error::Result;
use guildhall_sync::schema::Table;
use guildhall_sync::value::Hash;
use rusqlite::{Connection, OptionalExtension, params};
use uuid::Uuid;

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Held {
    /// None for a row that the server has not sent yet.
    pub version: Option<i64>,
    pub hash: Option<Hash>,
    /// As in [`super::scopes`].
    pub scopes: String,
    /// Whether the server's state is in the shadow.
    pub is_dirty: bool,
}

pub fn find(connection: &Connection, table: &Table, id: Uuid) -> Result<Option<Held>> {
    let select = format!("select rev, sync_hash, sync_scopes, sync_dirty from {} where id = ?", table.name);
    let row = connection
        .prepare_cached(&select)?
        .query_row([id], |row| {
            Ok(Held {
                version: Some(row.get(0)?),
                hash: row.get(1)?,
                scopes: row.get(2)?,
                is_dirty: row.get(3)?,
            })
        })
        .optional()?;
    match row {
        Some(held) if held.is_dirty => Ok(Some(of_shadow(connection, table, id)?)),
        other => Ok(other),
    }
}

fn of_shadow(connection: &Connection, table: &Table, id: Uuid) -> Result<Held> {
    let select = "select rev, hash, scopes from sync_shadow where table_number = ? and id = ?";
    let shadow = connection
        .prepare_cached(select)?
        .query_row(params![table.number, id], |row| {
            Ok(Held { version: Some(row.get(0)?), hash: row.get(1)?, scopes: row.get(2)?, is_dirty: true })
        })
        .optional()?;
    Ok(shadow.unwrap_or(Held { version: None, hash: None, scopes: String::new(), is_dirty: true }))
}

/// Whether own entries wait to be folded over any row.
pub fn has_any_open_entries(connection: &Connection) -> Result<bool> {
    let select = "select exists (select 1 from wal_entries where settled_at is null and in_fold)";
    Ok(connection.prepare_cached(select)?.query_row([], |row| row.get(0))?)
}

pub fn set_scopes(connection: &Connection, table: &Table, id: Uuid, scopes: &str) -> Result<()> {
    let update = format!("update {} set sync_scopes = ? where id = ?", table.name);
    connection.prepare_cached(&update)?.execute(params![scopes, id])?;
    let update = "update sync_shadow set scopes = ? where table_number = ? and id = ?";
    connection.prepare_cached(update)?.execute(params![scopes, table.number, id])?;
    Ok(())
}

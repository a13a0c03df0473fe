//! Rows that the server has in an older state after a restore, or not at all, as this laptop held
//! them. They are shown to the administrator, unless their authors bring them back.

use crate::error::{Result, StoreError};
use crate::fault::{self, Bug};
use crate::fold;
use crate::store::rows;
use guildhall_sync::model::find_table_by_number;
use guildhall_sync::protocol::{MAX_WITNESSES, Witness};
use guildhall_sync::schema::{Table, common};
use guildhall_sync::value::json::to_json;
use guildhall_sync::value::{Cells, Hash};
use rusqlite::{Connection, params};
use uuid::Uuid;

/// Keeps the row as the server last sent it; of several states the highest.
pub fn set_aside(connection: &Connection, table: &'static Table, id: Uuid) -> Result<()> {
    let shadow = fold::find_shadow(connection, table, id)?;
    let found = match shadow {
        Some(shadow) => Some((shadow.cells, Some(shadow.hash), shadow.scopes)),
        None => rows::find(connection, table, id)?
            .filter(|stored| !stored.own.dirty)
            .map(|stored| (stored.cells, stored.own.hash, stored.own.scopes)),
    };
    let found = found.filter(|_| !fault::has(Bug::WitnessForgotten));
    let Some((cells, Some(hash), scopes)) = found else { return Ok(()) };
    let mut insert = connection.prepare_cached(
        "insert into sync_witness (table_number, id, version, hash, cells, scopes) values (?, ?, ?, ?, ?, ?)
         on conflict do update set version = excluded.version, hash = excluded.hash, cells = excluded.cells,
             scopes = excluded.scopes
         where excluded.version > version",
    )?;
    let version = cells.value(common::REV).as_int();
    insert.execute(params![table.number, id, version, hash, cells.encode(table), scopes])?;
    Ok(())
}

/// Some of what is set aside, as the server is told.
pub fn list(connection: &Connection) -> Result<Vec<Witness>> {
    let mut select = connection.prepare_cached(
        "select table_number, id, version, hash, cells from sync_witness order by table_number, id limit ?",
    )?;
    let found = select.query_map([MAX_WITNESSES], |row| {
        Ok((row.get::<_, u16>(0)?, row.get(1)?, row.get(2)?, row.get(3)?, row.get::<_, Vec<u8>>(4)?))
    })?;
    let mut witnesses = Vec::new();
    for line in found {
        let (number, row, version, hash, bytes): (u16, Uuid, i64, Hash, Vec<u8>) = line?;
        let Some(table) = find_table_by_number(number) else { continue };
        let mut cells = Cells::decode(&bytes, table)
            .map_err(|error| StoreError::Damaged { what: format!("a row that was set aside: {error}") })?;
        table.fill_defaults(&mut cells);
        witnesses.push(Witness { table: number, row, version, hash, cells: to_json(table, &cells) });
    }
    Ok(witnesses)
}

/// The server has it.
pub fn forget(connection: &Connection, table: u16, id: Uuid) -> Result<()> {
    let delete = "delete from sync_witness where table_number = ? and id = ?";
    connection.prepare_cached(delete)?.execute(params![table, id])?;
    Ok(())
}

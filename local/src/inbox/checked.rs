//! A pulled row, checked before anything of it is stored: its bytes have the hash that the server
//! named, they fit the table, and they are of this guild. What does not fit is not applied; it is
//! remembered, so that status and doctor can say it, and forgotten when the row comes whole.

use crate::check::{self, report};
use crate::error::Result;
use guildhall_sync::id::GuildId;
use guildhall_sync::model::find_table_by_number;
use guildhall_sync::protocol::check::{Found, ReportLine};
use guildhall_sync::protocol::{PulledRow, RowKey};
use guildhall_sync::schema::{Table, common};
use guildhall_sync::time::Timestamp;
use guildhall_sync::value::cells::{DecodeError, hash};
use guildhall_sync::value::{Cells, Hash};
use rusqlite::{Connection, params};
use uuid::Uuid;

#[derive(Clone, Debug)]
pub struct Checked {
    pub table: &'static Table,
    pub id: Uuid,
    pub version: i64,
    pub hash: Hash,
    pub cells: Cells,
    /// As in [`super::scopes`].
    pub scopes: String,
}

/// Why a pulled row is not applied.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fault {
    /// A table newer than this program: left for the day it is updated.
    UnknownTable,
    Mismatch(Mismatch),
}

/// A row whose bytes do not fit their hash or their table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mismatch {
    pub table: u16,
    pub id: Uuid,
    pub version: i64,
    pub named_hash: Hash,
    pub found_hash: Hash,
    pub what: String,
}

/// `scopes` are the names of the scopes that the row says it is in.
pub fn check(row: &PulledRow, scopes: String, guild: GuildId) -> std::result::Result<Checked, Fault> {
    let table = find_table_by_number(row.table).ok_or(Fault::UnknownTable)?;
    let found_hash = hash(&row.cells);
    let decoded = Cells::decode(&row.cells, table);
    let id = decoded.as_ref().ok().and_then(|cells| cells.value(common::ID).as_id()).unwrap_or(Uuid::nil());
    let judged = judge(table, row, found_hash, decoded, guild);
    judged.map(|cells| Checked { table, id, version: row.version, hash: row.hash, cells, scopes }).map_err(
        |what| {
            let (version, named_hash) = (row.version, row.hash);
            Fault::Mismatch(Mismatch { table: row.table, id, version, named_hash, found_hash, what })
        },
    )
}

fn judge(
    table: &'static Table,
    row: &PulledRow,
    found_hash: Hash,
    decoded: std::result::Result<Cells, DecodeError>,
    guild: GuildId,
) -> std::result::Result<Cells, String> {
    if found_hash != row.hash {
        return Err("the bytes have another hash".to_owned());
    }
    let mut cells = decoded.map_err(|error| error.to_string())?;
    table.fill_defaults(&mut cells);
    for column in table.columns {
        let value = cells.value(column.number);
        if value.is_null() && !column.nullable || !column.kind.admits(value) {
            return Err(format!("{} holds something else than its type says", column.name));
        }
    }
    if cells.value(common::REV).as_int() != Some(row.version) {
        return Err("rev is not the version".to_owned());
    }
    if cells.value(common::GUILD_ID).as_id() != Some(guild.0) {
        return Err("it is a row of another guild".to_owned());
    }
    Ok(cells)
}

pub fn remember(connection: &Connection, mismatch: &Mismatch, now: Timestamp) -> Result<()> {
    let known = "select exists (select 1 from sync_mismatch where table_number = ? and id = ?)";
    let bound = params![mismatch.table, mismatch.id];
    if !connection.prepare_cached(known)?.query_row(bound, |row| row.get::<_, bool>(0))? {
        let row = Some(RowKey { table: mismatch.table, id: mismatch.id });
        report::note(connection, &ReportLine { found: Found::Mismatch, row, scope: None }, now)?;
        check::want(connection)?;
    }
    let mut insert = connection.prepare_cached(
        "insert or replace into sync_mismatch (table_number, id, version, named_hash, found_hash, what, seen_at)
         values (?, ?, ?, ?, ?, ?, ?)",
    )?;
    let Mismatch { table, id, version, named_hash, found_hash, what } = mismatch;
    insert.execute(params![table, id, version, named_hash, found_hash, what, now.0])?;
    Ok(())
}

pub fn has_mismatches(connection: &Connection) -> Result<bool> {
    let select = "select exists (select 1 from sync_mismatch)";
    Ok(connection.prepare_cached(select)?.query_row([], |row| row.get(0))?)
}

/// The row has come whole.
pub fn forget(connection: &Connection, table: &Table, id: Uuid) -> Result<()> {
    let delete = "delete from sync_mismatch where table_number = ? and id = ?";
    connection.prepare_cached(delete)?.execute(params![table.number, id])?;
    Ok(())
}

/// Rows that were not applied and have not come whole since, for status and doctor.
pub fn list_mismatches(connection: &Connection) -> Result<Vec<Mismatch>> {
    let mut select = connection.prepare_cached(
        "select table_number, id, version, named_hash, found_hash, what from sync_mismatch order by seen_at",
    )?;
    let found = select.query_map([], |row| {
        Ok(Mismatch {
            table: row.get(0)?,
            id: row.get(1)?,
            version: row.get(2)?,
            named_hash: row.get(3)?,
            found_hash: row.get(4)?,
            what: row.get(5)?,
        })
    })?;
    Ok(found.collect::<rusqlite::Result<_>>()?)
}

//! The row that people see: the server's last word (the shadow) with the device's own open
//! entries applied again, by the same merge that the server uses.
//!
//! Where the merge would be a conflict, the device shows what was typed here until the server has
//! said so: one's own write never disappears from the screen before it is settled.

use crate::entries;
use crate::error::{Result, StoreError};
use crate::search::fulltext::Indexing;
use crate::store::rows::{self, Own};
use crate::store::state::{self, Account};
use guildhall_sync::change::{Entry, Operation};
use guildhall_sync::merge::{Edit, RowMerge, merge_entry};
use guildhall_sync::model::find_table;
use guildhall_sync::schema::{Table, common};
use guildhall_sync::value::json::from_json;
use guildhall_sync::value::{Cell, Cells, Hash, Value};
use rusqlite::{Connection, OptionalExtension, params};
use uuid::Uuid;

/// The server's last state of a row that has open entries.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shadow {
    pub cells: Cells,
    pub hash: Hash,
    /// As in [`Own`].
    pub scopes: String,
}

/// Stores a row as the server has it. Where people have changed it here, they go on seeing their
/// change, over the new state.
pub fn put_server_row(
    connection: &Connection,
    table: &'static Table,
    id: Uuid,
    shadow: Shadow,
    indexing: Indexing,
) -> Result<()> {
    if has_open_entries(connection, table, id)? {
        put_shadow(connection, table, id, &shadow)?;
        return refresh(connection, table, id);
    }
    remove_shadow(connection, table, id)?;
    let own = Own { hash: Some(shadow.hash), scopes: shadow.scopes, dirty: false };
    rows::put(connection, table, shadow.cells, &own, indexing)
}

/// Works the row out again from its shadow and its open entries. To be called whenever either
/// has changed.
pub fn refresh(connection: &Connection, table: &'static Table, id: Uuid) -> Result<()> {
    let open = entries::list_open(connection, table.name, id)?;
    let shadow = find_shadow(connection, table, id)?;
    if open.is_empty() {
        return leave_fold(connection, table, id, shadow);
    }
    let author = state::account(connection)?;
    let entries: Vec<Entry> = open.into_iter().map(|line| line.entry).collect();
    match compute(table, shadow.as_ref().map(|shadow| &shadow.cells), &entries, &author)? {
        Some(cells) => {
            let (hash, scopes) = shadow.map(|shadow| (shadow.hash, shadow.scopes)).unzip();
            let own = Own { hash, scopes: scopes.unwrap_or_default(), dirty: true };
            rows::put(connection, table, cells, &own, Indexing::Now)
        }
        None => rows::remove(connection, table, id).map(drop),
    }
}

/// Rows with open entries that show something else than their shadow with these entries.
pub fn list_stale(connection: &Connection) -> Result<Vec<(&'static Table, Uuid)>> {
    let author = state::account(connection)?;
    let mut select = connection.prepare_cached(
        "select distinct target_table, target_id from wal_entries where settled_at is null and in_fold",
    )?;
    let open = select.query_map([], |row| Ok((row.get::<_, String>(0)?, row.get::<_, Uuid>(1)?)))?;
    let mut stale = Vec::new();
    for row in open {
        let (name, id) = row?;
        let Some(table) = find_table(&name) else { continue };
        // What cannot be folded cannot be shown otherwise either.
        let Ok(shadow) = find_shadow(connection, table, id) else { continue };
        let lines = entries::list_open(connection, table.name, id)?;
        let entries: Vec<Entry> = lines.into_iter().map(|line| line.entry).collect();
        let folded = compute(table, shadow.as_ref().map(|shadow| &shadow.cells), &entries, &author);
        let Ok(folded) = folded else { continue };
        let shown = rows::find(connection, table, id).map(|stored| stored.map(|stored| stored.cells));
        if shown.is_ok_and(|shown| shown == folded) {
            continue;
        }
        stale.push((table, id));
    }
    Ok(stale)
}

/// The shadow with the entries applied; none where there is no row to apply them to.
pub fn compute(
    table: &'static Table,
    shadow: Option<&Cells>,
    entries: &[Entry],
    author: &Account,
) -> Result<Option<Cells>> {
    let mut running = shadow.cloned();
    for entry in entries {
        let after = read_cells(table, &entry.after)?;
        let before = read_cells(table, &entry.before)?;
        match (&mut running, entry.operation) {
            (None, Operation::Insert) => running = Some(born(table, entry, after, author)),
            (Some(cells), Operation::Update) => {
                *cells =
                    apply(table, cells, Edit { base_rev: entry.base_rev, before: &before, after: &after });
                stamp(cells, entry, author);
            }
            (Some(_), Operation::Insert) | (None, Operation::Update) => {}
        }
    }
    Ok(running)
}

/// A row that the server does not have yet.
pub(crate) fn born(table: &Table, entry: &Entry, after: Cells, author: &Account) -> Cells {
    let mut cells = after;
    cells.set(common::ID, Value::Id(entry.row));
    cells.set(common::GUILD_ID, author.guild.to_value());
    cells.set(common::REV, Value::Int(0));
    cells.set(common::CREATED_AT, entry.authored_at.to_value());
    cells.set(common::CREATED_BY, author.user.to_value());
    stamp(&mut cells, entry, author);
    table.fill_defaults(&mut cells);
    cells
}

/// Who changed the row last, and when, until the server says so.
pub(crate) fn stamp(cells: &mut Cells, entry: &Entry, author: &Account) {
    cells.set(common::UPDATED_AT, entry.authored_at.to_value());
    cells.set(common::UPDATED_BY, author.user.to_value());
}

/// The merge of the server, but of a conflict our own side.
fn apply(table: &'static Table, theirs: &Cells, edit: Edit<'_>) -> Cells {
    shown(merge_entry(table, edit, Some(theirs)))
}

pub(crate) fn shown(merge: RowMerge) -> Cells {
    let mut shown = merge.result;
    for conflict in &merge.conflicts {
        conflict.mine.iter().for_each(|(number, value)| shown.set(number, value.clone()));
    }
    shown
}

pub(crate) fn read_cells(table: &Table, named: &serde_json::Map<String, serde_json::Value>) -> Result<Cells> {
    from_json(table, named).map_err(|error| StoreError::Damaged { what: format!("an entry: {error}") }.into())
}

/// Without open entries the row is what the server has; a row that was only here is gone.
fn leave_fold(
    connection: &Connection,
    table: &'static Table,
    id: Uuid,
    shadow: Option<Shadow>,
) -> Result<()> {
    if let Some(shadow) = shadow {
        remove_shadow(connection, table, id)?;
        let own = Own { hash: Some(shadow.hash), scopes: shadow.scopes, dirty: false };
        return rows::put(connection, table, shadow.cells, &own, Indexing::Now);
    }
    if is_dirty(connection, table, id)? {
        rows::remove(connection, table, id)?;
    }
    Ok(())
}

fn is_dirty(connection: &Connection, table: &'static Table, id: Uuid) -> Result<bool> {
    let has_open = has_open_entries(connection, table, id)?;
    Ok(has_open || rows::find(connection, table, id)?.is_some_and(|stored| stored.own.dirty))
}

/// Whether own entries wait to be folded over the row, be it here or not.
pub fn has_open_entries(connection: &Connection, table: &Table, id: Uuid) -> Result<bool> {
    let mut select = connection.prepare_cached(
        "select exists (select 1 from wal_entries
         where target_table = ? and target_id = ? and settled_at is null and in_fold)",
    )?;
    Ok(select.query_row(params![table.name, id], |row| row.get(0))?)
}

pub fn find_shadow(connection: &Connection, table: &'static Table, id: Uuid) -> Result<Option<Shadow>> {
    let mut select = connection
        .prepare_cached("select cells, hash, scopes from sync_shadow where table_number = ? and id = ?")?;
    let found: Option<(Vec<u8>, Hash, String)> = select
        .query_row(params![table.number, id], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))
        .optional()?;
    let Some((bytes, hash, scopes)) = found else { return Ok(None) };
    let mut cells = Cells::decode(&bytes, table)
        .map_err(|error| StoreError::Damaged { what: format!("a shadow: {error}") })?;
    table.fill_defaults(&mut cells);
    Ok(Some(Shadow { cells, hash, scopes }))
}

pub fn put_shadow(connection: &Connection, table: &'static Table, id: Uuid, shadow: &Shadow) -> Result<()> {
    let mut insert = connection.prepare_cached(
        "insert or replace into sync_shadow (table_number, id, rev, hash, cells, scopes)
         values (?, ?, ?, ?, ?, ?)",
    )?;
    let rev = shadow.cells.value(common::REV).as_int();
    let cells = shadow.cells.encode(table);
    insert.execute(params![table.number, id, rev, shadow.hash, cells, shadow.scopes])?;
    Ok(())
}

pub fn remove_shadow(connection: &Connection, table: &'static Table, id: Uuid) -> Result<()> {
    let delete = "delete from sync_shadow where table_number = ? and id = ?";
    connection.prepare_cached(delete)?.execute(params![table.number, id])?;
    Ok(())
}

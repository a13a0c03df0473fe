//! Rows of the synced tables, read and written by what the registry says. Each write keeps the
//! full text of the row in step, whoever writes.

use super::value::{Bound, read};
use crate::error::{Disagreement, Result, StoreError};
use crate::search::fulltext::{self, Indexing};
use guildhall_sync::schema::{Row, Table};
use guildhall_sync::value::cells::hash;
use guildhall_sync::value::{Cells, Hash};
use rusqlite::{Connection, OptionalExtension, Params, ToSql};
use statements::Statements;
use uuid::Uuid;

pub mod statements;

/// A row with what the mirror knows about it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Stored {
    /// All columns of the registry, and those kept aside.
    pub cells: Cells,
    pub own: Own,
}

/// The mirror's own columns.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Own {
    /// The server's hash of its last word; none before there is one.
    pub hash: Option<Hash>,
    /// The scopes by which this device holds the row: sorted names, each between spaces.
    pub scopes: String,
    /// Whether the row has entries that are not settled.
    pub dirty: bool,
}

/// The row as it stands here, own edits included.
pub fn find(connection: &Connection, table: &'static Table, id: Uuid) -> Result<Option<Stored>> {
    let mut select = connection.prepare_cached(&Statements::of(table).select_by_id)?;
    let mut rows = select.query([id])?;
    match rows.next()? {
        Some(row) => Ok(Some(read_stored(table, row)?)),
        None => Ok(None),
    }
}

pub fn get(connection: &Connection, table: &'static Table, id: Uuid) -> Result<Stored> {
    let missing = Disagreement::NoRow { table: table.name, id };
    Ok(find(connection, table, id)?.ok_or(missing)?)
}

/// The row as a plain struct.
pub fn find_typed<R: Row>(connection: &Connection, id: Uuid) -> Result<Option<R>> {
    find(connection, R::TABLE, id)?.map(|stored| typed(stored.cells)).transpose()
}

pub fn get_typed<R: Row>(connection: &Connection, id: Uuid) -> Result<R> {
    typed(get(connection, R::TABLE, id)?.cells)
}

/// The rows for which `condition` holds: what follows `where`, with bound values.
/// It may end in `order by` and `limit`.
pub fn list(
    connection: &Connection,
    table: &'static Table,
    condition: &'static str,
    bound: impl Params,
) -> Result<Vec<Stored>> {
    let mut select = connection.prepare_cached(&Statements::of(table).select_where(condition))?;
    let mut rows = select.query(bound)?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        found.push(read_stored(table, row)?);
    }
    Ok(found)
}

pub fn list_typed<R: Row>(
    connection: &Connection,
    condition: &'static str,
    bound: impl Params,
) -> Result<Vec<R>> {
    list(connection, R::TABLE, condition, bound)?.into_iter().map(|stored| typed(stored.cells)).collect()
}

/// Visits every row of a table, one at a time: its place in the file, the id that it says it has,
/// and what it is, where it can be read.
pub fn each(
    connection: &Connection,
    table: &'static Table,
    mut visit: impl FnMut(i64, Option<Uuid>, Result<Stored>) -> Result<()>,
) -> Result<()> {
    let statements = Statements::of(table);
    let mut select = connection.prepare_cached(&statements.select_all)?;
    let mut rows = select.query([])?;
    while let Some(row) = rows.next()? {
        visit(row.get(statements.columns)?, row.get(0).ok(), read_stored(table, row))?;
    }
    Ok(())
}

/// Takes a row out of the mirror by its place in the file. Its full text is the caller's.
pub fn remove_at(connection: &Connection, table: &'static Table, sync_row: i64) -> Result<()> {
    connection.prepare_cached(&Statements::of(table).delete_at)?.execute([sync_row])?;
    Ok(())
}

/// Writes a whole row, new or known. Absent columns take their default.
pub fn put(
    connection: &Connection,
    table: &'static Table,
    mut cells: Cells,
    own: &Own,
    indexing: Indexing,
) -> Result<()> {
    table.fill_defaults(&mut cells);
    let index = fulltext::before_put(connection, table, &cells, indexing)?;
    upsert(connection, table, &cells, own)?;
    fulltext::after_put(connection, table, &cells, index)
}

/// Writes a whole row that is not here yet: nothing of it needs to be taken out of an index.
pub fn add(
    connection: &Connection,
    table: &'static Table,
    mut cells: Cells,
    own: &Own,
    indexing: Indexing,
) -> Result<()> {
    table.fill_defaults(&mut cells);
    upsert(connection, table, &cells, own)?;
    fulltext::after_put(connection, table, &cells, fulltext::of_new(&cells, indexing))
}

fn upsert(connection: &Connection, table: &'static Table, cells: &Cells, own: &Own) -> Result<()> {
    let aside = aside_of(table, cells);
    let values: Vec<_> = table.columns.iter().map(|column| Bound(cells.value(column.number))).collect();
    let mut bound: Vec<&dyn ToSql> = values.iter().map(|value| value as &dyn ToSql).collect();
    let hash = own.hash.as_ref().map(|hash| hash.as_slice());
    bound.extend([&hash as &dyn ToSql, &own.scopes, &own.dirty, &aside]);
    connection.prepare_cached(&Statements::of(table).upsert)?.execute(bound.as_slice())?;
    Ok(())
}

/// Takes the row and its full text out of the mirror. True where there was one.
pub fn remove(connection: &Connection, table: &'static Table, id: Uuid) -> Result<bool> {
    fulltext::remove(connection, table, id)?;
    Ok(connection.prepare_cached(&Statements::of(table).delete)?.execute([id])? > 0)
}

pub fn exists(connection: &Connection, table: &'static Table, id: Uuid) -> Result<bool> {
    let mut select = connection.prepare_cached(&Statements::of(table).select_present)?;
    Ok(select.query_row([id], |_| Ok(())).optional()?.is_some())
}

/// The hash of a row from its columns, as the server would compute it.
pub fn hash_of(table: &Table, cells: &Cells) -> Hash {
    hash(&cells.encode(table))
}

pub fn typed<R: Row>(cells: Cells) -> Result<R> {
    R::from_cells(cells)
        .map_err(|error| StoreError::NotAValue { table: error.table, column: error.column }.into())
}

fn read_stored(table: &'static Table, row: &rusqlite::Row<'_>) -> Result<Stored> {
    let wrong = |column: &'static str| StoreError::NotAValue { table: table.name, column };
    let mut cells = Vec::with_capacity(table.columns.len());
    for (at, column) in table.columns.iter().enumerate() {
        let value = read(column.kind, row.get_ref(at)?).ok_or_else(|| wrong(column.name))?;
        cells.push((column.number, value));
    }
    let mut cells: Cells = cells.into_iter().collect();
    let at = table.columns.len();
    if let Some(aside) = row.get::<_, Option<Vec<u8>>>(at + 3)? {
        let aside = Cells::decode(&aside, table).map_err(|_| wrong("sync_aside"))?;
        aside.iter().for_each(|(number, value)| cells.set(number, value.clone()));
    }
    let own = Own { hash: row.get(at)?, scopes: row.get(at + 1)?, dirty: row.get(at + 2)? };
    Ok(Stored { cells, own })
}

/// Canonical bytes of the columns that the table does not know; none where there are none.
fn aside_of(table: &Table, cells: &Cells) -> Option<Vec<u8>> {
    let unknown = cells.iter().filter(|(number, _)| table.column_by_number(*number).is_none());
    let unknown: Cells = unknown.map(|(number, value)| (number, value.clone())).collect();
    if unknown.is_empty() { None } else { Some(unknown.encode(table)) }
}

//! Filling scopes: which ones, from which snapshot, how far. Kept in the transactions that store
//! the rows, so that a fill goes on where it was cut off.
//!
//! Where rows of the scopes were here before, the fill remembers which rows it was told of; at its
//! end the others leave these scopes.

use super::scopes::{self, ScopeState};
use crate::error::Result;
use guildhall_sync::model::{TABLES, fill_position};
use guildhall_sync::protocol::{Cursor, Filling, RowKey};
use guildhall_sync::schema::Table;
use rusqlite::{Connection, OptionalExtension, params};
use uuid::Uuid;

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fill {
    pub scopes: Vec<String>,
    pub since: Cursor,
    /// The furthest row that was stored, in the order of a first download.
    pub after: Option<RowKey>,
    pub rows_done: u64,
    pub rows_all: u64,
    pub sweeps: bool,
}

impl Fill {
    /// As the server is told.
    pub fn into_filling(self) -> Filling {
        Filling { scopes: self.scopes, after: self.after, since: self.since }
    }
}

pub fn find(connection: &Connection) -> Result<Option<Fill>> {
    let mut select = connection.prepare_cached(
        "select scopes, since, after_table, after_id, rows_done, rows_all, sweeps from sync_fill",
    )?;
    let fill = select.query_row([], |row| {
        let after: (Option<u16>, Option<Uuid>) = (row.get(2)?, row.get(3)?);
        Ok(Fill {
            scopes: scopes::read_list(&row.get::<_, String>(0)?).map(str::to_owned).collect(),
            since: Cursor(row.get(1)?),
            after: after.0.zip(after.1).map(|(table, id)| RowKey { table, id }),
            rows_done: row.get(4)?,
            rows_all: row.get(5)?,
            sweeps: row.get(6)?,
        })
    });
    Ok(fill.optional()?)
}

/// Begins a fill, or goes on with the one that began at the same cursor. `rows` are to come.
pub fn begin(
    connection: &Connection,
    names: &[String],
    since: &Cursor,
    rows: u64,
    sweeps: bool,
) -> Result<Fill> {
    for name in names {
        scopes::set_state(connection, name, ScopeState::Filling)?;
    }
    let known = find(connection)?.filter(|fill| fill.since == *since);
    let goes_on = known.is_some_and(|fill| names.iter().all(|name| fill.scopes.contains(name)));
    let list = scopes::print_list(names.iter().map(String::as_str));
    if goes_on {
        let update = "update sync_fill set scopes = ?, rows_all = rows_done + ?";
        connection.prepare_cached(update)?.execute(params![list, rows])?;
    } else {
        forget(connection)?;
        let insert = "insert into sync_fill (id, scopes, since, rows_all, sweeps) values (1, ?, ?, ?, ?)";
        connection.prepare_cached(insert)?.execute(params![list, since.0, rows, sweeps])?;
    }
    Ok(find(connection)?.expect("it was just written"))
}

/// Whether rows of these scopes are here already. Also of one that was never whole: a row may have
/// come by way of another scope and moved here since.
pub fn has_rows(connection: &Connection, names: &[String]) -> Result<bool> {
    for table in TABLES {
        let select = format!("select exists (select 1 from {} where instr(sync_scopes, ?) > 0)", table.name);
        let mut select = connection.prepare_cached(&select)?;
        for name in names {
            if select.query_row([format!(" {name} ")], |row| row.get(0))? {
                return Ok(true);
            }
        }
    }
    Ok(false)
}

/// Says how far the fill has come: `rows` more, of which `last` is the furthest.
pub fn advance(connection: &Connection, last: Option<RowKey>, rows: u64) -> Result<()> {
    let before = find(connection)?.and_then(|fill| fill.after);
    let after = before.into_iter().chain(last).max_by_key(|key| (fill_position(key.table), key.id));
    let update = "update sync_fill set after_table = ?, after_id = ?, rows_done = rows_done + ?";
    let bound = params![after.map(|key| key.table), after.map(|key| key.id), rows];
    connection.prepare_cached(update)?.execute(bound)?;
    Ok(())
}

/// Remembers that the server has told of the row.
pub fn name_row(connection: &Connection, table: &Table, id: Uuid) -> Result<()> {
    let insert = "insert or ignore into sync_fill_row (table_number, id) values (?, ?)";
    connection.prepare_cached(insert)?.execute(params![table.number, id])?;
    Ok(())
}

pub fn is_named(connection: &Connection, table: &Table, id: Uuid) -> Result<bool> {
    let select = "select exists (select 1 from sync_fill_row where table_number = ? and id = ?)";
    Ok(connection.prepare_cached(select)?.query_row(params![table.number, id], |row| row.get(0))?)
}

/// Rows of these scopes that the server has not told of: it has them in these scopes no more.
pub fn list_unnamed(connection: &Connection, names: &[String]) -> Result<Vec<(&'static Table, Uuid)>> {
    let mut found = Vec::new();
    for table in TABLES {
        let select = format!(
            "select id from {} as held where instr(sync_scopes, ?1) > 0 and not exists
             (select 1 from sync_fill_row as named where named.table_number = ?2 and named.id = held.id)",
            table.name
        );
        for name in names {
            let mut select = connection.prepare_cached(&select)?;
            let ids = select.query_map(params![format!(" {name} "), table.number], |row| row.get(0))?;
            for id in ids {
                found.push((*table, id?));
            }
        }
    }
    Ok(found)
}

/// The scopes are whole.
pub fn end(connection: &Connection) -> Result<()> {
    let names = find(connection)?.map(|fill| fill.scopes).unwrap_or_default();
    names.iter().try_for_each(|name| scopes::set_state(connection, name, ScopeState::Live))?;
    forget(connection)
}

/// Scopes that are lost are filled no further.
pub fn leave_out(connection: &Connection, lost: &[String]) -> Result<()> {
    let Some(fill) = find(connection)? else { return Ok(()) };
    let left: Vec<&str> =
        fill.scopes.iter().map(String::as_str).filter(|name| !lost.iter().any(|lost| lost == name)).collect();
    if left.is_empty() {
        return forget(connection);
    }
    let list = scopes::print_list(left);
    connection.prepare_cached("update sync_fill set scopes = ?")?.execute([list])?;
    Ok(())
}

pub fn forget(connection: &Connection) -> Result<()> {
    connection.prepare_cached("delete from sync_fill")?.execute([])?;
    connection.prepare_cached("delete from sync_fill_row")?.execute([])?;
    Ok(())
}

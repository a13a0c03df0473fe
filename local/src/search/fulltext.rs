//! The full-text indexes: one for each table, kept in step with every write of a row.
//!
//! An index holds no text of its own; to take a row out of it, it must be told the text that was
//! put in. That is why removal comes before the row changes, and why rows are written through
//! [`crate::store::rows`] only. Deleted rows are in no index.

use crate::error::Result;
use crate::fault::{self, Bug};
use guildhall_sync::model::TABLES;
use guildhall_sync::schema::{Table, common};
use guildhall_sync::value::Cells;
use rusqlite::{Connection, OptionalExtension, ToSql, params};
use std::collections::HashMap;
use std::sync::LazyLock;
use uuid::Uuid;

use crate::store::value::Bound;

/// How many pages of an index one slice of merging writes: a few milliseconds.
const MERGED_PAGES: i64 = 64;

/// When a written row becomes findable.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Indexing {
    Now,
    /// When [`build`] comes by: for the many rows of a first download.
    Later,
}

/// What is left to do for a row's index after the row is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Plan {
    Leave,
    Add,
}

#[derive(Debug)]
struct Statements {
    look: String,
    remove: String,
    add: String,
    build_next: String,
    build: String,
    count: String,
    merge: String,
}

static ALL: LazyLock<HashMap<u16, Statements>> = LazyLock::new(|| {
    let searched = TABLES.iter().filter(|table| is_searched(table));
    searched.map(|table| (table.number, Statements::write(table))).collect()
});

pub fn is_searched(table: &Table) -> bool {
    table.searched_columns().next().is_some()
}

/// Takes the old text out where it changes.
pub(crate) fn before_put(
    connection: &Connection,
    table: &'static Table,
    cells: &Cells,
    indexing: Indexing,
) -> Result<Plan> {
    let Some(statements) = ALL.get(&table.number) else {
        return Ok(Plan::Leave);
    };
    let add = of_new(cells, indexing);
    let values: Vec<_> = table.searched_columns().map(|column| Bound(cells.value(column.number))).collect();
    let id = Bound(cells.value(common::ID));
    let mut bound: Vec<&dyn ToSql> = values.iter().map(|value| value as &dyn ToSql).collect();
    bound.push(&id);
    let known: Option<(bool, bool)> = connection
        .prepare_cached(&statements.look)?
        .query_row(bound.as_slice(), |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()?;
    match known {
        Some((true, true)) if is_live(cells) => Ok(Plan::Leave),
        Some((true, _)) => {
            connection.prepare_cached(&statements.remove)?.execute([id])?;
            Ok(add)
        }
        Some((false, _)) | None => Ok(add),
    }
}

/// What is done for a row that is in no index.
pub(crate) fn of_new(cells: &Cells, indexing: Indexing) -> Plan {
    match indexing {
        Indexing::Now if is_live(cells) => Plan::Add,
        Indexing::Now | Indexing::Later => Plan::Leave,
    }
}

pub(crate) fn after_put(connection: &Connection, table: &Table, cells: &Cells, plan: Plan) -> Result<()> {
    if let (Plan::Add, Some(statements)) = (plan, ALL.get(&table.number)) {
        connection.prepare_cached(&statements.add)?.execute([Bound(cells.value(common::ID))])?;
    }
    Ok(())
}

/// Takes a row that is about to be removed out of the index, where it is in it.
pub(crate) fn remove(connection: &Connection, table: &Table, id: Uuid) -> Result<()> {
    if fault::has(Bug::IndexForgotten) {
        return Ok(());
    }
    if let Some(statements) = ALL.get(&table.number) {
        connection.prepare_cached(&statements.remove)?.execute([id])?;
    }
    Ok(())
}

/// Makes up to `limit` rows findable that are not yet, beginning after the place that the last
/// call returned (0 at first). None when the table is done.
pub fn build(connection: &Connection, table: &Table, after: i64, limit: usize) -> Result<Option<i64>> {
    let Some(statements) = ALL.get(&table.number) else {
        return Ok(None);
    };
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    let last: Option<i64> = connection
        .prepare_cached(&statements.build_next)?
        .query_row(params![after, limit], |row| row.get(0))?;
    if let Some(last) = last {
        connection.prepare_cached(&statements.build)?.execute([after, last])?;
    }
    Ok(last)
}

/// Takes the words of removed rows out of the index's pages, a slice of work at a time; `begins`
/// with the first slice. True when nothing of them is left.
pub fn forget_removed(connection: &Connection, table: &Table, begins: bool) -> Result<bool> {
    let Some(statements) = ALL.get(&table.number) else {
        return Ok(true);
    };
    let before = connection.total_changes();
    let pages = if begins { -MERGED_PAGES } else { MERGED_PAGES };
    connection.prepare_cached(&statements.merge)?.execute([pages])?;
    // FTS5 counts its own change of the command, and more where it has merged something.
    Ok(connection.total_changes() - before < 2)
}

/// Empties the index of a table: the text of some row is not what was put in, so it could not be
/// taken out. [`build`] makes all rows findable again.
pub fn forget_all(connection: &Connection, table: &Table) -> Result<()> {
    if is_searched(table) {
        let name = table.name;
        connection.execute(&format!("insert into fts_{name} (fts_{name}) values ('delete-all')"), [])?;
    }
    Ok(())
}

/// How many rows of the table should be findable, and how many are.
pub fn count(connection: &Connection, table: &Table) -> Result<(i64, i64)> {
    let Some(statements) = ALL.get(&table.number) else {
        return Ok((0, 0));
    };
    let mut count = connection.prepare_cached(&statements.count)?;
    Ok(count.query_row([], |row| Ok((row.get(0)?, row.get(1)?)))?)
}

fn is_live(cells: &Cells) -> bool {
    cells.value(common::DELETED_AT).is_null()
}

impl Statements {
    fn write(table: &Table) -> Self {
        let name = table.name;
        let columns: Vec<&str> = table.searched_columns().map(|column| column.name).collect();
        let list = columns.join(", ");
        let same: Vec<_> = columns.iter().map(|column| format!("{column} is ?")).collect();
        let same = same.join(" and ");
        let is_indexed = format!("exists (select 1 from fts_{name}_docsize where id = sync_row)");
        Self {
            look: format!("select {is_indexed}, {same} from {name} where id = ?"),
            remove: format!(
                "insert into fts_{name} (fts_{name}, rowid, {list})
                 select 'delete', sync_row, {list} from {name} where id = ? and {is_indexed}"
            ),
            add: format!(
                "insert into fts_{name} (rowid, {list}) select sync_row, {list} from {name} where id = ?"
            ),
            build_next: format!(
                "select max(sync_row) from (select sync_row from {name}
                 where sync_row > ? and deleted_at is null and not {is_indexed} order by sync_row limit ?)"
            ),
            build: format!(
                "insert into fts_{name} (rowid, {list}) select sync_row, {list} from {name}
                 where sync_row > ? and sync_row <= ? and deleted_at is null and not {is_indexed}"
            ),
            count: format!(
                "select (select count(*) from {name} where deleted_at is null),
                 (select count(*) from fts_{name}_docsize)"
            ),
            merge: format!("insert into fts_{name} (fts_{name}, rank) values ('merge', ?)"),
        }
    }
}

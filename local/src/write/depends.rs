//! What must be decided before an entry: the previous open entry on one of its columns, and the
//! open insert of every row that it refers to. The entries of its own group come before it anyway.

use crate::entries;
use crate::error::Result;
use crate::fault::{self, Bug};
use guildhall_sync::change::Operation;
use guildhall_sync::id::{EntryId, GroupId};
use guildhall_sync::schema::Table;
use guildhall_sync::value::{Cells, Type};
use rusqlite::{Connection, OptionalExtension, params};
use uuid::Uuid;

pub fn list(
    connection: &Connection,
    group: GroupId,
    table: &Table,
    row: Uuid,
    after: &Cells,
) -> Result<Vec<EntryId>> {
    if fault::has(Bug::DependsOnNothing) {
        return Ok(Vec::new());
    }
    let mut found = list_on_row(connection, group, table, row, after)?;
    for (number, value) in after.iter() {
        let parent = table.column_by_number(number).and_then(|column| match column.kind {
            Type::Id(parent) => Some(parent),
            _ => None,
        });
        if let (Some(parent), Some(id)) = (parent, value.as_id()) {
            found.extend(find_open_insert(connection, group, parent, id)?);
        }
    }
    found.sort();
    found.dedup();
    Ok(found)
}

/// For each column the last open entry that touched it; an insert touches every column.
fn list_on_row(
    connection: &Connection,
    group: GroupId,
    table: &Table,
    row: Uuid,
    after: &Cells,
) -> Result<Vec<EntryId>> {
    let open = entries::list_open(connection, table.name, row)?;
    let names =
        after.iter().filter_map(|(number, _)| table.column_by_number(number)).map(|column| column.name);
    let last = |name: &str| {
        let touches = |line: &&entries::Line| {
            line.entry.operation == Operation::Insert || line.entry.after.contains_key(name)
        };
        open.iter().rev().find(touches).filter(|line| line.group != group).map(|line| line.entry.id)
    };
    Ok(names.filter_map(last).collect())
}

fn find_open_insert(
    connection: &Connection,
    group: GroupId,
    table: &str,
    row: Uuid,
) -> Result<Option<EntryId>> {
    let mut select = connection.prepare_cached(
        "select id from wal_entries where target_table = ? and target_id = ? and operation = 'insert'
         and settled_at is null and group_id <> ?",
    )?;
    let id = select.query_row(params![table, row, group.0], |row| row.get(0)).optional()?;
    Ok(id.map(EntryId))
}

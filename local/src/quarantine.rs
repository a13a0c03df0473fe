//! What was refused, kept until a person decides: sent again on today's row, or discarded. What
//! was typed is never thrown away; a discarded entry stays in history.
//!
//! A refusal and all that went with it are one item.

use crate::entries::{self, EntryState, Line};
use crate::error::{Disagreement, Result, StoreError};
use crate::store::rows;
use crate::write::{Why, Write};
use guildhall_sync::change::{Operation, RejectCode, Verdict};
use guildhall_sync::id::EntryId;
use guildhall_sync::model::find_table;
use guildhall_sync::schema::{Table, common};
use guildhall_sync::value::json::from_json;
use guildhall_sync::value::{Cells, Value};
use rusqlite::Connection;
use serde_json::Value as Json;

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Item {
    /// The entry that was refused for itself.
    pub root: Line,
    /// What depended on it, in the order in which it was written.
    pub followers: Vec<Line>,
}

/// A column as it was typed, in a form that can be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Typed {
    pub column: String,
    pub before: Option<String>,
    pub after: String,
}

impl Item {
    /// Why, and whether a correction can help.
    pub fn refusal(&self) -> Option<(RejectCode, &str, bool)> {
        match self.root.verdict.as_ref()? {
            Verdict::Rejected { code, reason, fixable } => Some((*code, reason, *fixable)),
            _ => None,
        }
    }

    pub fn is_fixable(&self) -> bool {
        self.refusal().is_none_or(|(.., fixable)| fixable)
    }

    pub fn lines(&self) -> impl Iterator<Item = &Line> {
        std::iter::once(&self.root).chain(&self.followers)
    }
}

/// All items, the oldest first.
pub fn list(connection: &Connection) -> Result<Vec<Item>> {
    let lines = entries::list(connection, "state = 'rejected' order by device_seq", [])?;
    let (roots, followers): (Vec<_>, Vec<_>) =
        lines.into_iter().partition(|line| line.refused_with.is_none_or(|root| root == line.entry.id));
    let mut items: Vec<Item> = roots.into_iter().map(|root| Item { root, followers: Vec::new() }).collect();
    for line in followers {
        if let Some(item) = items.iter_mut().find(|item| Some(item.root.entry.id) == line.refused_with) {
            item.followers.push(line);
        }
    }
    Ok(items)
}

pub fn get(connection: &Connection, root: EntryId) -> Result<Item> {
    let found = list(connection)?.into_iter().find(|item| item.root.entry.id == root);
    Ok(found.ok_or(Disagreement::NoEntry { id: root.0 })?)
}

/// What the person typed in an entry: the columns that they changed.
pub fn typed(line: &Line) -> Vec<Typed> {
    let entry = &line.entry;
    let changed = entry.after.iter().filter(|(name, after)| entry.before.get(*name) != Some(after));
    changed
        .map(|(name, after)| Typed {
            column: name.clone(),
            before: entry.before.get(name).map(print),
            after: print(after),
        })
        .collect()
}

/// Writes what was typed again, on the rows as they are today, as a new group. `corrected` takes
/// the place of columns of the refused entry.
pub fn send_again(write: &mut Write<'_>, root: EntryId, corrected: Cells) -> Result<()> {
    let item = get(write.connection(), root)?;
    if !item.is_fixable() {
        return Err(Disagreement::NotFixable.into());
    }
    for line in item.lines() {
        let table = table_of(line)?;
        let mut cells = typed_cells(table, line)?;
        if line.entry.id == root {
            corrected.iter().for_each(|(number, value)| cells.set(number, value.clone()));
        }
        write_again(write, table, line, cells)?;
        entries::set_state(write.connection(), line.entry.id, EntryState::Discarded)?;
    }
    Ok(())
}

/// A person does not want it any more. It stays in history.
pub fn discard(connection: &Connection, root: EntryId) -> Result<()> {
    for line in get(connection, root)?.lines() {
        entries::set_state(connection, line.entry.id, EntryState::Discarded)?;
    }
    Ok(())
}

fn write_again(write: &mut Write<'_>, table: &'static Table, line: &Line, mut cells: Cells) -> Result<()> {
    let why = Why { reason: line.entry.reason.clone(), ..Why::default() };
    let is_there = rows::exists(write.connection(), table, line.entry.row)?;
    if line.entry.operation == Operation::Insert && !is_there {
        cells.set(common::ID, Value::Id(line.entry.row));
        return write.insert_because(table, cells, why).map(drop);
    }
    write.update(table, line.entry.row, cells, why).map(drop)
}

/// Entries also name columns that only had to agree; those are left as they are today.
fn typed_cells(table: &'static Table, line: &Line) -> Result<Cells> {
    let entry = &line.entry;
    let changed = entry.after.iter().filter(|(name, after)| entry.before.get(*name) != Some(after));
    let changed = changed.map(|(name, value)| (name.clone(), value.clone())).collect();
    Ok(from_json(table, &changed).map_err(Disagreement::Value)?)
}

fn table_of(line: &Line) -> Result<&'static Table> {
    let missing = || StoreError::Damaged { what: format!("an entry names {:?}", line.entry.table) };
    Ok(find_table(&line.entry.table).ok_or_else(missing)?)
}

fn print(value: &Json) -> String {
    match value {
        Json::String(text) => text.clone(),
        Json::Null => String::new(),
        other => serde_json::to_string_pretty(other).expect("a value in memory can be printed"),
    }
}

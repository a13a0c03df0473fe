//! Conflicts that wait for a person, and settling them. Both sides are kept until then; the
//! server's is live. Settling is one more local change, so it works offline too.

use crate::error::{Disagreement, Result, StoreError};
use crate::store::rows;
use crate::write::{Why, Write};
use guildhall_sync::id::ConflictId;
use guildhall_sync::model::find_table;
use guildhall_sync::model::settlement::{ConflictKind, SyncConflict};
use guildhall_sync::schema::{Column, Merge, Row, Table, common};
use guildhall_sync::value::json::from_json;
use guildhall_sync::value::{Cells, Json, Type, Value};
use rusqlite::Connection;
use serde_json::{Map, Value as Named};
use uuid::Uuid;

/// What shall stand.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Settlement {
    Mine,
    /// What is live already.
    Theirs,
    /// A text that a person wrote from both; for a conflict about one column of text.
    Text(String),
    /// Column by column; what is not named stays as it is live.
    Each(Vec<Chosen>),
    /// Of a row whose name is taken: it gets this name and is made beside the other.
    Rename(String),
}

/// What shall stand in a column.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Chosen {
    pub column: String,
    pub take: Take,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Take {
    Mine,
    Theirs,
    /// What a person wrote from both; for a column of text.
    Text(String),
}

/// One column of a conflict, in a form that can be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sides {
    pub column: String,
    pub before: Option<String>,
    pub mine: Option<String>,
    pub theirs: Option<String>,
}

/// Conflicts that wait for this person, the oldest first; without those that are settled here
/// and not yet sent.
pub fn list(connection: &Connection) -> Result<Vec<SyncConflict>> {
    rows::list_typed(connection, "id in (select id from open_conflicts) order by created_at, id", [])
}

pub fn get(connection: &Connection, id: Uuid) -> Result<SyncConflict> {
    rows::get_typed(connection, id)
}

/// The columns with what each side wanted.
pub fn sides(conflict: &SyncConflict) -> Result<Vec<Sides>> {
    let [base, mine, theirs] = [&conflict.base, &conflict.mine, &conflict.theirs].map(object);
    let (base, mine, theirs) = (base?, mine?, theirs?);
    let read = |side: &Map<String, Named>, column: &str| side.get(column).and_then(print);
    Ok(conflict
        .units
        .iter()
        .map(|column| Sides {
            column: column.clone(),
            before: read(&base, column),
            mine: read(&mine, column),
            theirs: read(&theirs, column),
        })
        .collect())
}

/// Whether it is about values that somebody chose, and nothing that somebody wrote in words. Such
/// ones may be settled many at once.
pub fn is_of_values(conflict: &SyncConflict) -> bool {
    let is_value = |name: &String| {
        let column = find_table(&conflict.target_table).and_then(|table| table.column(name));
        column.is_some_and(|column| !matches!(column.kind, Type::Text | Type::Markdown | Type::Json))
    };
    matches!(conflict.kind, ConflictKind::Field | ConflictKind::State) && conflict.units.iter().all(is_value)
}

/// Writes what shall stand, naming the conflict.
pub fn settle(write: &mut Write<'_>, id: Uuid, settlement: &Settlement) -> Result<()> {
    let conflict = get(write.connection(), id)?;
    let table = table_of(&conflict)?;
    let why = Why { settles: Some(ConflictId(id)), ..Why::default() };
    let changes = match settlement {
        Settlement::Theirs => Cells::default(),
        Settlement::Mine => wanted(table, &conflict)?,
        Settlement::Text(text) => {
            let column = text_column(table, &conflict)?;
            Cells::from_iter([(column, Value::text(text))])
        }
        Settlement::Each(chosen) => each(table, &conflict, chosen)?,
        Settlement::Rename(name) => {
            let row = renamed(table, &conflict, name)?;
            return write.insert_because(table, row, why).map(drop);
        }
    };
    write.update(table, conflict.target_id, changes, why)?;
    Ok(())
}

fn each(table: &'static Table, conflict: &SyncConflict, chosen: &[Chosen]) -> Result<Cells> {
    let mine = wanted(table, conflict)?;
    let mut changes = Cells::default();
    for Chosen { column, take } in chosen {
        let unknown = || Disagreement::NotOneText { id: conflict.id.0 };
        let column = table.column(column).filter(|column| conflict.units.contains(column.name));
        let column = column.ok_or_else(unknown)?;
        match take {
            Take::Theirs => {}
            Take::Mine => changes.set(column.number, mine.value(column.number).clone()),
            Take::Text(text) if matches!(column.kind, Type::Text | Type::Markdown) => {
                changes.set(column.number, Value::text(text));
            }
            Take::Text(_) => return Err(unknown().into()),
        }
    }
    Ok(changes)
}

/// The row that was kept as a draft, with another name.
fn renamed(table: &'static Table, conflict: &SyncConflict, name: &str) -> Result<Cells> {
    let not_one = || Disagreement::NotADuplicate { id: conflict.id.0 };
    let column = name_column(table, conflict).ok_or_else(not_one)?;
    let mut row = from_json(table, &object(&conflict.mine)?).map_err(Disagreement::from)?;
    let is_kept = |number: u16| {
        number == common::ID || table.column_by_number(number).is_some_and(|column| column.is_writable())
    };
    let dropped: Vec<u16> = row.iter().map(|(number, _)| number).filter(|number| !is_kept(*number)).collect();
    dropped.into_iter().for_each(|number| drop(row.remove(number)));
    row.set(column.number, Value::text(name));
    Ok(row)
}

/// The column that tells apart rows with the same name: of a page its name in its folder.
pub fn name_column(table: &'static Table, conflict: &SyncConflict) -> Option<&'static Column> {
    if conflict.kind != ConflictKind::Duplicate {
        return None;
    }
    let is_clash = |key: &&&[&str]| key.iter().all(|column| conflict.units.contains(*column));
    let key = table.keys.iter().find(is_clash)?;
    key.iter().rev().filter_map(|name| table.column(name)).find(|column| column.kind == Type::Text)
}

/// What the author wants of the live row. Of a deletion that is the deletion alone: what somebody
/// wrote meanwhile stays in the deleted row. Of a row with a taken name it is what can be changed
/// in the row that has the name.
fn wanted(table: &'static Table, conflict: &SyncConflict) -> Result<Cells> {
    let mine = from_json(table, &object(&conflict.mine)?).map_err(Disagreement::from)?;
    let deletes = !mine.value(common::DELETED_AT).is_null();
    let is_wanted = |number: u16| match conflict.kind {
        ConflictKind::DeleteVsEdit if deletes => number == common::DELETED_AT,
        ConflictKind::Duplicate => table.column_by_number(number).is_some_and(|column| {
            number >= common::FIRST_OWN && column.is_writable() && column.merge != Merge::SetOnce
        }),
        _ => true,
    };
    Ok(mine.iter().filter(|(number, _)| is_wanted(*number)).map(|(n, value)| (n, value.clone())).collect())
}

fn text_column(table: &'static Table, conflict: &SyncConflict) -> Result<u16> {
    let mut columns = conflict.units.iter().filter_map(|unit| table.column(unit));
    match (columns.next(), columns.next()) {
        (Some(column), None) if conflict.kind == ConflictKind::Text => Ok(column.number),
        _ => Err(Disagreement::NotOneText { id: conflict.id.0 }.into()),
    }
}

fn table_of(conflict: &SyncConflict) -> Result<&'static Table> {
    let unknown = || StoreError::NotAValue { table: SyncConflict::TABLE.name, column: "target_table" };
    Ok(find_table(&conflict.target_table).ok_or_else(unknown)?)
}

fn object(side: &Json) -> Result<Map<String, Named>> {
    let unread = |_| StoreError::NotAValue { table: SyncConflict::TABLE.name, column: "mine" };
    Ok(serde_json::from_str(&side.0).map_err(unread)?)
}

fn print(value: &Named) -> Option<String> {
    match value {
        Named::Null => None,
        Named::String(text) => Some(text.clone()),
        other => Some(other.to_string()),
    }
}

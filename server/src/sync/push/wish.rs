//! An entry as it was read: its table, and its values as cells. What is wrong with an entry by
//! itself, whatever the rows are, is found here.

use super::decision::Decision;
use super::refusal;
use guildhall_sync::change::{Entry, Operation, Place, RejectCode, SCHEMA};
use guildhall_sync::id::GuildId;
use guildhall_sync::merge::{Edit, RowMerge, bring_back, merge_entry};
use guildhall_sync::model::find_table;
use guildhall_sync::permission::Forbidden;
use guildhall_sync::schema::{Rows, Table, common};
use guildhall_sync::upcast;
use guildhall_sync::validate::{MAX_QUESTION, TIMES};
use guildhall_sync::value::json::from_json;
use guildhall_sync::value::{Cells, Value};
use serde_json::{Map, Value as Json};
use uuid::Uuid;

/// The most entries that one entry may wait for.
const MAX_DEPENDENCIES: usize = 1000;

/// A row, by the number of its table and its id. Rows are locked in this order.
pub type Key = (u16, Uuid);

#[derive(Clone, Debug)]
pub struct Wish<'a> {
    pub entry: &'a Entry,
    pub table: &'static Table,
    pub before: Cells,
    pub after: Cells,
    /// Of an entry from before a restore: its place in the lost history, where it had one.
    pub reoffered: Option<Option<Place>>,
    /// Of an edit that comes back: the row that it is made on, by the lost history.
    pub old: Option<Cells>,
}

impl Wish<'_> {
    pub fn key(&self) -> Key {
        (self.table.number, self.entry.row)
    }

    /// The entry's place in a history that a restore took away.
    pub fn lost_place(&self) -> Option<Place> {
        self.reoffered.flatten()
    }

    /// Merges the edit, or a part of it, into the row as it stands.
    pub fn merge(&self, edit: Edit, theirs: &Cells) -> RowMerge {
        match &self.old {
            Some(old) => bring_back(self.table, old, edit, theirs),
            None => merge_entry(self.table, edit, Some(theirs)),
        }
    }

    pub fn edit(&self) -> Edit<'_> {
        Edit { base_rev: self.entry.base_rev, before: &self.before, after: &self.after }
    }
}

/// Reads an entry of somebody in `guild`. A decision instead of it is the answer.
pub fn read(entry: &Entry, guild: GuildId) -> Result<Wish<'_>, Decision> {
    judge_schema(entry.schema)?;
    judge_head(entry)?;
    let unknown = || invalid(format!("There is no table {:?}.", entry.table));
    let table = find_table(&entry.table).ok_or_else(unknown)?;
    if table.rows != Rows::Edited {
        return Err(refusal::forbidden(&Forbidden::ServerDecides { table: table.name }));
    }
    let before = read_cells(table, entry.schema, &entry.before)?;
    let after = read_cells(table, entry.schema, &entry.after)?;
    match entry.operation {
        Operation::Insert => judge_insert(entry, guild, &before, &after)?,
        Operation::Update => judge_update(entry, &before, &after)?,
    }
    Ok(Wish { entry, table, before, after, reoffered: None, old: None })
}

fn judge_schema(schema: u32) -> Result<(), Decision> {
    if schema > SCHEMA {
        return Err(Decision::later("it was written by a newer program than the server's"));
    }
    if schema < upcast::OLDEST { Err(too_old()) } else { Ok(()) }
}

fn too_old() -> Decision {
    Decision::refuse(RejectCode::Schema, "It was written by a program that is too old.")
}

fn judge_head(entry: &Entry) -> Result<(), Decision> {
    let reason = entry.reason.as_deref().unwrap_or_default();
    if reason.contains('\0') || reason.chars().nth(MAX_QUESTION).is_some() {
        return Err(invalid("The reason is too long, or holds a character that cannot be shown."));
    }
    if entry.device_seq == 0 || i64::try_from(entry.device_seq).is_err() {
        return Err(invalid("Its number is not one."));
    }
    if !TIMES.contains(&entry.authored_at.0) {
        return Err(invalid("Its time is not one."));
    }
    if entry.depends_on.len() > MAX_DEPENDENCIES {
        return Err(invalid("It depends on too much."));
    }
    Ok(())
}

fn read_cells(table: &Table, schema: u32, named: &Map<String, Json>) -> Result<Cells, Decision> {
    let named = upcast::upcast(schema, table.name, named).ok_or_else(too_old)?;
    from_json(table, &named).map_err(|error| invalid(format!("What was written cannot be read: {error}.")))
}

/// The row's id and guild may be named, but not as something else.
fn judge_insert(entry: &Entry, guild: GuildId, before: &Cells, after: &Cells) -> Result<(), Decision> {
    if !before.is_empty() || entry.base_rev.is_some() {
        return Err(invalid("A new row has nothing before it."));
    }
    let is = |number, id| after.get(number).is_none_or(|value| *value == Value::Id(id));
    if !is(common::ID, entry.row) || !is(common::GUILD_ID, guild.0) {
        return Err(Decision::refuse(RejectCode::Forbidden, "It would belong to somebody else."));
    }
    Ok(())
}

fn judge_update(entry: &Entry, before: &Cells, after: &Cells) -> Result<(), Decision> {
    if after.is_empty() && entry.settles.is_none() {
        return Err(invalid("It changes nothing."));
    }
    if !before.iter().map(|(number, _)| number).eq(after.iter().map(|(number, _)| number)) {
        return Err(invalid("It does not say what was there before."));
    }
    Ok(())
}

fn invalid(reason: impl Into<String>) -> Decision {
    Decision::refuse(RejectCode::Invalid, reason)
}

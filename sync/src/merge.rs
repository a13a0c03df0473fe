//! Three-way merge of one entry into one row, unit by unit. The server decides verdicts with it;
//! a device folds its pending entries over what it last received with the same code, so that what
//! it shows before is what is decided after.
//!
//! Not here: business keys and parents, which only a database knows, and permissions.

mod cell;
mod comeback;
mod deletion;
mod json;
mod unit;

pub use cell::{Outcome, Refusal, is_same, merge_cell};
pub use comeback::{Comeback, LostRow, Returned, bring_back};

use crate::model::settlement::ConflictKind;
use crate::schema::{Column, Merge, Table, common};
use crate::validate::{Invalid, validate};
use crate::value::{Cells, Value};
use unit::Side;

/// What an entry says of its row.
#[derive(Clone, Copy, Debug)]
pub struct Edit<'a> {
    /// The `rev` that the author saw; none for a new row.
    pub base_rev: Option<i64>,
    /// The touched columns as the author saw them.
    pub before: &'a Cells,
    /// The touched columns as the author wants them.
    pub after: &'a Cells,
}

/// What becomes of an entry. It has an effect if `applied` is not empty; the caller decides what
/// a group does when one of its entries has conflicts, refusals or an invalid row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RowMerge {
    /// The whole row, with the applied units.
    pub result: Cells,
    /// The units of which at least one column changed, by their columns.
    pub applied: Vec<Vec<&'static str>>,
    /// Columns that both sides had changed and that a rule brought together.
    pub merged_columns: Vec<&'static str>,
    /// Units of which both sides are to be kept; the result has theirs.
    pub conflicts: Vec<UnitConflict>,
    /// Columns that the entry may not set at all.
    pub refused: Vec<(&'static str, Refusal)>,
    /// The row would not be legal, and nobody else's edit is the cause. The result has theirs.
    pub invalid: Option<Invalid>,
}

/// A unit that both sides changed and that no rule brings together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnitConflict {
    pub columns: Vec<&'static str>,
    pub kind: ConflictKind,
    pub base: Cells,
    pub mine: Cells,
    pub theirs: Cells,
}

/// Merges an entry into the row as it stands; `theirs` is none where the entry makes the row. An
/// update of a row that is not there is the caller's to refuse.
pub fn merge_entry(table: &'static Table, edit: Edit, theirs: Option<&Cells>) -> RowMerge {
    match theirs {
        None => make_row(table, edit),
        Some(theirs) => change_row(table, edit, theirs),
    }
}

/// The cells of an entry, before and after, for an edit that leads from one whole row to another:
/// the columns that changed with the rest of their units, and for a deletion all columns, so that
/// everything that somebody else changed meanwhile is noticed.
pub fn touched(table: &'static Table, before: &Cells, after: &Cells) -> (Cells, Cells) {
    let differs = |column: &Column| !is_same(&column.value_in(before), &column.value_in(after));
    let deletes = before.value(common::DELETED_AT).is_null() && !after.value(common::DELETED_AT).is_null();
    let is_touched = |column: &&Column| {
        let named = |name: &&str| table.column(name).is_some_and(differs);
        deletes && column.number >= common::FIRST_OWN || table.unit_of(column.name).iter().any(named)
    };
    let columns = || table.columns.iter().filter(|column| column.is_writable()).filter(is_touched);
    let cells =
        |row: &Cells| columns().map(|column| (column.number, column.value_in(row).into_owned())).collect();
    (cells(before), cells(after))
}

fn make_row(table: &'static Table, edit: Edit) -> RowMerge {
    let mut made = RowMerge::unchanged(&Cells::default());
    for (column, value) in named(table, edit.after) {
        if column.is_writable() {
            made.result.set(column.number, value.clone());
        } else {
            made.refused.push((column.name, Refusal::ServerOnly));
        }
    }
    made.applied = units(table, &made.result);
    made.invalid = validate(table, &made.result).err();
    made
}

fn change_row(table: &'static Table, edit: Edit, theirs: &Cells) -> RowMerge {
    let mut merge = RowMerge::unchanged(theirs);
    let server_only = named(table, edit.after).filter(|(column, _)| !column.is_writable());
    merge.refused = server_only.map(|(column, _)| (column.name, Refusal::ServerOnly)).collect();
    if let Some(columns) = deletion::collision(table, edit, theirs) {
        merge.conflicts = vec![deletion::conflict(&columns, edit, theirs)];
        return merge;
    }
    let restores = deletion::restores(edit);
    for names in units(table, edit.after) {
        let columns: Vec<&'static Column> = names.iter().filter_map(|name| table.column(name)).collect();
        let sides: Vec<Side> = columns.iter().map(|column| Side::of(column, edit, theirs)).collect();
        let is_deletion = columns.iter().any(|column| column.number == common::DELETED_AT);
        match deletion::outcome(is_deletion, restores, &sides).unwrap_or_else(|| unit::merge(&sides)) {
            unit::Verdict::Theirs => {}
            unit::Verdict::Apply { values, merged } => merge.apply(&columns, values, merged),
            unit::Verdict::Conflict(kind) => merge.conflicts.push(conflict(kind, &columns, edit, theirs)),
            unit::Verdict::Refused(column, why) => merge.refused.push((column, why)),
        }
    }
    judge(table, edit, theirs, merge)
}

/// A constraint that fails only because two edits came together is a conflict of those units.
fn judge(table: &'static Table, edit: Edit, theirs: &Cells, merge: RowMerge) -> RowMerge {
    let flaw = if merge.applied.is_empty() { None } else { validate(table, &merge.result).err() };
    let Some(invalid) = flaw else { return merge };
    let mut undone = RowMerge { refused: merge.refused, ..RowMerge::unchanged(theirs) };
    if theirs.value(common::REV).as_int() == edit.base_rev || validate(table, theirs).is_err() {
        undone.invalid = Some(invalid);
        return undone;
    }
    undone.conflicts = merge.conflicts;
    for unit in merge.applied {
        let columns: Vec<&'static Column> = unit.iter().filter_map(|name| table.column(name)).collect();
        undone.conflicts.push(conflict(ConflictKind::Field, &columns, edit, theirs));
    }
    undone
}

impl RowMerge {
    fn unchanged(theirs: &Cells) -> Self {
        Self {
            result: theirs.clone(),
            applied: Vec::new(),
            merged_columns: Vec::new(),
            conflicts: Vec::new(),
            refused: Vec::new(),
            invalid: None,
        }
    }

    fn apply(&mut self, columns: &[&'static Column], values: Vec<Value>, merged: bool) {
        let mut changes = false;
        for (column, value) in columns.iter().zip(values) {
            changes |= !is_same(&column.value_in(&self.result), &value);
            self.result.set(column.number, value);
        }
        let names: Vec<&'static str> = columns.iter().map(|column| column.name).collect();
        if merged {
            self.merged_columns.extend(&names);
        }
        if changes {
            self.applied.push(names);
        }
    }
}

fn named<'a>(table: &'static Table, cells: &'a Cells) -> impl Iterator<Item = (&'static Column, &'a Value)> {
    cells.iter().filter_map(|(number, value)| Some((table.column_by_number(number)?, value)))
}

/// The units that the cells touch, each once, without those of the server.
fn units(table: &'static Table, cells: &Cells) -> Vec<Vec<&'static str>> {
    let mut units: Vec<Vec<&'static str>> = Vec::new();
    for (column, _) in named(table, cells) {
        let is_new = !units.iter().any(|unit| unit.contains(&column.name));
        if is_new && column.merge != Merge::ServerOnly {
            units.push(table.unit_of(column.name));
        }
    }
    units
}

fn conflict(kind: ConflictKind, columns: &[&'static Column], edit: Edit, theirs: &Cells) -> UnitConflict {
    let sides: Vec<Side> = columns.iter().map(|column| Side::of(column, edit, theirs)).collect();
    let cells =
        |value: fn(&Side) -> Value| sides.iter().map(|side| (side.column.number, value(side))).collect();
    UnitConflict {
        columns: columns.iter().map(|column| column.name).collect(),
        kind,
        base: cells(|side| side.base.clone().into_owned()),
        mine: cells(|side| side.mine.clone().into_owned()),
        theirs: cells(|side| side.theirs.clone().into_owned()),
    }
}

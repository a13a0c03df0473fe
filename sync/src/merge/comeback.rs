//! Edits that the server had accepted and a restore took away, as their authors bring them back,
//! in any order. The row is what their old order makes of the restored one; only with what was
//! written after the restore they are merged, or are in conflict.

use super::unit::{self, Side, Verdict};
use super::{Edit, RowMerge, deletion, is_same, merge_entry, touched, units};
use crate::change::Place;
use crate::id::EntryId;
use crate::schema::{Column, Table, common};
use crate::validate::validate;
use crate::value::Cells;

/// An edit that came back, with its place in the history that was lost.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Returned {
    pub place: Place,
    pub entry: EntryId,
    pub before: Cells,
    pub after: Cells,
}

/// What is known of a row that edits come back to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LostRow {
    /// The row as it was restored, without the columns that were written since; empty for a row
    /// that the restore took away.
    pub restored: Cells,
    /// What came back already.
    pub returned: Vec<Returned>,
}

/// An edit that comes back, as the edit that it makes now of what came back before.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Comeback {
    /// The row as the restored one and what came back before make it.
    pub old: Cells,
    pub before: Cells,
    pub after: Cells,
}

impl LostRow {
    /// What changes when one more edit comes back. Empty where later ones had replaced it.
    pub fn comeback(&self, table: &'static Table, edit: &Returned) -> Comeback {
        let mut all: Vec<&Returned> = self.returned.iter().collect();
        let mut old = replay(table, &self.restored, &mut all);
        if !self.returned.iter().any(|known| known.entry == edit.entry) {
            all.push(edit);
        }
        let new = replay(table, &self.restored, &mut all);
        for (number, value) in edit.before.iter() {
            if old.get(number).is_none() {
                old.set(number, value.clone());
            }
        }
        let (mut before, after) = touched(table, &old, &new);
        // Written since the restore: it may be as an edit that came back made it by chance only, so
        // what its author saw is what counts.
        let is_written = |number: u16| !self.restored.is_empty() && self.restored.get(number).is_none();
        for (number, value) in edit.before.iter().filter(|(number, _)| is_written(*number)) {
            if after.get(number).is_some() {
                old.set(number, value.clone());
                before.set(number, value.clone());
            }
        }
        Comeback { old, before, after }
    }
}

/// Merges a comeback, or a part of it, into the row as it stands. Where nobody wrote since the
/// restore the old order alone decides, with no rule asked again.
pub fn bring_back(table: &'static Table, old: &Cells, edit: Edit, theirs: &Cells) -> RowMerge {
    let is_moved = |column: &Column| {
        column.is_writable()
            && !old.get(column.number).is_some_and(|old| is_same(old, &column.value_in(theirs)))
    };
    let has_moved = |names: &[&str]| names.iter().filter_map(|name| table.column(name)).any(is_moved);
    let is_dead = |row: &Cells| !row.value(common::DELETED_AT).is_null();
    let is_deletion = is_dead(old) != is_dead(theirs) || edit.after.get(common::DELETED_AT).is_some();
    if is_deletion && table.columns.iter().any(is_moved) {
        return merge_entry(table, edit, Some(theirs));
    }
    let (mut eased, mut rest, mut applied) = (theirs.clone(), Cells::default(), Vec::new());
    for names in units(table, edit.after) {
        let cells = names.iter().filter_map(|name| table.column(name));
        let cells = cells.filter_map(|column| Some((column.number, edit.after.get(column.number)?)));
        let row = if has_moved(&names) { &mut rest } else { &mut eased };
        cells.for_each(|(number, value)| row.set(number, value.clone()));
        let is_changed = |column: &Column| !is_same(&column.value_in(&eased), &column.value_in(theirs));
        if names.iter().filter_map(|name| table.column(name)).any(is_changed) {
            applied.push(names);
        }
    }
    let before = edit.before.iter().filter(|(number, _)| rest.get(*number).is_some());
    let before: Cells = before.map(|(number, value)| (number, value.clone())).collect();
    let mut merge = merge_entry(table, Edit { base_rev: None, before: &before, after: &rest }, Some(&eased));
    if merge.invalid.is_none() && !applied.is_empty() {
        merge.invalid = validate(table, &merge.result).err();
    }
    merge.applied.extend(applied);
    merge
}

/// The row that the edits make in the order of their places. What a rule would refuse or leave to a
/// person was accepted once: an edit between is missing, and this one was made on top of it.
fn replay(table: &'static Table, restored: &Cells, edits: &mut [&Returned]) -> Cells {
    edits.sort_by_key(|edit| (edit.place, edit.entry));
    let mut row = restored.clone();
    for edit in edits {
        for names in units(table, &edit.after) {
            let columns: Vec<&'static Column> = names.iter().filter_map(|name| table.column(name)).collect();
            apply(&mut row, edit, &columns);
        }
    }
    row
}

fn apply(row: &mut Cells, edit: &Returned, columns: &[&'static Column]) {
    let whole = Edit { base_rev: None, before: &edit.before, after: &edit.after };
    let is_new = columns.iter().any(|column| row.get(column.number).is_none());
    let values = if is_new {
        None
    } else {
        let sides: Vec<Side> = columns.iter().map(|column| Side::of(column, whole, row)).collect();
        let is_deletion = columns.iter().any(|column| column.number == common::DELETED_AT);
        let outcome = deletion::outcome(is_deletion, deletion::restores(whole), &sides);
        match outcome.unwrap_or_else(|| unit::merge(&sides)) {
            Verdict::Theirs => return,
            Verdict::Apply { values, .. } => Some(values),
            Verdict::Conflict(_) | Verdict::Refused(..) => None,
        }
    };
    for (place, column) in columns.iter().enumerate() {
        let value = match &values {
            Some(values) => values.get(place).cloned(),
            None => edit.after.get(column.number).cloned(),
        };
        if let Some(value) = value {
            row.set(column.number, value);
        }
    }
}

//! What becomes of a unit: one column by its rule, several columns all from one side.

use super::Edit;
use super::cell::{Outcome, Refusal, is_same, merge_cell};
use crate::model::settlement::ConflictKind;
use crate::schema::{Column, Merge};
use crate::value::{Cells, Value};
use std::borrow::Cow;

/// One column of the three rows.
pub struct Side<'a> {
    pub column: &'static Column,
    pub base: Cow<'a, Value>,
    pub theirs: Cow<'a, Value>,
    pub mine: Cow<'a, Value>,
}

impl<'a> Side<'a> {
    /// A column that the entry does not touch is taken as it stands, on all three sides.
    pub fn of(column: &'static Column, edit: Edit<'a>, theirs: &'a Cells) -> Self {
        let theirs = column.value_in(theirs);
        match edit.after.get(column.number) {
            None => Self { column, base: theirs.clone(), mine: theirs.clone(), theirs },
            Some(mine) => {
                Self { column, base: column.value_in(edit.before), theirs, mine: Cow::Borrowed(mine) }
            }
        }
    }

    fn merge(&self) -> Outcome {
        merge_cell(self.column.merge, &self.base, &self.theirs, &self.mine)
    }

    pub fn is_mine_the_base(&self) -> bool {
        is_same(&self.mine, &self.base)
    }

    pub fn is_mine_theirs(&self) -> bool {
        is_same(&self.mine, &self.theirs)
    }

    pub fn is_theirs_the_base(&self) -> bool {
        is_same(&self.theirs, &self.base)
    }
}

pub enum Verdict {
    Theirs,
    /// These values, in the order of the unit's columns.
    Apply {
        values: Vec<Value>,
        merged: bool,
    },
    Conflict(ConflictKind),
    Refused(&'static str, Refusal),
}

pub fn merge(sides: &[Side]) -> Verdict {
    match sides {
        [side] => match side.merge() {
            Outcome::Theirs => Verdict::Theirs,
            Outcome::Mine => take_mine(sides, false),
            Outcome::Merged(value) => Verdict::Apply { values: vec![value], merged: true },
            Outcome::Conflict(kind) => Verdict::Conflict(kind),
            Outcome::Refused(why) => Verdict::Refused(side.column.name, why),
        },
        _ => merge_together(sides),
    }
}

/// In a unit with a state the machine decides for all its columns; elsewhere two different edits
/// of a unit are a conflict, unless every column is `Soft`.
fn merge_together(sides: &[Side]) -> Verdict {
    if sides.iter().all(Side::is_mine_the_base) || sides.iter().all(Side::is_mine_theirs) {
        return Verdict::Theirs;
    }
    let is_mine_alone = sides.iter().all(Side::is_theirs_the_base);
    if let Some(state) = sides.iter().find(|side| matches!(side.column.merge, Merge::Status(_))) {
        match state.merge() {
            Outcome::Mine | Outcome::Merged(_) => return take_mine(sides, !is_mine_alone),
            Outcome::Conflict(kind) => return Verdict::Conflict(kind),
            Outcome::Refused(why) => return Verdict::Refused(state.column.name, why),
            Outcome::Theirs if !state.is_mine_the_base() => return Verdict::Theirs,
            Outcome::Theirs => {}
        }
    }
    let is_soft = sides.iter().all(|side| side.column.merge == Merge::Soft);
    if is_mine_alone || is_soft {
        take_mine(sides, !is_mine_alone)
    } else {
        Verdict::Conflict(ConflictKind::Field)
    }
}

pub fn take_mine(sides: &[Side], merged: bool) -> Verdict {
    Verdict::Apply { values: sides.iter().map(|side| side.mine.clone().into_owned()).collect(), merged }
}

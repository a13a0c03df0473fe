//! Deleting and restoring. People delete by setting `deleted_at`; a deletion and an edit of the
//! same row never pass each other unnoticed, whichever came first.

use super::unit::{Side, Verdict, take_mine};
use super::{Edit, UnitConflict, is_same, named};
use crate::model::settlement::ConflictKind;
use crate::schema::{Column, Table, common};
use crate::value::{Cells, Value};

/// Whether the edit brings a row back that its author saw as deleted.
pub fn restores(edit: Edit) -> bool {
    let wanted = edit.after.get(common::DELETED_AT);
    wanted.is_some_and(|wanted| wanted.is_null()) && !edit.before.value(common::DELETED_AT).is_null()
}

fn deletes(edit: Edit) -> bool {
    !edit.after.value(common::DELETED_AT).is_null() && edit.before.value(common::DELETED_AT).is_null()
}

/// The columns over which a deletion of one side meets an edit of the other; none where it does
/// not. Two deletions do not meet, and an explicit restore is always allowed.
pub fn collision(table: &'static Table, edit: Edit, theirs: &Cells) -> Option<Vec<&'static Column>> {
    let is_deleted = !theirs.value(common::DELETED_AT).is_null();
    let mut columns = match (is_deleted, deletes(edit)) {
        (false, true) => met_by_deletion(table, edit, theirs)?,
        (true, false) if !restores(edit) => changed_by_mine(table, edit, theirs)?,
        _ => return None,
    };
    let deleted_at = table.column_by_number(common::DELETED_AT).expect("every table has deleted_at");
    columns.retain(|column| column.number != common::DELETED_AT);
    columns.insert(0, deleted_at);
    Some(columns)
}

/// Both sides of a collision. Who edits a row wants it alive, whether they say so or not.
pub fn conflict(columns: &[&'static Column], edit: Edit, theirs: &Cells) -> UnitConflict {
    let mut both = super::conflict(ConflictKind::DeleteVsEdit, columns, edit, theirs);
    if edit.after.get(common::DELETED_AT).is_none() {
        both.base.set(common::DELETED_AT, Value::Null);
        both.mine.set(common::DELETED_AT, Value::Null);
    }
    both
}

/// What the deleting author had not seen, with what they change beside it, as who takes back a
/// restore does. An entry that names no other column than `deleted_at` says no more than which
/// version its author saw.
fn met_by_deletion(table: &'static Table, edit: Edit, theirs: &Cells) -> Option<Vec<&'static Column>> {
    let seen: Vec<_> = named(table, edit.before)
        .filter(|(column, _)| column.is_writable() && column.number != common::DELETED_AT)
        .collect();
    if seen.is_empty() {
        let has_moved = edit.base_rev.is_some() && theirs.value(common::REV).as_int() != edit.base_rev;
        return has_moved.then(Vec::new);
    }
    let is_unseen = |(column, value): &(&Column, &Value)| !is_same(&column.value_in(theirs), value);
    seen.iter().any(is_unseen).then(|| {
        let is_met = |seen: &(&Column, &Value)| is_unseen(seen) || is_changed(seen.0, edit, theirs);
        seen.iter().filter(|seen| is_met(seen)).map(|(column, _)| *column).collect()
    })
}

fn changed_by_mine(table: &'static Table, edit: Edit, theirs: &Cells) -> Option<Vec<&'static Column>> {
    let columns: Vec<&'static Column> = named(table, edit.after)
        .map(|(column, _)| column)
        .filter(|column| column.is_writable() && is_changed(column, edit, theirs))
        .collect();
    (!columns.is_empty()).then_some(columns)
}

/// Whether the edit makes something new of a column.
fn is_changed(column: &Column, edit: Edit, theirs: &Cells) -> bool {
    let mine = edit.after.get(column.number);
    mine.is_some_and(|mine| {
        !is_same(mine, &column.value_in(edit.before)) && !is_same(mine, &column.value_in(theirs))
    })
}

/// What becomes of `deleted_at` itself: of two deletions the first stands, a restore wins.
pub fn outcome(is_deletion: bool, restores: bool, sides: &[Side]) -> Option<Verdict> {
    let [side] = sides else { return None };
    if !is_deletion {
        return None;
    }
    if restores {
        return Some(if side.is_mine_theirs() {
            Verdict::Theirs
        } else {
            take_mine(sides, !side.is_theirs_the_base())
        });
    }
    let both_delete = side.base.is_null() && !side.theirs.is_null() && !side.mine.is_null();
    both_delete.then_some(Verdict::Theirs)
}

//! A deletion and an edit of one row never pass each other unnoticed.

use crate::property::holds;
use crate::rows::{is_same_row, three_rows};
use guildhall_sync::merge::{Edit, RowMerge, is_same, merge_entry, touched};
use guildhall_sync::model::settlement::ConflictKind;
use guildhall_sync::schema::{Table, common};
use guildhall_sync::value::{Cells, Value};
use proptest::prelude::*;

const BASE_REV: i64 = 7;

fn deleted(row: &Cells) -> Cells {
    let mut row = row.clone();
    row.set(common::DELETED_AT, Value::Int(1_700_000_000_000_000));
    row
}

fn at_base(row: &Cells) -> Cells {
    let mut row = row.clone();
    row.set(common::REV, Value::Int(BASE_REV));
    row
}

fn merged(table: &'static Table, base: &Cells, theirs: &Cells, mine: &Cells) -> RowMerge {
    let (before, after) = touched(table, base, mine);
    merge_entry(table, Edit { base_rev: Some(BASE_REV), before: &before, after: &after }, Some(theirs))
}

fn differs(table: &Table, left: &Cells, right: &Cells) -> bool {
    table.columns.iter().any(|column| {
        column.is_writable()
            && column.number >= common::FIRST_OWN
            && !is_same(&column.value_in(left), &column.value_in(right))
    })
}

fn is_conflict(merge: &RowMerge, theirs: &Cells) -> bool {
    let kinds: Vec<ConflictKind> = merge.conflicts.iter().map(|conflict| conflict.kind).collect();
    kinds == [ConflictKind::DeleteVsEdit] && merge.result == *theirs && merge.applied.is_empty()
}

#[test]
fn a_deletion_meets_an_edit_whichever_came_first() {
    holds(15_000, three_rows(), |(table, base, edited, _)| {
        let base = at_base(&base);
        let has_edit = differs(table, &base, &edited);
        let deletion_second = merged(table, &base, &edited, &deleted(&base));
        prop_assert_eq!(is_conflict(&deletion_second, &edited), has_edit);
        let edit_second = merged(table, &base, &deleted(&base), &edited);
        prop_assert_eq!(is_conflict(&edit_second, &deleted(&base)), has_edit);
        if !has_edit {
            prop_assert!(!deletion_second.result.value(common::DELETED_AT).is_null());
        }
        Ok(())
    });
}

/// Who takes back a restore that changed something deletes and changes at once.
#[test]
fn what_a_deletion_changes_beside_it_is_part_of_the_conflict() {
    holds(5_000, three_rows(), |(table, base, edited, wanted)| {
        let base = at_base(&base);
        if !differs(table, &base, &edited) {
            return Ok(());
        }
        let merge = merged(table, &base, &edited, &deleted(&wanted));
        prop_assert!(is_conflict(&merge, &edited));
        for column in table.columns.iter().filter(|column| column.number >= common::FIRST_OWN) {
            let value = |row| column.value_in(row);
            let is_lost =
                !is_same(&value(&wanted), &value(&base)) && !is_same(&value(&wanted), &value(&edited));
            let is_kept = || {
                merge.conflicts[0].mine.get(column.number).is_some_and(|mine| is_same(mine, &value(&wanted)))
            };
            prop_assert!(!column.is_writable() || !is_lost || is_kept(), "{} is lost", column.name);
        }
        Ok(())
    });
}

#[test]
fn of_two_deletions_the_first_stands() {
    holds(5_000, three_rows(), |(table, base, ..)| {
        let mut later = deleted(&base);
        later.set(common::DELETED_AT, Value::Int(1_800_000_000_000_000));
        let merge = merged(table, &base, &deleted(&base), &later);
        prop_assert!(merge.conflicts.is_empty() && merge.applied.is_empty());
        prop_assert_eq!(merge.result, deleted(&base));
        Ok(())
    });
}

#[test]
fn a_restore_brings_the_row_back() {
    holds(5_000, three_rows(), |(table, base, ..)| {
        let mut again = deleted(&base);
        again.set(common::DELETED_AT, Value::Int(1_800_000_000_000_000));
        for theirs in [deleted(&base), again, base.clone()] {
            let merge = merged(table, &deleted(&base), &theirs, &base);
            prop_assert!(merge.conflicts.is_empty());
            prop_assert!(is_same_row(table, &merge.result, &base));
        }
        Ok(())
    });
}

/// An entry that names only `deleted_at` says by its version what its author saw.
#[test]
fn a_bare_deletion_of_a_newer_row_is_a_conflict() {
    holds(2_000, three_rows(), |(table, base, ..)| {
        let before: Cells = [(common::DELETED_AT, Value::Null)].into_iter().collect();
        let after = deleted(&before);
        let edit = Edit { base_rev: Some(BASE_REV), before: &before, after: &after };
        let seen = at_base(&base);
        prop_assert!(merge_entry(table, edit, Some(&seen)).conflicts.is_empty());
        let mut newer = base;
        newer.set(common::REV, Value::Int(BASE_REV + 1));
        prop_assert!(is_conflict(&merge_entry(table, edit, Some(&newer)), &newer));
        Ok(())
    });
}

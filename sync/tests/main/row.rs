//! Properties of merged rows, for every table that people edit.

use crate::property::holds;
use crate::rows::{edited, edited_tables, is_same_row, row, three_rows};
use guildhall_sync::merge::{Edit, RowMerge, is_same, merge_entry, touched};
use guildhall_sync::schema::{Merge, Table, common};
use guildhall_sync::validate::validate;
use guildhall_sync::value::{Cells, Value};
use proptest::prelude::*;
use proptest::sample::select;
use std::collections::BTreeSet;

fn merged(table: &'static Table, base: &Cells, theirs: &Cells, mine: &Cells) -> RowMerge {
    let (before, after) = touched(table, base, mine);
    let base_rev = base.value(common::REV).as_int();
    merge_entry(table, Edit { base_rev, before: &before, after: &after }, Some(theirs))
}

#[test]
fn an_edit_of_one_side_is_the_row() {
    let edits = select(edited_tables())
        .prop_flat_map(|table| row(table).prop_map(move |base| (table, base)))
        .prop_flat_map(|(table, base)| (edited(table, &base), Just((table, base))));
    holds(10_000, edits, |(other, (table, base))| {
        let theirs_alone = merged(table, &base, &other, &base);
        prop_assert_eq!(&theirs_alone.result, &other);
        prop_assert!(theirs_alone.applied.is_empty() && theirs_alone.conflicts.is_empty());
        let again = merged(table, &base, &other, &other);
        prop_assert_eq!(&again.result, &other);
        prop_assert!(again.applied.is_empty() && again.conflicts.is_empty());
        let mine_alone = merged(table, &base, &base, &other);
        prop_assert!(mine_alone.conflicts.is_empty());
        let expected = with_refusals_and_high_water(table, &base, &other, &mine_alone);
        prop_assert!(is_same_row(table, &mine_alone.result, &expected));
        Ok(())
    });
}

/// Mine, but for steps that a machine does not know and marks that would go back.
fn with_refusals_and_high_water(
    table: &'static Table,
    base: &Cells,
    mine: &Cells,
    merge: &RowMerge,
) -> Cells {
    let mut expected = mine.clone();
    for (refused, _) in &merge.refused {
        for name in table.unit_of(refused) {
            let column = table.column(name).expect("units name columns");
            expected.set(column.number, column.value_in(base).into_owned());
        }
    }
    for column in table.columns.iter().filter(|column| column.merge == Merge::HighWater) {
        let highest = column.value_in(base).as_int().max(column.value_in(mine).as_int());
        expected.set(column.number, highest.map_or(Value::Null, Value::Int));
    }
    expected
}

#[test]
fn every_unit_of_an_edit_is_applied_or_kept_beside() {
    holds(20_000, three_rows(), |(table, base, mut theirs, mine)| {
        theirs.set(common::REV, Value::Int(1_000));
        let merge = merged(table, &base, &theirs, &mine);
        prop_assert_eq!(&merge, &merged(table, &base, &theirs, &mine));
        prop_assert!(merge.invalid.is_none());
        prop_assert!(validate(table, &merge.result).is_ok());
        for conflict in &merge.conflicts {
            for name in &conflict.columns {
                let number = table.column(name).expect("conflicts name columns").number;
                let sides = [(&conflict.base, &base), (&conflict.mine, &mine), (&conflict.theirs, &theirs)];
                prop_assert!(sides.iter().all(|(kept, row)| is_same(kept.value(number), row.value(number))));
                prop_assert_eq!(merge.result.value(number), theirs.value(number));
            }
        }
        units_are_accounted_for(table, &theirs, &mine, &base, &merge)
    });
}

fn units_are_accounted_for(
    table: &'static Table,
    theirs: &Cells,
    mine: &Cells,
    base: &Cells,
    merge: &RowMerge,
) -> Result<(), TestCaseError> {
    let units: BTreeSet<Vec<&str>> = table.columns.iter().map(|column| table.unit_of(column.name)).collect();
    for unit in units {
        let same = |left: &Cells, right: &Cells| {
            unit.iter().all(|name| is_same(&table.value(left, name), &table.value(right, name)))
        };
        let in_conflict = merge.conflicts.iter().any(|conflict| conflict.columns == unit);
        let is_refused = merge.refused.iter().any(|(column, _)| unit.contains(column));
        let is_merged = unit.iter().any(|column| merge.merged_columns.contains(column));
        let is_applied = merge.applied.contains(&unit);
        prop_assert!(!(in_conflict && (is_applied || is_refused)), "{:?}", unit);
        prop_assert_eq!(is_applied, !same(&merge.result, theirs), "{:?}", unit);
        if unit == ["rev"] || unit == ["updated_at"] {
            continue;
        }
        if same(mine, base) || in_conflict || is_refused {
            prop_assert!(same(&merge.result, theirs), "{:?}", unit);
        } else if !is_merged && unit.len() == 1 {
            prop_assert!(same(&merge.result, mine), "{:?}", unit);
        } else if unit.len() > 1 {
            prop_assert!(same(&merge.result, mine) || same(&merge.result, theirs), "{:?}", unit);
        }
    }
    Ok(())
}

#[test]
fn what_is_applied_once_is_not_applied_again() {
    holds(10_000, three_rows(), |(table, base, theirs, mine)| {
        let once = merged(table, &base, &theirs, &mine);
        let twice = merged(table, &base, &once.result, &mine);
        let is_settled = |merge: &RowMerge| merge.conflicts.is_empty() && merge.refused.is_empty();
        if is_settled(&once) && once.merged_columns.is_empty() {
            prop_assert!(is_settled(&twice));
            prop_assert_eq!(&twice.result, &once.result);
        }
        Ok(())
    });
}

#[test]
fn a_new_row_is_taken_as_it_is_written() {
    let rows = select(edited_tables()).prop_flat_map(|table| row(table).prop_map(move |row| (table, row)));
    holds(10_000, rows, |(table, row)| {
        let (_, after) = touched(table, &Cells::default(), &row);
        let edit = Edit { base_rev: None, before: &Cells::default(), after: &after };
        let made = merge_entry(table, edit, None);
        prop_assert!(made.refused.is_empty() && made.conflicts.is_empty() && made.invalid.is_none());
        for column in table.columns.iter().filter(|column| column.is_writable()) {
            prop_assert!(is_same(&column.value_in(&made.result), &column.value_in(&row)), "{}", column.name);
        }
        Ok(())
    });
}

//! Questions about the cells of an entry and of the row that it is about.

use crate::sync::push::facts::Clash;
use crate::sync::push::wish::Wish;
use guildhall_sync::merge::{UnitConflict, is_same};
use guildhall_sync::model::find_table;
use guildhall_sync::model::settlement::ConflictKind;
use guildhall_sync::schema::{Table, common};
use guildhall_sync::value::{Cells, Type, Value};
use std::collections::BTreeSet;
use uuid::Uuid;

/// The rows that cells refer to, where they say something else than the row as it stands.
pub fn references<'a>(
    table: &'static Table,
    cells: &'a Cells,
    theirs: &'a Cells,
) -> impl Iterator<Item = (&'static Table, Uuid)> + 'a {
    cells.iter().filter_map(|(number, value)| {
        let column = table.column_by_number(number)?;
        let Type::Id(target) = column.kind else { return None };
        if number < common::FIRST_OWN || is_same(value, &column.value_in(theirs)) {
            return None;
        }
        Some((find_table(target)?, value.as_id()?))
    })
}

/// The row as the author would have it, whatever others did to the same columns. Who may not
/// write this may not leave it in a conflict either.
pub fn wanted(wish: &Wish, theirs: &Cells) -> Cells {
    let mut row = theirs.clone();
    for (number, value) in wish.after.iter() {
        if !is_same(value, wish.before.value(number)) {
            row.set(number, value.clone());
        }
    }
    row
}

/// The cells whose columns clash with another row, and the others.
pub fn part(cells: &Cells, table: &'static Table, clash: Option<&Clash>) -> (Cells, Cells) {
    let columns: BTreeSet<&str> =
        clash.map(|clash| clash.columns.iter().copied().collect()).unwrap_or_default();
    let is_taken =
        |number: u16| table.column_by_number(number).is_some_and(|column| columns.contains(column.name));
    let of = |wanted: bool| {
        let cells = cells.iter().filter(|(number, _)| is_taken(*number) == wanted);
        cells.map(|(number, value)| (number, value.clone())).collect()
    };
    (of(true), of(false))
}

pub fn names(table: &'static Table, cells: &Cells) -> impl Iterator<Item = &'static str> {
    cells.iter().filter_map(|(number, _)| Some(table.column_by_number(number)?.name))
}

/// A unit of which both sides are kept although it could have been applied.
pub fn whole_unit(wish: &Wish, columns: &[&'static str], theirs: &Cells) -> UnitConflict {
    let columns: Vec<_> = columns.iter().filter_map(|name| wish.table.column(name)).collect();
    let live = |number: u16| {
        wish.table.column_by_number(number).map_or(Value::Null, |column| column.value_in(theirs).into_owned())
    };
    let side = |cells: &Cells| {
        let cells = columns.iter().map(|column| {
            (column.number, cells.get(column.number).cloned().unwrap_or_else(|| live(column.number)))
        });
        cells.collect()
    };
    UnitConflict {
        columns: columns.iter().map(|column| column.name).collect(),
        kind: ConflictKind::Field,
        base: side(&wish.before),
        mine: side(&wish.after),
        theirs: side(&Cells::default()),
    }
}

//! Random values, rows and edits of any table of the registry. Values come from small pools, so
//! that two sides often meet in the same place.

use crate::texts;
use guildhall_sync::merge::is_same;
use guildhall_sync::model::TABLES;
use guildhall_sync::schema::{Column, Default, Rows, Table, common};
use guildhall_sync::validate::validate;
use guildhall_sync::value::{Cells, Type, Value};
use proptest::collection::{btree_set, vec};
use proptest::prelude::*;
use proptest::sample::select;
use uuid::Uuid;

pub fn edited_tables() -> Vec<&'static Table> {
    TABLES.iter().copied().filter(|table| table.rows == Rows::Edited).collect()
}

/// A legal value of the column; null where it may be.
pub fn value(column: &'static Column) -> BoxedStrategy<Value> {
    let value = present(column);
    let value = match column.default.value() {
        Some(default) => prop_oneof![4 => value, 1 => Just(default)].boxed(),
        None => value,
    };
    if column.nullable { prop_oneof![3 => value, 1 => Just(Value::Null)].boxed() } else { value }
}

fn present(column: &'static Column) -> BoxedStrategy<Value> {
    match column.kind {
        Type::Bool => (0..2_i64).prop_map(Value::Int).boxed(),
        Type::Int | Type::Decimal(_) => (1..=12_i64).prop_map(Value::Int).boxed(),
        Type::Time => (-3..4_i64).prop_map(|days| Value::Int(days * 86_400_000_001)).boxed(),
        Type::Date => (-3..400_i64).prop_map(Value::Int).boxed(),
        Type::Text => text(column),
        Type::Markdown => texts::page().prop_map(Value::Text).boxed(),
        Type::Enum(words) => select(words).prop_map(Value::text).boxed(),
        Type::Id(_) => (0..5_u128).prop_map(|number| Value::Id(Uuid::from_u128(number))).boxed(),
        Type::Json => document().prop_map(|json| Value::Json(json.to_string())).boxed(),
        Type::Set => btree_set("[a-fé]{1,2}", 0..6).prop_map(Value::Set).boxed(),
    }
}

fn text(column: &'static Column) -> BoxedStrategy<Value> {
    match (column.name, column.default) {
        ("email", _) => "[a-c]@[a-c]\\.example".prop_map(Value::Text).boxed(),
        (_, Default::Required) => "[a-c]{1,2}".prop_map(Value::Text).boxed(),
        _ => "[a-c]{0,2}".prop_map(Value::Text).boxed(),
    }
}

fn document() -> impl Strategy<Value = serde_json::Value> {
    let leaf = prop_oneof![
        Just(serde_json::Value::Null),
        any::<bool>().prop_map(Into::into),
        (0..9_i32).prop_map(Into::into),
        "[a-c]{0,2}".prop_map(Into::into),
        vec(0..3_i32, 0..3).prop_map(Into::into),
    ];
    let object = leaf.prop_recursive(2, 8, 4, |inner| {
        proptest::collection::btree_map("[a-d]", inner, 0..4)
            .prop_map(|map| serde_json::Value::Object(map.into_iter().collect()))
    });
    proptest::collection::btree_map("[a-d]", object, 0..4)
        .prop_map(|map| serde_json::Value::Object(map.into_iter().collect()))
}

/// A whole legal row.
pub fn row(table: &'static Table) -> BoxedStrategy<Cells> {
    let values: Vec<BoxedStrategy<Value>> = table.columns.iter().map(value).collect();
    values
        .prop_map(move |values| table.columns.iter().map(|column| column.number).zip(values).collect())
        .prop_map(|mut row: Cells| {
            row.set(common::DELETED_AT, Value::Null);
            row
        })
        .prop_filter("a legal row", move |row| validate(table, row).is_ok())
        .boxed()
}

/// The row with some of its writable columns changed; texts are edited, not replaced.
pub fn edited(table: &'static Table, row: &Cells) -> BoxedStrategy<Cells> {
    let is_open = |column: &&Column| {
        column.is_writable()
            && column.number >= common::FIRST_OWN
            && column.merge != guildhall_sync::schema::Merge::SetOnce
    };
    let columns: Vec<&'static Column> = table.columns.iter().filter(is_open).collect();
    let changes: Vec<BoxedStrategy<Option<Value>>> =
        columns.iter().map(|column| change(column, &column.value_in(row))).collect();
    let row = row.clone();
    changes
        .prop_map(move |changes| {
            let mut edited = row.clone();
            for (column, change) in columns.iter().zip(changes) {
                if let Some(value) = change {
                    edited.set(column.number, value);
                }
            }
            edited
        })
        .prop_filter("a legal row", move |row| validate(table, row).is_ok())
        .boxed()
}

fn change(column: &'static Column, from: &Value) -> BoxedStrategy<Option<Value>> {
    let changed = match from {
        Value::Text(text) if column.kind == Type::Markdown => {
            texts::edited(text.clone()).prop_map(Value::Text).boxed()
        }
        _ => value(column),
    };
    proptest::option::weighted(0.3, changed).boxed()
}

/// A table with a row and two edits of it.
pub fn three_rows() -> impl Strategy<Value = (&'static Table, Cells, Cells, Cells)> {
    select(edited_tables())
        .prop_flat_map(|table| row(table).prop_map(move |base| (table, base)))
        .prop_flat_map(|(table, base)| (edited(table, &base), edited(table, &base), Just((table, base))))
        .prop_map(|(theirs, mine, (table, base))| (table, base, theirs, mine))
}

/// Whether both rows mean the same in every column of the table.
pub fn is_same_row(table: &Table, left: &Cells, right: &Cells) -> bool {
    table.columns.iter().all(|column| is_same(&column.value_in(left), &column.value_in(right)))
}

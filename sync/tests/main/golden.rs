//! Rows with their canonical bytes and hashes written out. The server makes the same bytes in SQL
//! and is held to the same file; no release may change a line of it.
//!
//! In `golden.json` values are shaped as in entries, but for columns of type JSON: there the
//! document stands as text, as Postgres prints it.

use guildhall_sync::model::find_table;
use guildhall_sync::schema::Table;
use guildhall_sync::value::cells::hash;
use guildhall_sync::value::json::from_json;
use guildhall_sync::value::{Cells, Type, Value};
use serde::Deserialize;
use serde_json::Map;
use std::collections::BTreeSet;

#[derive(Deserialize)]
struct Golden {
    about: String,
    table: String,
    row: Map<String, serde_json::Value>,
    canonical: String,
    hash: String,
}

fn list_golden() -> Vec<Golden> {
    serde_json::from_str(include_str!("../golden.json")).expect("golden.json is a list of rows")
}

fn read_row(table: &Table, row: &Map<String, serde_json::Value>) -> Cells {
    let is_document = |name: &str| table.column(name).is_some_and(|column| column.kind == Type::Json);
    let (documents, plain): (Map<_, _>, Map<_, _>) =
        row.clone().into_iter().partition(|(name, _)| is_document(name));
    let mut cells = from_json(table, &plain).expect("golden rows fit their table");
    for (name, text) in documents {
        let column = table.column(&name).expect("it was found before");
        let text = text.as_str().expect("documents stand as text");
        cells.set(column.number, Value::Json(text.to_owned()));
    }
    cells
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[test]
fn rows_have_the_bytes_and_hashes_that_are_written_down() {
    for golden in list_golden() {
        let table = find_table(&golden.table).expect("the table is one of the registry");
        let bytes = read_row(table, &golden.row).encode(table);
        assert_eq!(hex(&bytes), golden.canonical, "{}", golden.about);
        assert_eq!(hex(&hash(&bytes)), golden.hash, "{}", golden.about);
        let read = Cells::decode(&bytes, table).expect("its own bytes can be read");
        assert_eq!(read.encode(table), bytes, "{}", golden.about);
    }
}

#[test]
fn every_type_is_written_down() {
    let mut codes = BTreeSet::new();
    for golden in list_golden() {
        let table = find_table(&golden.table).expect("the table is one of the registry");
        let cells = read_row(table, &golden.row);
        let said = cells.iter().filter_map(|(number, value)| {
            table.column_by_number(number).filter(|column| !value.is_null() && !column.default.is(value))
        });
        codes.extend(said.map(|column| char::from(column.kind.code())));
    }
    assert_eq!(codes.into_iter().collect::<String>(), "abdijstuy");
}

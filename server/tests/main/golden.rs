//! The canonical bytes of rows, in SQL as in the shared crate.

use guildhall_sync::model::find_table;
use guildhall_sync::schema::Table;
use guildhall_sync::value::{Cells, Type, json};
use serde_json::Value as Json;
use sqlx::{AssertSqlSafe, Row};

use crate::place::Place;

/// The same examples that the shared crate is held to.
#[tokio::test]
async fn the_golden_rows_have_their_hashes_in_sql_too() {
    let examples: Vec<Json> =
        serde_json::from_str(include_str!("../../../sync/tests/golden.json")).expect("examples");
    let mut connection = Place::new().await.connect().await;
    for example in &examples {
        let table = find_table(example["table"].as_str().expect("a table")).expect("a synced table");
        let mut row = example["row"].clone();
        read_documents(table, &mut row);
        fill_defaults(table, &mut row);
        let statement = format!(
            "select encode(sync.hash_{name}(r), 'hex') as hash from jsonb_populate_record(null::guildhall.{name}, $1::jsonb) r",
            name = table.name
        );
        let answer = sqlx::query(AssertSqlSafe(statement))
            .bind(row.to_string())
            .fetch_one(&mut connection)
            .await
            .expect("a hash");
        let found: String = answer.try_get("hash").expect("hexadecimal");
        assert_eq!(Some(found.as_str()), example["hash"].as_str(), "{}", example["about"]);
    }
}

/// The examples hold documents as text, because how they are written is part of them.
fn read_documents(table: &Table, row: &mut Json) {
    for column in table.columns.iter().filter(|column| column.kind == Type::Json) {
        if let Some(text) = row[column.name].as_str() {
            row[column.name] = serde_json::from_str(text).expect("a document");
        }
    }
}

/// Postgres would read what is not said as null, the registry reads it as the default.
fn fill_defaults(table: &Table, row: &mut Json) {
    let mut defaults = Cells::default();
    table.fill_defaults(&mut defaults);
    for (name, value) in json::to_json(table, &defaults) {
        row.as_object_mut().expect("a row is an object").entry(name).or_insert(value);
    }
}

//! Business keys: two live rows of one name would be a conflict for a person later, so the device
//! says so at once where it can see it.

use crate::error::{Disagreement, Result};
use crate::store::value::Bound;
use guildhall_sync::schema::{Table, common};
use guildhall_sync::value::{Cells, Value};
use rusqlite::{Connection, OptionalExtension, ToSql};
use uuid::Uuid;

/// Checks the keys that the change touches; all of them for a new row and for one that comes back.
pub fn demand_free(
    connection: &Connection,
    table: &'static Table,
    id: Uuid,
    before: Option<&Cells>,
    row: &Cells,
) -> Result<()> {
    if !row.value(common::DELETED_AT).is_null() {
        return Ok(());
    }
    let before = before.filter(|before| before.value(common::DELETED_AT).is_null());
    let is_same =
        |name: &&str| before.is_some_and(|before| table.value(before, name) == table.value(row, name));
    for key in table.keys.iter().filter(|key| !key.iter().all(is_same)) {
        demand_key_free(connection, table, id, row, key)?;
    }
    Ok(())
}

fn demand_key_free(
    connection: &Connection,
    table: &'static Table,
    id: Uuid,
    row: &Cells,
    key: &'static [&'static str],
) -> Result<()> {
    let values: Vec<_> = key.iter().map(|name| table.value(row, name)).collect();
    let equal: Vec<_> = key.iter().map(|name| format!("{name} is ?")).collect();
    let (name, equal) = (table.name, equal.join(" and "));
    let mut bound: Vec<&dyn ToSql> = Vec::new();
    let places: Vec<_> = values.iter().map(|value| Bound(value)).collect();
    bound.extend(places.iter().map(|place| place as &dyn ToSql));
    bound.push(&id);
    let other = connection
        .prepare_cached(&format!("select id from {name} where {equal} and deleted_at is null and id <> ?"))?
        .query_row(bound.as_slice(), |row| row.get::<_, Uuid>(0))
        .optional()?;
    match other {
        Some(other) => {
            let values = values.iter().map(|value| print(value)).collect();
            Err(Disagreement::Duplicate { table: table.name, columns: key, values, row: other }.into())
        }
        None => Ok(()),
    }
}

fn print(value: &Value) -> String {
    match value {
        Value::Text(text) | Value::Json(text) => text.clone(),
        Value::Int(number) => number.to_string(),
        Value::Id(id) => id.to_string(),
        Value::Set(words) => words.iter().cloned().collect::<Vec<_>>().join(", "),
        Value::Null | Value::Aside(..) => String::new(),
    }
}

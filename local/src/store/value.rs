//! The one conversion between [`Value`] and SQLite. Ids are 16-byte blobs; booleans, numbers,
//! decimals, times and dates are integers; sets are sorted JSON arrays.

use guildhall_sync::value::{Type, Value};
use rusqlite::types::{ToSql, ToSqlOutput, ValueRef};
use std::collections::BTreeSet;

/// A value on its way into a statement.
#[derive(Debug)]
pub struct Bound<'a>(pub &'a Value);

impl ToSql for Bound<'_> {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(match self.0 {
            Value::Null | Value::Aside(..) => ToSqlOutput::Borrowed(ValueRef::Null),
            Value::Int(number) => ToSqlOutput::Borrowed(ValueRef::Integer(*number)),
            Value::Text(text) | Value::Json(text) => ToSqlOutput::Borrowed(ValueRef::Text(text.as_bytes())),
            Value::Id(id) => ToSqlOutput::Borrowed(ValueRef::Blob(id.as_bytes())),
            Value::Set(words) => ToSqlOutput::from(print_set(words)),
        })
    }
}

/// Reads what a column of this type holds; none where it holds something else.
pub fn read(kind: Type, stored: ValueRef<'_>) -> Option<Value> {
    match (kind, stored) {
        (_, ValueRef::Null) => Some(Value::Null),
        (Type::Bool | Type::Int | Type::Decimal(_) | Type::Time | Type::Date, ValueRef::Integer(number)) => {
            Some(Value::Int(number))
        }
        (Type::Text | Type::Markdown | Type::Enum(_), ValueRef::Text(text)) => {
            read_text(text).map(Value::Text)
        }
        (Type::Json, ValueRef::Text(text)) => read_text(text).map(Value::Json),
        (Type::Id(_), ValueRef::Blob(bytes)) => uuid::Uuid::from_slice(bytes).ok().map(Value::Id),
        (Type::Set, ValueRef::Text(text)) => serde_json::from_slice(text).ok().map(Value::Set),
        _ => None,
    }
}

fn read_text(bytes: &[u8]) -> Option<String> {
    std::str::from_utf8(bytes).ok().map(str::to_owned)
}

fn print_set(words: &BTreeSet<String>) -> String {
    serde_json::to_string(words).expect("words can always be printed")
}

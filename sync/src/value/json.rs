//! Values as JSON, the form in which write-ahead-log entries carry and keep them: an object from
//! column name to value, shaped as Postgres prints a row. Every entry is read through here, so
//! this is also where a hostile or a mistaken value is refused.

use super::{Cells, Type, Value};
use crate::schema::{Column, Table};
use crate::time::{Date, Timestamp};
use serde_json::{Map, Value as Json};
use std::collections::BTreeSet;

/// Documents deeper than this are refused: Postgres and the JSON reader agree far above it.
pub const MAX_DEPTH: usize = 64;

/// Numbers in documents with more digits, or a larger exponent, are refused: Postgres would refuse
/// some of them.
pub const MAX_DIGITS: usize = 1000;

/// Why an object of named values is not a row of its table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ValueError {
    UnknownColumn(String),
    /// The value has another type, or is not one of the column's words.
    NotOfType {
        column: &'static str,
        kind: Type,
    },
    Null {
        column: &'static str,
    },
}

impl std::fmt::Display for ValueError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::UnknownColumn(name) => write!(f, "there is no column {name:?}"),
            Self::NotOfType { column, kind: Type::Enum(words) } => {
                write!(f, "{column} must be one of: {}", words.join(", "))
            }
            Self::NotOfType { column, kind } => write!(f, "{column} does not hold a {kind:?}"),
            Self::Null { column } => write!(f, "{column} must not be empty"),
        }
    }
}

impl std::error::Error for ValueError {}

/// The named values of a row, or of the touched columns of one.
pub fn to_json(table: &Table, cells: &Cells) -> Map<String, Json> {
    cells
        .iter()
        .filter_map(|(number, value)| {
            let column = table.column_by_number(number)?;
            Some((column.name.to_owned(), print(column.kind, value)))
        })
        .collect()
}

/// Reads named values; each name must be a column of the table and each value fit its type.
pub fn from_json(table: &Table, object: &Map<String, Json>) -> Result<Cells, ValueError> {
    object
        .iter()
        .map(|(name, json)| {
            let column = table.column(name).ok_or_else(|| ValueError::UnknownColumn(name.clone()))?;
            Ok((column.number, read_cell(column, json)?))
        })
        .collect()
}

fn read_cell(column: &Column, json: &Json) -> Result<Value, ValueError> {
    let wrong = ValueError::NotOfType { column: column.name, kind: column.kind };
    let value = read(column.kind, json).ok_or(wrong.clone())?;
    if value.is_null() && !column.nullable {
        return Err(ValueError::Null { column: column.name });
    }
    if column.kind.admits(&value) { Ok(value) } else { Err(wrong) }
}

fn print(kind: Type, value: &Value) -> Json {
    match (kind, value) {
        (_, Value::Null | Value::Aside(..)) => Json::Null,
        (Type::Bool, Value::Int(flag)) => Json::Bool(*flag != 0),
        (Type::Decimal(scale), Value::Int(number)) => Json::String(print_decimal(*number, scale)),
        (Type::Time, Value::Int(micros)) => Json::String(Timestamp(*micros).print()),
        (Type::Date, Value::Int(days)) => {
            Json::String(i32::try_from(*days).map_or_else(|_| days.to_string(), |days| Date(days).print()))
        }
        (_, Value::Int(number)) => Json::from(*number),
        (_, Value::Text(text)) => Json::String(text.clone()),
        (_, Value::Id(id)) => Json::String(id.to_string()),
        (_, Value::Json(text)) => serde_json::from_str(text).unwrap_or(Json::Null),
        (_, Value::Set(words)) => words.iter().cloned().map(Json::String).collect(),
    }
}

fn read(kind: Type, json: &Json) -> Option<Value> {
    if kind != Type::Json && json.is_null() {
        return Some(Value::Null);
    }
    match kind {
        Type::Bool => json.as_bool().map(Value::bool),
        Type::Int => json.as_i64().map(Value::Int),
        Type::Decimal(scale) => {
            let number = json.as_number().map(ToString::to_string);
            read_decimal(number.as_deref().or(json.as_str())?, scale).map(Value::Int)
        }
        Type::Time => Timestamp::parse(json.as_str()?).map(|time| Value::Int(time.0)),
        Type::Date => Date::parse(json.as_str()?).map(|date| Value::Int(date.0.into())),
        Type::Text | Type::Markdown | Type::Enum(_) => json.as_str().map(Value::text),
        Type::Id(_) => json.as_str()?.parse().ok().map(Value::Id),
        Type::Json => Some(Value::Json(json.to_string())),
        Type::Set => read_set(json.as_array()?).map(Value::Set),
    }
}

fn read_set(words: &[Json]) -> Option<BTreeSet<String>> {
    words.iter().map(|word| word.as_str().map(str::to_owned)).collect()
}

/// `12345` at scale 2 is `123.45`.
pub fn print_decimal(number: i64, scale: u8) -> String {
    let digits = number.unsigned_abs().to_string();
    let digits = format!("{digits:0>width$}", width = usize::from(scale) + 1);
    let (whole, part) = digits.split_at(digits.len() - usize::from(scale));
    let sign = if number < 0 { "-" } else { "" };
    if scale == 0 { format!("{sign}{whole}") } else { format!("{sign}{whole}.{part}") }
}

/// `123.4` at scale 2 is `12340`; more places than the scale are refused, not rounded.
pub fn read_decimal(text: &str, scale: u8) -> Option<i64> {
    let (sign, rest) = text.strip_prefix('-').map_or((1, text), |rest| (-1, rest));
    let (whole, part) = rest.split_once('.').unwrap_or((rest, ""));
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    if whole.is_empty() || !digits(whole) || !digits(part) || part.len() > scale.into() {
        return None;
    }
    let padded = format!("{whole}{part:0<width$}", width = usize::from(scale));
    padded.parse::<i64>().ok()?.checked_mul(sign)
}

/// Whether Postgres would take the text as `jsonb`: valid, not too deep, no `\u0000`, no number
/// that fills pages.
pub fn is_storable(text: &str) -> bool {
    serde_json::from_str::<Json>(text).is_ok_and(|json| is_plain(&json, MAX_DEPTH))
}

fn is_plain(json: &Json, depth: usize) -> bool {
    let Some(below) = depth.checked_sub(1) else {
        return false;
    };
    match json {
        Json::String(text) => !text.contains('\0'),
        Json::Array(items) => items.iter().all(|item| is_plain(item, below)),
        Json::Object(map) => map.iter().all(|(key, item)| !key.contains('\0') && is_plain(item, below)),
        Json::Number(number) => is_plain_number(&number.to_string()),
        Json::Null | Json::Bool(_) => true,
    }
}

/// Postgres writes an exponent out in digits, up to a limit.
fn is_plain_number(number: &str) -> bool {
    let (digits, exponent) = number.split_once(['e', 'E']).unwrap_or((number, "0"));
    digits.len() <= MAX_DIGITS
        && exponent.parse::<i64>().is_ok_and(|at| at.unsigned_abs() <= MAX_DIGITS as u64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decimals_are_never_rounded() {
        for (text, scale, number) in
            [("0.70", 2, 70), ("12.5", 2, 1250), ("-0.05", 2, -5), ("7", 2, 700), ("7", 0, 7)]
        {
            assert_eq!(read_decimal(text, scale), Some(number));
            assert_eq!(read_decimal(&print_decimal(number, scale), scale), Some(number));
        }
        for text in ["0.705", "", ".5", "1e3", "--1", "1.2.3", "99999999999999999999"] {
            assert_eq!(read_decimal(text, 2), None, "{text}");
        }
    }

    #[test]
    fn documents_that_postgres_would_refuse_are_refused() {
        assert!(is_storable(r#"{"a": [1, 2.50, -1.5e+10, null, "x"]}"#));
        for text in ["", "{", r#""\u0000""#, r#"{"a\u0000": 1}"#, "[1e99999]", "1E-1001"] {
            assert!(!is_storable(text), "{text}");
        }
        assert!(!is_storable(&format!("{}{}", "[".repeat(100), "]".repeat(100))));
    }
}

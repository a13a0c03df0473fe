//! How a row is read: which SQL gives each column as a plain uuid, bigint, text or text[], and how
//! those become values. One decode function therefore reads every table.

use guildhall_sync::schema::{Column, Table};
use guildhall_sync::value::{Cells, Type, Value};
use sqlx::postgres::PgRow;
use sqlx::{Error, Row};
use uuid::Uuid;

/// The select list that [`read_row`] reads, over a table whose alias is `alias`.
pub fn wire_columns(table: &Table, alias: &str) -> String {
    let columns: Vec<String> =
        table.columns.iter().map(|column| format!("{} as {}", wire(column, alias), column.name)).collect();
    columns.join(", ")
}

fn wire(column: &Column, alias: &str) -> String {
    let value = format!("{alias}.{}", column.name);
    match column.kind {
        Type::Bool => format!("{value}::int::bigint"),
        Type::Decimal(scale) => format!("({value} * 1{})::bigint", "0".repeat(scale.into())),
        Type::Time => format!("(extract(epoch from {value}) * 1000000)::bigint"),
        Type::Date => format!("({value} - date '1970-01-01')::bigint"),
        Type::Json => format!("{value}::text"),
        Type::Int | Type::Text | Type::Markdown | Type::Enum(_) | Type::Id(_) | Type::Set => value,
    }
}

/// All cells of a row that was selected with [`wire_columns`], those at their default too.
pub fn read_row(table: &Table, row: &PgRow) -> Result<Cells, Error> {
    table.columns.iter().map(|column| Ok((column.number, read_column(column, row)?))).collect()
}

fn read_column(column: &Column, row: &PgRow) -> Result<Value, Error> {
    let name = column.name;
    let value = match column.kind {
        Type::Bool | Type::Int | Type::Decimal(_) | Type::Time | Type::Date => {
            row.try_get::<Option<i64>, _>(name)?.map(Value::Int)
        }
        Type::Text | Type::Markdown | Type::Enum(_) => {
            row.try_get::<Option<String>, _>(name)?.map(Value::Text)
        }
        Type::Json => row.try_get::<Option<String>, _>(name)?.map(Value::Json),
        Type::Id(_) => row.try_get::<Option<Uuid>, _>(name)?.map(Value::Id),
        Type::Set => {
            row.try_get::<Option<Vec<String>>, _>(name)?.map(|words| Value::Set(words.into_iter().collect()))
        }
    };
    Ok(value.unwrap_or(Value::Null))
}

//! The canonical bytes of a row, in SQL: the same bytes as `guildhall_sync::value::Cells::encode`.

use guildhall_sync::schema::{Column, Default, Table};
use guildhall_sync::value::{Type, json::print_decimal};

/// `sync.hash_{table}(row)`: the first 16 bytes of the SHA-256 of the row's canonical bytes.
/// It sets nothing, so that Postgres copies it into the statement that calls it.
pub fn hash_function(table: &Table) -> String {
    let cells: Vec<String> = table.columns.iter().map(cell).collect();
    format!(
        "create or replace function sync.hash_{name}(r guildhall.{name}) returns bytea
language sql stable as $$
  select substr(sha256(
{cells}
  ), 1, 16)
$$;
",
        name = table.name,
        cells = join(&cells, 2)
    )
}

/// Joins in pairs, then pairs of pairs: a long page is copied a few times, not once a column.
fn join(cells: &[String], depth: usize) -> String {
    let indent = "  ".repeat(depth);
    match cells {
        [] => format!("{indent}''::bytea"),
        [only] => format!("{indent}{only}"),
        [first, second] => format!("{indent}{first}\n{indent}|| {second}"),
        more => {
            let (left, right) = more.split_at(more.len() / 2);
            format!(
                "{indent}(\n{}\n{indent}) || (\n{}\n{indent})",
                join(left, depth + 1),
                join(right, depth + 1)
            )
        }
    }
}

fn cell(column: &Column) -> String {
    let [high, low] = column.number.to_be_bytes();
    let head = format!("'\\x{high:02x}{low:02x}{code:02x}'::bytea", code = column.kind.code());
    let value = format!("r.{}", column.name);
    let full = format!("sync.cell({head}, {})", body(column.kind, &value));
    match (default_literal(column), column.nullable, column.default) {
        (Some(default), true, _) => format!(
            "case when {value} is null then {head} || '\\xffffffff'::bytea when {value} = {default} then ''::bytea else {full} end"
        ),
        (Some(default), false, _) => format!("case when {value} = {default} then ''::bytea else {full} end"),
        (None, true, Default::Null) => format!("case when {value} is null then ''::bytea else {full} end"),
        (None, true, _) => {
            format!("case when {value} is null then {head} || '\\xffffffff'::bytea else {full} end")
        }
        (None, false, _) => full,
    }
}

/// The bytes of a value that is not null.
fn body(kind: Type, value: &str) -> String {
    let printed = match kind {
        Type::Bool => format!("{value}::int::text"),
        Type::Int => format!("{value}::text"),
        Type::Decimal(scale) => format!("({value} * 1{})::bigint::text", "0".repeat(scale.into())),
        Type::Time => format!("(extract(epoch from {value}) * 1000000)::bigint::text"),
        Type::Date => format!("({value} - date '1970-01-01')::text"),
        Type::Text | Type::Markdown | Type::Enum(_) => value.to_owned(),
        Type::Json => format!("{value}::text"),
        Type::Id(_) => return format!("uuid_send({value})"),
        Type::Set => return format!("sync.words({value})"),
    };
    format!("convert_to({printed}, 'UTF8')")
}

/// The default as SQL, where the column has one other than null.
fn default_literal(column: &Column) -> Option<String> {
    match (column.default, column.kind) {
        (Default::Required | Default::Null, _) => None,
        (Default::Int(flag), Type::Bool) => Some(if flag == 0 { "false" } else { "true" }.to_owned()),
        (Default::Int(number), Type::Decimal(scale)) => Some(print_decimal(number, scale)),
        (Default::Int(number), Type::Time) => {
            Some(format!("timestamptz 'epoch' + interval '{number} microseconds'"))
        }
        (Default::Int(number), Type::Date) => Some(format!("date '1970-01-01' + {number}")),
        (Default::Int(number), _) => Some(number.to_string()),
        (Default::Text(text), _) => Some(format!("'{}'", text.replace('\'', "''"))),
        (Default::EmptySet, _) => Some("'{}'::text[]".to_owned()),
        (Default::EmptyObject, _) => Some("'{}'::jsonb".to_owned()),
    }
}

//! Rows of any synced table between Postgres and [`Cells`], as sets: one statement reads, inserts
//! or updates many. Which rows somebody may touch is decided by the caller, and by row-level
//! security behind it.

use crate::capture::wire::{read_row, wire_columns};
use crate::error::Error;
use guildhall_sync::id::GuildId;
use guildhall_sync::schema::{Column, Table, common};
use guildhall_sync::value::{Cells, Type, json};
use serde_json::{Map, Value as Json};
use sqlx::{AssertSqlSafe, PgConnection};
use std::collections::BTreeMap;
use uuid::Uuid;

/// Whether rows that are read stay as they are until the end of the transaction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lock {
    None,
    /// Others may read them and refer to them, not change them.
    ForUpdate,
}

/// The rows that are there, in the order of ids. They are locked in that order.
pub async fn read_rows(
    connection: &mut PgConnection,
    table: &'static Table,
    guild: GuildId,
    ids: &[Uuid],
    lock: Lock,
) -> Result<Vec<Cells>, Error> {
    let lock = match lock {
        Lock::None => "",
        Lock::ForUpdate => " for no key update",
    };
    let sql = format!(
        "select {columns} from guildhall.{name} r where r.guild_id = $1 and r.id = any ($2) order by r.id{lock}",
        columns = wire_columns(table, "r"),
        name = table.name,
    );
    let rows = sqlx::query(AssertSqlSafe(sql)).bind(guild.0).bind(ids).fetch_all(connection).await?;
    Ok(rows.iter().map(|row| read_row(table, row)).collect::<Result<_, _>>()?)
}

/// Inserts rows. A column that a row does not have gets its default; `rev` is the trigger's.
pub async fn insert_rows(
    connection: &mut PgConnection,
    table: &'static Table,
    rows: &[Cells],
) -> Result<(), Error> {
    let filled = rows.iter().map(|row| {
        let mut row = row.clone();
        table.fill_defaults(&mut row);
        row
    });
    for (columns, objects) in group(table, filled) {
        let sql = format!(
            "insert into guildhall.{name} ({names}) select {values} from jsonb_populate_recordset(null::guildhall.{name}, $1::jsonb) v",
            name = table.name,
            names = join(&columns, |column| column.name.to_owned()),
            values = join(&columns, value_of),
        );
        execute(connection, sql, objects).await?;
    }
    Ok(())
}

/// Updates rows, each found by its id and guild: the columns that it has besides.
pub async fn update_rows(
    connection: &mut PgConnection,
    table: &'static Table,
    rows: &[Cells],
) -> Result<(), Error> {
    for (mut columns, objects) in group(table, rows.iter().cloned()) {
        columns.retain(|column| ![common::ID, common::GUILD_ID].contains(&column.number));
        if columns.is_empty() {
            continue;
        }
        let sql = format!(
            "update guildhall.{name} r set {sets} from jsonb_populate_recordset(null::guildhall.{name}, $1::jsonb) v \
             where r.guild_id = v.guild_id and r.id = v.id",
            name = table.name,
            sets = join(&columns, |column| format!("{} = {}", column.name, value_of(column))),
        );
        execute(connection, sql, objects).await?;
    }
    Ok(())
}

type Objects = Vec<Map<String, Json>>;

/// Rows by the columns that they have, because a statement names its columns.
fn group(table: &'static Table, rows: impl Iterator<Item = Cells>) -> Vec<(Vec<&'static Column>, Objects)> {
    let mut groups: BTreeMap<Vec<u16>, Objects> = BTreeMap::new();
    for row in rows {
        let columns = row.iter().map(|(number, _)| number).filter(|number| *number != common::REV);
        let columns = columns.filter(|number| table.column_by_number(*number).is_some()).collect();
        groups.entry(columns).or_default().push(json::to_json(table, &row));
    }
    let column = |number: u16| table.column_by_number(number).expect("others were left out above");
    groups
        .into_iter()
        .map(|(numbers, objects)| (numbers.into_iter().map(column).collect(), objects))
        .collect()
}

/// The column of a given row. A document that is `null` arrives as no value at all.
fn value_of(column: &Column) -> String {
    if column.kind == Type::Json && !column.nullable {
        format!("coalesce(v.{}, 'null'::jsonb)", column.name)
    } else {
        format!("v.{}", column.name)
    }
}

fn join(columns: &[&'static Column], part: impl Fn(&Column) -> String) -> String {
    columns.iter().map(|column| part(column)).collect::<Vec<_>>().join(", ")
}

async fn execute(connection: &mut PgConnection, sql: String, objects: Objects) -> Result<(), Error> {
    let objects = serde_json::to_string(&objects).expect("objects in memory can always be written");
    sqlx::query(AssertSqlSafe(sql)).bind(objects).execute(connection).await?;
    Ok(())
}

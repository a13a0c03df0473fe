//! Finds the row that has a business key already, among those that the author may read.

use super::facts::Clash;
use crate::db::rows::{Lock, read_rows};
use crate::error::Error;
use guildhall_sync::id::GuildId;
use guildhall_sync::schema::{Table, common};
use guildhall_sync::value::json::to_json;
use guildhall_sync::value::{Cells, Type};
use sqlx::{AssertSqlSafe, PgConnection, Row};
use uuid::Uuid;

/// How the columns of a key are compared. Some keys hold whatever the case of their letters; that
/// is known to Postgres only, so the exact row is looked for first.
#[derive(Clone, Copy)]
enum Compare {
    Exactly,
    WithoutCase,
}

pub async fn find(
    connection: &mut PgConnection,
    table: &'static Table,
    columns: &'static [&'static str],
    row: &Cells,
) -> Result<Clash, Error> {
    let guild = GuildId(row.value(common::GUILD_ID).as_id().unwrap_or_default());
    for compare in [Compare::Exactly, Compare::WithoutCase] {
        if let Some(other) = find_other(&mut *connection, table, columns, row, compare).await? {
            let found = read_rows(connection, table, guild, &[other], Lock::None).await?;
            let other = found.into_iter().next().map(|cells| ((table.number, other), cells));
            return Ok(Clash { columns, other });
        }
    }
    Ok(Clash { columns, other: None })
}

async fn find_other(
    connection: &mut PgConnection,
    table: &'static Table,
    columns: &[&str],
    row: &Cells,
    compare: Compare,
) -> Result<Option<Uuid>, Error> {
    let side = |alias: &str, column: &&str| {
        let is_text = table.column(column).is_some_and(|column| column.kind == Type::Text);
        match compare {
            Compare::WithoutCase if is_text => format!("lower({alias}.{column})"),
            Compare::WithoutCase | Compare::Exactly => format!("{alias}.{column}"),
        }
    };
    let same: Vec<String> = columns
        .iter()
        .map(|column| format!("{} is not distinct from {}", side("r", column), side("n", column)))
        .collect();
    let sql = format!(
        "select r.id from guildhall.{name} r, jsonb_populate_record(null::guildhall.{name}, $1::jsonb) n
          where r.guild_id = n.guild_id and r.id <> n.id and r.deleted_at is null and {same} limit 1",
        name = table.name,
        same = same.join(" and "),
    );
    let named = serde_json::Value::Object(to_json(table, row)).to_string();
    let row = sqlx::query(AssertSqlSafe(sql)).bind(named).fetch_optional(connection).await?;
    Ok(row.map(|row| row.try_get("id")).transpose()?)
}

//! Rows that were merged into another one that had their name: what refers to them is taken to the
//! other. Devices go on naming the row that they had made until they have heard of it.

use super::plan::{Asked, Group, Plan};
use super::wish::{Key, Wish};
use crate::auth::Session;
use crate::db::members::smallint;
use crate::error::Error;
use guildhall_sync::id::GuildId;
use guildhall_sync::model::find_table;
use guildhall_sync::schema::common;
use guildhall_sync::value::{Cells, Type, Value};
use sqlx::{PgConnection, Row};
use std::collections::HashMap;
use uuid::Uuid;

/// Takes the references of all entries to where their rows went.
pub async fn follow(
    connection: &mut PgConnection,
    guild: GuildId,
    groups: &mut [Group<'_>],
) -> Result<(), Error> {
    let wishes = || groups.iter().flat_map(|group| &group.asked).filter_map(wish);
    let named: Vec<Key> =
        wishes().flat_map(|wish| references(wish, &wish.after)).map(|(_, key)| key).collect();
    if named.is_empty() {
        return Ok(());
    }
    let same_as = find(connection, guild, named).await?;
    if same_as.is_empty() {
        return Ok(());
    }
    for asked in groups.iter_mut().flat_map(|group| &mut group.asked) {
        let Ok(wish) = &mut asked.wish else { continue };
        for (number, key) in references(wish, &wish.after).collect::<Vec<_>>() {
            if let Some(other) = same_as.get(&key) {
                wish.after.set(number, Value::Id(*other));
            }
        }
    }
    Ok(())
}

fn wish<'w, 'e>(asked: &'w Asked<'e>) -> Option<&'w Wish<'e>> {
    asked.wish.as_ref().ok()
}

/// The columns of the cells that refer to a row, and to which.
fn references<'a>(wish: &Wish<'_>, cells: &'a Cells) -> impl Iterator<Item = (u16, Key)> + use<'a> {
    let table = wish.table;
    cells.iter().filter(|(number, _)| *number >= common::FIRST_OWN).filter_map(move |(number, value)| {
        let Type::Id(target) = table.column_by_number(number)?.kind else { return None };
        Some((number, (find_table(target)?.number, value.as_id()?)))
    })
}

async fn find(
    connection: &mut PgConnection,
    guild: GuildId,
    named: Vec<Key>,
) -> Result<HashMap<Key, Uuid>, Error> {
    let (tables, ids): (Vec<i16>, Vec<Uuid>) =
        named.into_iter().map(|(table, id)| (smallint(table), id)).unzip();
    let rows = sqlx::query(
        "select s.tbl, s.pk, s.same_as
           from unnest($2::smallint[], $3::uuid[]) as named (tbl, pk) join sync.same_as s using (tbl, pk)
          where s.guild_id = $1",
    )
    .bind(guild.0)
    .bind(tables)
    .bind(ids)
    .fetch_all(connection)
    .await?;
    let pair = |row: &sqlx::postgres::PgRow| {
        let key = (crate::db::members::number(row.try_get("tbl")?), row.try_get("pk")?);
        Ok((key, row.try_get("same_as")?))
    };
    rows.iter().map(pair).collect()
}

/// Remembers what the plan merged into another row.
pub async fn write(connection: &mut PgConnection, session: &Session, plan: &Plan) -> Result<(), Error> {
    for ((table, row), other) in &plan.same_as {
        sqlx::query(
            "insert into sync.same_as (guild_id, tbl, pk, same_as) values ($1, $2, $3, $4)
             on conflict do nothing",
        )
        .bind(session.guild.0)
        .bind(smallint(*table))
        .bind(row)
        .bind(other)
        .execute(&mut *connection)
        .await?;
    }
    Ok(())
}

//! The projection: which rows are in which scopes, and in which state. Written by triggers only.

use crate::error::Error;
use guildhall_sync::id::GuildId;
use guildhall_sync::value::Hash;
use sqlx::{PgConnection, Row};
use std::collections::{BTreeSet, HashMap, HashSet};
use uuid::Uuid;

/// A row, by the number of its table and its id.
pub type Key = (u16, Uuid);

/// Which of the rows are in one of the scopes.
pub async fn list_readable(
    connection: &mut PgConnection,
    guild: GuildId,
    scopes: &BTreeSet<String>,
    keys: impl IntoIterator<Item = Key>,
) -> Result<HashSet<Key>, Error> {
    let (tables, ids) = columns(keys);
    if ids.is_empty() {
        return Ok(HashSet::new());
    }
    let scopes: Vec<&str> = scopes.iter().map(String::as_str).collect();
    let rows = sqlx::query(
        "select distinct m.tbl, m.pk
           from unnest($2::smallint[], $3::uuid[]) as wanted (tbl, pk) join sync.member m using (tbl, pk)
          where m.stream = $1 and m.scope = any ($4)",
    )
    .bind(guild.0)
    .bind(tables)
    .bind(ids)
    .bind(scopes)
    .fetch_all(connection)
    .await?;
    rows.iter().map(|row| Ok((number(row.try_get("tbl")?), row.try_get("pk")?))).collect()
}

/// The version and hash of rows that are in any scope.
pub async fn read_states(
    connection: &mut PgConnection,
    guild: GuildId,
    keys: impl IntoIterator<Item = Key>,
) -> Result<HashMap<Key, (i64, Hash)>, Error> {
    let (tables, ids) = columns(keys);
    let rows = sqlx::query(
        "select distinct on (m.tbl, m.pk) m.tbl, m.pk, m.version, m.hash
           from unnest($2::smallint[], $3::uuid[]) as wanted (tbl, pk) join sync.member m using (tbl, pk)
          where m.stream = $1",
    )
    .bind(guild.0)
    .bind(tables)
    .bind(ids)
    .fetch_all(connection)
    .await?;
    let state = |row: &sqlx::postgres::PgRow| {
        let key = (number(row.try_get("tbl")?), row.try_get("pk")?);
        Ok((key, (row.try_get("version")?, hash(row.try_get("hash")?))))
    };
    rows.iter().map(state).collect()
}

/// A table's number as Postgres keeps it.
pub fn smallint(number: u16) -> i16 {
    i16::try_from(number).expect("tables are counted in tens")
}

pub fn number(smallint: i16) -> u16 {
    u16::try_from(smallint).unwrap_or_default()
}

/// A hash as Postgres keeps it. One of another length is no hash of ours, and nothing equals it.
pub fn hash(bytes: &[u8]) -> Hash {
    bytes.try_into().unwrap_or_default()
}

fn columns(keys: impl IntoIterator<Item = Key>) -> (Vec<i16>, Vec<Uuid>) {
    keys.into_iter().map(|(table, id)| (smallint(table), id)).unzip()
}

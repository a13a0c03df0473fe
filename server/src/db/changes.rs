//! What has changed since a place in a guild's order of commits, and what scopes hold. All of it
//! is read from the caller's snapshot.

use super::members::{hash, number, smallint};
use crate::error::Error;
use crate::sync::pull::encode;
use futures_util::{Stream, StreamExt};
use guildhall_sync::id::{DeviceId, GuildId, UserId};
use guildhall_sync::protocol::{Effect, RowKey};
use guildhall_sync::schema::Table;
use guildhall_sync::time::Timestamp;
use guildhall_sync::value::Hash;
use sqlx::postgres::PgRow;
use sqlx::{AssertSqlSafe, PgConnection, Row};
use uuid::Uuid;

/// The most changed rows that are told one by one. Whoever lacks more is filled again: that takes
/// no longer, and no memory.
pub const MAX_CHANGES: i64 = 200_000;

/// Where a stream is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StreamState {
    pub epoch: Uuid,
    pub last_no: u64,
    pub last_tag: i64,
    /// Every commit from this number on still has its changes.
    pub kept_from: u64,
    /// Whether the database was set back to an earlier state and nobody has said yet how to go on.
    pub is_set_back: bool,
    /// By the clock of the database.
    pub now: Timestamp,
}

/// Who asks, as far as a pull has to know.
#[derive(Clone, Debug)]
pub struct Standing {
    /// Sorted.
    pub scopes: Vec<String>,
    /// Whether the device is asked to do something.
    pub is_asked: bool,
}

/// A row that changed in one of the scopes that were asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    pub table: u16,
    pub id: Uuid,
    /// The last thing that happened to it there, the row's version then, and the scopes named.
    pub effect: Effect,
    pub version: i64,
    pub scopes: Vec<String>,
}

/// A row with what the projection says of it.
#[derive(Clone, Debug)]
pub struct MemberRow {
    pub id: Uuid,
    /// Its canonical bytes.
    pub cells: Vec<u8>,
    pub version: i64,
    pub hash: Hash,
    /// Of the scopes that a person is granted, those that it is in.
    pub scopes: Vec<String>,
}

pub async fn read_stream(connection: &mut PgConnection, guild: GuildId) -> Result<StreamState, Error> {
    let row = sqlx::query(
        "select epoch, last_no, last_tag, kept_from, set_back_at is not null as is_set_back,
                (extract(epoch from now()) * 1000000)::bigint as now
           from sync.stream where stream = $1",
    )
    .bind(guild.0)
    .fetch_one(connection)
    .await?;
    Ok(StreamState {
        epoch: row.try_get("epoch")?,
        last_no: count(row.try_get("last_no")?),
        last_tag: row.try_get("last_tag")?,
        kept_from: count(row.try_get("kept_from")?),
        is_set_back: row.try_get("is_set_back")?,
        now: Timestamp(row.try_get("now")?),
    })
}

/// Commits that the snapshot holds and that have no number in it.
pub async fn list_unsealed(connection: &mut PgConnection, guild: GuildId) -> Result<Vec<i64>, Error> {
    let rows = sqlx::query("select sync.unsealed($1) as id").bind(guild.0).fetch_all(connection).await?;
    rows.iter().map(|row| Ok(row.try_get("id")?)).collect()
}

/// The random word that was given with a number, if the commit is still kept.
pub async fn find_tag(
    connection: &mut PgConnection,
    guild: GuildId,
    number: u64,
) -> Result<Option<i64>, Error> {
    let row = sqlx::query("select tag from sync.commit where stream = $1 and commit_no = $2")
        .bind(guild.0)
        .bind(i64::try_from(number).unwrap_or(i64::MAX))
        .fetch_optional(connection)
        .await?;
    row.map(|row| Ok(row.try_get("tag")?)).transpose()
}

pub async fn read_standing(
    connection: &mut PgConnection,
    guild: GuildId,
    user: UserId,
    device: DeviceId,
) -> Result<Standing, Error> {
    let row = sqlx::query(
        "select array(select distinct scope from sync.scopes_of($1, $2) as scope order by scope) as scopes,
                sync.is_asked($3) as is_asked",
    )
    .bind(guild.0)
    .bind(user.0)
    .bind(device.0)
    .fetch_one(connection)
    .await?;
    Ok(Standing { scopes: row.try_get("scopes")?, is_asked: row.try_get("is_asked")? })
}

/// Entries of a device that were decided in this snapshot: id, number, verdict.
pub async fn list_settled(
    connection: &mut PgConnection,
    guild: GuildId,
    device: DeviceId,
    from_device_seq: u64,
) -> Result<Vec<(Uuid, u64, String)>, Error> {
    let rows = sqlx::query(
        "select entry_id, device_seq, verdict::text as verdict from sync.inbox
          where guild_id = $1 and device_id = $2 and device_seq >= $3
          order by device_seq",
    )
    .bind(guild.0)
    .bind(device.0)
    .bind(i64::try_from(from_device_seq).unwrap_or(i64::MAX))
    .fetch_all(connection)
    .await?;
    let read = |row: &PgRow| {
        Ok((row.try_get("entry_id")?, count(row.try_get("device_seq")?), row.try_get("verdict")?))
    };
    rows.iter().map(read).collect()
}

/// What happened in the scopes after commit `after`, and in the commits named besides; each row
/// once, by its last change. None where that is more than [`MAX_CHANGES`].
pub async fn find_changes(
    connection: &mut PgConnection,
    guild: GuildId,
    after: u64,
    besides: &[i64],
    scopes: &[String],
) -> Result<Option<Vec<Change>>, Error> {
    if scopes.is_empty() {
        return Ok(Some(Vec::new()));
    }
    let rows = sqlx::query(include_str!("list_changes.sql"))
        .bind(guild.0)
        .bind(i64::try_from(after).unwrap_or(i64::MAX))
        .bind(besides)
        .bind(scopes)
        .bind(MAX_CHANGES + 1)
        .fetch_all(connection)
        .await?;
    if rows.len() as u64 > MAX_CHANGES.cast_unsigned() {
        return Ok(None);
    }
    let read = |row: &PgRow| {
        Ok(Change {
            table: number(row.try_get("tbl")?),
            id: row.try_get("pk")?,
            effect: effect(row.try_get("effect")?),
            version: row.try_get("version")?,
            scopes: row.try_get("scopes")?,
        })
    };
    rows.iter().map(read).collect::<Result<_, _>>().map(Some)
}

/// How many rows the scopes hold: of the tables named, and of one after an id.
pub async fn count_members(
    connection: &mut PgConnection,
    guild: GuildId,
    scopes: &[String],
    tables: &[&'static Table],
    after: Option<RowKey>,
) -> Result<u64, Error> {
    let tables: Vec<i16> = tables.iter().map(|table| smallint(table.number)).collect();
    let row = sqlx::query(
        "select count(*) as rows
           from (select distinct tbl, pk from sync.member
                  where stream = $1 and scope = any ($2) and (tbl = any ($3) or tbl = $4 and pk > $5)) m",
    )
    .bind(guild.0)
    .bind(scopes)
    .bind(tables)
    .bind(after.map(|after| smallint(after.table)))
    .bind(after.map(|after| after.id))
    .fetch_one(connection)
    .await?;
    Ok(count(row.try_get("rows")?))
}

/// Of these rows, those that are in one of the granted scopes.
pub async fn read_members(
    connection: &mut PgConnection,
    guild: GuildId,
    table: &'static Table,
    granted: &[String],
    ids: &[Uuid],
) -> Result<Vec<MemberRow>, Error> {
    let query = sqlx::query(AssertSqlSafe(select_members(table, "m.pk = any ($4)")));
    let query = query.bind(guild.0).bind(smallint(table.number)).bind(granted).bind(ids);
    let rows = query.fetch_all(connection).await?;
    rows.iter().map(|row| read_member(table, row)).collect()
}

/// All rows of a table that are in one of `scopes`, by id, beginning after one; with all granted
/// scopes that they are in.
pub fn stream_members<'a>(
    connection: &'a mut PgConnection,
    guild: GuildId,
    table: &'static Table,
    granted: &'a [String],
    scopes: &'a [String],
    after: Option<Uuid>,
) -> impl Stream<Item = Result<MemberRow, Error>> + 'a {
    // In a first download all scopes are wanted, and then there is nothing to leave out.
    let wanted = match scopes.len() == granted.len() {
        true => "cardinality($5::text[]) > 0",
        false => {
            "m.pk in (select f.pk from sync.member f where f.stream = $1 and f.tbl = $2 and f.scope = any ($5))"
        }
    };
    let condition = format!("($4::uuid is null or m.pk > $4) and {wanted}");
    let query = sqlx::query(AssertSqlSafe(select_members(table, &condition)));
    let query = query.bind(guild.0).bind(smallint(table.number)).bind(granted).bind(after).bind(scopes);
    query.fetch(connection).map(move |row| read_member(table, &row?))
}

/// Guild is $1, the table's number $2, the granted scopes $3; the condition may use more.
fn select_members(table: &Table, condition: &str) -> String {
    format!(
        "select {columns}, m.pk as member_pk, m.member_version, m.member_hash, m.member_scopes
           from (select m.pk, max(m.version) as member_version, (array_agg(m.hash))[1] as member_hash,
                        array_agg(m.scope) as member_scopes
                   from sync.member m
                  where m.stream = $1 and m.tbl = $2 and m.scope = any ($3) and {condition}
                  group by m.pk) m
           join guildhall.{name} r on r.guild_id = $1 and r.id = m.pk
          order by m.pk",
        columns = encode::columns(table, "r"),
        name = table.name,
    )
}

fn read_member(table: &'static Table, row: &PgRow) -> Result<MemberRow, Error> {
    Ok(MemberRow {
        id: row.try_get("member_pk")?,
        cells: encode::encode_row(table, row)?,
        version: row.try_get("member_version")?,
        hash: hash(row.try_get("member_hash")?),
        scopes: row.try_get("member_scopes")?,
    })
}

fn effect(word: &str) -> Effect {
    match word {
        "delete" => Effect::Delete,
        "expire" => Effect::Expire,
        _ => Effect::Leave,
    }
}

/// Postgres counts with a sign.
fn count(number: i64) -> u64 {
    u64::try_from(number).unwrap_or_default()
}

//! History for people: which lines there are, and what one of them did. The policy of the table
//! lets through only lines of rows that the asker may read today; here is asked for nothing else.

use crate::auth;
use crate::body::{self, MAX_SMALL_BYTES};
use crate::db::Isolation;
use crate::error::Error;
use crate::state::App;
use axum::body::Body;
use axum::http::HeaderMap;
use guildhall_sync::id::{ConflictId, DeviceId, EntryId, GuildId, UserId};
use guildhall_sync::model::COMPANIONS;
use guildhall_sync::protocol::history::{
    ChangeKind, HistoryAnswer, HistoryEntry, HistoryEntryRequest, HistoryFilter, HistoryLine, HistoryPlace,
    HistoryRequest, LineStatus, MAX_LINES, MAX_ROWS, MAX_TEXT_BYTES, Who,
};
use guildhall_sync::time::Timestamp;
use serde::de::DeserializeOwned;
use sqlx::postgres::PgRow;
use sqlx::{PgConnection, Row};
use uuid::Uuid;

/// So many lines are looked through for one page. Who looks for something rare goes on from there.
const MAX_LOOKED: i64 = 5_000;

const KINDS: [ChangeKind; 7] = [
    ChangeKind::Added,
    ChangeKind::Edited,
    ChangeKind::Deleted,
    ChangeKind::BroughtBack,
    ChangeKind::Settled,
    ChangeKind::TakenBack,
    ChangeKind::Removed,
];

pub async fn list(app: &App, headers: &HeaderMap, body: Body) -> Result<HistoryAnswer, Error> {
    let request: HistoryRequest = body::read_json(headers, body, MAX_SMALL_BYTES).await?;
    judge(&request)?;
    let (mut transaction, session) = auth::begin(&app.database, headers, Isolation::ReadCommitted).await?;
    let answer = select(transaction.connection(), session.guild, &request, MAX_LOOKED).await?;
    transaction.commit().await?;
    Ok(answer)
}

/// A line that may not be read is not there.
pub async fn entry(app: &App, headers: &HeaderMap, body: Body) -> Result<HistoryEntry, Error> {
    let request: HistoryEntryRequest = body::read_json(headers, body, MAX_SMALL_BYTES).await?;
    let (mut transaction, session) = auth::begin(&app.database, headers, Isolation::ReadCommitted).await?;
    let entry = find(transaction.connection(), session.guild, request.id).await?;
    transaction.commit().await?;
    entry.ok_or(Error::NotFound)
}

fn judge(request: &HistoryRequest) -> Result<(), Error> {
    let HistoryFilter { tables, rows, kinds, text, devices, .. } = &request.filter;
    let titled = text.as_ref().map_or(0, |text| text.titled.len());
    let text_bytes = text.as_ref().map_or(0, |text| text.text.len());
    let is_bounded = (1..=MAX_LINES).contains(&request.limit)
        && [tables.len(), rows.len(), kinds.len(), titled, devices.len()]
            .iter()
            .all(|count| *count <= MAX_ROWS)
        && text_bytes <= MAX_TEXT_BYTES;
    if is_bounded { Ok(()) } else { Err(Error::BadRequest("more is asked for than a page holds".to_owned())) }
}

/// A page, for whom the transaction is bound to.
pub async fn select(
    connection: &mut PgConnection,
    guild: GuildId,
    request: &HistoryRequest,
    max_looked: i64,
) -> Result<HistoryAnswer, Error> {
    let rows = ask(connection, guild, request, max_looked, None).await?;
    let lines = rows.iter().filter_map(|row| read_line(row).transpose()).collect::<Result<Vec<_>, _>>()?;
    let next = next(&rows, &lines, request.limit, max_looked)?;
    Ok(HistoryAnswer { lines, next })
}

/// A line with its texts.
pub async fn find(
    connection: &mut PgConnection,
    guild: GuildId,
    id: EntryId,
) -> Result<Option<HistoryEntry>, Error> {
    let request = HistoryRequest { limit: 1, ..HistoryRequest::default() };
    let rows = ask(connection, guild, &request, 1, Some(id)).await?;
    let Some(line) = rows.first().map(read_line).transpose()?.flatten() else { return Ok(None) };
    let row = sqlx::query(
        "select before_state::text as before_state, after_state::text as after_state, sha_before, sha_after,
                verdict::text as verdict
           from guildhall.wal_entries where guild_id = $1 and id = $2",
    )
    .bind(guild.0)
    .bind(id.0)
    .fetch_optional(connection)
    .await?;
    let Some(row) = row else { return Ok(None) };
    Ok(Some(HistoryEntry {
        line,
        before: read_json(row.try_get("before_state")?)?,
        after: read_json(row.try_get("after_state")?)?,
        sha_before: row.try_get("sha_before")?,
        sha_after: row.try_get("sha_after")?,
        verdict: read_json(row.try_get("verdict")?)?,
    }))
}

async fn ask(
    connection: &mut PgConnection,
    guild: GuildId,
    request: &HistoryRequest,
    max_looked: i64,
    only: Option<EntryId>,
) -> Result<Vec<PgRow>, Error> {
    let filter = &request.filter;
    let time = |at: Option<Timestamp>| at.map(Timestamp::print);
    let person = match filter.who {
        Some(Who::Person(person)) => Some(person.0),
        Some(Who::Programs) | None => None,
    };
    // Planned for these values: which of the conditions count is different each time.
    let query = sqlx::query(include_str!("history/list.sql"))
        .persistent(false)
        .bind(guild.0)
        .bind(time(request.before.map(|place| place.at)))
        .bind(request.before.map(|place| i64::try_from(place.line).unwrap_or(i64::MAX)))
        .bind(time(filter.since))
        .bind(time(filter.until))
        .bind(&filter.rows)
        .bind(max_looked)
        .bind(person)
        .bind(filter.who == Some(Who::Programs))
        .bind(&filter.tables)
        .bind(&COMPANIONS[..])
        .bind(filter.kinds.iter().map(|kind| kind.word()).collect::<Vec<_>>())
        .bind(filter.text.as_ref().map(|text| &text.text))
        .bind(filter.text.as_ref().map_or(&[][..], |text| &text.titled))
        .bind(i64::from(request.limit))
        .bind(only.map(|id| id.0))
        .bind(filter.devices.iter().map(|device| device.0).collect::<Vec<_>>())
        .bind(filter.status.map(LineStatus::word));
    Ok(query.fetch_all(connection).await?)
}

/// After a full page its last line; after one for which all that may be looked through was looked
/// through, the last of that.
fn next(
    rows: &[PgRow],
    lines: &[HistoryLine],
    limit: u32,
    max_looked: i64,
) -> Result<Option<HistoryPlace>, Error> {
    let Some(last) = rows.last() else { return Ok(None) };
    let looked: i64 = last.try_get("looked")?;
    let (at, line) = if lines.len() as u64 >= u64::from(limit) {
        (last.try_get::<i64, _>("at")?, last.try_get::<i64, _>("line")?)
    } else if looked >= max_looked {
        (last.try_get("looked_to")?, last.try_get("looked_line")?)
    } else {
        return Ok(None);
    };
    Ok(Some(HistoryPlace { at: Timestamp(at), line: u64::try_from(line).unwrap_or_default() }))
}

/// None for the row that only says how far was looked.
fn read_line(row: &PgRow) -> Result<Option<HistoryLine>, Error> {
    let Some(id) = row.try_get::<Option<Uuid>, _>("id")? else { return Ok(None) };
    let damaged = || Error::Damaged { what: "a line of history" };
    let (kind, status): (String, String) = (row.try_get("kind")?, row.try_get("status")?);
    let id_of = |name| row.try_get::<Option<Uuid>, _>(name);
    Ok(Some(HistoryLine {
        id: EntryId(id),
        table: row.try_get("target_table")?,
        row: row.try_get("target_id")?,
        kind: KINDS.into_iter().find(|known| known.word() == kind).ok_or_else(damaged)?,
        columns: row.try_get("columns")?,
        by: id_of("created_by")?.map(UserId),
        actor: row.try_get("actor")?,
        device: id_of("device_id")?.map(DeviceId),
        reason: row.try_get("change_reason")?,
        status: LineStatus::ALL.into_iter().find(|known| known.word() == status).ok_or_else(damaged)?,
        undo_of: id_of("undo_of")?.map(EntryId),
        settles: id_of("settles")?.map(ConflictId),
        row_rev: row.try_get("row_rev")?,
        row_ord: u32::try_from(row.try_get::<i32, _>("row_ord")?).unwrap_or_default(),
        authored_at: Timestamp(row.try_get("authored_at")?),
        at: Timestamp(row.try_get("at")?),
    }))
}

fn read_json<T: DeserializeOwned + Default>(text: Option<String>) -> Result<T, Error> {
    let Some(text) = text else { return Ok(T::default()) };
    serde_json::from_str(&text).map_err(|_| Error::Damaged { what: "the texts of a line of history" })
}

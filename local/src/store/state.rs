//! The one row that says what this file is, whose it is and how far it has come.

use crate::error::{Result, StoreError};
use guildhall_sync::id::{DeviceId, GuildId, UserId};
use guildhall_sync::model::people::Role;
use guildhall_sync::protocol::{Cursor, Tokens};
use guildhall_sync::time::Timestamp;
use rusqlite::{Connection, OptionalExtension, Row, params};
use uuid::Uuid;

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct State {
    /// Names the key slots and the marks kept outside the file.
    pub profile: Uuid,
    pub account: Option<Account>,
    pub incarnation: Uuid,
    pub cursor: Option<Cursor>,
    pub epoch: Option<Uuid>,
    pub last_hi: Option<i64>,
    pub last_pull_at: Option<Timestamp>,
    pub last_push_at: Option<Timestamp>,
    pub grants_hash: Option<String>,
    pub next_device_seq: u64,
    pub pushed_seq: u64,
    pub highest_time: Timestamp,
}

/// Whose mirror it is, and of which server. Without a server it is a trial on this laptop alone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Account {
    pub server_url: Option<String>,
    pub device: DeviceId,
    pub device_name: String,
    pub guild: GuildId,
    pub guild_name: String,
    pub user: UserId,
    pub user_name: String,
    pub role: Role,
}

/// How far the live scopes are in the server's order of commits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Progress {
    pub cursor: Cursor,
    pub epoch: Uuid,
    pub hi: i64,
    pub at: Timestamp,
}

/// False for a file whose making was cut short.
pub(super) fn has_begun(connection: &Connection) -> Result<bool> {
    Ok(connection.query_row("select exists (select 1 from sync_state)", [], |row| row.get(0))?)
}

pub(super) fn begin(connection: &Connection, profile: Uuid, incarnation: Uuid) -> Result<()> {
    let insert = "insert into sync_state (id, profile, incarnation) values (1, ?, ?)";
    connection.execute(insert, [profile, incarnation])?;
    Ok(())
}

/// By place: what is read at every step is not looked for by name.
const SELECT: &str =
    "select user, server_url, device, device_name, guild, guild_name, user_name, role, profile,
    incarnation, cursor, epoch, last_hi, last_pull_at, last_push_at, grants_hash, next_device_seq, pushed_seq,
    highest_time from sync_state";

pub fn read(connection: &Connection) -> Result<State> {
    let mut select = connection.prepare_cached(SELECT)?;
    let state = select.query_row([], |row| {
        Ok(State {
            profile: row.get(8)?,
            account: read_account(row)?,
            incarnation: row.get(9)?,
            cursor: row.get::<_, Option<String>>(10)?.map(Cursor),
            epoch: row.get(11)?,
            last_hi: row.get(12)?,
            last_pull_at: row.get::<_, Option<i64>>(13)?.map(Timestamp),
            last_push_at: row.get::<_, Option<i64>>(14)?.map(Timestamp),
            grants_hash: row.get(15)?,
            next_device_seq: row.get(16)?,
            pushed_seq: row.get(17)?,
            highest_time: Timestamp(row.get(18)?),
        })
    });
    Ok(state?)
}

/// Whose mirror it is; an error where nobody has signed in yet.
pub fn account(connection: &Connection) -> Result<Account> {
    Ok(find_account(connection)?.ok_or(StoreError::NotSetUp)?)
}

/// None where making the profile was cut short.
pub fn find_account(connection: &Connection) -> Result<Option<Account>> {
    Ok(connection.prepare_cached(SELECT)?.query_row([], read_account)?)
}

fn read_account(row: &Row<'_>) -> rusqlite::Result<Option<Account>> {
    let Some(user) = row.get::<_, Option<Uuid>>(0)? else {
        return Ok(None);
    };
    let role: String = row.get(7)?;
    Ok(Some(Account {
        server_url: row.get(1)?,
        device: DeviceId(row.get(2)?),
        device_name: row.get(3)?,
        guild: GuildId(row.get(4)?),
        guild_name: row.get(5)?,
        user: UserId(user),
        user_name: row.get(6)?,
        role: Role::from_word(&role).unwrap_or(Role::Customer),
    }))
}

pub fn set_account(connection: &Connection, account: &Account) -> Result<()> {
    let mut update = connection.prepare_cached(
        "update sync_state set server_url = ?, device = ?, device_name = ?, guild = ?, guild_name = ?,
         user = ?, user_name = ?, role = ?",
    )?;
    update.execute(params![
        account.server_url,
        account.device.0,
        account.device_name,
        account.guild.0,
        account.guild_name,
        account.user.0,
        account.user_name,
        account.role.word(),
    ])?;
    Ok(())
}

pub fn find_tokens(connection: &Connection) -> Result<Option<Tokens>> {
    let select = "select access_token, access_expires_at, refresh_token, refresh_expires_at
        from sync_state where refresh_token is not null";
    let tokens = connection.query_row(select, [], |row| {
        Ok(Tokens {
            access: row.get(0)?,
            access_expires_at: Timestamp(row.get(1)?),
            refresh: row.get(2)?,
            refresh_expires_at: Timestamp(row.get(3)?),
        })
    });
    Ok(tokens.optional()?)
}

/// None signs this mirror out; what is unsent stays.
pub fn set_tokens(connection: &Connection, tokens: Option<&Tokens>) -> Result<()> {
    let update = "update sync_state set access_token = ?, access_expires_at = ?, refresh_token = ?,
        refresh_expires_at = ?";
    connection.execute(
        update,
        params![
            tokens.map(|tokens| &tokens.access),
            tokens.map(|tokens| tokens.access_expires_at.0),
            tokens.map(|tokens| &tokens.refresh),
            tokens.map(|tokens| tokens.refresh_expires_at.0),
        ],
    )?;
    Ok(())
}

/// Told in the transaction that holds the rows up to there.
pub fn set_progress(connection: &Connection, progress: &Progress) -> Result<()> {
    let update =
        "update sync_state set cursor = ?, epoch = ?, last_hi = ?, last_pull_at = ?, set_back_at = null";
    let bound = params![progress.cursor.0, progress.epoch, progress.hi, progress.at.0];
    connection.prepare_cached(update)?.execute(bound)?;
    see_contact(connection, progress.at)
}

/// The server was asked, and had nothing new.
pub fn see_pull(connection: &Connection, at: Timestamp) -> Result<()> {
    connection
        .prepare_cached("update sync_state set last_pull_at = ?, set_back_at = null")?
        .execute([at.0])?;
    see_contact(connection, at)
}

pub fn set_grants_hash(connection: &Connection, grants_hash: &str) -> Result<()> {
    connection.prepare_cached("update sync_state set grants_hash = ?")?.execute([grants_hash])?;
    Ok(())
}

/// The server was reached at this time. From here on time is counted anew: a clock that once stood
/// in a far year does no harm for ever.
pub fn see_contact(connection: &Connection, at: Timestamp) -> Result<()> {
    connection.prepare_cached("update sync_state set highest_time = ?")?.execute([at.0])?;
    Ok(())
}

/// Remembers a time that was seen; the highest stays.
pub fn see_time(connection: &Connection, time: Timestamp) -> Result<()> {
    connection
        .prepare_cached("update sync_state set highest_time = max(highest_time, ?)")?
        .execute([time.0])?;
    Ok(())
}

/// A new life of the file: a restored or copied one. Numbers that the lost life may have used are
/// not used again; unsent entries keep theirs, so that what did arrive is recognised.
pub fn set_incarnation(connection: &Connection, incarnation: Uuid, next_device_seq: u64) -> Result<()> {
    let update = "update sync_state set incarnation = ?1, next_device_seq = max(next_device_seq, ?2),
        pushed_seq = max(pushed_seq, ?2 - 1)";
    connection.prepare_cached(update)?.execute(params![incarnation, next_device_seq])?;
    Ok(())
}

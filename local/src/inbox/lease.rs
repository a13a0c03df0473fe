//! Leases: what this laptop holds is shown for so long without a contact with the server, and is
//! then put away until the next one. Nothing is deleted by it, and what is unsent is still sent.
//!
//! Time is the highest that was seen since the last contact, so that a clock set back gains nothing.

use super::scopes::ScopeState;
use crate::error::Result;
use crate::store::rows;
use crate::store::{Store, state};
use guildhall_sync::model::people::Guild;
use guildhall_sync::schema::{Default, Row};
use guildhall_sync::scope::is_guarded;
use guildhall_sync::time::Timestamp;
use rusqlite::Connection;

mod away;

pub(super) use away::bring_back;
pub(crate) use away::give_accepted_texts_back;

/// A minute more or less is not worth a write.
const NOTED_MICROS: i64 = 60_000_000;
const HOUR_MICROS: i64 = 3_600_000_000;

/// A scope whose rows are put away.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Away {
    pub scope: String,
    /// The last contact with the server.
    pub since: Timestamp,
}

/// Puts away what was held too long without a contact, and ends what a crash left half done. To be
/// called before anything is shown, and from time to time. Says how many rows were put away.
pub fn enforce(store: &Store) -> Result<u64> {
    let now = store.clock().now();
    let (highest, due, is_half_done) = store.read(|connection| {
        let highest = state::read(connection)?.highest_time;
        let due = list_due(connection, now.max(highest))?;
        Ok((highest, due, !list(connection)?.is_empty() || away::has_rows(connection)?))
    })?;
    if now.0 > highest.0 + NOTED_MICROS || !due.is_empty() {
        store.record(|connection| {
            state::see_time(connection, now)?;
            list_due(connection, now.max(highest))?.iter().try_for_each(|scope| put_away(connection, scope))
        })?;
    }
    if due.is_empty() && !is_half_done {
        return Ok(0);
    }
    bring_back(store, &mut |_| {})?;
    away::put_away(store)
}

/// The scopes that are put away, by name.
pub fn list(connection: &Connection) -> Result<Vec<Away>> {
    let mut select = connection
        .prepare_cached("select scope, confirmed_at from sync_scope where is_away order by scope")?;
    let scopes =
        select.query_map([], |row| Ok(Away { scope: row.get(0)?, since: Timestamp(row.get(1)?) }))?;
    Ok(scopes.collect::<rusqlite::Result<_>>()?)
}

/// Whether nothing of what this laptop holds is shown.
pub fn is_all_away(connection: &Connection) -> Result<bool> {
    let mut select = connection
        .prepare_cached("select not exists (select 1 from sync_scope where state <> ? and not is_away)")?;
    Ok(select.query_row([ScopeState::Locked.word()], |row| row.get(0))?)
}

/// Scopes whose lease has run out and that are still shown.
fn list_due(connection: &Connection, now: Timestamp) -> Result<Vec<String>> {
    let Hours { usual, guarded } = read_hours(connection)?;
    let mut select = connection
        .prepare_cached("select scope, confirmed_at from sync_scope where state <> ? and not is_away")?;
    let scopes = select.query_map([ScopeState::Locked.word()], |row| {
        Ok((row.get::<_, String>(0)?, Timestamp(row.get(1)?)))
    })?;
    let mut due = Vec::new();
    for scope in scopes {
        let (scope, confirmed_at) = scope?;
        let hours = if is_guarded(&scope) { guarded.min(usual) } else { usual };
        if now.0.saturating_sub(confirmed_at.0) > hours.saturating_mul(HOUR_MICROS) {
            due.push(scope);
        }
    }
    Ok(due)
}

struct Hours {
    usual: i64,
    guarded: i64,
}

/// What the guild says, or said when it was last here.
fn read_hours(connection: &Connection) -> Result<Hours> {
    let stored = rows::list(connection, Guild::TABLE, "deleted_at is null limit 1", [])?.into_iter().next();
    let hours = |name: &str| {
        let column = Guild::TABLE.column(name).expect("a guild has its leases");
        let said = stored.as_ref().and_then(|stored| stored.cells.value(column.number).as_int());
        match (said, column.default) {
            (Some(hours), _) => hours,
            (None, Default::Int(hours)) => hours,
            (None, _) => 0,
        }
    };
    Ok(Hours { usual: hours("lease_hours"), guarded: hours("guarded_lease_hours") })
}

fn put_away(connection: &Connection, scope: &str) -> Result<()> {
    connection.prepare_cached("update sync_scope set is_away = 1 where scope = ?")?.execute([scope])?;
    Ok(())
}

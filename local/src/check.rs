//! Comparing what is here with what the server has: when, how far, and what came of it. A
//! comparison takes a few pulls: digests of all scopes, buckets of those that differ, rows of
//! those that differ. It goes on after a crash; what is unsent is no part of it.

use crate::error::{Result, StoreError};
use crate::inbox::lease;
use crate::inbox::scopes::{self, ScopeState};
use guildhall_sync::protocol::check::{Check, HeldBucket};
use guildhall_sync::protocol::errand::Counts;
use guildhall_sync::time::Timestamp;
use rusqlite::{Connection, params};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use survey::survey;

pub mod report;
pub mod survey;

/// At least this often everything is compared.
pub const CHECK_EVERY_MS: u64 = 24 * 60 * 60 * 1000;
/// So many times a repair is tried before it is given up until the next day.
pub const MAX_ROUNDS: u32 = 3;

/// What a comparison is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Wish {
    /// To say what differs.
    Verify,
    /// To set it right.
    Repair,
}

/// A comparison under way.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Checking {
    pub wish: Wish,
    pub step: Step,
    pub counts: Counts,
}

/// What the next pull asks for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Step {
    Digests,
    Buckets {
        scopes: Vec<String>,
    },
    /// Buckets whose rows are listed, by request: the first is asked next.
    Rows {
        batches: Vec<Vec<(String, u8)>>,
    },
}

impl Checking {
    pub fn new(wish: Wish) -> Self {
        Self { wish, step: Step::Digests, counts: Counts::default() }
    }
}

pub fn find(connection: &Connection) -> Result<Option<Checking>> {
    let select = "select checking from sync_state";
    let stored: Option<String> = connection.prepare_cached(select)?.query_row([], |row| row.get(0))?;
    let damaged = |_| StoreError::Damaged { what: "how far a comparison is".to_owned() };
    Ok(stored.map(|text| serde_json::from_str(&text).map_err(damaged)).transpose()?)
}

pub fn keep(connection: &Connection, checking: &Checking) -> Result<()> {
    let text = serde_json::to_string(checking).expect("a comparison in memory can be printed");
    connection.prepare_cached("update sync_state set checking = ?")?.execute([text])?;
    Ok(())
}

/// The comparison is over; another one is due in a day.
pub fn end(connection: &Connection, now: Timestamp) -> Result<()> {
    let update = "update sync_state set checking = null, check_due = 0, checked_at = ?";
    connection.prepare_cached(update)?.execute([now.0])?;
    Ok(())
}

/// It is taken up no further; nothing of what it stored is taken back.
pub fn give_up(connection: &Connection) -> Result<()> {
    connection.prepare_cached("update sync_state set checking = null")?.execute([])?;
    Ok(())
}

/// Asks for a comparison with the next pull.
pub fn want(connection: &Connection) -> Result<()> {
    connection.prepare_cached("update sync_state set check_due = 1 where check_due = 0")?.execute([])?;
    Ok(())
}

/// When a comparison last came to its end.
pub fn last_at(connection: &Connection) -> Result<Option<Timestamp>> {
    let select = "select checked_at from sync_state";
    Ok(connection.prepare_cached(select)?.query_row([], |row| row.get::<_, Option<i64>>(0))?.map(Timestamp))
}

/// Says that a process has the link now, or has it no more. A link that was never given back means
/// an unclean end.
pub fn set_linked(connection: &Connection, is_linked: bool) -> Result<()> {
    let was: bool =
        connection.prepare_cached("select is_linked from sync_state")?.query_row([], |row| row.get(0))?;
    if was && is_linked {
        want(connection)?;
    }
    connection.prepare_cached("update sync_state set is_linked = ?")?.execute([is_linked])?;
    Ok(())
}

/// What the next pull is to say besides. Nothing while scopes are being filled: every row of a fill
/// is looked at as it comes; and nothing while rows are put away.
pub fn ask(connection: &Connection, now: Timestamp) -> Result<Option<Check>> {
    let is_filling = !scopes::list(connection, ScopeState::Filling)?.is_empty();
    let is_away = !lease::list(connection)?.is_empty();
    if is_filling || is_away || scopes::list(connection, ScopeState::Live)?.is_empty() {
        return Ok(None);
    }
    let Some(checking) = find(connection)? else {
        return Ok(is_due(connection, now)?.then_some(Check::Digests));
    };
    Ok(Some(match checking.step {
        Step::Digests => Check::Digests,
        Step::Buckets { scopes } => Check::Buckets { scopes },
        Step::Rows { batches } => {
            Check::Rows { held: list_held(connection, batches.first().map_or(&[], Vec::as_slice))? }
        }
    }))
}

fn is_due(connection: &Connection, now: Timestamp) -> Result<bool> {
    let select = "select check_due, checked_at from sync_state";
    let (is_wanted, checked_at): (bool, Option<i64>) =
        connection.prepare_cached(select)?.query_row([], |row| Ok((row.get(0)?, row.get(1)?)))?;
    let is_old = checked_at.is_some_and(|at| Timestamp(at).plus_ms(CHECK_EVERY_MS) <= now);
    Ok(is_wanted || is_old)
}

/// A mirror that was just filled is as good as compared.
pub fn begin_counting(connection: &Connection, now: Timestamp) -> Result<()> {
    let update = "update sync_state set checked_at = ? where checked_at is null";
    connection.prepare_cached(update)?.execute(params![now.0])?;
    Ok(())
}

fn list_held(connection: &Connection, buckets: &[(String, u8)]) -> Result<Vec<HeldBucket>> {
    let empty = |(scope, bucket): &(String, u8)| {
        let key = (scope.clone(), *bucket);
        (key, HeldBucket { scope: scope.clone(), bucket: *bucket, rows: Vec::new() })
    };
    let mut held: BTreeMap<(String, u8), HeldBucket> = buckets.iter().map(empty).collect();
    survey(connection, &mut |scope, bucket, row| {
        if let Some(bucket) = held.get_mut(&(scope.to_owned(), bucket)) {
            bucket.rows.push(row.clone());
        }
    })?;
    Ok(held.into_values().collect())
}

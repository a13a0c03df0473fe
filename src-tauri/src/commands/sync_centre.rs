//! What is on this laptop, what waits, what was refused and what happened, in words and numbers.

use super::quarantine::{self, RefusedView};
use super::status::{self, Reach, Status};
use crate::app::App;
use crate::failure::Failure;
use crate::host::{Host, blocking};
use crate::views::{Mark, Nothing};
use crate::words::{self, changes, model};
use guildhall_local::entries::{self, EntryState, Line};
use guildhall_local::inbox::scopes::{self, ScopeState};
use guildhall_local::received::{self, Way};
use guildhall_local::store::{rows, state};
use guildhall_local::write::rights;
use guildhall_local::{Connection, Result as Read, conflicts, doctor, inventory, names, restore, standing};
use guildhall_sync::change::Verdict;
use guildhall_sync::id::UserId;
use guildhall_sync::model::find_table;
use guildhall_sync::protocol::errand::ACTION;
use guildhall_sync::schema::common;
use guildhall_sync::time::Timestamp;
use serde::Serialize;
use std::path::Path;
use ts_rs::TS;
use uuid::Uuid;

/// More lines are not looked through by people.
const MAX_LINES: usize = 200;
/// So long what a restore brought is said.
const NEWS_MS: u64 = 7 * 24 * 60 * 60 * 1000;

#[derive(Debug, Serialize, TS)]
pub struct SyncCentre {
    pub status: Status,
    /// What is on this laptop, the most first.
    pub kinds: Vec<KindCount>,
    /// What it may hold, in words.
    pub scopes: Vec<String>,
    pub file_bytes: u64,
    #[ts(type = "number | null")]
    pub last_received_at: Option<Timestamp>,
    #[ts(type = "number | null")]
    pub last_sent_at: Option<Timestamp>,
    /// Not yet answered, the oldest first.
    pub pending: Vec<PendingView>,
    pub refused: Vec<RefusedView>,
    /// The newest first.
    pub activity: Vec<ActivityLine>,
    /// What a restore of the server means for this laptop, as long as it is news.
    pub restored: Option<RestoredView>,
    /// Whether the person may ask other laptops to sync.
    pub may_ask_laptops: bool,
}

#[derive(Debug, Serialize, TS)]
pub struct RestoredView {
    pub words: String,
    /// Whether nothing is sent or fetched until somebody says how to go on.
    pub stands_still: bool,
}

#[derive(Debug, Serialize, TS)]
pub struct KindCount {
    pub table: &'static str,
    pub label: String,
    pub rows: u64,
}

#[derive(Debug, Serialize, TS)]
pub struct PendingView {
    pub entry: Uuid,
    pub table: String,
    pub row: Uuid,
    pub of: String,
    pub what: String,
    #[ts(type = "number")]
    pub written_at: Timestamp,
    pub mark: Mark,
}

#[derive(Debug, Serialize, TS)]
pub struct ActivityLine {
    #[ts(type = "number")]
    pub at: Timestamp,
    pub table: String,
    /// None where the line stands for several rows.
    #[ts(type = "string | null")]
    pub row: Option<Uuid>,
    pub of: String,
    pub what: String,
    pub outcome: String,
}

pub async fn sync_centre(host: &Host, _: Nothing) -> Result<SyncCentre, Failure> {
    let (app, reach) = (host.app()?, host.reach());
    blocking(move || centre(&app, reach)).await
}

fn centre(app: &App, reach: Reach) -> Result<SyncCentre, Failure> {
    let status = status::status_as(app, reach)?;
    let refused = quarantine::list(app)?;
    let file_bytes = file_bytes(app.store.path());
    let now = app.store.clock().now();
    let centre = app.store.read(|connection| {
        let state = state::read(connection)?;
        Ok(SyncCentre {
            kinds: kinds(connection)?,
            scopes: scopes_in_words(connection)?,
            last_received_at: state.last_pull_at,
            last_sent_at: state.last_push_at,
            pending: pending(connection)?,
            activity: activity(connection)?,
            restored: restored(connection, now)?,
            may_ask_laptops: rights::may_manage(connection, ACTION)?,
            status,
            refused,
            file_bytes,
        })
    });
    Ok(centre?)
}

fn restored(connection: &Connection, now: Timestamp) -> Read<Option<RestoredView>> {
    let report = restore::report(connection)?;
    let is_news = report.restored_at.is_some_and(|at| now < at.plus_ms(NEWS_MS) || report.waiting > 0);
    let stands_still = report.set_back_at.is_some();
    Ok((stands_still || is_news && report.offered > 0)
        .then(|| RestoredView { words: doctor::server::say(&report), stands_still }))
}

/// The mirror with what SQLite keeps beside it.
fn file_bytes(mirror: &Path) -> u64 {
    let size = |ending: &str| {
        let mut path = mirror.as_os_str().to_owned();
        path.push(ending);
        std::fs::metadata(path).map_or(0, |file| file.len())
    };
    ["", "-wal", "-shm"].map(size).iter().sum()
}

fn kinds(connection: &Connection) -> Read<Vec<KindCount>> {
    let counted = inventory::rows_by_table(connection)?.into_iter();
    let mut kinds: Vec<KindCount> = counted
        .map(|(table, rows)| {
            let (one, many) = model::rows_of(table);
            KindCount { table, label: words::readable(if rows == 1 { &one } else { &many }), rows }
        })
        .collect();
    kinds.sort_by_key(|kind| std::cmp::Reverse(kind.rows));
    Ok(kinds)
}

fn scopes_in_words(connection: &Connection) -> Read<Vec<String>> {
    let mut said = Vec::new();
    for (state, addition) in [(ScopeState::Live, ""), (ScopeState::Filling, " (still coming)")] {
        for name in scopes::list(connection, state)? {
            said.push(model::held(connection, &name)? + addition);
        }
    }
    said.sort();
    Ok(said)
}

fn pending(connection: &Connection) -> Read<Vec<PendingView>> {
    let mut pending = Vec::new();
    for line in entries::list_undecided(connection, MAX_LINES)? {
        let of = changes::of(connection, &line.entry.table, line.entry.row)?;
        let mark = match find_table(&line.entry.table) {
            Some(table) => standing::of_row(connection, table, line.entry.row)?,
            None => standing::Standing::SavedHere,
        };
        pending.push(PendingView {
            entry: line.entry.id.0,
            what: changes::what(&line),
            of,
            written_at: line.entry.authored_at,
            mark: mark.into(),
            row: line.entry.row,
            table: line.entry.table,
        });
    }
    Ok(pending)
}

fn activity(connection: &Connection) -> Read<Vec<ActivityLine>> {
    let open: Vec<Uuid> = conflicts::list(connection)?.iter().map(|conflict| conflict.entry_id).collect();
    let mut lines = Vec::new();
    for line in entries::list_latest(connection, MAX_LINES)? {
        lines.push(own_line(connection, line, &open)?);
    }
    for line in received::list(connection)? {
        lines.push(received_line(connection, line)?);
    }
    lines.sort_by_key(|line| std::cmp::Reverse(line.at));
    lines.truncate(MAX_LINES);
    Ok(lines)
}

fn own_line(connection: &Connection, line: Line, open: &[Uuid]) -> Read<ActivityLine> {
    let of = changes::of(connection, &line.entry.table, line.entry.row)?;
    Ok(ActivityLine {
        at: line.entry.authored_at,
        row: Some(line.entry.row),
        what: changes::what(&line),
        outcome: outcome(&line, open.contains(&line.entry.id.0)).to_owned(),
        of,
        table: line.entry.table,
    })
}

fn outcome(line: &Line, needs_you: bool) -> &'static str {
    let is_merged = matches!(line.verdict, Some(Verdict::Merged { .. }));
    match line.state {
        EntryState::Pending | EntryState::InFlight | EntryState::Unknown | EntryState::Deferred => {
            "Saved here"
        }
        EntryState::Conflict if needs_you || line.settled_at.is_none() => "Needs you",
        EntryState::Conflict => "Settled",
        EntryState::Committed => "Sent",
        EntryState::Merged => "Merged",
        EntryState::Settled if is_merged => "Merged",
        EntryState::Settled => "On server",
        EntryState::Rejected => "Refused",
        EntryState::Discarded => "Discarded",
        EntryState::Undone => "Taken back",
    }
}

fn received_line(connection: &Connection, line: received::Line) -> Read<ActivityLine> {
    let (one, many) = model::rows_of(&line.table);
    let (of, what) = match (line.row, line.way) {
        (Some(row), Way::Received) => {
            let of = changes::of(connection, &line.table, row)?;
            let by = changed_by(connection, &line.table, row)?.unwrap_or_else(|| "Somebody".to_owned());
            let what = format!("{by} changed it");
            (of, what)
        }
        (Some(_), Way::Removed) => (one.clone(), format!("A {one} that you may not read any more left")),
        (None, Way::Received) => (many.clone(), format!("{} {many} came", line.rows)),
        (None, Way::Removed) => {
            (many.clone(), format!("{} {many} that you may not read any more left", line.rows))
        }
    };
    let outcome = match line.way {
        Way::Received => "Received",
        Way::Removed => "Removed",
    };
    Ok(ActivityLine { at: line.at, table: line.table, row: line.row, of, what, outcome: outcome.to_owned() })
}

fn changed_by(connection: &Connection, table: &str, row: Uuid) -> Read<Option<String>> {
    let Some(table) = find_table(table) else { return Ok(None) };
    let stored = rows::find(connection, table, row)?;
    let by = stored.and_then(|stored| stored.cells.value(common::UPDATED_BY).as_id());
    names::find_user(connection, by.map(UserId))
}

#[cfg(test)]
mod tests;

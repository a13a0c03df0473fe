//! What may not be read any more leaves this laptop: rows that no granted scope holds, with their
//! full text, shadows and old texts in entries, the safety copies that hold them, and at last the
//! write-ahead file. Waits for nothing that is unsent, and goes on after a crash.
//!
//! What a person typed stays: entries that the server has not answered go to quarantine with just
//! that; those that a restored server may have lost, when it has said that it takes them no more.

use super::flags::{self, Flag};
use super::held;
use super::leave::{self, list_entries};
use super::pace::Pace;
use super::scopes::{self, ScopeState};
use super::texts::{self, keep_nothing, keep_typed};
use super::{Notice, Phase, Progress};
use crate::entries::{EntryState, Line};
use crate::error::Result;
use crate::fault::{self, Bug};
use crate::outbox;
use crate::received::{self, Way};
use crate::restore;
use crate::search::fulltext;
use crate::store::{Store, migrate};
use crate::write::Touched;
use guildhall_sync::change::{RejectCode, Verdict};
use guildhall_sync::model::TABLES;
use guildhall_sync::protocol::EntryVerdict;
use guildhall_sync::schema::Table;
use guildhall_sync::time::Timestamp;
use rusqlite::Connection;
use std::time::Duration;
use uuid::Uuid;

/// How often the write-ahead file is tried to be emptied at once; the next pull tries again.
const WIPE_TRIES: u32 = 50;
const WIPE_WAIT: Duration = Duration::from_millis(20);

/// Removes what the locked scopes held. Says how many rows went.
pub fn run(store: &Store, notify: &mut dyn FnMut(Notice)) -> Result<u64> {
    let lost = store.read(|connection| scopes::list(connection, ScopeState::Locked))?;
    if lost.is_empty() {
        return Ok(0);
    }
    let mut rows = store.read(|connection| list_rows(connection, &lost))?;
    if fault::has(Bug::PurgeForgotten) {
        rows.clear();
    }
    store.apply(|connection| flags::raise(connection, Flag::WipeDue))?;
    let (mut pace, mut done, mut gone) = (Pace::default(), 0, 0);
    while done < rows.len() {
        let slice = &rows[done..rows.len().min(done + pace.rows())];
        let now = store.clock().now();
        let touched = pace.apply(store, |connection| purge_slice(connection, slice, &lost, now))?;
        done += slice.len();
        gone += touched.len() as u64;
        notify(Notice::Touched(touched));
        let progress = Progress { phase: Phase::Removing, done: done as u64, all: rows.len() as u64 };
        notify(Notice::Progress(progress));
    }
    migrate::remove_safety_copies(store.path())?;
    store.apply(|connection| lost.iter().try_for_each(|scope| scopes::forget(connection, scope)))?;
    Ok(gone)
}

/// Empties the write-ahead file after a purge. True when nothing is left to be emptied.
pub fn wipe(store: &Store) -> Result<bool> {
    if !store.read(|connection| flags::is_up(connection, Flag::WipeDue))? {
        return Ok(true);
    }
    forget_words(store)?;
    for try_number in 0..WIPE_TRIES {
        if try_number > 0 {
            std::thread::sleep(WIPE_WAIT);
        }
        if store.truncate_wal()? {
            store.apply(|connection| flags::lower(connection, Flag::WipeDue))?;
            return Ok(true);
        }
    }
    Ok(false)
}

/// Words of removed rows lie in the full-text indexes until these are merged.
fn forget_words(store: &Store) -> Result<()> {
    for table in TABLES {
        let mut begins = true;
        while !store.apply(|connection| fulltext::forget_removed(connection, table, begins))? {
            begins = false;
        }
    }
    Ok(())
}

pub(super) fn list_rows(connection: &Connection, lost: &[String]) -> Result<Vec<(&'static Table, Uuid)>> {
    let mut rows = Vec::new();
    for table in TABLES {
        let select = format!("select id from {} where instr(sync_scopes, ?) > 0", table.name);
        for scope in lost {
            let mut select = connection.prepare_cached(&select)?;
            let ids = select.query_map([format!(" {scope} ")], |row| row.get(0))?;
            for id in ids {
                rows.push((*table, id?));
            }
        }
    }
    Ok(rows)
}

fn purge_slice(
    connection: &Connection,
    rows: &[(&'static Table, Uuid)],
    lost: &[String],
    now: Timestamp,
) -> Result<Vec<Touched>> {
    let mut touched = Vec::new();
    for (table, id) in rows {
        let Some(held) = held::find(connection, table, *id)? else { continue };
        let left = scopes::without(&held.scopes, lost);
        if left.is_empty() {
            purge_row(connection, table, *id, now)?;
            touched.push(Touched { table: table.name, id: *id });
        } else {
            held::set_scopes(connection, table, *id, &left)?;
        }
    }
    received::note(connection, Way::Removed, touched.iter(), now)?;
    Ok(touched)
}

pub(super) fn purge_row(
    connection: &Connection,
    table: &'static Table,
    id: Uuid,
    now: Timestamp,
) -> Result<()> {
    leave::forget(connection, table, id)?;
    let mut refused = Vec::new();
    let mut accepted = Vec::new();
    for line in list_entries(connection, table, id)? {
        match line.state {
            // A restore may have taken from the server what only this laptop still has.
            state if state.is_undecided() && restore::was_accepted(connection, line.entry.id)? => {
                texts::strip_when_answered(connection, line.entry.id)?;
                restore::hide(connection, line.entry.id)?;
            }
            EntryState::Pending | EntryState::InFlight | EntryState::Unknown | EntryState::Deferred => {
                keep_typed(connection, table, &line)?;
                outbox::unheard::note(connection, line.entry.id)?;
                refused.push(refusal(&line));
            }
            EntryState::Rejected => keep_typed(connection, table, &line)?,
            EntryState::Discarded => keep_nothing(connection, &line)?,
            EntryState::Conflict
            | EntryState::Committed
            | EntryState::Merged
            | EntryState::Settled
            | EntryState::Undone => {
                keep_nothing(connection, &line)?;
                accepted.extend(own_verdict(line));
            }
        }
    }
    outbox::settle(connection, &accepted, now)?;
    outbox::record_verdicts(connection, &refused, now)?;
    Ok(())
}

fn refusal(line: &Line) -> EntryVerdict {
    let verdict = Verdict::Rejected {
        code: RejectCode::Forbidden,
        reason: "What it changed may not be read any more. What you typed is kept.".to_owned(),
        fixable: false,
    };
    EntryVerdict { entry: line.entry.id, device_seq: line.entry.device_seq, verdict }
}

fn own_verdict(line: Line) -> Option<EntryVerdict> {
    let Line { entry, verdict, .. } = line;
    Some(EntryVerdict { entry: entry.id, device_seq: entry.device_seq, verdict: verdict? })
}

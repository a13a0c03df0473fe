//! What waits to be sent, and what the server says to it.
//!
//! An entry leaves the fold when a pull has shown its effect ([`settle`]), not at its verdict;
//! only a refused one leaves at once, with all that depends on it. Sending itself is elsewhere.

use crate::entries::{self, EntryState, Head};
use crate::error::Result;
use crate::fault::{self, Bug};
use crate::fold;
use crate::write::Touched;
use guildhall_sync::change::Verdict;
use guildhall_sync::client::LONGEST_WAIT_MS;
use guildhall_sync::id::EntryId;
use guildhall_sync::model::find_table;
use guildhall_sync::protocol::EntryVerdict;
use guildhall_sync::time::Timestamp;
use rusqlite::{Connection, params};

pub mod batch;
pub mod counts;
pub mod narrow;
mod refusal;
pub(crate) mod unheard;
mod unkept;

pub use batch::{Batch, can_send, next_batch};
pub use counts::{Counts, count};

/// To be called on the disk before the batch goes to the network.
pub fn mark_in_flight(connection: &Connection, batch: &Batch, now: Timestamp) -> Result<()> {
    let mut update = connection
        .prepare_cached("update wal_entries set state = \'in_flight\', sent_at = ? where id = ?")?;
    for entry in batch.entries() {
        update.execute(params![now.0, entry.id.0])?;
    }
    let update = "update sync_state set pushed_seq = max(pushed_seq, ?), last_push_at = ?";
    connection.prepare_cached(update)?.execute(params![batch.highest_device_seq(), now.0])?;
    Ok(())
}

/// No answer came: whether what was sent has arrived is not known, and it is sent again.
pub fn mark_unanswered(connection: &Connection) -> Result<()> {
    if fault::has(Bug::UnansweredForgotten) {
        return Ok(());
    }
    let update = "update wal_entries indexed by wal_entries_in_flight set state = 'unknown'
         where state = 'in_flight' and settled_at is null";
    connection.prepare_cached(update)?.execute([])?;
    unheard::end_push(connection)
}

/// An answer to a pull was taken in to its end, and what it names has settled.
pub fn end_pull(connection: &Connection) -> Result<()> {
    unheard::end_pull(connection)?;
    unkept::end_pull(connection)
}

/// A push was answered, and the answer is stored.
pub fn end_push(connection: &Connection) -> Result<()> {
    unheard::end_push(connection)
}

/// Whether a push has left of whose end nothing is known here.
pub fn is_in_flight(connection: &Connection) -> Result<bool> {
    let select = "select exists (select 1 from wal_entries indexed by wal_entries_in_flight
         where state = 'in_flight' and settled_at is null and decided_at is null)";
    let is_any: bool = connection.prepare_cached(select)?.query_row([], |row| row.get(0))?;
    Ok(is_any || unheard::is_any_in_flight(connection)?)
}

/// Stores the server's answers. Rows of refused entries look different afterwards.
pub fn record_verdicts(
    connection: &Connection,
    verdicts: &[EntryVerdict],
    now: Timestamp,
) -> Result<Vec<Touched>> {
    let mut refused = Vec::new();
    for EntryVerdict { entry, verdict, .. } in verdicts {
        let Some(head) = entries::find_head(connection, *entry)? else { continue };
        if matches!(head.state, EntryState::Rejected | EntryState::Discarded) {
            unheard::hear(connection, &head, verdict)?;
        }
        if !head.state.is_undecided() {
            continue;
        }
        record(connection, &head, verdict, now)?;
        if verdict.has_effect() && fault::has(Bug::SettleAtVerdict) {
            leave_fold(connection, &head, now)?;
            refresh(connection, &[*entry])?;
        }
        if matches!(verdict, Verdict::Rejected { .. }) {
            refused.push(*entry);
        }
    }
    refusal::follow(connection, &refused, now)
}

/// The effect of these entries is in the rows of the pull that names them: they leave the fold.
/// To be called in the transaction that stores the rows, before [`fold::refresh`] of each row
/// named in the answer. Verdicts whose push was never answered are stored too.
pub fn settle(connection: &Connection, verdicts: &[EntryVerdict], now: Timestamp) -> Result<Vec<Touched>> {
    let mut touched = record_verdicts(connection, verdicts, now)?;
    for EntryVerdict { entry, verdict, .. } in verdicts {
        let Some(head) = entries::find_head(connection, *entry)? else { continue };
        if verdict.has_effect() && head.settled_at.is_none() {
            leave_fold(connection, &head, now)?;
            touched.extend(touched_by(&head));
        }
    }
    touched.dedup();
    Ok(touched)
}

fn record(connection: &Connection, head: &Head, verdict: &Verdict, now: Timestamp) -> Result<()> {
    let state = EntryState::of(verdict);
    let retry_at = match verdict {
        Verdict::Deferred { retry_after_ms, .. } => {
            Some(now.plus_ms(*retry_after_ms.min(&LONGEST_WAIT_MS)).0)
        }
        _ => None,
    };
    let decided_at = verdict.is_final().then_some(now.0);
    let left_at = decided_at.filter(|_| state == EntryState::Rejected);
    let mut update = connection.prepare_cached(
        "update wal_entries set state = ?, status = ?, verdict = ?, retry_at = ?, decided_at = ?,
         settled_at = ?, decided_at_answer = (select answers from sync_state) where id = ?",
    )?;
    let (verdict, id) = (entries::print(verdict), head.id.0);
    update.execute(params![
        state.word(),
        state.status().word(),
        verdict,
        retry_at,
        decided_at,
        left_at,
        id
    ])?;
    Ok(())
}

/// What is in conflict stays marked so until a person settles it.
fn leave_fold(connection: &Connection, head: &Head, now: Timestamp) -> Result<()> {
    let state = match head.state {
        EntryState::Conflict => EntryState::Conflict,
        _ if entries::is_taken_back(connection, head.id)? => EntryState::Undone,
        _ => EntryState::Settled,
    };
    let update = "update wal_entries set settled_at = ?, state = ?, status = ?, in_fold = 1 where id = ?";
    connection.prepare_cached(update)?.execute(params![
        now.0,
        state.word(),
        state.status().word(),
        head.id.0
    ])?;
    head.undo_of.map_or(Ok(()), |undone| mark_undone(connection, undone))
}

/// What waits to be decided once more, after a restore of the server, is marked when it is settled.
fn mark_undone(connection: &Connection, undone: EntryId) -> Result<()> {
    match entries::find_head(connection, undone)? {
        Some(head) if !head.state.is_undecided() => {
            entries::set_state(connection, undone, EntryState::Undone)
        }
        _ => Ok(()),
    }
}

fn touched_by(head: &Head) -> Option<Touched> {
    find_table(&head.table).map(|table| Touched { table: table.name, id: head.row })
}

/// The lowest number whose entry is in the fold, or on which the server's word is still to be
/// heard; one more than the highest if there is none.
pub fn unsettled_from(connection: &Connection) -> Result<u64> {
    let select = "select min(next_device_seq,
            coalesce((select min(device_seq) from wal_entries where settled_at is null), next_device_seq),
            coalesce((select min(device_seq) from sync_unheard join wal_entries on id = entry), next_device_seq))
        from sync_state";
    Ok(connection.prepare_cached(select)?.query_row([], |row| row.get(0))?)
}

/// Works out again the rows of these entries after they have left the fold.
pub(crate) fn refresh(connection: &Connection, ids: &[EntryId]) -> Result<Vec<Touched>> {
    let mut touched = Vec::new();
    for id in ids {
        let Some(head) = entries::find_head(connection, *id)? else { continue };
        let Some(table) = find_table(&head.table) else { continue };
        let row = Touched { table: table.name, id: head.row };
        if !touched.contains(&row) {
            fold::refresh(connection, table, row.id)?;
            touched.push(row);
        }
    }
    Ok(touched)
}

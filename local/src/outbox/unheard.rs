//! Entries that were on their way when they went to quarantine with a row that may not be read any
//! more, or with an entry that did. The server may have taken them: its word on them is asked for
//! until an answer without one was asked for after their push had ended.

use crate::entries::{self, EntryState, Head};
use crate::error::Result;
use crate::inbox;
use guildhall_sync::change::Verdict;
use guildhall_sync::id::EntryId;
use rusqlite::{Connection, params};

/// To be called before an entry goes to quarantine without a word of the server.
pub(crate) fn note(connection: &Connection, id: EntryId) -> Result<()> {
    let insert = "insert or ignore into sync_unheard (entry, answers)
        select id, iif(state = 'in_flight', null, 0) from wal_entries where id = ? and sent_at is not null";
    connection.prepare_cached(insert)?.execute([id.0])?;
    Ok(())
}

/// Whether the push of any of them is under way.
pub(super) fn is_any_in_flight(connection: &Connection) -> Result<bool> {
    let select = "select exists (select 1 from sync_unheard where answers is null)";
    Ok(connection.prepare_cached(select)?.query_row([], |row| row.get(0))?)
}

/// Their push has ended, however it did.
pub(super) fn end_push(connection: &Connection) -> Result<()> {
    let update = "update sync_unheard set answers = 0 where answers is null";
    connection.prepare_cached(update)?.execute([])?;
    Ok(())
}

/// An answer to a pull was taken in to its end. Where it is the second one, it was asked for after
/// the push had ended: what it does not name did not arrive.
pub(crate) fn end_pull(connection: &Connection) -> Result<()> {
    connection.prepare_cached("delete from sync_unheard where answers > 0")?.execute([])?;
    let update = "update sync_unheard set answers = answers + 1 where answers is not null";
    connection.prepare_cached(update)?.execute([])?;
    Ok(())
}

/// The server's word on an entry in quarantine, or on one that a person is done with: where the
/// server took it, it is done, and what went along with it stands for itself.
pub(super) fn hear(connection: &Connection, head: &Head, verdict: &Verdict) -> Result<()> {
    if !verdict.is_final() {
        return Ok(());
    }
    connection.prepare_cached("delete from sync_unheard where entry = ?")?.execute([head.id.0])?;
    if !verdict.has_effect() {
        return Ok(());
    }
    let line = entries::find(connection, head.id)?;
    // Of what may not be corrected not all is left.
    let is_cut =
        |line: &entries::Line| matches!(line.verdict, Some(Verdict::Rejected { fixable: false, .. }));
    if let Some(line) = line.filter(is_cut) {
        inbox::keep_nothing(connection, &line)?;
    }
    let state = EntryState::Settled;
    let update =
        "update wal_entries set state = ?, status = ?, verdict = ?, refused_with = null where id = ?";
    let bound = params![state.word(), state.status().word(), entries::print(verdict), head.id.0];
    connection.prepare_cached(update)?.execute(bound)?;
    let update = "update wal_entries set refused_with = null where refused_with = ?";
    connection.prepare_cached(update)?.execute([head.id.0])?;
    head.undo_of.map_or(Ok(()), |undone| super::mark_undone(connection, undone))
}

//! After a restore of the server: this laptop keeps everything, offers again what the server had
//! accepted from it, and sets aside rows in states that only laptops still know.
//!
//! What the server still knows of it, the server says: an entry that it has gets the verdict that
//! it had, and a row in a state that its history holds is no news.

use crate::entries::{self, EntryState, Line};
use crate::error::Result;
use crate::fault::{self, Bug};
use crate::inbox::{self, lease, scopes};
use guildhall_sync::change::{Operation, Place, Verdict};
use guildhall_sync::id::EntryId;
use guildhall_sync::time::Timestamp;
use rusqlite::{Connection, OptionalExtension, params};
use std::collections::BTreeSet;
use uuid::Uuid;

pub mod report;
pub mod witness;

pub use report::{Report, report};

/// The server has begun a new history: all that it had accepted waits to be sent again, in the
/// order in which it was written.
pub fn offer_again(connection: &Connection, epoch: Uuid, now: Timestamp) -> Result<()> {
    lease::give_accepted_texts_back(connection)?;
    let open = list_open_conflicts(connection)?;
    for line in entries::list(connection, "true order by device_seq", [])? {
        match find_offer(&line, &open) {
            Some(Offer::Undecided) => {
                let update = "update wal_entries set offered_to = ? where id = ?";
                connection.prepare_cached(update)?.execute([epoch, line.entry.id.0])?;
            }
            Some(Offer::Decided(_)) if fault::has(Bug::OffersForgotten) => {}
            Some(Offer::Decided(place)) => put_back(connection, &line, place, epoch)?,
            None => {}
        }
    }
    let update = "update sync_state set restored_at = ?, set_back_at = null";
    connection.execute(update, [now.0])?;
    Ok(())
}

/// How an entry is offered again.
enum Offer {
    /// It has no verdict that counts: it is decided as if it were new.
    Undecided,
    /// It was accepted, and had a place in the lost history; none for one in conflict.
    Decided(Option<Place>),
}

fn find_offer(line: &Line, open: &BTreeSet<EntryId>) -> Option<Offer> {
    if line.state.is_undecided() {
        return Some(Offer::Undecided);
    }
    if !has_texts(line) || matches!(line.state, EntryState::Rejected | EntryState::Discarded) {
        return None;
    }
    match &line.verdict {
        Some(verdict @ (Verdict::Committed { .. } | Verdict::Merged { .. })) => {
            Some(Offer::Decided(verdict.place()))
        }
        Some(Verdict::Conflict { .. }) if open.contains(&line.entry.id) || line.settled_at.is_none() => {
            Some(Offer::Decided(None))
        }
        _ => None,
    }
}

/// Whether the entry is offered again, and was accepted before.
pub fn was_accepted(connection: &Connection, id: EntryId) -> Result<bool> {
    let select = "select lost_rev is not null from wal_entries where id = ?";
    Ok(connection.prepare_cached(select)?.query_row([id.0], |row| row.get(0))?)
}

/// Its row may not be shown any more, nor what it makes of it.
pub fn hide(connection: &Connection, id: EntryId) -> Result<()> {
    let update = "update wal_entries set in_fold = 0 where id = ?";
    connection.prepare_cached(update)?.execute([id.0])?;
    Ok(())
}

/// What left this laptop with its row cannot be said again.
fn has_texts(line: &Line) -> bool {
    let entry = &line.entry;
    inbox::is_whole(line)
        && (entry.operation == Operation::Insert || entry.before.keys().eq(entry.after.keys()))
}

fn list_open_conflicts(connection: &Connection) -> Result<BTreeSet<EntryId>> {
    let conflicts = crate::conflicts::list(connection)?;
    Ok(conflicts.into_iter().map(|conflict| EntryId(conflict.entry_id)).collect())
}

/// An entry whose effect is in its row stays out of the fold until the row comes without it.
fn put_back(connection: &Connection, line: &Line, place: Option<Place>, epoch: Uuid) -> Result<()> {
    let mut update = connection.prepare_cached(
        "update wal_entries set offered_to = ?, lost_rev = ?, lost_ord = ?, in_fold = settled_at is null and in_fold,
         state = 'pending', status = 'pending', decided_at = null, settled_at = null, retry_at = null where id = ?",
    )?;
    let (rev, ord) = place.map(|place| (place.rev, place.ord)).unzip();
    update.execute(params![epoch, rev, ord, line.entry.id.0])?;
    Ok(())
}

/// The server has the row in a state before these entries, or not at all: they are folded over it
/// until they are back, unless what they said has left. True where there are some.
pub fn show_again(connection: &Connection, table: &str, row: Uuid, version: Option<i64>) -> Result<bool> {
    let mut update = connection.prepare_cached(
        "update wal_entries set in_fold = 1
          where target_table = ?1 and target_id = ?2 and settled_at is null and not in_fold
            and (?3 is null or coalesce(lost_rev, 0) > ?3) and after_state <> '{}'",
    )?;
    Ok(update.execute(params![table, row, version])? > 0)
}

/// The history in which entries are offered again; none where none are.
pub fn find_offered(connection: &Connection) -> Result<Option<Uuid>> {
    let select = "select s.epoch from sync_state s
        where exists (select 1 from wal_entries e where e.offered_to = s.epoch)";
    Ok(connection.prepare_cached(select)?.query_row([], |row| row.get(0)).optional()?.flatten())
}

/// How the entries of a group are offered again: none for a group of this history.
pub fn find_places(
    connection: &Connection,
    epoch: Uuid,
    group: &[Line],
) -> Result<Option<Vec<Option<Place>>>> {
    let mut select =
        connection.prepare_cached("select offered_to, lost_rev, lost_ord from wal_entries where id = ?")?;
    let mut places = Vec::new();
    for line in group {
        let (offered, place) = select.query_row([line.entry.id.0], |row| {
            let place: (Option<i64>, Option<u32>) = (row.get(1)?, row.get(2)?);
            Ok((row.get::<_, Option<Uuid>>(0)?, place.0.zip(place.1).map(|(rev, ord)| Place { rev, ord })))
        })?;
        if offered != Some(epoch) {
            return Ok(None);
        }
        places.push(place);
    }
    Ok(Some(places))
}

/// The server says that it was set back, and that nobody has said yet how it goes on.
pub fn note_set_back(connection: &Connection, now: Timestamp) -> Result<()> {
    connection.execute("update sync_state set set_back_at = coalesce(set_back_at, ?)", [now.0])?;
    Ok(())
}

/// Rows in no other scope than these are no witness of anything: they may not be read any more.
pub fn forget_scopes(connection: &Connection, lost: &[String]) -> Result<()> {
    let mut select = connection.prepare_cached("select table_number, id, scopes from sync_witness")?;
    let held = select.query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?;
    let held: Vec<(u16, Uuid, String)> = held.collect::<rusqlite::Result<_>>()?;
    for (table, id, names) in held {
        let left = scopes::without(&names, lost);
        if left.is_empty() {
            witness::forget(connection, table, id)?;
        }
    }
    Ok(())
}

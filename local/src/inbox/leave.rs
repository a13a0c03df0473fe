//! A row that this device holds no longer: the row, its full text and its shadow go. Own entries
//! that wait are still sent, without the row's old text; of refused ones stays what was typed, of
//! settled ones their line in history.
//!
//! A row that is deleted for all is no secret: its entries and drafts stay as they are. Of a draft in
//! a row that may not be read stays what was typed.

use super::flags::{self, Flag};
use super::texts::{self, forget_to_strip, keep_nothing, keep_typed, keep_wish};
use super::{held, scopes};
use crate::drafts;
use crate::entries::{self, EntryState, Line};
use crate::error::Result;
use crate::fold;
use crate::store::rows;
use guildhall_sync::model::find_table;
use guildhall_sync::schema::Table;
use rusqlite::{Connection, params};
use uuid::Uuid;

/// Takes a row out of scopes; out of the mirror where it is in no other. True where it went.
pub fn leave_scopes(
    connection: &Connection,
    table: &'static Table,
    id: Uuid,
    held_scopes: &str,
    lost: &[String],
) -> Result<bool> {
    let left = scopes::without(held_scopes, lost);
    if left.is_empty() {
        drop_row(connection, table, id)?;
        return Ok(true);
    }
    held::set_scopes(connection, table, id, &left)?;
    Ok(false)
}

/// As [`leave_scopes`]; a row that goes may not be read any more, so nothing of it is left lying.
pub fn lose_scopes(
    connection: &Connection,
    table: &'static Table,
    id: Uuid,
    held_scopes: &str,
    lost: &[String],
) -> Result<bool> {
    let is_gone = leave_scopes(connection, table, id, held_scopes, lost)?;
    if is_gone {
        drafts::part_from_row(connection, id)?;
        flags::raise(connection, Flag::WipeDue)?;
    }
    Ok(is_gone)
}

/// The row is gone for all.
pub fn delete(connection: &Connection, table: &'static Table, id: Uuid) -> Result<()> {
    remove(connection, table, id)?;
    fold::refresh(connection, table, id)
}

/// A new history does not name the row: it was lost, or it is where it may not be read, and nobody
/// says which. What is offered again stays whole until it is answered.
pub fn lose(connection: &Connection, table: &'static Table, id: Uuid) -> Result<()> {
    remove(connection, table, id)?;
    for line in list_entries(connection, table, id)? {
        match line.settled_at {
            None => texts::strip_when_answered(connection, line.entry.id)?,
            Some(_) => strip(connection, table, &line)?,
        }
    }
    flags::raise(connection, Flag::WipeDue)?;
    fold::refresh(connection, table, id)
}

/// The row may not be read here any more.
pub fn forget(connection: &Connection, table: &'static Table, id: Uuid) -> Result<()> {
    drafts::part_from_row(connection, id)?;
    remove(connection, table, id)
}

fn remove(connection: &Connection, table: &'static Table, id: Uuid) -> Result<()> {
    rows::remove(connection, table, id)?;
    fold::remove_shadow(connection, table, id)
}

/// All own entries of a row, open or not.
pub fn list_entries(connection: &Connection, table: &Table, id: Uuid) -> Result<Vec<Line>> {
    let condition = "target_table = ? and target_id = ? order by device_seq";
    entries::list(connection, condition, params![table.name, id])
}

/// Entries that were on their way when their row left, or have been sent since, and are answered.
pub fn strip_answered(connection: &Connection) -> Result<()> {
    for id in texts::list_to_strip(connection)? {
        let line = entries::find(connection, id)?;
        if line.as_ref().is_some_and(|line| line.state.is_undecided()) {
            continue;
        }
        if let Some(line) = line
            && let Some(table) = find_table(&line.entry.table)
        {
            if !rows::exists(connection, table, line.entry.row)? {
                strip(connection, table, &line)?;
            } else if line.state == EntryState::Rejected && texts::find_typed(connection, id)?.is_some() {
                // The row may leave once more.
                continue;
            }
        }
        forget_to_strip(connection, id)?;
    }
    Ok(())
}

fn drop_row(connection: &Connection, table: &'static Table, id: Uuid) -> Result<()> {
    remove(connection, table, id)?;
    for line in list_entries(connection, table, id)? {
        strip(connection, table, &line)?;
    }
    fold::refresh(connection, table, id)
}

/// To be called for a row whose own entries were settled: where the server has it and does not
/// send it, it is where it may not be read, and nobody says that it left.
pub fn strip_unseen(connection: &Connection, table: &'static Table, id: Uuid) -> Result<()> {
    if rows::exists(connection, table, id)? {
        return Ok(());
    }
    let lines = list_entries(connection, table, id)?;
    if lines.iter().any(|line| line.state == EntryState::Settled) {
        lines.iter().try_for_each(|line| strip(connection, table, line))?;
    }
    Ok(())
}

fn strip(connection: &Connection, table: &Table, line: &Line) -> Result<()> {
    match line.state {
        EntryState::Pending | EntryState::InFlight | EntryState::Unknown | EntryState::Deferred => {
            match line.sent_at {
                None => keep_wish(connection, table, line),
                Some(_) => texts::strip_when_answered(connection, line.entry.id),
            }
        }
        EntryState::Rejected => keep_typed(connection, table, line),
        EntryState::Conflict
        | EntryState::Committed
        | EntryState::Merged
        | EntryState::Settled
        | EntryState::Discarded
        | EntryState::Undone => keep_nothing(connection, line),
    }
}

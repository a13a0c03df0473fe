//! The texts of own entries whose row has left this device.

use super::typed::only_typed;
use crate::entries::{self, Line};
use crate::error::Result;
use crate::fault::{self, Bug};
use guildhall_sync::change::{Entry, Verdict};
use guildhall_sync::id::EntryId;
use guildhall_sync::schema::Table;
use rusqlite::{Connection, OptionalExtension, params};
use serde_json::{Map, Value as Json};

/// In the place of a hash: not all that the entry said is left.
const CUT: &str = "";

/// The line stays in history; what it said goes.
pub fn keep_nothing(connection: &Connection, line: &Line) -> Result<()> {
    cut(connection, line, Map::new())
}

/// What its author wants stays, to be sent; what was there before goes. What of the wish they typed
/// is noted, because it could not be told apart later.
pub fn keep_wish(connection: &Connection, table: &Table, line: &Line) -> Result<()> {
    let insert = "insert or ignore into sync_left_entry (entry, typed) values (?, ?)";
    let typed = only_typed(table, &line.entry.before, &line.entry.after);
    connection.prepare_cached(insert)?.execute(params![line.entry.id.0, entries::print(&typed)])?;
    let wish = Entry { before: Map::new(), ..line.entry.clone() };
    set(connection, &wish, &wish.content_hash())
}

/// Only what a person typed stays. It is no whole value any more, so it is not to be sent again.
pub fn keep_typed(connection: &Connection, table: &Table, line: &Line) -> Result<()> {
    if fault::has(Bug::PurgeTakesTyped) {
        return keep_nothing(connection, line);
    }
    let typed = match find_typed(connection, line.entry.id)? {
        Some(typed) => typed,
        None => only_typed(table, &line.entry.before, &line.entry.after),
    };
    cut(connection, line, typed)?;
    if let Some(Verdict::Rejected { code, reason, fixable: true }) = &line.verdict {
        let verdict = Verdict::Rejected { code: *code, reason: reason.clone(), fixable: false };
        let update = "update wal_entries set verdict = ? where id = ?";
        let bound = params![entries::print(&verdict), line.entry.id.0];
        connection.prepare_cached(update)?.execute(bound)?;
    }
    Ok(())
}

/// It is on its way: sent again it must be the same, so its texts go when it is answered.
pub fn strip_when_answered(connection: &Connection, id: EntryId) -> Result<()> {
    let insert = "insert or ignore into sync_left_entry (entry) values (?)";
    connection.prepare_cached(insert)?.execute([id.0])?;
    Ok(())
}

/// What was typed of an entry that was sent without the old text of its row.
pub fn find_typed(connection: &Connection, id: EntryId) -> Result<Option<Map<String, Json>>> {
    let select = "select typed from sync_left_entry where entry = ?";
    let typed = connection.prepare_cached(select)?.query_row([id.0], |row| row.get(0)).optional()?.flatten();
    typed.map(|typed: String| entries::parse(&typed)).transpose()
}

pub fn list_to_strip(connection: &Connection) -> Result<Vec<EntryId>> {
    let mut select = connection.prepare_cached("select entry from sync_left_entry")?;
    let ids = select.query_map([], |row| row.get(0).map(EntryId))?;
    Ok(ids.collect::<rusqlite::Result<_>>()?)
}

pub fn forget_to_strip(connection: &Connection, id: EntryId) -> Result<()> {
    connection.prepare_cached("delete from sync_left_entry where entry = ?")?.execute([id.0])?;
    Ok(())
}

/// Whether the entry is here as it was written, or as it was sent.
pub fn is_whole(line: &Line) -> bool {
    line.content_hash == line.entry.content_hash()
}

/// Leaves what cannot be sent any more. Who settled a conflict for the live row said nothing that
/// could leave.
fn cut(connection: &Connection, line: &Line, left: Map<String, Json>) -> Result<()> {
    let entry = &line.entry;
    if is_whole(line) && entry.before.is_empty() && entry.after.is_empty() {
        return Ok(());
    }
    set(connection, &Entry { before: Map::new(), after: left, ..entry.clone() }, CUT)
}

fn set(connection: &Connection, left: &Entry, hash: &str) -> Result<()> {
    let update = "update wal_entries set before_state = '{}', after_state = ?, content_hash = ? where id = ?";
    let bound = params![entries::print(&left.after), hash, left.id.0];
    connection.prepare_cached(update)?.execute(bound)?;
    Ok(())
}

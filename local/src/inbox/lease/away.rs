//! Rows that are put away: out of their tables, so that no screen, search, export or command meets
//! them, into one of their own, whole. Of own entries that are settled the texts go with them.

use crate::entries::EntryState;
use crate::error::{Result, StoreError};
use crate::fold;
use crate::inbox::apply::{self, Around, Mode};
use crate::inbox::checked::Checked;
use crate::inbox::flags::{self, Flag};
use crate::inbox::pace::Pace;
use crate::inbox::{Notice, held, purge, scopes};
use crate::search::fulltext::Indexing;
use crate::store::Store;
use crate::store::rows;
use crate::write::Touched;
use guildhall_sync::model::TABLES;
use guildhall_sync::schema::{Table, common};
use guildhall_sync::time::Timestamp;
use guildhall_sync::value::{Cells, Hash};
use rusqlite::{Connection, params};
use std::collections::BTreeSet;
use uuid::Uuid;

type Key = (&'static Table, Uuid);

pub fn has_rows(connection: &Connection) -> Result<bool> {
    let mut select = connection.prepare_cached("select exists (select 1 from sync_away)")?;
    Ok(select.query_row([], |row| row.get(0))?)
}

/// Puts away every row that is only in scopes that are put away.
pub fn put_away(store: &Store) -> Result<u64> {
    let rows = store.read(|connection| {
        let away: Vec<String> = super::list(connection)?.into_iter().map(|away| away.scope).collect();
        purge::list_rows(connection, &away)
    })?;
    let (mut pace, mut done, mut count) = (Pace::default(), 0, 0);
    while done < rows.len() {
        let slice = &rows[done..rows.len().min(done + pace.rows())];
        count += pace.apply(store, |connection| put_slice_away(connection, slice))?;
        done += slice.len();
    }
    Ok(count)
}

/// Asks again which scopes are put away: another process may have reached the server meanwhile.
fn put_slice_away(connection: &Connection, rows: &[Key]) -> Result<u64> {
    let away: BTreeSet<String> = super::list(connection)?.into_iter().map(|away| away.scope).collect();
    let mut count = 0;
    for (table, id) in rows {
        let Some(held) = held::find(connection, table, *id)? else { continue };
        let mut names = scopes::read_list(&held.scopes).peekable();
        if names.peek().is_none() || !names.all(|name| away.contains(name)) {
            continue;
        }
        let Some(hash) = held.hash else { continue };
        let Some(cells) = find_server_row(connection, table, *id, held.is_dirty)? else { continue };
        keep_row(connection, table, *id, (&cells, hash, &held.scopes))?;
        keep_texts(connection, table, *id)?;
        rows::remove(connection, table, *id)?;
        fold::remove_shadow(connection, table, *id)?;
        count += 1;
    }
    Ok(count)
}

/// As the server has it: own edits that wait lie over it again when it comes back.
fn find_server_row(
    connection: &Connection,
    table: &'static Table,
    id: Uuid,
    is_dirty: bool,
) -> Result<Option<Cells>> {
    if is_dirty {
        return Ok(fold::find_shadow(connection, table, id)?.map(|shadow| shadow.cells));
    }
    Ok(rows::find(connection, table, id)?.map(|stored| stored.cells))
}

fn keep_row(
    connection: &Connection,
    table: &'static Table,
    id: Uuid,
    (cells, hash, scopes): (&Cells, Hash, &str),
) -> Result<()> {
    let insert =
        "insert or replace into sync_away (table_number, id, hash, scopes, cells) values (?, ?, ?, ?, ?)";
    let bound = params![table.number, id, hash, scopes, cells.encode(table)];
    connection.prepare_cached(insert)?.execute(bound)?;
    Ok(())
}

/// Entries that wait, or wait for a person, keep their texts.
fn keep_texts(connection: &Connection, table: &Table, id: Uuid) -> Result<()> {
    let of_row = "target_table = ?1 and target_id = ?2 and settled_at is not null and state <> ?3";
    let bound = params![table.name, id, EntryState::Rejected.word()];
    let keep = format!(
        "insert or ignore into sync_away_entry (entry, before_state, after_state)
         select id, before_state, after_state from wal_entries where {of_row}"
    );
    connection.prepare_cached(&keep)?.execute(bound)?;
    let empty = format!("update wal_entries set before_state = '{{}}', after_state = '{{}}' where {of_row}");
    connection.prepare_cached(&empty)?.execute(bound)?;
    Ok(())
}

/// Brings back what is in a scope that is shown again. What is in none that this laptop may still
/// hold is removed. To be called after a contact, before anything that the server sent is stored.
pub fn bring_back(store: &Store, notify: &mut dyn FnMut(Notice)) -> Result<()> {
    let rows = store.read(list_shown)?;
    let (mut pace, mut done) = (Pace::default(), 0);
    while done < rows.len() {
        let slice = &rows[done..rows.len().min(done + pace.rows())];
        let now = store.clock().now();
        let touched = pace.apply(store, |connection| {
            let mut touched = Vec::new();
            for (table, id) in slice {
                bring_row_back(connection, table, *id, now)?;
                touched.push(Touched { table: table.name, id: *id });
            }
            Ok(touched)
        })?;
        done += slice.len();
        notify(Notice::Touched(touched));
    }
    Ok(())
}

/// In the order of the registry, so that parents come first.
fn list_shown(connection: &Connection) -> Result<Vec<Key>> {
    let away: BTreeSet<String> = super::list(connection)?.into_iter().map(|away| away.scope).collect();
    let mut found = Vec::new();
    let mut select =
        connection.prepare_cached("select id, scopes from sync_away where table_number = ? order by id")?;
    for table in TABLES {
        let rows = select.query_map([table.number], |row| Ok((row.get(0)?, row.get::<_, String>(1)?)))?;
        for row in rows {
            let (id, list) = row?;
            if !scopes::read_list(&list).all(|name| away.contains(name)) {
                found.push((*table, id));
            }
        }
    }
    Ok(found)
}

fn bring_row_back(connection: &Connection, table: &'static Table, id: Uuid, now: Timestamp) -> Result<()> {
    let select = "select hash, scopes, cells from sync_away where table_number = ? and id = ?";
    let (hash, list, bytes): (Hash, String, Vec<u8>) = connection
        .prepare_cached(select)?
        .query_row(params![table.number, id], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?;
    let held = crate::write::rights::list_scopes(connection)?;
    let kept = scopes::print_list(scopes::read_list(&list).filter(|name| held.contains(*name)));
    if kept.is_empty() {
        flags::raise(connection, Flag::WipeDue)?;
        purge::purge_row(connection, table, id, now)?;
    } else {
        let mut cells = Cells::decode(&bytes, table)
            .map_err(|error| StoreError::Damaged { what: format!("a row that was put away: {error}") })?;
        table.fill_defaults(&mut cells);
        let version = cells.value(common::REV).as_int().unwrap_or_default();
        let mode = Mode { indexing: Indexing::Now, sweeps: false, is_old_history: false, is_repair: false };
        let row = Checked { table, id, version, hash, cells, scopes: kept };
        apply::put(connection, mode, Around::look(connection)?, row)?;
        give_texts_back(connection, table, id)?;
    }
    forget(connection, table, id)
}

fn give_texts_back(connection: &Connection, table: &Table, id: Uuid) -> Result<()> {
    let update = "update wal_entries as e set before_state = a.before_state, after_state = a.after_state
        from sync_away_entry a where a.entry = e.id and e.target_table = ? and e.target_id = ?";
    connection.prepare_cached(update)?.execute(params![table.name, id])?;
    Ok(())
}

/// Of what the server had accepted and is offered again, the texts come back before the rows do.
pub fn give_accepted_texts_back(connection: &Connection) -> Result<()> {
    let accepted = "select id from wal_entries where state in (?, ?, ?, ?, ?)";
    let states = [
        EntryState::Committed,
        EntryState::Merged,
        EntryState::Conflict,
        EntryState::Settled,
        EntryState::Undone,
    ];
    let bound = states.map(EntryState::word);
    let update = format!(
        "update wal_entries as e set before_state = a.before_state, after_state = a.after_state
         from sync_away_entry a where a.entry = e.id and e.id in ({accepted})"
    );
    connection.prepare_cached(&update)?.execute(bound)?;
    let delete = format!("delete from sync_away_entry where entry in ({accepted})");
    connection.prepare_cached(&delete)?.execute(bound)?;
    Ok(())
}

fn forget(connection: &Connection, table: &Table, id: Uuid) -> Result<()> {
    let delete = "delete from sync_away_entry
        where entry in (select id from wal_entries where target_table = ? and target_id = ?)";
    connection.prepare_cached(delete)?.execute(params![table.name, id])?;
    let delete = "delete from sync_away where table_number = ? and id = ?";
    connection.prepare_cached(delete)?.execute(params![table.number, id])?;
    Ok(())
}

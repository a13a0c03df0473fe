//! One pulled row, or one that is gone, into the mirror. Rows without own edits are written;
//! under own edits the server's state goes into the shadow and the row is folded again.

use super::checked::{self, Checked};
use super::held::{self, Held};
use super::{checking, fill, leave};
use crate::check::survey;
use crate::error::Result;
use crate::fault::{self, Bug};
use crate::fold::{self, Shadow};
use crate::restore::{self, witness};
use crate::search::fulltext::Indexing;
use crate::store::rows::{self, Own};
use crate::write::Touched;
use guildhall_sync::model::find_table_by_number;
use guildhall_sync::protocol::{Effect, GoneRow};
use guildhall_sync::schema::Table;
use guildhall_sync::value::Hash;
use rusqlite::Connection;
use uuid::Uuid;

/// How rows are taken in just now.
#[derive(Clone, Copy, Debug)]
pub struct Mode {
    pub indexing: Indexing,
    /// Whether a fill is under way that will remove what nobody names.
    pub sweeps: bool,
    /// Whether versions held from before may be those of another history.
    pub is_old_history: bool,
    /// Whether the server's word counts whatever is held: it was compared and found different.
    pub is_repair: bool,
}

/// What is asked once for a transaction instead of once for each of its rows.
#[derive(Clone, Copy, Debug)]
pub struct Around {
    /// Whether any own entry waits to be folded over some row.
    has_open_entries: bool,
    /// Whether any row came with bytes that do not fit.
    pub has_mismatches: bool,
}

impl Around {
    pub fn look(connection: &Connection) -> Result<Self> {
        let has_mismatches = checked::has_mismatches(connection)?;
        Ok(Self { has_open_entries: held::has_any_open_entries(connection)?, has_mismatches })
    }
}

/// Stores a row as the server has it. None where the mirror holds it like that, or newer.
pub fn put(connection: &Connection, mode: Mode, around: Around, row: Checked) -> Result<Option<Touched>> {
    let Checked { table, id, version, hash, cells, scopes } = row;
    let is_shown_again = keep_lost(connection, mode, table, id, Some((version, hash)))?;
    let held = find_counting(connection, mode, table, id)?;
    if mode.sweeps {
        fill::name_row(connection, table, id)?;
    }
    if around.has_mismatches {
        checked::forget(connection, table, id)?;
    }
    let is_new = held.is_none();
    let Held { version: held_version, hash: held_hash, scopes: held_scopes, is_dirty } =
        held.unwrap_or(Held { version: None, hash: None, scopes: String::new(), is_dirty: false });
    if held_version.is_some_and(|held| held > version) {
        return Ok(None);
    }
    let touched = Touched { table: table.name, id };
    let may_be_open = around.has_open_entries || is_shown_again;
    let is_dirty = is_dirty || may_be_open && fold::has_open_entries(connection, table, id)?;
    if is_dirty && !fault::has(Bug::RebaseDropped) {
        // One's own work is found at once, however many rows come with it.
        fold::put_server_row(connection, table, id, Shadow { cells, hash, scopes }, Indexing::Now)?;
        return Ok(Some(touched));
    }
    if held_version == Some(version) && held_hash == Some(hash) {
        if held_scopes != scopes && !fault::has(Bug::ScopesNotNoted) {
            held::set_scopes(connection, table, id, &scopes)?;
        }
        return Ok(None);
    }
    let own = Own { hash: Some(hash), scopes, dirty: false };
    if is_new {
        rows::add(connection, table, cells, &own, mode.indexing)?;
    } else {
        rows::put(connection, table, cells, &own, mode.indexing)?;
    }
    Ok(Some(touched))
}

/// Takes a row out of the scopes that it left; out of the mirror where none is left.
/// `lost` are the names of those scopes.
pub fn take_out(
    connection: &Connection,
    mode: Mode,
    gone: &GoneRow,
    lost: &[String],
) -> Result<Option<Touched>> {
    let Some(table) = find_table_by_number(gone.table) else { return Ok(None) };
    // What may not be read any more is not kept for anything.
    if gone.effect != Effect::Leave {
        keep_lost(connection, mode, table, gone.id, None)?;
    }
    let Some(held) = find_counting(connection, mode, table, gone.id)? else { return Ok(None) };
    if mode.sweeps {
        fill::name_row(connection, table, gone.id)?;
    }
    if held.version.is_none_or(|held| held > gone.version) {
        return Ok(None);
    }
    let mut lost = lost.to_vec();
    if mode.sweeps {
        // The server has it in no scope of this person, and nobody tells of one that it left before.
        lost.extend(fill::find(connection)?.into_iter().flat_map(|fill| fill.scopes));
    }
    let is_gone = match gone.effect {
        Effect::Delete => leave::delete(connection, table, gone.id).map(|()| true)?,
        Effect::Expire if fault::has(Bug::ExpiredStays) => false,
        // It may still be read, online.
        Effect::Expire => leave::leave_scopes(connection, table, gone.id, &held.scopes, &lost)?,
        Effect::Leave => leave::lose_scopes(connection, table, gone.id, &held.scopes, &lost)?,
    };
    Ok(is_gone.then_some(Touched { table: table.name, id: gone.id }))
}

/// Before what a restored server says of a row takes the place of another state that this laptop
/// held: that state is set aside, and own entries that it showed are shown again. `now` is none for
/// a row that is gone. True where there are such entries.
fn keep_lost(
    connection: &Connection,
    mode: Mode,
    table: &'static Table,
    id: Uuid,
    now: Option<(i64, Hash)>,
) -> Result<bool> {
    if !mode.is_old_history || fill::is_named(connection, table, id)? {
        return Ok(false);
    }
    let (version, hash) = now.unzip();
    let held = held::find(connection, table, id)?;
    if held.is_some_and(|held| held.version.is_some() && (hash.is_none() || held.hash != hash)) {
        witness::set_aside(connection, table, id)?;
    }
    restore::show_again(connection, table.name, id, version)
}

/// What is held, without a version that another history gave it.
fn find_counting(
    connection: &Connection,
    mode: Mode,
    table: &'static Table,
    id: Uuid,
) -> Result<Option<Held>> {
    if mode.is_repair {
        set_aside_unsound(connection, table, id)?;
    }
    let held = held::find(connection, table, id)?;
    match held {
        Some(held) if mode.is_repair => {
            let version = held.version.map(|_| i64::MIN);
            Ok(Some(Held { version, hash: None, ..held }))
        }
        Some(held) if mode.is_old_history && !fill::is_named(connection, table, id)? => {
            let version = held.version.map(|_| i64::MIN);
            Ok(Some(Held { version, hash: None, ..held }))
        }
        other => Ok(other),
    }
}

/// What lies here is nothing that could be read or taken out of its index in the usual way.
fn set_aside_unsound(connection: &Connection, table: &'static Table, id: Uuid) -> Result<()> {
    if !survey::is_sound(connection, table, id)? {
        checking::forget_index(connection, table)?;
        rows::remove(connection, table, id)?;
        fold::remove_shadow(connection, table, id)?;
    }
    Ok(())
}

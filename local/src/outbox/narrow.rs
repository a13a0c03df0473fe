//! What becomes of a push that is too large for the server or for somebody on the way to it: the
//! next one has half of it, down to a part of a group and to a single entry. Of an entry that is
//! too large by itself the server is asked without what it says, so that it gets one verdict: the
//! one that it had, or a refusal.

use crate::entries::ENTRY_BYTES;
use crate::error::Result;
use crate::fault::{self, Bug};
use guildhall_sync::id::{EntryId, GroupId};
use guildhall_sync::protocol::{Kept, MAX_PUSH_BYTES};
use guildhall_sync::time::Timestamp;
use rusqlite::{Connection, OptionalExtension, params};

/// For how long what a way took is believed: it may have been widened since.
const BELIEVED_MS: u64 = 3_600_000;

/// How far a group has come that is too large for one push.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Large {
    pub kept: u32,
    pub withheld: Option<EntryId>,
}

/// The most bytes of a push.
pub fn most_bytes(connection: &Connection, now: Timestamp) -> Result<usize> {
    // An end that lies further away was worked out before the clock was set back.
    let select = "select push_bytes from sync_state where push_bytes_until > ? and push_bytes_until <= ?";
    let span = params![now.0, now.plus_ms(BELIEVED_MS).0];
    let bytes: Option<Option<usize>> =
        connection.prepare_cached(select)?.query_row(span, |row| row.get(0)).optional()?;
    Ok(bytes.flatten().unwrap_or(MAX_PUSH_BYTES).clamp(fault::least_push_bytes(), MAX_PUSH_BYTES))
}

pub fn find_large(connection: &Connection, group: GroupId) -> Result<Large> {
    let select = "select kept, withheld from sync_large_group where group_id = ?";
    let read = |row: &rusqlite::Row<'_>| {
        Ok(Large { kept: row.get("kept")?, withheld: row.get::<_, Option<_>>("withheld")?.map(EntryId) })
    };
    Ok(connection.prepare_cached(select)?.query_row([group.0], read).optional()?.unwrap_or_default())
}

pub fn list_withheld(connection: &Connection) -> Result<Vec<GroupId>> {
    let select = "select group_id from sync_large_group where withheld is not null";
    let mut select = connection.prepare_cached(select)?;
    let groups = select.query_map([], |row| row.get(0).map(GroupId))?;
    Ok(groups.collect::<rusqlite::Result<_>>()?)
}

/// The server has so much of a group and waits for the rest.
pub fn note_kept(connection: &Connection, kept: Kept) -> Result<()> {
    let upsert = "insert into sync_large_group (group_id, kept) values (?, ?)
        on conflict (group_id) do update set kept = excluded.kept";
    let entries = kept.entries + u32::from(fault::has(Bug::PartSkipped));
    connection.prepare_cached(upsert)?.execute(params![kept.group.0, entries])?;
    Ok(())
}

/// Forgets groups that have their verdicts.
pub fn forget_decided(connection: &Connection) -> Result<()> {
    let delete = "delete from sync_large_group where not exists (
        select 1 from wal_entries e
        where e.group_id = sync_large_group.group_id and e.settled_at is null and e.decided_at is null)";
    connection.prepare_cached(delete)?.execute([])?;
    Ok(())
}

/// What is on its way was too large. True where something smaller can be sent instead. To be called
/// before what is on its way is marked as unanswered.
pub fn narrow(connection: &Connection, now: Timestamp) -> Result<bool> {
    let select =
        "select count(*), coalesce(sum(octet_length(before_state) + octet_length(after_state) + ?), 0)
        from wal_entries where state = 'in_flight' and settled_at is null";
    let (entries, bytes): (usize, usize) =
        connection.prepare_cached(select)?.query_row([ENTRY_BYTES], |row| Ok((row.get(0)?, row.get(1)?)))?;
    if bytes <= fault::least_push_bytes() {
        // So little is taken everywhere: something else is wrong.
        return Ok(false);
    }
    if entries == 1 {
        return withhold(connection);
    }
    let update = "update sync_state set push_bytes = ?, push_bytes_until = ?";
    let bound = params![(bytes / 2).max(fault::least_push_bytes()), now.plus_ms(BELIEVED_MS).0];
    connection.prepare_cached(update)?.execute(bound)?;
    Ok(!is_withheld(connection)?)
}

/// False where it was withheld already, and even that was too much.
fn withhold(connection: &Connection) -> Result<bool> {
    let insert = "insert into sync_large_group (group_id, withheld)
        select group_id, id from wal_entries where state = 'in_flight' and settled_at is null
        on conflict (group_id) do update set withheld = excluded.withheld
        where sync_large_group.withheld is null";
    Ok(connection.prepare_cached(insert)?.execute([])? > 0)
}

/// Whether the group on its way went without what it says.
fn is_withheld(connection: &Connection) -> Result<bool> {
    let select = "select exists (
        select 1 from sync_large_group g join wal_entries e on e.group_id = g.group_id
        where g.withheld is not null and e.state = 'in_flight' and e.settled_at is null)";
    Ok(connection.prepare_cached(select)?.query_row([], |row| row.get(0))?)
}

//! The device's own entries: one line of `wal_entries` for each change of a row, with what became
//! of it. Kept for ever.
//!
//! What may be written is decided in [`crate::write`], what is sent in [`crate::outbox`].

use crate::error::{Result, StoreError};
use guildhall_sync::change::{Entry, Operation, Verdict};
use guildhall_sync::id::{ConflictId, EntryId, GroupId};
use guildhall_sync::protocol::history::LineStatus;
use guildhall_sync::text_enum;
use guildhall_sync::time::Timestamp;
use rusqlite::{Connection, OptionalExtension, Params, Row, params};
use serde::de::DeserializeOwned;
use uuid::Uuid;

text_enum! {
    /// What became of an entry.
    EntryState {
        Pending = "pending",
        /// Handed to the network, not answered.
        InFlight = "in_flight",
        /// Was handed to the network; whether it arrived is not known.
        Unknown = "unknown",
        /// The server asked to send it again later.
        Deferred = "deferred",
        /// Both sides are kept; a person settles it.
        Conflict = "conflict",
        Committed = "committed",
        Merged = "merged",
        /// The effect has come back with a pull.
        Settled = "settled",
        /// Refused, and waiting for a person.
        Rejected = "rejected",
        /// Refused, and a person is done with it.
        Discarded = "discarded",
        /// Taken back by a later entry.
        Undone = "undone",
    }
}

impl EntryState {
    /// The three words that history is filtered by.
    pub const fn status(self) -> LineStatus {
        match self {
            Self::Pending | Self::InFlight | Self::Unknown | Self::Deferred | Self::Conflict => {
                LineStatus::Pending
            }
            Self::Committed | Self::Merged | Self::Settled => LineStatus::Committed,
            Self::Rejected | Self::Discarded | Self::Undone => LineStatus::RolledBack,
        }
    }

    /// Whether the server has not said its last word.
    pub const fn is_undecided(self) -> bool {
        matches!(self, Self::Pending | Self::InFlight | Self::Unknown | Self::Deferred)
    }

    pub fn of(verdict: &Verdict) -> Self {
        match verdict {
            Verdict::Committed { .. } => Self::Committed,
            Verdict::Merged { .. } => Self::Merged,
            Verdict::Conflict { .. } => Self::Conflict,
            Verdict::Rejected { .. } => Self::Rejected,
            Verdict::Deferred { .. } => Self::Deferred,
        }
    }
}

/// An entry with what became of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    pub entry: Entry,
    pub group: GroupId,
    pub content_hash: String,
    pub state: EntryState,
    pub verdict: Option<Verdict>,
    /// For a refused entry: the one at whose refusal it went.
    pub refused_with: Option<EntryId>,
    pub retry_at: Option<Timestamp>,
    pub sent_at: Option<Timestamp>,
    pub decided_at: Option<Timestamp>,
    pub settled_at: Option<Timestamp>,
}

/// What an entry weighs beside its texts.
pub const ENTRY_BYTES: usize = 512;

/// Adds an entry; the answer is what it weighs.
pub(crate) fn insert(connection: &Connection, group: GroupId, entry: &Entry) -> Result<usize> {
    let (before, after) = (print(&entry.before), print(&entry.after));
    let mut insert = connection.prepare_cached(
        "insert into wal_entries (id, device_seq, group_id, operation, target_table, target_id, base_rev,
         before_state, after_state, depends_on, schema, authored_at, reason, undo_of, settles, content_hash)
         values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
    )?;
    insert.execute(params![
        entry.id.0,
        entry.device_seq,
        group.0,
        operation_word(entry.operation),
        entry.table,
        entry.row,
        entry.base_rev,
        before,
        after,
        print(&entry.depends_on),
        entry.schema,
        entry.authored_at.0,
        entry.reason,
        entry.undo_of.map(|id| id.0),
        entry.settles.map(|id| id.0),
        entry.content_hash(),
    ])?;
    Ok(before.len() + after.len() + ENTRY_BYTES)
}

/// An entry without what it says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Head {
    pub id: EntryId,
    pub table: String,
    pub row: Uuid,
    pub undo_of: Option<EntryId>,
    pub state: EntryState,
    pub settled_at: Option<Timestamp>,
}

/// Reads less than [`find`] does, for what is asked of thousands of entries.
pub(crate) fn find_head(connection: &Connection, id: EntryId) -> Result<Option<Head>> {
    let select = "select target_table, target_id, undo_of, state, settled_at from wal_entries where id = ?";
    let read = |row: &Row<'_>| {
        let state: String = row.get("state")?;
        Ok(Head {
            id,
            table: row.get("target_table")?,
            row: row.get("target_id")?,
            undo_of: row.get::<_, Option<Uuid>>("undo_of")?.map(EntryId),
            state: EntryState::from_word(&state).expect("the column admits only these words"),
            settled_at: row.get::<_, Option<i64>>("settled_at")?.map(Timestamp),
        })
    };
    Ok(connection.prepare_cached(select)?.query_row([id.0], read).optional()?)
}

pub fn find(connection: &Connection, id: EntryId) -> Result<Option<Line>> {
    let mut select = connection.prepare_cached(&format!("{SELECT} where id = ?"))?;
    select.query_row([id.0], |row| Ok(read(row))).optional()?.transpose()
}

/// The entries that are folded into a row, in the order in which they were written.
pub fn list_open(connection: &Connection, table: &str, row: Uuid) -> Result<Vec<Line>> {
    let condition =
        "target_table = ? and target_id = ? and settled_at is null and in_fold order by device_seq";
    list(connection, condition, params![table, row])
}

/// The entries without the server's last word, the oldest first.
pub fn list_undecided(connection: &Connection, limit: usize) -> Result<Vec<Line>> {
    list(connection, "settled_at is null and decided_at is null order by device_seq limit ?", [limit])
}

/// The last entries, the newest first.
pub fn list_latest(connection: &Connection, limit: usize) -> Result<Vec<Line>> {
    list(connection, "true order by device_seq desc limit ?", [limit])
}

/// What follows `where`, with bound values.
pub(crate) fn list(connection: &Connection, condition: &str, bound: impl Params) -> Result<Vec<Line>> {
    let mut select = connection.prepare_cached(&format!("{SELECT} where {condition}"))?;
    let mut rows = select.query(bound)?;
    let mut lines = Vec::new();
    while let Some(row) = rows.next()? {
        lines.push(read(row)?);
    }
    Ok(lines)
}

/// Whether an undo of the entry is settled.
pub(crate) fn is_taken_back(connection: &Connection, id: EntryId) -> Result<bool> {
    let select = "select exists (select 1 from wal_entries where undo_of = ? and state = ?)";
    let bound = params![id.0, EntryState::Settled.word()];
    Ok(connection.prepare_cached(select)?.query_row(bound, |row| row.get(0))?)
}

pub(crate) fn set_state(connection: &Connection, id: EntryId, state: EntryState) -> Result<()> {
    let mut update =
        connection.prepare_cached("update wal_entries set state = ?, status = ? where id = ?")?;
    update.execute(params![state.word(), state.status().word(), id.0])?;
    Ok(())
}

/// In the order in which they are read.
const SELECT: &str = "select id, device_seq, target_table, target_id, operation, base_rev, before_state,
    after_state, depends_on, schema, authored_at, reason, undo_of, settles, group_id, content_hash, state,
    verdict, refused_with, retry_at, sent_at, decided_at, settled_at from wal_entries";

fn read(row: &Row<'_>) -> Result<Line> {
    let id = |at| row.get::<_, Option<Uuid>>(at);
    let time = |at| Ok::<_, rusqlite::Error>(row.get::<_, Option<i64>>(at)?.map(Timestamp));
    let text = |at| Ok::<_, rusqlite::Error>(row.get_ref(at)?.as_str()?);
    let entry = Entry {
        id: EntryId(row.get(0)?),
        device_seq: row.get(1)?,
        table: row.get(2)?,
        row: row.get(3)?,
        operation: read_operation(text(4)?),
        base_rev: row.get(5)?,
        before: parse(text(6)?)?,
        after: parse(text(7)?)?,
        depends_on: parse(text(8)?)?,
        schema: row.get(9)?,
        authored_at: Timestamp(row.get(10)?),
        reason: row.get(11)?,
        undo_of: id(12)?.map(EntryId),
        settles: id(13)?.map(ConflictId),
    };
    let verdict: Option<String> = row.get(17)?;
    Ok(Line {
        entry,
        group: GroupId(row.get(14)?),
        content_hash: row.get(15)?,
        state: EntryState::from_word(text(16)?).expect("the column admits only these words"),
        verdict: verdict.as_deref().map(parse).transpose()?,
        refused_with: id(18)?.map(EntryId),
        retry_at: time(19)?,
        sent_at: time(20)?,
        decided_at: time(21)?,
        settled_at: time(22)?,
    })
}

const fn operation_word(operation: Operation) -> &'static str {
    match operation {
        Operation::Insert => "insert",
        Operation::Update => "update",
    }
}

/// The column admits only the two words.
fn read_operation(word: &str) -> Operation {
    if word == "insert" { Operation::Insert } else { Operation::Update }
}

pub(crate) fn print<T: serde::Serialize>(value: &T) -> String {
    serde_json::to_string(value).expect("entries have only string keys")
}

pub(crate) fn parse<T: DeserializeOwned>(text: &str) -> Result<T> {
    serde_json::from_str(text)
        .map_err(|error| StoreError::Damaged { what: format!("an entry: {error}") }.into())
}

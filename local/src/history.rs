//! What this laptop wrote, as history: its own entries with a filter, the newest first. What others
//! wrote is asked for online.

use crate::entries::{self, EntryState, Line};
use crate::error::Result;
use crate::store::state::{self, Account};
use guildhall_sync::id::EntryId;
use guildhall_sync::model::COMPANIONS;
use guildhall_sync::protocol::history::{Change, ChangeKind, HistoryFilter};
use guildhall_sync::time::Timestamp;
use rusqlite::{Connection, OptionalExtension, params};

/// So many entries are looked through for one page.
const MAX_LOOKED: usize = 5_000;
/// Entries that are read at once.
const BATCH: usize = 200;

/// Which of the own entries.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Which {
    All,
    /// Those that the server's history does not have: not sent, or refused.
    OnlyHere,
}

/// Between two places in time.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Span {
    /// Entries with a lower number only.
    pub before_seq: Option<u64>,
    /// Not itself.
    pub before: Option<Timestamp>,
    pub from: Option<Timestamp>,
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Page {
    /// The newest first.
    pub lines: Vec<Line>,
    /// The number before which to go on; none where there is no more.
    pub next: Option<u64>,
}

pub fn list(
    connection: &Connection,
    filter: &HistoryFilter,
    which: Which,
    span: Span,
    limit: usize,
) -> Result<Page> {
    let account = state::account(connection)?;
    let mut page = Page::default();
    let mut before = span.before_seq.unwrap_or(u64::MAX);
    for _ in 0..MAX_LOOKED / BATCH {
        let batch = read_batch(connection, which, before)?;
        for line in &batch {
            before = line.entry.device_seq;
            if span.admits(line) && filter.admits(&change(line, &account), &COMPANIONS) {
                page.lines.push(line.clone());
            }
            if page.lines.len() >= limit {
                page.next = Some(before);
                return Ok(page);
            }
        }
        if batch.len() < BATCH {
            return Ok(page);
        }
    }
    page.next = Some(before);
    Ok(page)
}

fn read_batch(connection: &Connection, which: Which, before: u64) -> Result<Vec<Line>> {
    let before = i64::try_from(before).unwrap_or(i64::MAX);
    match which {
        Which::All => {
            let condition = "device_seq < ? order by device_seq desc limit ?";
            entries::list(connection, condition, params![before, BATCH])
        }
        Which::OnlyHere => {
            let condition = "device_seq < ? and state in ('pending', 'in_flight', 'unknown', 'deferred', 'rejected', 'discarded')
                             order by device_seq desc limit ?";
            entries::list(connection, condition, params![before, BATCH])
        }
    }
}

impl Span {
    fn admits(self, line: &Line) -> bool {
        let at = line.entry.authored_at;
        self.before.is_none_or(|before| at < before) && self.from.is_none_or(|from| at >= from)
    }
}

fn change<'a>(line: &'a Line, account: &Account) -> Change<'a> {
    let entry = &line.entry;
    Change {
        table: &entry.table,
        row: entry.row,
        kind: kind(line),
        by: Some(account.user),
        at: entry.authored_at,
        reason: entry.reason.as_deref(),
        device: Some(account.device),
        status: line.state.status(),
        before: &entry.before,
        after: &entry.after,
    }
}

pub fn kind(line: &Line) -> ChangeKind {
    let entry = &line.entry;
    ChangeKind::of(
        entry.operation,
        &entry.before,
        &entry.after,
        entry.undo_of.is_some(),
        entry.settles.is_some(),
    )
}

/// Whether an entry of this laptop takes the change back, and was not refused.
pub fn is_taken_back(connection: &Connection, id: EntryId) -> Result<bool> {
    let mut select = connection
        .prepare_cached("select 1 from wal_entries where undo_of = ? and state not in (?, ?) limit 1")?;
    let refused = [EntryState::Rejected.word(), EntryState::Discarded.word()];
    let found = select.query_row(params![id.0, refused[0], refused[1]], |_| Ok(())).optional()?;
    Ok(found.is_some())
}

//! The next push: whole groups in the order in which they were written, as many as fit, or a part
//! of one that fits into no push. A group that has to wait holds back only what depends on it.

use crate::entries::{self, ENTRY_BYTES, EntryState};
use crate::error::Result;
use crate::fault::{self, Bug};
use crate::outbox::narrow::{self, Large};
use crate::restore;
use guildhall_sync::change::{Entry, Group};
use guildhall_sync::client::LONGEST_WAIT_MS;
use guildhall_sync::id::{EntryId, GroupId};
use guildhall_sync::protocol::{Extent, MAX_PUSH_ENTRIES, SentGroup};
use guildhall_sync::time::Timestamp;
use rusqlite::{Connection, Row, params};
use std::collections::HashSet;
use uuid::Uuid;

/// Of a group: after a restore of the server some may not be offered again, because what they said
/// has left this laptop with its row.
const UNDECIDED: &str = "group_id = ? and settled_at is null and decided_at is null";

#[derive(Clone, Debug, Default)]
pub struct Batch {
    pub groups: Vec<SentGroup>,
}

impl Batch {
    pub fn is_empty(&self) -> bool {
        self.groups.is_empty()
    }

    pub fn entries(&self) -> impl Iterator<Item = &Entry> {
        self.groups.iter().flat_map(|sent| &sent.group.entries)
    }

    pub fn highest_device_seq(&self) -> u64 {
        self.entries().map(|entry| entry.device_seq).max().unwrap_or(0)
    }
}

/// A group with what decides whether it goes.
struct Waiting {
    id: GroupId,
    entries: Vec<EntryId>,
    depends_on: Vec<EntryId>,
    bytes: usize,
    must_wait: bool,
}

pub fn next_batch(connection: &Connection, now: Timestamp) -> Result<Batch> {
    let most_bytes = narrow::most_bytes(connection, now)?;
    let offered = restore::find_offered(connection)?;
    let mut groups = Vec::new();
    for chosen in choose(connection, now, usize::MAX, most_bytes)? {
        groups.push(match chosen {
            Chosen::Whole(id) => send_whole(connection, offered, id)?,
            Chosen::Large(id) => send_large(connection, offered, id, most_bytes)?,
        });
    }
    Ok(Batch { groups })
}

fn send_whole(connection: &Connection, offered: Option<Uuid>, id: GroupId) -> Result<SentGroup> {
    let lines = entries::list(connection, &format!("{UNDECIDED} order by device_seq"), [id.0])?;
    send(connection, offered, id, lines, Extent::Whole)
}

/// The next part of a group; all of it, without what it says, where one entry alone is too large.
fn send_large(
    connection: &Connection,
    offered: Option<Uuid>,
    id: GroupId,
    most_bytes: usize,
) -> Result<SentGroup> {
    let Large { kept, withheld } = narrow::find_large(connection, id)?;
    if let Some(entry) = withheld {
        let mut sent = send_whole(connection, offered, id)?;
        sent.extent = Extent::Withheld { entry };
        for entry in &mut sent.group.entries {
            entry.before.clear();
            entry.after.clear();
        }
        return Ok(sent);
    }
    let count = format!("select count(*) from wal_entries where {UNDECIDED}");
    let of: u32 = connection.prepare_cached(&count)?.query_row([id.0], |row| row.get(0))?;
    let after = kept.min(of);
    let condition = format!("{UNDECIDED} order by device_seq limit ? offset ?");
    let mut lines = entries::list(connection, &condition, params![id.0, MAX_PUSH_ENTRIES, after])?;
    let mut bytes = 0;
    let weigh = |line: &entries::Line| {
        bytes += weight(&line.entry);
        bytes
    };
    let fitting = lines.iter().map(weigh).take_while(|bytes| *bytes <= most_bytes).count();
    lines.truncate(fitting.max(1));
    send(connection, offered, id, lines, Extent::Part { after, of })
}

fn weight(entry: &Entry) -> usize {
    ENTRY_BYTES + entries::print(&entry.before).len() + entries::print(&entry.after).len()
}

fn send(
    connection: &Connection,
    offered: Option<Uuid>,
    id: GroupId,
    lines: Vec<entries::Line>,
    extent: Extent,
) -> Result<SentGroup> {
    let places = offered.map(|epoch| restore::find_places(connection, epoch, &lines));
    let reoffered = places.transpose()?.flatten();
    let (entries, hashes) = lines.into_iter().map(as_sent).unzip();
    Ok(SentGroup { group: Group { id, entries }, hashes, reoffered, extent })
}

fn as_sent(mut line: entries::Line) -> (Entry, String) {
    if line.sent_at.is_some() && fault::has(Bug::RetryWithNewId) {
        line.entry.id = EntryId(Uuid::from_u128(line.entry.id.0.as_u128() ^ 1));
        line.content_hash = line.entry.content_hash();
    }
    (line.entry, line.content_hash)
}

/// Whether [`next_batch`] would have something, without building it.
pub fn can_send(connection: &Connection, now: Timestamp) -> Result<bool> {
    Ok(!choose(connection, now, 1, usize::MAX)?.is_empty())
}

/// When the next deferred entry may be sent again; none where none waits for its time. One whose
/// time has come and that is not sent yet depends on another that waits.
pub fn next_retry_at(connection: &Connection, now: Timestamp) -> Result<Option<Timestamp>> {
    let select = "select min(retry_at) from wal_entries indexed by wal_entries_deferred
         where state = 'deferred' and settled_at is null and retry_at > ? and retry_at <= ?";
    let span = params![now.0, now.plus_ms(LONGEST_WAIT_MS).0];
    let at: Option<i64> = connection.prepare_cached(select)?.query_row(span, |row| row.get(0))?;
    Ok(at.map(Timestamp))
}

/// Reads the undecided entries until the batch is full or has so many groups, without their
/// texts. Its index has no others: what is decided and waits for a pull may be far more.
fn choose(
    connection: &Connection,
    now: Timestamp,
    most_groups: usize,
    most_bytes: usize,
) -> Result<Vec<Chosen>> {
    let mut select = connection.prepare_cached(
        "select id, group_id, depends_on, state, retry_at,
         octet_length(before_state) + octet_length(after_state) as bytes
         from wal_entries indexed by wal_entries_undecided
         where settled_at is null and decided_at is null order by device_seq",
    )?;
    let mut rows = select.query([])?;
    let withheld = narrow::list_withheld(connection)?;
    let mut choice = Choice { most_bytes, withheld, ..Choice::default() };
    let mut current: Option<Waiting> = None;
    while let Some(row) = rows.next()? {
        let group = GroupId(row.get("group_id")?);
        if let Some(done) = current.take_if(|waiting| waiting.id != group) {
            choice.judge(done);
        }
        if choice.is_full || choice.groups.len() >= most_groups {
            return Ok(choice.groups);
        }
        current.get_or_insert_with(|| Waiting::new(group)).add(row, now)?;
    }
    current.into_iter().for_each(|last| choice.judge(last));
    Ok(choice.groups)
}

/// A group that goes with the next push.
enum Chosen {
    Whole(GroupId),
    /// It fits into no push, and has one to itself.
    Large(GroupId),
}

#[derive(Default)]
struct Choice {
    most_bytes: usize,
    withheld: Vec<GroupId>,
    groups: Vec<Chosen>,
    entries: usize,
    bytes: usize,
    held: HashSet<EntryId>,
    is_full: bool,
}

impl Choice {
    fn judge(&mut self, group: Waiting) {
        if self.is_full {
            return;
        }
        if group.must_wait || group.depends_on.iter().any(|id| self.held.contains(id)) {
            self.held.extend(group.entries);
            return;
        }
        let is_one = group.entries.len() == 1;
        let fits = |entries: usize, bytes: usize| entries <= MAX_PUSH_ENTRIES && bytes <= self.most_bytes;
        let is_large =
            !is_one && !fits(group.entries.len(), group.bytes) || self.withheld.contains(&group.id);
        let is_first = self.groups.is_empty();
        self.is_full =
            is_large || !is_first && !fits(self.entries + group.entries.len(), self.bytes + group.bytes);
        if is_large && is_first {
            self.groups.push(Chosen::Large(group.id));
        } else if !self.is_full {
            self.groups.push(Chosen::Whole(group.id));
            self.entries += group.entries.len();
            self.bytes += group.bytes;
        }
    }
}

impl Waiting {
    fn new(id: GroupId) -> Self {
        Self { id, entries: Vec::new(), depends_on: Vec::new(), bytes: 0, must_wait: false }
    }

    fn add(&mut self, row: &Row<'_>, now: Timestamp) -> Result<()> {
        let state: String = row.get("state")?;
        let retry_at: Option<i64> = row.get("retry_at")?;
        // A longer wait than any is one that was worked out before the clock was set back.
        let longest = now.plus_ms(LONGEST_WAIT_MS).0;
        let is_early =
            retry_at.is_some_and(|at| at > now.0 && at <= longest || fault::has(Bug::DeferredForEver));
        self.must_wait |= state == EntryState::InFlight.word() || is_early;
        self.entries.push(EntryId(row.get("id")?));
        self.depends_on.extend(entries::parse::<Vec<EntryId>>(&row.get::<_, String>("depends_on")?)?);
        self.bytes += row.get::<_, usize>("bytes")? + ENTRY_BYTES;
        Ok(())
    }
}

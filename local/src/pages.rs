//! Lists of pages as screens show them: a window of lines, and the tree of folders. No text of a
//! page is read for either; see `sops_in_lists` among the indexes.

use crate::error::Result;
use guildhall_sync::id::{AssistantId, SopId};
use guildhall_sync::text_enum;
use guildhall_sync::time::Timestamp;
use rusqlite::{Connection, OptionalExtension, Row, params};
use uuid::Uuid;

pub mod words;

/// The most lines that one question is answered with.
pub const MAX_LINES: usize = 500;

text_enum! {
    /// Which pages.
    Filter {
        All = "all",
        /// Changed here, and not answered by the server.
        Unsent = "unsent",
        /// Made, changed last or being written by the person of this mirror.
        Mine = "mine",
        Unread = "unread",
        /// In conflict, or with a change that was refused.
        NeedsYou = "needs_you",
        Deleted = "deleted",
    }
}

text_enum! {
    Order {
        Path = "path",
        Title = "title",
        /// The last changed first.
        Changed = "changed",
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Wanted<'a> {
    pub assistant: Option<AssistantId>,
    /// And those below it; the pages of no folder where it is empty.
    pub folder: Option<&'a str>,
    pub filter: Filter,
    pub order: Order,
    /// Words that must all be in the title or the path.
    pub text: &'a str,
    pub offset: usize,
    pub limit: usize,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Window {
    /// How many there are in all.
    pub total: u64,
    pub lines: Vec<Line>,
}

/// A page in a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    pub id: SopId,
    pub assistant_id: AssistantId,
    /// As people call it; empty where this laptop does not know it.
    pub assistant: String,
    pub category: String,
    pub section: String,
    pub title: String,
    /// None of a page that the server does not have yet.
    pub version: Option<i64>,
    pub changed_at: Timestamp,
    pub changed_by: Option<String>,
    pub is_pinned: bool,
    /// Whether it is not published.
    pub is_draft: bool,
    /// Whether something is typed into it and not saved.
    pub has_draft: bool,
    pub is_unread: bool,
    pub is_deleted: bool,
}

/// How many live pages of an assistant lie in a folder, without those below it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FolderCount {
    pub assistant: AssistantId,
    pub category: String,
    pub rows: u64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Totals {
    pub live: u64,
    pub deleted: u64,
    /// Pages, new ones too, that somebody is writing here.
    pub drafts: u64,
}

pub fn list(connection: &Connection, wanted: &Wanted<'_>) -> Result<Window> {
    let (condition, order) = (condition(wanted.filter), order(wanted.order));
    let from = "from sops s indexed by sops_in_lists";
    let narrow = "(?1 is null or s.assistant_id = ?1)
        and (?2 is null or s.category = ?2 or substr(s.category, 1, length(?2) + 1) = ?2 || '/')
        and (?3 = '' or holds_words(s.title || ' ' || s.category || '/' || s.section, ?3))";
    let folder = wanted.folder.map(|folder| folder.trim_matches('/'));
    let (assistant, words) = (wanted.assistant.map(|id| id.0), words::folded(wanted.text));
    let count = format!("select count(*) {from} where {condition} and {narrow}");
    let total =
        connection.prepare_cached(&count)?.query_row(params![assistant, folder, words], |row| row.get(0))?;
    let limit = i64::try_from(wanted.limit.min(MAX_LINES)).unwrap_or(i64::MAX);
    let offset = i64::try_from(wanted.offset).unwrap_or(i64::MAX);
    let ids = format!(
        "select s.id {from} where {condition} and {narrow} order by {order}, s.id limit ?4 offset ?5"
    );
    let mut select = connection.prepare_cached(&ids)?;
    let ids = select.query_map(params![assistant, folder, words, limit, offset], |row| row.get(0))?;
    let ids: Vec<SopId> = ids.map(|id| id.map(SopId)).collect::<rusqlite::Result<_>>()?;
    let lines = ids.iter().map(|id| find(connection, *id)).filter_map(Result::transpose);
    Ok(Window { total, lines: lines.collect::<Result<_>>()? })
}

/// One page, deleted or not.
pub fn find(connection: &Connection, id: SopId) -> Result<Option<Line>> {
    let mut select = connection.prepare_cached(include_str!("pages/line.sql"))?;
    Ok(select.query_row([id.0], read_line).optional()?)
}

/// What is shown first: pages of the assistant for emergencies, then those that are pinned.
pub fn list_pinned(connection: &Connection, limit: usize) -> Result<Vec<Line>> {
    let mut select = connection.prepare_cached(
        "select s.id from sops s indexed by sops_in_lists
         left join assistants a on a.id = s.assistant_id
         where s.deleted_at is null and s.status = 'published' and (s.is_pinned = 1 or a.slug = 'emergency')
         order by a.slug = 'emergency' desc, s.is_pinned desc, s.title collate nocase, s.id limit ?",
    )?;
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    let ids: Vec<Uuid> = select.query_map([limit], |row| row.get(0))?.collect::<rusqlite::Result<_>>()?;
    ids.into_iter().map(|id| find(connection, SopId(id))).filter_map(Result::transpose).collect()
}

pub fn count_by_folder(connection: &Connection) -> Result<Vec<FolderCount>> {
    let mut select = connection.prepare_cached(
        "select assistant_id, category, count(*) from sops indexed by sops_in_lists
         where deleted_at is null group by assistant_id, category order by assistant_id, category",
    )?;
    let counts = select.query_map([], |row| {
        Ok(FolderCount { assistant: AssistantId(row.get(0)?), category: row.get(1)?, rows: row.get(2)? })
    })?;
    Ok(counts.collect::<rusqlite::Result<_>>()?)
}

pub fn count(connection: &Connection) -> Result<Totals> {
    let mut select = connection.prepare_cached(
        "select count(*) filter (where deleted_at is null), count(*) filter (where deleted_at is not null),
             (select count(*) from drafts where subject like 'sop:%' or subject like 'new-sop:%')
         from sops indexed by sops_in_lists",
    )?;
    let totals = select
        .query_row([], |row| Ok(Totals { live: row.get(0)?, deleted: row.get(1)?, drafts: row.get(2)? }));
    Ok(totals?)
}

const fn condition(filter: Filter) -> &'static str {
    match filter {
        Filter::All => "s.deleted_at is null",
        Filter::Unsent => {
            "s.id in (select target_id from wal_entries
             where target_table = 'sops' and settled_at is null and decided_at is null)"
        }
        Filter::Mine => {
            "s.deleted_at is null and (s.created_by = (select user from sync_state)
             or s.updated_by = (select user from sync_state) or s.id in (select row from drafts))"
        }
        Filter::Unread => "s.id in (select id from unread_pages)",
        Filter::NeedsYou => {
            "(s.id in (select target_id from open_conflicts where target_table = 'sops')
             or s.id in (select target_id from wal_entries where target_table = 'sops' and state = 'rejected')
             or s.id in (select target_id from wal_entries
                where target_table = 'sops' and state = 'conflict' and settled_at is null))"
        }
        Filter::Deleted => "s.deleted_at is not null",
    }
}

const fn order(order: Order) -> &'static str {
    match order {
        Order::Path => "s.category, s.section",
        Order::Title => "s.title collate nocase, s.category, s.section",
        Order::Changed => "s.updated_at desc",
    }
}

fn read_line(row: &Row<'_>) -> rusqlite::Result<Line> {
    Ok(Line {
        id: SopId(row.get(0)?),
        assistant_id: AssistantId(row.get(1)?),
        assistant: row.get(2)?,
        category: row.get(3)?,
        section: row.get(4)?,
        title: row.get(5)?,
        version: Some(row.get(6)?).filter(|version| *version > 0),
        changed_at: Timestamp(row.get(7)?),
        changed_by: row.get(8)?,
        is_pinned: row.get(9)?,
        is_draft: row.get(10)?,
        is_deleted: row.get(11)?,
        has_draft: row.get(12)?,
        is_unread: row.get(13)?,
    })
}

//! Drafts: what is typed and not yet saved. They lie in the mirror, so they are encrypted and
//! survive the end of the process at any moment, and they are never sent: no entry is made of them.
//!
//! A draft of a page keeps the page as its author saw it, so that saving does not take back what
//! others have written meanwhile: see [`crate::editing`].

use crate::editing::{self, Seen};
use crate::error::{Disagreement, Result};
use crate::inbox::typed::typed_words;
use crate::store::{Store, rows};
use crate::subject::Subject;
use crate::write::Write;
use guildhall_sync::model::knowledge::MAX_PAGE_BYTES;
use guildhall_sync::time::Timestamp;
use rusqlite::{Connection, OptionalExtension, Row, params};
use uuid::Uuid;

/// The longest text of a draft, in bytes: that of a page.
pub const MAX_DRAFT_BYTES: usize = MAX_PAGE_BYTES;
/// As many drafts as one person has open; more are a sign that something makes them.
pub const MAX_DRAFTS: usize = 500;

/// What a person has typed so far.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Typed<'a> {
    pub subject: Subject,
    pub title: &'a str,
    pub content: &'a str,
    pub place: &'a str,
    /// Of a page: what its author saw. The page as it is now where none is given.
    pub base_revision: Option<i64>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Draft {
    pub subject: Subject,
    pub title: String,
    pub content: String,
    pub place: String,
    pub base_revision: Option<i64>,
    pub kept_at: Timestamp,
}

/// A draft without its text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DraftLine {
    pub subject: Subject,
    pub title: String,
    pub kept_at: Timestamp,
}

impl Store {
    /// Keeps what is typed, in the place of what was kept of it before. It is on the disk when this
    /// returns.
    pub fn keep_draft(&self, typed: &Typed<'_>) -> Result<Draft> {
        demand_short(typed)?;
        let known = self.read(|connection| find(connection, typed.subject))?;
        if let Some(known) = known.filter(|known| is_same(known, typed)) {
            return Ok(known);
        }
        let now = self.clock().now();
        self.record(|connection| keep(connection, typed, now))
    }

    pub fn drop_draft(&self, subject: Subject) -> Result<()> {
        self.record(|connection| remove(connection, subject))
    }
}

impl Write<'_> {
    /// In the transaction that saves what was typed.
    pub fn drop_draft(&mut self, subject: Subject) -> Result<()> {
        remove(self.connection(), subject)
    }
}

pub fn find(connection: &Connection, subject: Subject) -> Result<Option<Draft>> {
    let mut select = connection.prepare_cached(
        "select title, content, place, (select revision from draft_bases b where b.subject = d.subject), kept_at
         from drafts d where subject = ?",
    )?;
    let draft = select.query_row([subject.to_string()], |row| {
        Ok(Draft {
            subject,
            title: row.get(0)?,
            content: row.get(1)?,
            place: row.get(2)?,
            base_revision: row.get(3)?,
            kept_at: Timestamp(row.get(4)?),
        })
    });
    Ok(draft.optional()?)
}

/// The last kept first.
pub fn list(connection: &Connection) -> Result<Vec<DraftLine>> {
    let mut select =
        connection.prepare_cached("select subject, title, kept_at from drafts order by kept_at desc")?;
    let lines = select.query_map([], read_line)?;
    Ok(lines.filter_map(rusqlite::Result::transpose).collect::<rusqlite::Result<_>>()?)
}

/// The page as the author of its draft saw it; none where that is not known.
pub fn find_base(connection: &Connection, subject: Subject) -> Result<Option<Seen>> {
    let mut select =
        connection.prepare_cached("select rev, title, content from draft_bases where subject = ?")?;
    let base = select.query_row([subject.to_string()], |row| {
        Ok(Seen { rev: row.get(0)?, title: row.get(1)?, content: row.get(2)? })
    });
    Ok(base.optional()?)
}

/// The row may not be read here any more: what it said goes. What was typed over it stays, as a
/// page to be.
pub(crate) fn part_from_row(connection: &Connection, row: Uuid) -> Result<()> {
    let mut select = connection.prepare_cached("select subject from drafts where row = ?")?;
    let subjects: Vec<String> =
        select.query_map([row], |row| row.get(0))?.collect::<rusqlite::Result<_>>()?;
    for subject in subjects {
        if let Ok(known) = subject.parse()
            && let Some(draft) = find(connection, known)?
        {
            let seen = find_base(connection, known)?.map(|seen| seen.content).unwrap_or_default();
            keep_typed(connection, row, &typed_words(&seen, &draft.content), draft.kept_at)?;
        }
        remove_named(connection, &subject)?;
    }
    Ok(())
}

fn keep_typed(connection: &Connection, row: Uuid, typed: &str, kept_at: Timestamp) -> Result<()> {
    if typed.trim().is_empty() {
        return Ok(());
    }
    let mut id = row.as_u128();
    let subject = loop {
        id = id.wrapping_add(1);
        let subject = Subject::NewSop(Uuid::from_u128(id));
        if find(connection, subject)?.is_none() {
            break subject.to_string();
        }
    };
    let insert = "insert into drafts (subject, title, content, place, kept_at) values (?, '', ?, '', ?)";
    connection.prepare_cached(insert)?.execute(params![subject, typed, kept_at.0])?;
    Ok(())
}

fn remove(connection: &Connection, subject: Subject) -> Result<()> {
    remove_named(connection, &subject.to_string())
}

fn remove_named(connection: &Connection, subject: &str) -> Result<()> {
    connection.prepare_cached("delete from drafts where subject = ?")?.execute([subject])?;
    connection.prepare_cached("delete from draft_bases where subject = ?")?.execute([subject])?;
    Ok(())
}

fn keep(connection: &Connection, typed: &Typed<'_>, now: Timestamp) -> Result<Draft> {
    let subject = typed.subject.to_string();
    demand_row(connection, typed.subject)?;
    demand_room(connection, &subject)?;
    let base_revision = match typed.subject {
        Subject::Sop(id) => Some(keep_base(connection, &subject, id.0, typed.base_revision)?),
        Subject::NewSop(_) | Subject::Ticket(_) | Subject::NewTicket => None,
    };
    let mut upsert = connection.prepare_cached(
        "insert into drafts (subject, row, title, content, place, kept_at) values (?, ?, ?, ?, ?, ?)
         on conflict (subject) do update set title = excluded.title, content = excluded.content,
         place = excluded.place, kept_at = excluded.kept_at",
    )?;
    let row = typed.subject.row().map(|(_, id)| id);
    upsert.execute(params![subject, row, typed.title, typed.content, typed.place, now.0])?;
    Ok(Draft {
        subject: typed.subject,
        title: typed.title.to_owned(),
        content: typed.content.to_owned(),
        place: typed.place.to_owned(),
        base_revision,
        kept_at: now,
    })
}

/// Of a row that has left this laptop nothing is taken in again, also from a window that still
/// shows it.
fn demand_row(connection: &Connection, subject: Subject) -> Result<()> {
    match subject.row() {
        Some((table, id)) if !rows::exists(connection, table, id)? => {
            Err(Disagreement::NoRow { table: table.name, id }.into())
        }
        _ => Ok(()),
    }
}

fn demand_room(connection: &Connection, subject: &str) -> Result<()> {
    let select = "select count(*) from drafts where subject <> ?";
    let others: usize = connection.prepare_cached(select)?.query_row([subject], |row| row.get(0))?;
    if others < MAX_DRAFTS { Ok(()) } else { Err(Disagreement::TooManyDrafts { most: MAX_DRAFTS }.into()) }
}

fn demand_short(typed: &Typed<'_>) -> Result<()> {
    let is_short = |text: &str| text.len() <= MAX_DRAFT_BYTES;
    if is_short(typed.title) && is_short(typed.content) && is_short(typed.place) {
        return Ok(());
    }
    Err(Disagreement::DraftTooLong { kib: MAX_DRAFT_BYTES / 1024 }.into())
}

/// What the author saw stays as it was first kept, unless they say that they have looked again.
fn keep_base(connection: &Connection, subject: &str, id: Uuid, revision: Option<i64>) -> Result<i64> {
    let select = "select revision from draft_bases where subject = ?";
    let known: Option<i64> =
        connection.prepare_cached(select)?.query_row([subject], |row| row.get(0)).optional()?;
    if let Some(known) = known.filter(|known| revision.is_none_or(|revision| revision == *known)) {
        return Ok(known);
    }
    let seen = editing::find_seen(connection, guildhall_sync::id::SopId(id), revision)?;
    let revision = revision.unwrap_or_else(|| seen.revision());
    let mut upsert = connection.prepare_cached(
        "insert or replace into draft_bases (subject, revision, rev, title, content) values (?, ?, ?, ?, ?)",
    )?;
    upsert.execute(params![subject, revision, seen.rev, seen.title, seen.content])?;
    Ok(revision)
}

fn is_same(known: &Draft, typed: &Typed<'_>) -> bool {
    (known.title.as_str(), known.content.as_str(), known.place.as_str())
        == (typed.title, typed.content, typed.place)
        && typed.base_revision.is_none_or(|revision| known.base_revision == Some(revision))
}

/// None where a newer program wrote it.
fn read_line(row: &Row<'_>) -> rusqlite::Result<Option<DraftLine>> {
    let subject: String = row.get(0)?;
    let Ok(subject) = subject.parse() else { return Ok(None) };
    Ok(Some(DraftLine { subject, title: row.get(1)?, kept_at: Timestamp(row.get(2)?) }))
}

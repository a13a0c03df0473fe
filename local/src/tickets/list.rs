//! Tickets as lines: a window of those that are asked for, and how many there are. Every window is
//! one question; the lines that are not in it are not read.

use crate::error::Result;
use crate::search::tokens;
use crate::standing::{self, Standing};
use guildhall_sync::id::{TicketId, UserId};
use guildhall_sync::model::desk::{Priority, Ticket, TicketStatus};
use guildhall_sync::schema::Row;
use guildhall_sync::time::Timestamp;
use rusqlite::{Connection, named_params};

/// The largest window.
pub const MAX_LINES: usize = 500;

/// Which tickets.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Filter<'a> {
    pub status: Option<TicketStatus>,
    /// Only this person's; without a status, those that are not done.
    pub assigned_to: Option<UserId>,
    /// All words, of the ticket or of one of its messages; or how its number begins.
    pub text: &'a str,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    pub id: TicketId,
    pub reference: String,
    pub subject: String,
    pub customer: String,
    pub status: TicketStatus,
    pub priority: Priority,
    /// The person's name.
    pub assigned_to: Option<String>,
    /// The location's name; empty where this laptop does not know it.
    pub location: String,
    pub opened_at: Timestamp,
    /// When it was last opened, spoken in or resolved, by the desk's clock.
    pub changed_at: Timestamp,
    /// The beginning of what was said last, in Markdown.
    pub last_message: Option<String>,
    pub standing: Standing,
}

/// How many there are; deleted ones are not counted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    pub open: u64,
    pub waiting: u64,
    pub resolved: u64,
    pub closed: u64,
    /// The person's, open or waiting.
    pub mine: u64,
}

/// What is bound for a filter.
struct Bound {
    words: Option<String>,
    beginning: Option<String>,
}

impl Bound {
    fn of(filter: &Filter<'_>) -> Self {
        let words = tokens::tokens(filter.text);
        let begun: Vec<String> = words.iter().map(|word| format!("\"{word}\"*")).collect();
        let text = filter.text.trim();
        Self {
            words: (!begun.is_empty()).then(|| begun.join(" AND ")),
            beginning: (!text.is_empty()).then(|| text.to_owned()),
        }
    }
}

/// The lines from `offset` on, those in which something happened last first.
pub fn window(
    connection: &Connection,
    filter: &Filter<'_>,
    offset: usize,
    limit: usize,
) -> Result<Vec<Line>> {
    let bound = Bound::of(filter);
    let sql = include_str!("window.sql").replace("$filter", condition(&bound));
    let mut select = connection.prepare_cached(&sql)?;
    let lines = select.query_map(
        named_params! {
            ":status": filter.status.map(TicketStatus::word),
            ":person": filter.assigned_to.map(|person| person.0),
            ":words": bound.words,
            ":beginning": bound.beginning,
            ":limit": limit.min(MAX_LINES),
            ":offset": offset,
        },
        read,
    )?;
    let mut lines: Vec<Line> = lines.collect::<rusqlite::Result<_>>()?;
    let ids: Vec<_> = lines.iter().map(|line| line.id.0).collect();
    for (line, standing) in lines.iter_mut().zip(standing::of_rows(connection, Ticket::TABLE, &ids)?) {
        line.standing = standing;
    }
    Ok(lines)
}

/// One ticket as a line.
pub fn find_line(connection: &Connection, id: TicketId) -> Result<Option<Line>> {
    let sql = include_str!("window.sql").replace("$filter", "t.id = :id");
    let mut select = connection.prepare_cached(&sql)?;
    let bound = named_params! {":id": id.0, ":limit": 1, ":offset": 0};
    let Some(mut line) = select.query_map(bound, read)?.next().transpose()? else { return Ok(None) };
    line.standing = standing::of_row(connection, Ticket::TABLE, id.0)?;
    Ok(Some(line))
}

/// How many lines the filter has altogether.
pub fn count(connection: &Connection, filter: &Filter<'_>) -> Result<u64> {
    let bound = Bound::of(filter);
    let sql = format!("select count(*) from tickets t where t.deleted_at is null and {}", condition(&bound));
    let count = connection.prepare_cached(&sql)?.query_row(
        named_params! {
            ":status": filter.status.map(TicketStatus::word),
            ":person": filter.assigned_to.map(|person| person.0),
            ":words": bound.words,
            ":beginning": bound.beginning,
        },
        |row| row.get(0),
    )?;
    Ok(count)
}

pub fn counts(connection: &Connection, person: UserId) -> Result<Counts> {
    let mut select = connection.prepare_cached(
        "select status, count(*), count(*) filter (where assigned_to = ?)
         from tickets where deleted_at is null group by status",
    )?;
    let mut rows = select.query([person.0])?;
    let mut counts = Counts::default();
    while let Some(row) = rows.next()? {
        let (word, all, own): (String, u64, u64) = (row.get(0)?, row.get(1)?, row.get(2)?);
        match TicketStatus::from_word(&word) {
            Some(TicketStatus::Open) => (counts.open, counts.mine) = (all, counts.mine + own),
            Some(TicketStatus::Waiting) => (counts.waiting, counts.mine) = (all, counts.mine + own),
            Some(TicketStatus::Resolved) => counts.resolved = all,
            Some(TicketStatus::Closed) => counts.closed = all,
            None => {}
        }
    }
    Ok(counts)
}

/// Every name is in it, also where it says nothing: what is bound must be there.
fn condition(bound: &Bound) -> &'static str {
    match (&bound.words, &bound.beginning) {
        (Some(_), _) => include_str!("filter_words.sql"),
        // Something without a word in it is nowhere.
        (None, Some(_)) => "false and :status is :person and :words is :beginning",
        (None, None) => include_str!("filter.sql"),
    }
}

fn read(row: &rusqlite::Row<'_>) -> rusqlite::Result<Line> {
    let (status, priority): (String, String) = (row.get("status")?, row.get("priority")?);
    Ok(Line {
        id: TicketId(row.get("id")?),
        reference: row.get("local_ref")?,
        subject: row.get("subject")?,
        customer: row.get("customer_label")?,
        status: TicketStatus::from_word(&status).unwrap_or(TicketStatus::Open),
        priority: Priority::from_word(&priority).unwrap_or(Priority::Medium),
        assigned_to: row.get("person")?,
        location: row.get::<_, Option<String>>("place")?.unwrap_or_default(),
        opened_at: Timestamp(row.get("opened_at")?),
        changed_at: Timestamp(row.get("changed_at")?),
        last_message: row.get("last_message")?,
        standing: Standing::OnServer(None),
    })
}

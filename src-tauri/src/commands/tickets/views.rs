//! What the commands about tickets answer.

use crate::app::App;
use crate::commands::drafts::Draft;
use crate::failure::Failure;
use crate::views::Mark;
use guildhall_local::search::place;
use guildhall_local::store::rows;
use guildhall_local::subject::Subject;
use guildhall_local::tickets::list::{self, Counts, Line};
use guildhall_local::tickets::{self, Source};
use guildhall_local::{Connection, drafts, markdown, names, standing};
use guildhall_sync::id::TicketId;
use guildhall_sync::model::desk::{self, Assistant, TicketMessage, TicketResolution};
use guildhall_sync::model::knowledge::{KnowledgeItem, Sop};
use guildhall_sync::model::people::{Location, User};
use guildhall_sync::schema::Row;
use guildhall_sync::time::Timestamp;
use serde::{Deserialize, Serialize};
use ts_rs::TS;
use uuid::Uuid;

/// The most of a message that a line shows, in characters.
const MAX_EXCERPT: usize = 160;

/// One of the words of the registry, as screens write it.
macro_rules! words {
    ($($(#[$doc:meta])* $name:ident { $($word:ident),+ })+) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS, clap::ValueEnum)]
        #[serde(rename_all = "snake_case")]
        pub enum $name {
            $($word),+
        }

        impl From<desk::$name> for $name {
            fn from(word: desk::$name) -> Self {
                match word {
                    $(desk::$name::$word => Self::$word),+
                }
            }
        }

        impl From<$name> for desk::$name {
            fn from(word: $name) -> Self {
                match word {
                    $($name::$word => Self::$word),+
                }
            }
        }

        impl $name {
            pub fn word(self) -> &'static str {
                desk::$name::from(self).word()
            }
        }
    )+};
}

words! {
    /// Where a ticket stands.
    TicketStatus { Open, Waiting, Resolved, Closed }
    /// How much a ticket matters.
    Priority { Critical, High, Medium, Low }
    /// Who speaks.
    AuthorKind { Customer, Staff, Assistant, System }
}

#[derive(Clone, Debug, Serialize, TS)]
pub struct Tickets {
    /// How many lines there are altogether.
    pub total: u64,
    pub counts: TicketCounts,
    pub lines: Vec<TicketLine>,
}

/// Of all tickets on this laptop.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, TS)]
pub struct TicketCounts {
    pub open: u64,
    pub waiting: u64,
    pub resolved: u64,
    pub closed: u64,
    /// Open or waiting, of whoever sits here.
    pub mine: u64,
}

#[derive(Clone, Debug, Serialize, TS)]
pub struct TicketLine {
    pub id: Uuid,
    /// The number that is said at the desk.
    pub reference: String,
    pub subject: String,
    pub customer: String,
    pub status: TicketStatus,
    pub priority: Priority,
    pub assigned_to: Option<String>,
    pub location: String,
    #[ts(type = "number")]
    pub opened_at: Timestamp,
    /// When it was last opened, spoken in or resolved.
    #[ts(type = "number")]
    pub changed_at: Timestamp,
    /// The beginning of what was said last, without Markdown.
    pub last_message: Option<String>,
    pub mark: Mark,
}

#[derive(Clone, Debug, Serialize, TS)]
pub struct TicketPage {
    pub line: TicketLine,
    pub assigned_to_id: Option<Uuid>,
    pub location_id: Uuid,
    pub assistant_id: Option<Uuid>,
    /// The oldest first.
    pub messages: Vec<MessageView>,
    pub answers: Vec<AnswerView>,
    /// The states that it can go to.
    pub next: Vec<TicketStatus>,
    /// An answer that is being typed.
    pub draft: Option<Draft>,
    pub may_write: bool,
    pub why_not: Option<String>,
}

#[derive(Clone, Debug, Serialize, TS)]
pub struct MessageView {
    pub id: Uuid,
    pub author_kind: AuthorKind,
    /// The name of the staff; none for everybody else.
    pub author: Option<String>,
    pub body: String,
    pub html: String,
    #[ts(type = "number")]
    pub at: Timestamp,
    pub mark: Mark,
}

#[derive(Clone, Debug, Serialize, TS)]
pub struct AnswerView {
    pub id: Uuid,
    pub table: &'static str,
    pub row: Uuid,
    pub title: String,
    pub path: String,
    pub satisfied: Option<bool>,
    pub note: String,
    pub mark: Mark,
}

#[derive(Clone, Debug, Serialize, TS)]
pub struct TicketChoices {
    pub locations: Vec<Choice>,
    pub people: Vec<Choice>,
    pub assistants: Vec<Choice>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
pub struct Choice {
    pub id: Uuid,
    pub name: String,
}

pub(super) fn page(app: &App, id: TicketId) -> Result<TicketPage, Failure> {
    let account = app.account()?;
    let page = app.store.read(|connection| {
        let ticket = tickets::get(connection, id)?;
        let line = list::find_line(connection, id)?.expect("it was read in the same snapshot");
        let objection = tickets::find_objection(connection, &account, id)?;
        Ok(TicketPage {
            line: line.into(),
            assigned_to_id: ticket.assigned_to.map(|person| person.0),
            location_id: ticket.location_id.0,
            assistant_id: ticket.assistant_id.map(|assistant| assistant.0),
            messages: list_messages(connection, id)?,
            answers: list_answers(connection, id)?,
            next: tickets::next(ticket.status).into_iter().map(Into::into).collect(),
            draft: drafts::find(connection, Subject::Ticket(id))?.map(Into::into),
            may_write: objection.is_none(),
            why_not: objection.map(|why| why.to_string()),
        })
    });
    Ok(page?)
}

fn list_messages(connection: &Connection, id: TicketId) -> guildhall_local::Result<Vec<MessageView>> {
    let messages = tickets::list_messages(connection, id)?;
    let ids: Vec<Uuid> = messages.iter().map(|message| message.id.0).collect();
    let marks = standing::of_rows(connection, TicketMessage::TABLE, &ids)?;
    let view = |(message, mark): (TicketMessage, standing::Standing)| {
        Ok(MessageView {
            id: message.id.0,
            author_kind: message.author_kind.into(),
            author: names::find_user(connection, message.author_id)?,
            html: markdown::render(&message.body.0).html,
            body: message.body.0,
            at: message.said_at,
            mark: mark.into(),
        })
    };
    messages.into_iter().zip(marks).map(view).collect()
}

fn list_answers(connection: &Connection, id: TicketId) -> guildhall_local::Result<Vec<AnswerView>> {
    let mut views = Vec::new();
    for answer in tickets::list_answers(connection, id)? {
        let (table, row) = match tickets::source_of(&answer) {
            Some(Source::Sop(sop)) => (Sop::TABLE, sop.0),
            Some(Source::Knowledge(item)) => (KnowledgeItem::TABLE, item.0),
            None => continue,
        };
        let (title, path) = match rows::find(connection, table, row)? {
            Some(stored) => (
                place::title(connection, table, &stored.cells)?,
                place::path(connection, table, &stored.cells)?,
            ),
            None => ("Not on this laptop".to_owned(), String::new()),
        };
        views.push(AnswerView {
            id: answer.id.0,
            table: table.name,
            row,
            title,
            path,
            satisfied: answer.satisfied,
            note: answer.note,
            mark: standing::of_row(connection, TicketResolution::TABLE, answer.id.0)?.into(),
        });
    }
    Ok(views)
}

/// On one line, and not longer than a line can show.
fn excerpt(message: &str) -> String {
    let plain = markdown::plain(message);
    let words = plain.split_whitespace().collect::<Vec<_>>().join(" ");
    match words.char_indices().nth(MAX_EXCERPT) {
        Some((end, _)) => format!("{}…", words[..end].trim_end()),
        None => words,
    }
}

impl From<Line> for TicketLine {
    fn from(line: Line) -> Self {
        Self {
            id: line.id.0,
            reference: line.reference,
            subject: line.subject,
            customer: line.customer,
            status: line.status.into(),
            priority: line.priority.into(),
            assigned_to: line.assigned_to,
            location: line.location,
            opened_at: line.opened_at,
            changed_at: line.changed_at,
            last_message: line.last_message.as_deref().map(excerpt),
            mark: line.standing.into(),
        }
    }
}

impl From<Counts> for TicketCounts {
    fn from(counts: Counts) -> Self {
        let Counts { open, waiting, resolved, closed, mine } = counts;
        Self { open, waiting, resolved, closed, mine }
    }
}

impl From<Location> for Choice {
    fn from(location: Location) -> Self {
        Self { id: location.id.0, name: location.name }
    }
}

impl From<User> for Choice {
    fn from(user: User) -> Self {
        Self { id: user.id.0, name: user.name }
    }
}

impl From<Assistant> for Choice {
    fn from(assistant: Assistant) -> Self {
        Self { id: assistant.id.0, name: assistant.name }
    }
}

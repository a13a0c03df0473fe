//! The first screen: what is news to this person, what waits for them, and what is shown first.

use super::conflicts::{self, ConflictView};
use super::pages::{SopLine, marked};
use super::tickets::views::TicketLine;
use super::tickets::{TicketStatus, TicketsRequest, list_tickets};
use crate::app::App;
use crate::failure::Failure;
use crate::views::Nothing;
use guildhall_local::reading::{self, Change};
use guildhall_local::search::place;
use guildhall_local::store::state;
use guildhall_local::{Connection, drafts, outbox, pages, sops, suggestions};
use guildhall_sync::time::Timestamp;
use serde::Serialize;
use ts_rs::TS;
use uuid::Uuid;

const MAX_CHANGED: usize = 50;
const MAX_PINNED: usize = 12;
const MAX_TICKETS: usize = 8;
/// An empty screen shows as many questions.
const SUGGESTIONS: usize = 3;

#[derive(Clone, Debug, Serialize, TS)]
pub struct Home {
    /// Who is greeted.
    pub user: String,
    /// When the server was last heard of.
    #[ts(type = "number | null")]
    pub as_of: Option<Timestamp>,
    /// What others have changed since this person last read it.
    pub changed: Vec<ChangedLine>,
    /// Emergencies, then what is pinned.
    pub pinned: Vec<SopLine>,
    /// Open ones; `open_tickets` counts those that are not shown too.
    pub tickets: Vec<TicketLine>,
    pub open_tickets: u64,
    pub needs_you: Vec<ConflictView>,
    /// Changes that were refused and wait for a person.
    pub refused: u64,
    pub drafts: Vec<DraftLine>,
    /// Questions that this guild has an answer to.
    pub suggestions: Vec<String>,
}

#[derive(Clone, Debug, Serialize, TS)]
pub struct ChangedLine {
    pub id: Uuid,
    pub title: String,
    pub path: String,
    /// What this person knows; none of a page that is new.
    pub from_version: Option<i64>,
    pub to_version: Option<i64>,
    pub changed_by: Option<String>,
    #[ts(type = "number")]
    pub changed_at: Timestamp,
}

#[derive(Clone, Debug, Serialize, TS)]
pub struct DraftLine {
    pub subject: String,
    pub title: String,
    /// Of what it is a draft, as people call it; none of something new.
    pub path: Option<String>,
    #[ts(type = "number")]
    pub kept_at: Timestamp,
}

pub fn home(app: &App, _: Nothing) -> Result<Home, Failure> {
    let open = TicketsRequest {
        status: Some(TicketStatus::Open),
        mine: false,
        text: String::new(),
        offset: 0,
        limit: MAX_TICKETS,
    };
    let (tickets, needs_you) = (list_tickets(app, open)?, conflicts::list(app)?);
    let now = app.store.clock().now();
    let home = app.store.read(|connection| {
        let state = state::read(connection)?;
        let changed = reading::list_changes(connection, MAX_CHANGED)?;
        let drafts = drafts::list(connection)?.into_iter().map(|draft| draft_line(connection, draft));
        Ok(Home {
            user: state::account(connection)?.user_name,
            as_of: state.last_pull_at,
            changed: changed.into_iter().map(ChangedLine::from).collect(),
            pinned: marked(connection, pages::list_pinned(connection, MAX_PINNED)?)?,
            tickets: tickets.lines,
            open_tickets: tickets.counts.open,
            needs_you,
            refused: outbox::count(connection)?.refused,
            drafts: drafts.collect::<guildhall_local::Result<_>>()?,
            suggestions: suggestions::list(connection, now, SUGGESTIONS)?,
        })
    });
    Ok(home?)
}

fn draft_line(connection: &Connection, draft: drafts::DraftLine) -> guildhall_local::Result<DraftLine> {
    let of = draft.subject.row().map(|(table, id)| place::of_row(connection, table, id)).transpose()?;
    Ok(DraftLine { subject: draft.subject.to_string(), title: draft.title, path: of, kept_at: draft.kept_at })
}

impl From<Change> for ChangedLine {
    fn from(change: Change) -> Self {
        Self {
            id: change.id.0,
            path: sops::path_of(&change.category, &change.section),
            title: change.title,
            from_version: change.from_version,
            to_version: Some(change.to_version),
            changed_by: change.changed_by,
            changed_at: change.changed_at,
        }
    }
}

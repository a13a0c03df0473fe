//! Tickets: the list with its counts, one with all that was said, and what people do with it.

use crate::app::App;
use crate::failure::{Code, Failure};
use guildhall_local::names;
use guildhall_local::tickets::list::{self, Filter};
use guildhall_local::tickets::{self, Changes, NewTicket, Source, choices};
use guildhall_sync::id::{
    AssistantId, KnowledgeItemId, LocationId, SopId, TicketId, TicketResolutionId, UserId,
};
use serde::Deserialize;
use ts_rs::TS;
use uuid::Uuid;

pub mod views;

pub use views::{AuthorKind, Priority, TicketChoices, TicketPage, TicketStatus, Tickets};

#[derive(Clone, Debug, Deserialize, TS)]
pub struct TicketsRequest {
    pub status: Option<TicketStatus>,
    /// Only those of whoever sits here; without a status, those that are not done.
    pub mine: bool,
    /// Words of the ticket or of what was said, or the beginning of its number.
    pub text: String,
    pub offset: usize,
    pub limit: usize,
}

#[derive(Clone, Debug, Deserialize, TS)]
pub struct TicketRequest {
    pub id: Uuid,
}

#[derive(Clone, Debug, Deserialize, TS)]
pub struct CreateTicketRequest {
    pub subject: String,
    pub customer: String,
    pub priority: Priority,
    /// Where its author works, where none is given.
    pub location: Option<Uuid>,
    pub assistant: Option<Uuid>,
    /// What the customer says; empty where nothing was said yet.
    pub message: String,
    /// The page that answers it.
    pub sop: Option<Uuid>,
}

/// What is none stays as it is.
#[derive(Clone, Debug, Default, Deserialize, TS)]
pub struct EditTicketRequest {
    pub id: Uuid,
    pub subject: Option<String>,
    pub customer: Option<String>,
    pub status: Option<TicketStatus>,
    pub priority: Option<Priority>,
    pub location: Option<Uuid>,
    /// A person's id; empty for nobody.
    pub assigned_to: Option<String>,
}

#[derive(Clone, Debug, Deserialize, TS)]
pub struct AddMessageRequest {
    pub id: Uuid,
    pub author_kind: AuthorKind,
    pub body: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum AnswerTable {
    Sops,
    KnowledgeItems,
}

#[derive(Clone, Debug, Deserialize, TS)]
pub struct LinkAnswerRequest {
    pub id: Uuid,
    pub table: AnswerTable,
    pub row: Uuid,
    /// Whether it helped, where somebody said so.
    pub satisfied: Option<bool>,
    pub note: String,
}

#[derive(Clone, Debug, Deserialize, TS)]
pub struct UnlinkAnswerRequest {
    pub id: Uuid,
    pub answer: Uuid,
}

pub fn list_tickets(app: &App, request: TicketsRequest) -> Result<Tickets, Failure> {
    let own = app.account()?.user;
    let filter = Filter {
        status: request.status.map(TicketStatus::into),
        assigned_to: request.mine.then_some(own),
        text: &request.text,
    };
    let tickets = app.store.read(|connection| {
        let lines = list::window(connection, &filter, request.offset, request.limit)?;
        Ok(Tickets {
            total: list::count(connection, &filter)?,
            counts: list::counts(connection, own)?.into(),
            lines: lines.into_iter().map(Into::into).collect(),
        })
    });
    Ok(tickets?)
}

pub fn ticket(app: &App, request: TicketRequest) -> Result<TicketPage, Failure> {
    views::page(app, TicketId(request.id))
}

pub fn ticket_choices(app: &App, _: crate::views::Nothing) -> Result<TicketChoices, Failure> {
    let choices = app.store.read(|connection| {
        Ok(TicketChoices {
            locations: choices::list_locations(connection)?.into_iter().map(Into::into).collect(),
            people: choices::list_people(connection)?.into_iter().map(Into::into).collect(),
            assistants: names::list_assistants(connection)?.into_iter().map(Into::into).collect(),
        })
    });
    Ok(choices?)
}

pub fn create_ticket(app: &App, request: CreateTicketRequest) -> Result<TicketPage, Failure> {
    let new = NewTicket {
        subject: request.subject,
        customer: request.customer,
        priority: request.priority.into(),
        location: request.location.map(LocationId),
        assistant: request.assistant.map(AssistantId),
        message: request.message,
        sop: request.sop.map(SopId),
    };
    let id = app.store.write(|write| tickets::create(write, &new))?.value;
    views::page(app, id)
}

pub fn edit_ticket(app: &App, request: EditTicketRequest) -> Result<TicketPage, Failure> {
    let id = TicketId(request.id);
    let changes = Changes {
        subject: request.subject,
        customer: request.customer,
        status: request.status.map(TicketStatus::into),
        priority: request.priority.map(Priority::into),
        location: request.location.map(LocationId),
        assigned_to: request.assigned_to.as_deref().map(read_person).transpose()?,
    };
    app.store.write(|write| tickets::edit(write, id, &changes))?;
    views::page(app, id)
}

fn read_person(text: &str) -> Result<Option<UserId>, Failure> {
    let wrong = || Failure::new(Code::BadRequest, format!("{text:?} is not the id of a person."));
    match text {
        "" => Ok(None),
        id => Ok(Some(UserId(id.parse().map_err(|_| wrong())?))),
    }
}

pub fn add_message(app: &App, request: AddMessageRequest) -> Result<TicketPage, Failure> {
    let id = TicketId(request.id);
    app.store.write(|write| {
        tickets::get(write.connection(), id)?;
        tickets::say(write, id, request.author_kind.into(), &request.body)
    })?;
    views::page(app, id)
}

pub fn link_answer(app: &App, request: LinkAnswerRequest) -> Result<TicketPage, Failure> {
    let id = TicketId(request.id);
    let source = match request.table {
        AnswerTable::Sops => Source::Sop(SopId(request.row)),
        AnswerTable::KnowledgeItems => Source::Knowledge(KnowledgeItemId(request.row)),
    };
    app.store.write(|write| {
        tickets::get(write.connection(), id)?;
        tickets::link(write, id, source, request.satisfied, &request.note)
    })?;
    views::page(app, id)
}

pub fn unlink_answer(app: &App, request: UnlinkAnswerRequest) -> Result<TicketPage, Failure> {
    let id = TicketId(request.id);
    app.store.write(|write| tickets::unlink(write, id, TicketResolutionId(request.answer)))?;
    views::page(app, id)
}

//! What people do with tickets, in their own words: open one, change it, say something in it, note
//! what answered it. What is asked of many tickets at once is in [`list`].

use crate::error::{Disagreement, Result};
use crate::store::rows;
use crate::store::state::Account;
use crate::subject::Subject;
use crate::write::{Why, Write, rights};
use guildhall_sync::id::{
    AssistantId, KnowledgeItemId, LocationId, SopId, TicketId, TicketMessageId, TicketResolutionId, UserId,
};
use guildhall_sync::model::desk::{
    AuthorKind, Priority, TICKET_MACHINE, Ticket, TicketMessage, TicketResolution, TicketStatus,
};
use guildhall_sync::permission::Forbidden;
use guildhall_sync::schema::{Row, Table, common};
use guildhall_sync::value::{Cell, Cells, Value};
use rusqlite::{Connection, params};
use uuid::Uuid;

pub mod choices;
pub mod list;
mod reference;

/// The most that a page shows of one ticket; the newest.
const MAX_MESSAGES: usize = 1_000;

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewTicket {
    pub subject: String,
    pub customer: String,
    pub priority: Priority,
    /// Where the author works, where none is given.
    pub location: Option<LocationId>,
    pub assistant: Option<AssistantId>,
    /// The customer's words; empty where there are none yet.
    pub message: String,
    /// The page that answers it, where it is known already.
    pub sop: Option<SopId>,
}

/// What is changed of a ticket; the rest stays.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Changes {
    pub subject: Option<String>,
    pub customer: Option<String>,
    pub status: Option<TicketStatus>,
    pub priority: Option<Priority>,
    pub location: Option<LocationId>,
    /// `Some(None)` for nobody.
    pub assigned_to: Option<Option<UserId>>,
}

/// What answered a ticket.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Source {
    Sop(SopId),
    Knowledge(KnowledgeItemId),
}

/// The ticket, its first message and its first answer are one group: all of it, or nothing. What
/// was typed of it is no draft any more.
pub fn create(write: &mut Write<'_>, new: &NewTicket) -> Result<TicketId> {
    let location = match new.location {
        Some(location) => location,
        None => choices::own_location(write.connection(), write.account())?,
    };
    let reference = reference::of(write.account().device, write.number());
    let now = write.now();
    let cells = cells(
        Ticket::TABLE,
        [
            ("local_ref", reference.to_value()),
            ("subject", Value::text(new.subject.trim())),
            ("customer_label", Value::text(new.customer.trim())),
            ("priority", new.priority.to_value()),
            ("location_id", location.to_value()),
            ("assistant_id", new.assistant.to_value()),
            ("opened_at", now.to_value()),
        ],
    );
    let id = TicketId(write.insert(Ticket::TABLE, cells)?);
    if !new.message.trim().is_empty() {
        say(write, id, AuthorKind::Customer, &new.message)?;
    }
    if let Some(sop) = new.sop {
        link(write, id, Source::Sop(sop), None, "")?;
    }
    write.drop_draft(Subject::NewTicket)?;
    Ok(id)
}

/// False where the ticket already is as wanted.
pub fn edit(write: &mut Write<'_>, id: TicketId, changes: &Changes) -> Result<bool> {
    let ticket = get(write.connection(), id)?;
    let mut wanted = Cells::default();
    let mut set = |name: &str, value: Option<Value>| {
        if let Some(value) = value {
            wanted.set(column(Ticket::TABLE, name), value);
        }
    };
    set("subject", changes.subject.as_deref().map(|text| Value::text(text.trim())));
    set("customer_label", changes.customer.as_deref().map(|text| Value::text(text.trim())));
    set("priority", changes.priority.map(|priority| priority.to_value()));
    set("location_id", changes.location.map(|location| location.to_value()));
    set("assigned_to", changes.assigned_to.map(|person| person.to_value()));
    if let Some(status) = changes.status.filter(|status| *status != ticket.status) {
        let resolved_at = match status {
            TicketStatus::Open | TicketStatus::Waiting => None,
            TicketStatus::Resolved => Some(write.now()),
            TicketStatus::Closed => ticket.resolved_at.or(Some(write.now())),
        };
        set("status", Some(status.to_value()));
        set("resolved_at", Some(resolved_at.to_value()));
    }
    write.update(Ticket::TABLE, id.0, wanted, Why::default())
}

/// The states that a ticket can go to from where it stands.
pub fn next(status: TicketStatus) -> Vec<TicketStatus> {
    TICKET_MACHINE.next(status.word()).iter().filter_map(|word| TicketStatus::from_word(word)).collect()
}

/// Writes down what was said. Staff is whoever sits here. What was typed of it is no draft any more.
pub fn say(write: &mut Write<'_>, id: TicketId, kind: AuthorKind, body: &str) -> Result<TicketMessageId> {
    let author = (kind == AuthorKind::Staff).then_some(write.account().user);
    let now = write.now();
    let cells = cells(
        TicketMessage::TABLE,
        [
            ("ticket_id", id.to_value()),
            ("author_kind", kind.to_value()),
            ("author_id", author.to_value()),
            ("body", Value::text(body.trim())),
            ("said_at", now.to_value()),
        ],
    );
    let said = write.insert(TicketMessage::TABLE, cells)?;
    write.drop_draft(Subject::Ticket(id))?;
    Ok(TicketMessageId(said))
}

/// Notes what answered the ticket. What is noted already gets the new judgement.
pub fn link(
    write: &mut Write<'_>,
    id: TicketId,
    source: Source,
    satisfied: Option<bool>,
    note: &str,
) -> Result<TicketResolutionId> {
    let judgement = [("satisfied", satisfied.to_value()), ("note", Value::text(note.trim()))];
    let known =
        list_answers(write.connection(), id)?.into_iter().find(|answer| source_of(answer) == Some(source));
    if let Some(known) = known {
        write.update(
            TicketResolution::TABLE,
            known.id.0,
            cells(TicketResolution::TABLE, judgement),
            Why::default(),
        )?;
        return Ok(known.id);
    }
    let named = match source {
        Source::Sop(sop) => ("sop_id", sop.to_value()),
        Source::Knowledge(item) => ("knowledge_item_id", item.to_value()),
    };
    let [satisfied, note] = judgement;
    let cells = cells(TicketResolution::TABLE, [("ticket_id", id.to_value()), named, satisfied, note]);
    write.insert(TicketResolution::TABLE, cells).map(TicketResolutionId)
}

/// Takes an answer of the ticket back.
pub fn unlink(write: &mut Write<'_>, id: TicketId, answer: TicketResolutionId) -> Result<bool> {
    let found = rows::get_typed::<TicketResolution>(write.connection(), answer.0)?;
    if found.ticket_id != id {
        return Err(Disagreement::NoRow { table: TicketResolution::TABLE.name, id: answer.0 }.into());
    }
    let gone = Cells::from_iter([(common::DELETED_AT, write.now().to_value())]);
    write.update(TicketResolution::TABLE, answer.0, gone, Why::default())
}

/// A ticket that was not deleted.
pub fn get(connection: &Connection, id: TicketId) -> Result<Ticket> {
    let found = rows::find_typed::<Ticket>(connection, id.0)?.filter(|ticket| ticket.deleted_at.is_none());
    Ok(found.ok_or(Disagreement::NoRow { table: Ticket::TABLE.name, id: id.0 })?)
}

/// Why the person may not write the ticket, nor in it; none where they may.
pub fn find_objection(connection: &Connection, account: &Account, id: TicketId) -> Result<Option<Forbidden>> {
    let row = rows::get(connection, Ticket::TABLE, id.0)?.cells;
    rights::find_objection(connection, account, Ticket::TABLE, Some(&row), &row)
}

/// By id or by the number that was said at the desk, in capitals or not.
pub fn get_by_name(connection: &Connection, name: &str) -> Result<Ticket> {
    if let Ok(id) = name.parse::<Uuid>() {
        return get(connection, TicketId(id));
    }
    let condition = "local_ref = ? collate nocase and deleted_at is null limit 1";
    let found = rows::list_typed::<Ticket>(connection, condition, [name.trim()])?;
    let missing = Disagreement::NoName { table: Ticket::TABLE.name, name: name.to_owned() };
    Ok(found.into_iter().next().ok_or(missing)?)
}

/// What was said, the oldest first.
pub fn list_messages(connection: &Connection, id: TicketId) -> Result<Vec<TicketMessage>> {
    let condition = "ticket_id = ? and deleted_at is null order by said_at desc, id desc limit ?";
    let mut found = rows::list_typed::<TicketMessage>(connection, condition, params![id.0, MAX_MESSAGES])?;
    found.reverse();
    Ok(found)
}

/// What answered it, the oldest first.
pub fn list_answers(connection: &Connection, id: TicketId) -> Result<Vec<TicketResolution>> {
    let condition = "ticket_id = ? and deleted_at is null order by created_at, id limit ?";
    rows::list_typed(connection, condition, params![id.0, MAX_MESSAGES])
}

/// None for a row that names neither.
pub fn source_of(answer: &TicketResolution) -> Option<Source> {
    let item = answer.knowledge_item_id.map(Source::Knowledge);
    answer.sop_id.map(Source::Sop).or(item)
}

fn cells<const N: usize>(table: &Table, named: [(&str, Value); N]) -> Cells {
    named.into_iter().map(|(name, value)| (column(table, name), value)).collect()
}

fn column(table: &Table, name: &str) -> u16 {
    table.column(name).expect("the registry has this column").number
}

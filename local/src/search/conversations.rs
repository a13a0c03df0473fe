//! What was said in a ticket, found as the ticket: once, by the best of its rows.

use super::Candidate;
use crate::error::Result;
use guildhall_sync::model::desk::{Ticket, TicketMessage};
use guildhall_sync::schema::Row;
use rusqlite::{Connection, OptionalExtension};
use std::collections::HashSet;
use uuid::Uuid;

/// `found` are the best first. What was said in a ticket that is not here is left out.
pub(super) fn as_tickets(connection: &Connection, found: Vec<Candidate>) -> Result<Vec<Candidate>> {
    let mut tickets = HashSet::new();
    let mut shown = Vec::with_capacity(found.len());
    for mut candidate in found {
        let ticket = match candidate.table.number {
            number if number == TicketMessage::TABLE.number => match find_ticket(connection, candidate.id)? {
                Some(ticket) => ticket,
                None => continue,
            },
            number if number == Ticket::TABLE.number => candidate.id,
            _ => {
                shown.push(candidate);
                continue;
            }
        };
        if tickets.insert(ticket) {
            candidate.found = (Ticket::TABLE, ticket);
            shown.push(candidate);
        }
    }
    Ok(shown)
}

fn find_ticket(connection: &Connection, message: Uuid) -> Result<Option<Uuid>> {
    let select = "select t.id from ticket_messages m join tickets t on t.id = m.ticket_id
         where m.id = ? and m.deleted_at is null and t.deleted_at is null";
    let mut select = connection.prepare_cached(select)?;
    Ok(select.query_row([message], |row| row.get(0)).optional()?)
}

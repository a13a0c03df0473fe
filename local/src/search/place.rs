//! What people call a row and where they look for it.

use crate::error::Result;
use crate::store::rows;
use guildhall_sync::model::TABLES;
use guildhall_sync::model::desk::{Ticket, TicketMessage, TicketResolution};
use guildhall_sync::model::mission::Objective;
use guildhall_sync::schema::{Row, Table};
use guildhall_sync::value::Cells;
use rusqlite::{Connection, params};
use uuid::Uuid;

pub fn title(connection: &Connection, table: &Table, cells: &Cells) -> Result<String> {
    if table.name == "objective_sections" {
        return name_of_objective(connection, table, cells);
    }
    if is_of_ticket(table) {
        return of_ticket(connection, table, cells, "subject");
    }
    let text = |name: &&str| table.value(cells, name).as_text().map(str::to_owned);
    let names = NAMES.iter().find_map(text);
    Ok(names.unwrap_or_default())
}

pub fn path(connection: &Connection, table: &Table, cells: &Cells) -> Result<String> {
    let text =
        |name: &str| table.value(cells, name).as_text().map(str::to_owned).filter(|text| !text.is_empty());
    let parts = match table.name {
        "sops" => [text("category"), text("section")],
        "knowledge_items" => [text("category"), text("subcategory")],
        "public_info" => [text("category"), None],
        "tickets" => [text("local_ref"), None],
        _ if is_of_ticket(table) => [Some(of_ticket(connection, table, cells, "local_ref")?), None],
        "objective_sections" => [Some(name_of_objective(connection, table, cells)?), text("section")],
        _ => [None, None],
    };
    Ok(parts.into_iter().flatten().collect::<Vec<_>>().join("/"))
}

fn name_of_objective(connection: &Connection, table: &Table, cells: &Cells) -> Result<String> {
    let Some(id) = table.value(cells, "objective_id").as_id() else { return Ok(String::new()) };
    let objective = rows::find(connection, Objective::TABLE, id)?;
    let name = objective.map(|stored| Objective::TABLE.value(&stored.cells, "name").into_owned());
    Ok(name.and_then(|name| name.as_text().map(str::to_owned)).unwrap_or_default())
}

/// What was said in a ticket and what answered it are looked for there.
fn is_of_ticket(table: &Table) -> bool {
    [TicketMessage::TABLE.name, TicketResolution::TABLE.name].contains(&table.name)
}

fn of_ticket(connection: &Connection, table: &Table, cells: &Cells, column: &str) -> Result<String> {
    let Some(id) = table.value(cells, "ticket_id").as_id() else { return Ok(String::new()) };
    let ticket = rows::find(connection, Ticket::TABLE, id)?;
    let text = ticket.map(|stored| Ticket::TABLE.value(&stored.cells, column).into_owned());
    Ok(text.and_then(|text| text.as_text().map(str::to_owned)).unwrap_or_default())
}

/// Columns that people know a row by, the first that a table has.
const NAMES: [&str; 4] = ["title", "question", "subject", "name"];

/// Rows of all tables that have the text in their name.
pub fn list_titled(connection: &Connection, text: &str, limit: usize) -> Result<Vec<Uuid>> {
    let mut found = Vec::new();
    for table in TABLES {
        let Some(name) = NAMES.iter().find(|name| table.column(name).is_some()) else { continue };
        let select =
            format!("select id from {} where instr(lower({name}), lower(?)) > 0 limit ?", table.name);
        let mut select = connection.prepare_cached(&select)?;
        let ids = select.query_map(params![text, limit - found.len()], |row| row.get::<_, Uuid>(0))?;
        found.extend(ids.collect::<rusqlite::Result<Vec<_>>>()?);
    }
    Ok(found)
}

/// What a row is called, else where it lies; none where it is not here.
pub fn find_name(connection: &Connection, table: &'static Table, id: Uuid) -> Result<Option<String>> {
    let Some(stored) = rows::find(connection, table, id)? else { return Ok(None) };
    let title = title(connection, table, &stored.cells)?;
    let name = if title.is_empty() { path(connection, table, &stored.cells)? } else { title };
    Ok(Some(name).filter(|name| !name.is_empty()))
}

/// As people call a row: by its path, else by its name; by its id where it is not here.
pub fn of_row(connection: &Connection, table: &'static Table, id: Uuid) -> Result<String> {
    let Some(stored) = rows::find(connection, table, id)? else { return Ok(format!("{} {id}", table.name)) };
    let path = path(connection, table, &stored.cells)?;
    if path.is_empty() { title(connection, table, &stored.cells) } else { Ok(path) }
}

//! What somebody at this laptop did, and to what: `booking/refunds`, `Edited the text`. The two are
//! always shown beside each other.

use super::model;
use guildhall_local::entries::Line;
use guildhall_local::search::place;
use guildhall_local::store::rows;
use guildhall_local::{Connection, Result};
use guildhall_sync::change::Operation;
use guildhall_sync::model::find_table;
use guildhall_sync::schema::Table;
use serde_json::Value as Json;
use uuid::Uuid;

/// More changed columns than this are not told one by one.
const MAX_NAMED: usize = 3;
/// Columns that change along with others, and are not what somebody did.
const UNSAID: [&str; 7] =
    ["id", "read_at", "verified_at", "resolved_at", "opened_at", "front_matter", "said_at"];

/// As people call the row that is meant: of a message its ticket, of a reading its page.
pub fn of(connection: &Connection, table: &str, row: Uuid) -> Result<String> {
    let Some(table) = find_table(table) else { return Ok(table.to_owned()) };
    let (table, row) = meant(connection, table, row)?;
    if !rows::exists(connection, table, row)? {
        let (one, _) = model::rows_of(table.name);
        return Ok(format!("a {one} that is not here any more"));
    }
    let of = place::of_row(connection, table, row)?;
    Ok(if of.is_empty() { model::rows_of(table.name).0 } else { of })
}

fn meant(connection: &Connection, table: &'static Table, row: Uuid) -> Result<(&'static Table, Uuid)> {
    let (column, parent) = match table.name {
        "ticket_messages" | "ticket_resolutions" => ("ticket_id", "tickets"),
        "sop_reads" => ("sop_id", "sops"),
        "objective_sections" => ("objective_id", "objectives"),
        _ => return Ok((table, row)),
    };
    let stored = rows::find(connection, table, row)?;
    let id = stored.and_then(|stored| table.value(&stored.cells, column).as_id());
    Ok(id.zip(find_table(parent)).map_or((table, row), |(id, parent)| (parent, id)))
}

pub fn what(line: &Line) -> String {
    let entry = &line.entry;
    if entry.settles.is_some() {
        return "Settled what needed you".to_owned();
    }
    if entry.undo_of.is_some() {
        return "Took back a change".to_owned();
    }
    match (entry.table.as_str(), entry.operation) {
        ("sop_reads", _) => "Read it".to_owned(),
        ("ticket_messages", Operation::Insert) => "Wrote a message".to_owned(),
        ("ticket_resolutions", Operation::Insert) => "Gave an answer".to_owned(),
        ("tickets", Operation::Insert) => "Opened the ticket".to_owned(),
        (_, Operation::Insert) => "Made it".to_owned(),
        (_, Operation::Update) => edited(line),
    }
}

fn edited(line: &Line) -> String {
    let entry = &line.entry;
    let changed = entry.after.iter().filter(|(name, after)| entry.before.get(*name) != Some(after));
    let changed: Vec<(&str, &Json)> = changed.map(|(name, after)| (name.as_str(), after)).collect();
    let is_changed = |column: &str| changed.iter().any(|(name, _)| *name == column);
    match changed.iter().find(|(name, _)| *name == "deleted_at") {
        Some((_, Json::Null)) => return "Brought it back".to_owned(),
        Some(_) => return "Deleted it".to_owned(),
        None if is_changed("category") || is_changed("section") => return "Moved or renamed it".to_owned(),
        None => {}
    }
    let columns: Vec<String> = changed
        .iter()
        .filter(|(name, _)| !UNSAID.contains(name))
        .map(|(name, _)| model::column_in_sentence(name))
        .collect();
    match columns.as_slice() {
        [] => "Edited it".to_owned(),
        many if many.len() > MAX_NAMED => "Edited it".to_owned(),
        [last] => format!("Edited {last}"),
        [first @ .., last] => format!("Edited {} and {last}", first.join(", ")),
    }
}

//! What somebody did, and to what: `Refunds`, `Edited the text`. The two are always shown beside each other.

use super::model;
use guildhall_local::entries::Line;
use guildhall_local::search::place;
use guildhall_local::store::rows;
use guildhall_local::{Connection, Result, history};
use guildhall_sync::model::find_table;
use guildhall_sync::protocol::history::{ChangeKind, changed_columns};
use guildhall_sync::schema::Table;
use uuid::Uuid;

/// More changed columns than this are not told one by one.
const MAX_NAMED: usize = 3;
/// Columns that change along with others, and are not what somebody did.
const UNSAID: [&str; 10] = [
    "id",
    "read_at",
    "verified_at",
    "resolved_at",
    "opened_at",
    "front_matter",
    "said_at",
    "version",
    "sha256",
    "scope_key",
];

/// What the row that is meant is called: of a message its ticket, of a reading its page.
pub fn of(connection: &Connection, table: &str, row: Uuid) -> Result<String> {
    let Some(table) = find_table(table) else { return Ok(table.to_owned()) };
    let (table, row) = meant(connection, table, row)?;
    let (one, _) = model::rows_of(table.name);
    match place::find_name(connection, table, row)? {
        Some(name) => Ok(name),
        None if rows::exists(connection, table, row)? => Ok(one),
        None => Ok(format!("a {one} that is not here any more")),
    }
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

/// What an entry of this laptop did.
pub fn what(line: &Line) -> String {
    let entry = &line.entry;
    let columns: Vec<&str> = changed_columns(&entry.before, &entry.after).collect();
    did(history::kind(line), &entry.table, &columns)
}

/// What a change did with a row of the table.
pub fn did(kind: ChangeKind, table: &str, columns: &[&str]) -> String {
    let words = match (kind, table) {
        (ChangeKind::Settled, _) => "Settled what needed somebody",
        (ChangeKind::TakenBack, _) => "Took back a change",
        (ChangeKind::Deleted, _) => "Deleted it",
        (ChangeKind::BroughtBack, _) => "Brought it back",
        (ChangeKind::Removed, _) => "Removed it for good",
        (_, "sop_reads") => "Read it",
        (ChangeKind::Added, "ticket_messages") => "Wrote a message",
        (ChangeKind::Added, "ticket_resolutions") => "Gave an answer",
        (ChangeKind::Added, "tickets") => "Opened the ticket",
        (ChangeKind::Added, _) => "Made it",
        (ChangeKind::Edited, _) if columns.iter().any(|name| ["category", "section"].contains(name)) => {
            "Moved or renamed it"
        }
        (ChangeKind::Edited, _) => return edited(columns),
    };
    words.to_owned()
}

fn edited(columns: &[&str]) -> String {
    let names: Vec<String> = columns
        .iter()
        .filter(|name| !UNSAID.contains(name))
        .map(|name| model::column_in_sentence(name))
        .collect();
    match names.as_slice() {
        [] => "Edited it".to_owned(),
        many if many.len() > MAX_NAMED => "Edited it".to_owned(),
        [last] => format!("Edited {last}"),
        [first @ .., last] => format!("Edited {} and {last}", first.join(", ")),
    }
}

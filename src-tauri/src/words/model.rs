//! Tables, columns, values and scopes, as people call them.

use super::{date_and_time, readable};
use crate::commands::conflicts::ConflictKind;
use guildhall_local::search::place;
use guildhall_local::store::rows;
use guildhall_local::{Connection, Result};
use guildhall_sync::model::find_table;
use guildhall_sync::schema::Column;
use guildhall_sync::scope;
use guildhall_sync::time::Timestamp;
use guildhall_sync::value::Type;
use uuid::Uuid;

/// Rows of a table: one, and many.
pub fn rows_of(table: &str) -> (String, String) {
    let (one, many) = match table {
        "sops" => ("SOP", "SOPs"),
        "sop_versions" => ("version of an SOP", "versions of SOPs"),
        "sop_reads" => ("page that you read", "pages that you read"),
        "knowledge_items" => ("piece of knowledge", "pieces of knowledge"),
        "knowledge_versions" => ("version of a piece of knowledge", "versions of pieces of knowledge"),
        "public_info" => ("public answer", "public answers"),
        "tickets" => ("ticket", "tickets"),
        "ticket_messages" => ("message in tickets", "messages in tickets"),
        "ticket_resolutions" => ("answer given in tickets", "answers given in tickets"),
        "assistants" => ("assistant", "assistants"),
        "users" => ("person", "people"),
        "user_contacts" => ("address of a person", "addresses of people"),
        "user_locations" => ("workplace of a person", "workplaces of people"),
        "locations" => ("location", "locations"),
        "ranks" => ("rank", "ranks"),
        "rank_access_levels" => ("right of a rank", "rights of ranks"),
        "access_levels" => ("access level", "access levels"),
        "squads" => ("squad", "squads"),
        "guilds" => ("guild", "guilds"),
        "objectives" => ("objective", "objectives"),
        "objective_sections" => ("part of an objective", "parts of objectives"),
        "competitors" => ("competitor", "competitors"),
        "sync_conflicts" => ("edit that needs somebody", "edits that need somebody"),
        other => return (other.replace('_', " "), other.replace('_', " ")),
    };
    (one.to_owned(), many.to_owned())
}

/// As a heading: `The text`.
pub fn column(name: &str) -> String {
    readable(&column_in_sentence(name))
}

/// Inside a sentence: `the text`.
pub fn column_in_sentence(name: &str) -> String {
    let word = match name {
        "content" | "answer_md" | "body_md" | "body" => "text",
        "category" => "folder",
        "section" => "name",
        "assistant_id" => "assistant",
        "location_id" => "location",
        "assigned_to" => "assignment",
        "customer_label" => "customer",
        "deleted_at" => "deletion",
        "is_pinned" => "pin",
        "satisfied" => "outcome",
        other => return format!("the {}", other.trim_end_matches("_id").replace('_', " ")),
    };
    format!("the {word}")
}

/// A value of a column that was printed for programs. What has no better words stays as it is.
pub fn value(connection: &Connection, column: &Column, printed: String) -> Result<String> {
    Ok(match column.kind {
        Type::Id(table) => match (find_table(table), Uuid::parse_str(&printed)) {
            (Some(table), Ok(id)) => match rows::find(connection, table, id)? {
                Some(stored) => place::title(connection, table, &stored.cells)?,
                None => printed,
            },
            _ => printed,
        },
        Type::Time => time(&printed).map_or(printed, date_and_time),
        Type::Bool if printed == "true" => "Yes".to_owned(),
        Type::Bool if printed == "false" => "No".to_owned(),
        Type::Enum(_) => readable(&printed),
        Type::Bool
        | Type::Int
        | Type::Decimal(_)
        | Type::Date
        | Type::Text
        | Type::Markdown
        | Type::Json
        | Type::Set => printed,
    })
}

fn time(printed: &str) -> Option<Timestamp> {
    printed.parse().ok().map(Timestamp).or_else(|| Timestamp::parse(printed))
}

pub const fn kind(kind: ConflictKind) -> &'static str {
    match kind {
        ConflictKind::Text => "text",
        ConflictKind::Field => "field",
        ConflictKind::DeleteVsEdit => "delete vs edit",
        ConflictKind::Duplicate => "duplicate",
        ConflictKind::State => "state",
    }
}

/// What a scope lets this laptop hold.
pub fn held(connection: &Connection, name: &str) -> Result<String> {
    if let Some((section, parent)) = name.split_once('/') {
        let parent = held(connection, parent)?;
        return Ok(format!("{} parts of objectives: {parent}", readable(section)));
    }
    Ok(match name.split_once(':') {
        None if name == scope::PUBLIC => "Everything public".to_owned(),
        None if name == scope::GUILD => "What everybody of the guild may read".to_owned(),
        None if name == scope::MANAGERS => "What managers may read".to_owned(),
        Some(("assistant", id)) => format!("{} and what it knows", name_of(connection, "assistants", id)?),
        Some(("location", id)) => format!("The {} location", name_of(connection, "locations", id)?),
        Some(("rank", id)) => format!("What the rank {} may read", name_of(connection, "ranks", id)?),
        Some(("user", _)) => "What is yours alone".to_owned(),
        _ => readable(name),
    })
}

fn name_of(connection: &Connection, table: &str, id: &str) -> Result<String> {
    let (Some(table), Ok(id)) = (find_table(table), Uuid::parse_str(id)) else { return Ok(id.to_owned()) };
    let stored = rows::find(connection, table, id)?;
    let title = stored.map(|stored| place::title(connection, table, &stored.cells)).transpose()?;
    Ok(title.filter(|title| !title.is_empty()).unwrap_or_else(|| "?".to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use guildhall_sync::model::TABLES;

    #[test]
    fn every_table_has_words_of_its_own() {
        for table in TABLES {
            let (one, many) = rows_of(table.name);
            assert_ne!(one, many, "{}", table.name);
            assert!(!many.contains('_'));
        }
        assert_eq!(rows_of("later_things").1, "later things");
    }

    #[test]
    fn columns_read_as_headings_and_inside_sentences() {
        assert_eq!(column("content"), "The text");
        assert_eq!(column_in_sentence("review_due_at"), "the review due at");
        assert_eq!(column_in_sentence("location_id"), "the location");
    }
}

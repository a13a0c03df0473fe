//! One change, column by column: what it did. A change of this laptop is here; another's is asked
//! of the server.

use super::{HistoryLineView, is_online, own_view, server_view};
use crate::app::App;
use crate::commands::text::Diff;
use crate::failure::{Code, Failure};
use crate::host::{Host, blocking};
use crate::words::model;
use guildhall_local::entries::{self, Line};
use guildhall_local::write::undo::Change;
use guildhall_local::{Connection, link};
use guildhall_sync::change::Operation;
use guildhall_sync::id::EntryId;
use guildhall_sync::model::find_table;
use guildhall_sync::protocol::history::{ChangeKind, HistoryEntry};
use guildhall_sync::schema::{Column, Table, common};
use guildhall_sync::value::Type;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value as Json};
use ts_rs::TS;
use uuid::Uuid;

#[derive(Clone, Copy, Debug, Deserialize, TS)]
pub struct ChangeRequest {
    pub entry: Uuid,
}

/// A change with what it did.
#[derive(Clone, Debug, Serialize, TS)]
pub struct ChangePage {
    pub line: HistoryLineView,
    pub columns: Vec<ColumnChange>,
    /// Beside what people need: versions and hashes.
    pub facts: Vec<Fact>,
    /// Why it cannot be taken back; none where that can be tried.
    pub stays_because: Option<String>,
}

#[derive(Clone, Debug, Serialize, TS)]
pub struct ColumnChange {
    pub column: String,
    /// What people call the column.
    pub label: String,
    pub before: Option<String>,
    pub after: Option<String>,
    /// Whether it is written in sentences.
    pub is_text: bool,
    pub diff: Diff,
}

#[derive(Clone, Debug, Serialize, TS)]
pub struct Fact {
    pub says: &'static str,
    pub value: String,
}

/// Where a change is kept.
#[derive(Clone, Debug)]
pub(super) enum Found {
    Here(Box<Line>),
    OnServer(Box<HistoryEntry>),
}

pub async fn change(host: &Host, request: ChangeRequest) -> Result<ChangePage, Failure> {
    let asks_server = is_online(host);
    show(&host.app()?, EntryId(request.entry), asks_server).await
}

pub async fn show(app: &App, entry: EntryId, asks_server: bool) -> Result<ChangePage, Failure> {
    let found = find(app, entry, asks_server).await?;
    let app = app.clone();
    blocking(move || Ok(app.store.read(|connection| page(connection, &found))?)).await
}

pub(super) async fn find(app: &App, id: EntryId, asks_server: bool) -> Result<Found, Failure> {
    let reading = app.clone();
    let line = blocking(move || Ok(reading.store.read(|connection| entries::find(connection, id))?)).await?;
    if let Some(line) = line {
        return Ok(Found::Here(Box::new(line)));
    }
    let unknown = || Failure::new(Code::NotFound, format!("There is no change with the id {id}."));
    if app.is_sample()? {
        return Err(unknown());
    }
    if !asks_server {
        let words = "This is somebody else's change, and the server does not answer now.";
        let hint = "Your own changes can be looked at and taken back at any time.";
        return Err(Failure::new(Code::Offline, words).hint(hint));
    }
    let entry = link::history::find(&app.store, app.wire()?, id).await?;
    entry.map(|entry| Found::OnServer(Box::new(entry))).ok_or_else(unknown)
}

impl Found {
    /// What is to be taken back.
    pub fn change(&self) -> Result<Change, Failure> {
        match self {
            Self::Here(line) => Ok(Change::of_line(line)?),
            Self::OnServer(entry) => {
                if let Some(words) = stays_because(entry) {
                    return Err(Failure::new(Code::Disagreement, words));
                }
                let HistoryEntry { line, before, after, .. } = entry.as_ref();
                let operation = if before.is_empty() { Operation::Insert } else { Operation::Update };
                Ok(Change::of_named(line.id, &line.table, line.row, operation, before, after)?)
            }
        }
    }
}

fn stays_because(entry: &HistoryEntry) -> Option<&'static str> {
    match entry.line.kind {
        ChangeKind::Removed => Some("It was removed for good, and cannot be brought back from here."),
        _ if entry.before.is_empty() && entry.after.is_empty() => {
            Some("It changed nothing yet: both sides are kept until somebody settles it.")
        }
        _ => None,
    }
}

fn page(connection: &Connection, found: &Found) -> guildhall_local::Result<ChangePage> {
    let (line, before, after, facts, stays_because) = match found {
        Found::Here(line) => {
            let refusal = Change::of_line(line).err().map(|refusal| refusal.to_string());
            let entry = &line.entry;
            (own_view(connection, line)?, &entry.before, &entry.after, own_facts(line), refusal)
        }
        Found::OnServer(entry) => {
            let view = server_view(connection, &entry.line)?;
            (view, &entry.before, &entry.after, facts(entry), stays_because(entry).map(str::to_owned))
        }
    };
    let nothing = Map::new();
    // Of a deletion the whole row: what goes with it.
    let after = match line.kind {
        ChangeKind::Deleted | ChangeKind::Removed => &nothing,
        _ => after,
    };
    let columns = match find_table(&line.table) {
        Some(table) => columns(connection, table, before, after)?,
        None => Vec::new(),
    };
    Ok(ChangePage { line, columns, facts, stays_because })
}

/// The columns that differ, as people read them; what is short comes first.
pub(super) fn columns(
    connection: &Connection,
    table: &'static Table,
    before: &Map<String, Json>,
    after: &Map<String, Json>,
) -> guildhall_local::Result<Vec<ColumnChange>> {
    let mut changed = Vec::new();
    for column in table.columns.iter().filter(|column| is_read(column)) {
        let said = |side: &Map<String, Json>| -> guildhall_local::Result<Option<String>> {
            let printed = side.get(column.name).and_then(print);
            printed.map(|printed| model::value(connection, column, printed)).transpose()
        };
        let (before, after) = (said(before)?, said(after)?);
        if before != after {
            changed.push(ColumnChange::of(column, before, after));
        }
    }
    changed.sort_by_key(|change| change.is_text);
    Ok(changed)
}

impl ColumnChange {
    fn of(column: &Column, before: Option<String>, after: Option<String>) -> Self {
        let said = |side: &Option<String>| side.clone().unwrap_or_default();
        Self {
            column: column.name.to_owned(),
            label: model::column(column.name),
            is_text: column.kind == Type::Markdown,
            diff: Diff::between(&said(&before), &said(&after)),
            before,
            after,
        }
    }
}

/// Whether people write the column and read it.
fn is_read(column: &Column) -> bool {
    column.is_writable()
        && column.name != "front_matter"
        && (column.number >= common::FIRST_OWN || column.number == common::DELETED_AT)
}

/// None for what says nothing.
fn print(value: &Json) -> Option<String> {
    match value {
        Json::Null => None,
        Json::String(text) => Some(text.clone()).filter(|text| !text.is_empty()),
        Json::Array(words) if words.iter().all(Json::is_string) => {
            let words: Vec<&str> = words.iter().filter_map(Json::as_str).collect();
            Some(words.join(", ")).filter(|words| !words.is_empty())
        }
        other => Some(other.to_string()),
    }
}

fn facts(entry: &HistoryEntry) -> Vec<Fact> {
    let line = &entry.line;
    let known = [
        ("Change", Some(line.id.to_string())),
        ("Row", Some(line.row.to_string())),
        ("Version of the row", line.row_rev.map(|rev| rev.to_string())),
        ("Hash before", entry.sha_before.clone()),
        ("Hash after", entry.sha_after.clone()),
        ("Written by", Some(line.actor.clone())),
        ("Laptop", line.device.map(|device| device.to_string())),
    ];
    known.into_iter().filter_map(|(says, value)| Some(Fact { says, value: value? })).collect()
}

fn own_facts(line: &Line) -> Vec<Fact> {
    let entry = &line.entry;
    vec![
        Fact { says: "Change", value: entry.id.to_string() },
        Fact { says: "Row", value: entry.row.to_string() },
        Fact { says: "Number on this laptop", value: entry.device_seq.to_string() },
        Fact { says: "Hash of the change", value: line.content_hash.clone() },
    ]
}

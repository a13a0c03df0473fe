//! Work that the server refused: readable, and never lost.

use crate::app::App;
use crate::failure::Failure;
use crate::words::changes;
use guildhall_local::Connection;
use guildhall_local::quarantine::{self, Item};
use guildhall_sync::change::RejectCode;
use guildhall_sync::id::EntryId;
use guildhall_sync::model::find_table;
use guildhall_sync::schema::Column;
use guildhall_sync::time::Timestamp;
use guildhall_sync::value::{Type, Value};
use serde::{Deserialize, Serialize};
use ts_rs::TS;
use uuid::Uuid;

/// A refusal with what was typed.
#[derive(Debug, Serialize, TS)]
pub struct RefusedView {
    pub entry: Uuid,
    pub table: String,
    pub row: Uuid,
    /// As people call the row, where it is here.
    pub of: String,
    #[ts(type = "string | null")]
    pub code: Option<RejectCode>,
    pub reason: String,
    /// Whether a correction can help.
    pub is_fixable: bool,
    #[ts(type = "number")]
    pub written_at: Timestamp,
    pub typed: Vec<TypedView>,
    /// Entries that went along, because they depended on this one.
    pub followers: usize,
}

#[derive(Debug, Serialize, TS)]
pub struct TypedView {
    pub column: String,
    pub before: Option<String>,
    pub after: String,
    /// Whether it is written in words, and so can be put right here.
    pub can_edit: bool,
}

#[derive(Clone, Debug, Deserialize, TS)]
pub struct ResendRequest {
    pub entry: Uuid,
    /// What takes the place of what was typed.
    pub corrected: Vec<Correction>,
}

#[derive(Clone, Debug, Deserialize, TS)]
pub struct Correction {
    pub column: String,
    pub text: String,
}

#[derive(Clone, Copy, Debug, Deserialize, TS)]
pub struct EntryRequest {
    pub entry: Uuid,
}

pub fn list(app: &App) -> Result<Vec<RefusedView>, Failure> {
    let views = app
        .store
        .read(|connection| quarantine::list(connection)?.iter().map(|item| view(connection, item)).collect());
    Ok(views?)
}

pub fn show(app: &App, entry: Uuid) -> Result<RefusedView, Failure> {
    Ok(app.store.read(|connection| view(connection, &quarantine::get(connection, EntryId(entry))?))?)
}

/// Sends it again on top of what is there now, put right where somebody did; the answer is what is
/// refused still.
pub fn resend(app: &App, request: ResendRequest) -> Result<Vec<RefusedView>, Failure> {
    let entry = EntryId(request.entry);
    app.store.write(|write| {
        let item = quarantine::get(write.connection(), entry)?;
        let table = find_table(&item.root.entry.table);
        let corrected = request.corrected.iter().filter_map(|correction| {
            let column = table?.column(&correction.column).filter(|column| is_in_words(column))?;
            Some((column.number, Value::text(&correction.text)))
        });
        quarantine::send_again(write, entry, corrected.collect())
    })?;
    list(app)
}

fn is_in_words(column: &Column) -> bool {
    matches!(column.kind, Type::Text | Type::Markdown)
}

/// Gives it up; the answer is what is refused still.
pub fn discard(app: &App, request: EntryRequest) -> Result<Vec<RefusedView>, Failure> {
    app.store.record(|connection| quarantine::discard(connection, EntryId(request.entry)))?;
    list(app)
}

pub(super) fn view(connection: &Connection, item: &Item) -> guildhall_local::Result<RefusedView> {
    let entry = &item.root.entry;
    let (code, reason, is_fixable) = item
        .refusal()
        .map_or((None, "", false), |(code, reason, is_fixable)| (Some(code), reason, is_fixable));
    let typed = quarantine::typed(&item.root).into_iter();
    Ok(RefusedView {
        entry: entry.id.0,
        table: entry.table.clone(),
        row: entry.row,
        of: changes::of(connection, &entry.table, entry.row)?,
        code,
        reason: reason.to_owned(),
        is_fixable,
        written_at: entry.authored_at,
        typed: typed.map(|typed| typed_view(&entry.table, typed)).collect(),
        followers: item.followers.len(),
    })
}

fn typed_view(table: &str, typed: quarantine::Typed) -> TypedView {
    let column = find_table(table).and_then(|table| table.column(&typed.column));
    let can_edit = column.is_some_and(is_in_words);
    TypedView { column: typed.column, before: typed.before, after: typed.after, can_edit }
}

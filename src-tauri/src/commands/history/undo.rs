//! Taking a change back, one's own or another's. What it would do now is said first, and so is what
//! stands against it.

use super::entry::{ColumnChange, columns, find};
use super::is_online;
use crate::app::App;
use crate::failure::Failure;
use crate::host::{Host, blocking};
use crate::words::{changes, model};
use guildhall_local::Error;
use guildhall_local::error::Disagreement;
use guildhall_local::write::undo::{Change, Extent};
use guildhall_sync::id::EntryId;
use guildhall_sync::value::json::to_json;
use serde::{Deserialize, Serialize};
use ts_rs::TS;
use uuid::Uuid;

#[derive(Clone, Debug, Deserialize, TS)]
pub struct UndoRequest {
    pub entry: Uuid,
    /// Whether only what nobody has changed since is to be taken back.
    pub rest: bool,
    pub reason: Option<String>,
}

/// What taking a change back would do now.
#[derive(Clone, Debug, Default, Serialize, TS)]
pub struct UndoPreview {
    pub of: String,
    /// From what it is to what it would be; none where nothing is left to take back.
    pub columns: Vec<ColumnChange>,
    /// What others have changed since, and what therefore stays.
    pub changed_since: Vec<String>,
    /// Why it cannot be done.
    pub refusal: Option<String>,
}

#[derive(Clone, Debug, Serialize, TS)]
pub struct TakenBack {
    pub of: String,
    /// The change that did it; none where nothing was left to take back.
    pub entry: Option<Uuid>,
}

pub async fn preview_undo(host: &Host, request: UndoRequest) -> Result<UndoPreview, Failure> {
    let asks_server = is_online(host);
    preview(&host.app()?, &request, asks_server).await
}

pub async fn undo(host: &Host, request: UndoRequest) -> Result<TakenBack, Failure> {
    let asks_server = is_online(host);
    take_back(&host.app()?, request, asks_server).await
}

pub async fn preview(app: &App, request: &UndoRequest, asks_server: bool) -> Result<UndoPreview, Failure> {
    let change = find(app, EntryId(request.entry), asks_server).await?.change()?;
    let app = app.clone();
    blocking(move || rehearse(&app, &change)).await
}

fn rehearse(app: &App, change: &Change) -> Result<UndoPreview, Failure> {
    let of = app.store.read(|connection| changes::of(connection, change.table.name, change.row))?;
    let mut preview = UndoPreview { of, ..UndoPreview::default() };
    let undone = match app.store.rehearse_undo(change, Extent::Whole) {
        Err(Error::Disagreement(Disagreement::ChangedSince { columns })) => {
            preview.changed_since = columns.iter().map(|column| model::column(column)).collect();
            app.store.rehearse_undo(change, Extent::Rest)
        }
        other => other,
    };
    match undone {
        Ok(undone) => {
            let (today, then) = (to_json(change.table, &undone.today), to_json(change.table, &undone.then));
            preview.columns =
                app.store.read(|connection| columns(connection, change.table, &today, &then))?;
        }
        // What clashes is said already.
        Err(Error::Disagreement(Disagreement::ChangedSince { .. })) => {}
        Err(Error::Disagreement(refusal)) => preview.refusal = Some(refusal.to_string()),
        Err(error) => return Err(error.into()),
    }
    Ok(preview)
}

pub async fn take_back(app: &App, request: UndoRequest, asks_server: bool) -> Result<TakenBack, Failure> {
    let change = find(app, EntryId(request.entry), asks_server).await?.change()?;
    let app = app.clone();
    blocking(move || {
        let extent = if request.rest { Extent::Rest } else { Extent::Whole };
        let written = app.store.write(|write| write.undo_change(&change, extent, request.reason))?;
        let of = app.store.read(|connection| changes::of(connection, change.table.name, change.row))?;
        Ok(TakenBack { of, entry: written.entries.first().map(|entry| entry.0) })
    })
    .await
}

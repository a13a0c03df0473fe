//! Edits of two people that could not be merged: both sides, and settling them.

use crate::app::App;
use crate::failure::Failure;
use guildhall_local::Connection;
use guildhall_local::conflicts::{self, Settlement};
use guildhall_local::names;
use guildhall_local::search::place;
use guildhall_sync::model::find_table;
use guildhall_sync::model::settlement::SyncConflict;
use guildhall_sync::time::Timestamp;
use serde::Serialize;
use uuid::Uuid;

/// A conflict with both sides, column by column.
#[derive(Debug, Serialize)]
pub struct ConflictView {
    pub id: Uuid,
    pub kind: &'static str,
    pub table: String,
    pub row: Uuid,
    /// As people call the row.
    pub of: String,
    /// Whose edit it is.
    pub author: Option<String>,
    pub at: Timestamp,
    pub columns: Vec<SidesView>,
}

#[derive(Debug, Serialize)]
pub struct SidesView {
    pub column: String,
    pub before: Option<String>,
    pub mine: Option<String>,
    pub theirs: Option<String>,
}

pub fn list(app: &App) -> Result<Vec<ConflictView>, Failure> {
    let views = app.store.read(|connection| {
        conflicts::list(connection)?.iter().map(|conflict| view(connection, conflict)).collect()
    });
    Ok(views?)
}

pub fn show(app: &App, id: Uuid) -> Result<ConflictView, Failure> {
    Ok(app.store.read(|connection| view(connection, &conflicts::get(connection, id)?))?)
}

/// Settles it; the answer is what is open after that.
pub fn settle(app: &App, id: Uuid, settlement: &Settlement) -> Result<Vec<ConflictView>, Failure> {
    app.store.write(|write| conflicts::settle(write, id, settlement))?;
    list(app)
}

pub(super) fn view(
    connection: &Connection,
    conflict: &SyncConflict,
) -> guildhall_local::Result<ConflictView> {
    let columns = conflicts::sides(conflict)?.into_iter().map(|sides| SidesView {
        column: sides.column,
        before: sides.before,
        mine: sides.mine,
        theirs: sides.theirs,
    });
    Ok(ConflictView {
        id: conflict.id.0,
        kind: conflict.kind.word(),
        table: conflict.target_table.clone(),
        row: conflict.target_id,
        of: match find_table(&conflict.target_table) {
            Some(table) => place::of_row(connection, table, conflict.target_id)?,
            None => conflict.target_table.clone(),
        },
        author: names::find_user(connection, conflict.author_id)?,
        at: conflict.created_at,
        columns: columns.collect(),
    })
}

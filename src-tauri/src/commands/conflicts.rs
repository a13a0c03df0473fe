//! Edits of two people that could not be merged: both sides, and settling them.

use super::text::Diff;
use crate::app::App;
use crate::failure::{Code, Failure};
use crate::views::Nothing;
use crate::words::{self, changes, model};
use guildhall_local::search::place;
use guildhall_local::store::rows;
use guildhall_local::{Connection, Error};
use guildhall_local::{conflicts, entries, fold, names};
use guildhall_sync::id::{EntryId, UserId};
use guildhall_sync::model::find_table;
use guildhall_sync::model::settlement::{self, SyncConflict};
use guildhall_sync::schema::{Table, common};
use guildhall_sync::time::Timestamp;
use guildhall_sync::value::Cells;
use serde::{Deserialize, Serialize};
use ts_rs::TS;
use units::Unit;
use uuid::Uuid;

pub mod units;

/// A conflict as a line of a list.
#[derive(Clone, Debug, Serialize, TS)]
pub struct ConflictView {
    pub id: Uuid,
    pub kind: ConflictKind,
    pub table: String,
    pub row: Uuid,
    /// As people call the row.
    pub of: String,
    /// Whose edit it is.
    pub by: Option<String>,
    #[ts(type = "number")]
    pub at: Timestamp,
    pub columns: Vec<String>,
    /// About values and no words: may be settled with others like it.
    pub is_of_values: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum ConflictKind {
    Text,
    Field,
    DeleteVsEdit,
    Duplicate,
    State,
}

/// A conflict with what each side wanted.
#[derive(Clone, Debug, Serialize, TS)]
pub struct ConflictPage {
    pub view: ConflictView,
    /// `Booking › Refunds`
    pub title: String,
    pub mine_by: Option<String>,
    #[ts(type = "number")]
    pub mine_at: Timestamp,
    pub theirs_by: Option<String>,
    #[ts(type = "number | null")]
    pub theirs_at: Option<Timestamp>,
    pub sides: Vec<Side>,
    /// What is decided one by one: columns that stand or fall together, and in a text its passages.
    pub units: Vec<Unit>,
    /// Whether it can be settled by a text that a person writes.
    pub can_write_text: bool,
    /// To begin that text from: what comes together by itself, and the live text where nothing does.
    pub text: String,
    /// Why one's own side cannot stand now.
    pub mine_refusal: Option<String>,
    /// Of a name that is taken.
    pub duplicate: Option<Duplicate>,
}

/// A row whose name somebody else had first.
#[derive(Clone, Debug, Serialize, TS)]
pub struct Duplicate {
    /// What people call the column.
    pub label: String,
    /// What both are called.
    pub name: String,
}

#[derive(Clone, Debug, Serialize, TS)]
pub struct Side {
    pub column: String,
    /// What people call the column.
    pub label: String,
    pub before: Option<String>,
    pub mine: Option<String>,
    pub theirs: Option<String>,
    /// What each side made of what was before.
    pub mine_diff: Diff,
    pub theirs_diff: Diff,
}

#[derive(Clone, Copy, Debug, Deserialize, TS)]
pub struct ConflictRequest {
    pub id: Uuid,
}

#[derive(Clone, Debug, Deserialize, TS)]
pub struct TakeTheirsRequest {
    #[ts(type = "string[]")]
    pub ids: Vec<Uuid>,
}

#[derive(Clone, Debug, Deserialize, TS)]
pub struct SettleRequest {
    pub id: Uuid,
    pub settlement: Settlement,
}

/// What shall stand.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum Settlement {
    Mine,
    Theirs,
    Text(String),
    /// Column by column; what is not named stays as it is live.
    Each(Vec<Chosen>),
    /// Of a row whose name is taken: another name for it.
    Rename(String),
}

#[derive(Clone, Debug, PartialEq, Eq, Deserialize, TS)]
pub struct Chosen {
    pub column: String,
    pub take: Take,
}

/// What shall stand in a column.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum Take {
    Mine,
    Theirs,
    Text(String),
}

pub fn list_open(app: &App, _: Nothing) -> Result<Vec<ConflictView>, Failure> {
    list(app)
}

pub fn list(app: &App) -> Result<Vec<ConflictView>, Failure> {
    let views = app.store.read(|connection| {
        conflicts::list(connection)?.iter().map(|conflict| view(connection, conflict)).collect()
    });
    Ok(views?)
}

/// All that wait, with both sides.
pub fn list_pages(app: &App) -> Result<Vec<ConflictPage>, Failure> {
    let pages = app.store.read(|connection| {
        conflicts::list(connection)?.iter().map(|conflict| page(connection, conflict)).collect()
    });
    Ok(pages?)
}

pub fn show(app: &App, request: ConflictRequest) -> Result<ConflictPage, Failure> {
    let mut page = app.store.read(|connection| page(connection, &conflicts::get(connection, request.id)?))?;
    let tried =
        app.store.rehearse(|write| conflicts::settle(write, request.id, &conflicts::Settlement::Mine));
    match tried {
        Ok(()) => {}
        Err(Error::Disagreement(refusal)) => page.mine_refusal = Some(refusal.to_string()),
        Err(error) => return Err(error.into()),
    }
    Ok(page)
}

/// Settles it; the answer is what is open after that.
pub fn settle(app: &App, request: SettleRequest) -> Result<Vec<ConflictView>, Failure> {
    let settlement = match request.settlement {
        Settlement::Mine => conflicts::Settlement::Mine,
        Settlement::Theirs => conflicts::Settlement::Theirs,
        Settlement::Text(text) => conflicts::Settlement::Text(text),
        Settlement::Each(chosen) => conflicts::Settlement::Each(chosen.into_iter().map(Into::into).collect()),
        Settlement::Rename(name) => conflicts::Settlement::Rename(name.trim().to_owned()),
    };
    app.store.write(|write| conflicts::settle(write, request.id, &settlement))?;
    list(app)
}

/// What is live stays in each of them; each is a change of its own. Never where words would be lost.
pub fn take_theirs(app: &App, request: TakeTheirsRequest) -> Result<Vec<ConflictView>, Failure> {
    let meant = app.store.read(|connection| {
        request
            .ids
            .iter()
            .map(|id| conflicts::get(connection, *id))
            .collect::<guildhall_local::Result<Vec<_>>>()
    })?;
    if !meant.iter().all(conflicts::is_of_values) {
        return Err(Failure::new(Code::BadRequest, "Conflicts about words are settled one by one."));
    }
    let open = list(app)?;
    // Some may have been settled since they were shown.
    for conflict in meant.iter().filter(|conflict| open.iter().any(|view| view.id == conflict.id.0)) {
        app.store.write(|write| conflicts::settle(write, conflict.id.0, &conflicts::Settlement::Theirs))?;
    }
    list(app)
}

pub fn view(connection: &Connection, conflict: &SyncConflict) -> guildhall_local::Result<ConflictView> {
    Ok(ConflictView {
        id: conflict.id.0,
        kind: conflict.kind.into(),
        table: conflict.target_table.clone(),
        row: conflict.target_id,
        of: changes::of(connection, &conflict.target_table, conflict.target_id)?,
        by: names::find_user(connection, conflict.author_id)?,
        at: conflict.created_at,
        is_of_values: conflicts::is_of_values(conflict),
        columns: conflicts::sides(conflict)?.into_iter().map(|sides| sides.column).collect(),
    })
}

pub fn page(connection: &Connection, conflict: &SyncConflict) -> guildhall_local::Result<ConflictPage> {
    let view = view(connection, conflict)?;
    let table = find_table(&conflict.target_table);
    let mut sides = Vec::new();
    for side in conflicts::sides(conflict)? {
        sides.push(self::side(connection, table, side)?);
    }
    let own = entries::find(connection, EntryId(conflict.entry_id))?;
    let live = match table {
        Some(table) => live_row(connection, table, conflict.target_id)?,
        None => None,
    };
    let theirs_by = live.as_ref().and_then(|cells| cells.value(common::UPDATED_BY).as_id()).map(UserId);
    let can_write_text = conflict.kind == settlement::ConflictKind::Text && sides.len() == 1;
    let units = table.map_or_else(Vec::new, |table| units::of(table, &sides));
    Ok(ConflictPage {
        title: match (table, &live) {
            (Some(table), Some(cells)) => title(connection, table, cells)?,
            _ => view.of.clone(),
        },
        mine_by: view.by.clone(),
        mine_at: own.map_or(conflict.created_at, |line| line.entry.authored_at),
        theirs_by: names::find_user(connection, theirs_by)?,
        theirs_at: live.as_ref().and_then(|cells| cells.value(common::UPDATED_AT).as_int()).map(Timestamp),
        can_write_text,
        text: if can_write_text { units::begin(&units) } else { String::new() },
        units,
        mine_refusal: None,
        duplicate: table.and_then(|table| duplicate(table, conflict, &sides)),
        sides,
        view,
    })
}

fn duplicate(table: &'static Table, conflict: &SyncConflict, sides: &[Side]) -> Option<Duplicate> {
    let column = conflicts::name_column(table, conflict)?;
    let side = sides.iter().find(|side| side.column == column.name)?;
    Some(Duplicate { label: side.label.clone(), name: side.mine.clone().unwrap_or_default() })
}

impl From<Chosen> for conflicts::Chosen {
    fn from(chosen: Chosen) -> Self {
        let take = match chosen.take {
            Take::Mine => conflicts::Take::Mine,
            Take::Theirs => conflicts::Take::Theirs,
            Take::Text(text) => conflicts::Take::Text(text),
        };
        Self { column: chosen.column, take }
    }
}

/// The row as the server has it, without what is unsent here.
fn live_row(
    connection: &Connection,
    table: &'static Table,
    id: Uuid,
) -> guildhall_local::Result<Option<Cells>> {
    if let Some(shadow) = fold::find_shadow(connection, table, id)? {
        return Ok(Some(shadow.cells));
    }
    Ok(rows::find(connection, table, id)?.map(|stored| stored.cells))
}

fn title(connection: &Connection, table: &Table, cells: &Cells) -> guildhall_local::Result<String> {
    let title = place::title(connection, table, cells)?;
    let path = place::path(connection, table, cells)?;
    let folder = path.rsplit_once('/').map_or("", |(folder, _)| folder);
    let trail = folder.split('/').filter(|part| !part.is_empty()).map(words::readable);
    let parts: Vec<String> = trail.chain([title]).filter(|part| !part.is_empty()).collect();
    Ok(if parts.is_empty() { path } else { parts.join(" › ") })
}

fn side(
    connection: &Connection,
    table: Option<&'static Table>,
    sides: conflicts::Sides,
) -> guildhall_local::Result<Side> {
    let column = table.and_then(|table| table.column(&sides.column));
    let said = |value: Option<String>| match (column, value) {
        (Some(column), Some(value)) => model::value(connection, column, value).map(Some),
        (_, value) => Ok(value),
    };
    let (before, mine, theirs) = (said(sides.before)?, said(sides.mine)?, said(sides.theirs)?);
    let diff = |side: &Option<String>| {
        Diff::between(before.as_deref().unwrap_or_default(), side.as_deref().unwrap_or_default())
    };
    Ok(Side {
        label: model::column(&sides.column),
        column: sides.column,
        mine_diff: diff(&mine),
        theirs_diff: diff(&theirs),
        before,
        mine,
        theirs,
    })
}

impl From<settlement::ConflictKind> for ConflictKind {
    fn from(kind: settlement::ConflictKind) -> Self {
        match kind {
            settlement::ConflictKind::Text => Self::Text,
            settlement::ConflictKind::Field => Self::Field,
            settlement::ConflictKind::DeleteVsEdit => Self::DeleteVsEdit,
            settlement::ConflictKind::Duplicate => Self::Duplicate,
            settlement::ConflictKind::State => Self::State,
        }
    }
}

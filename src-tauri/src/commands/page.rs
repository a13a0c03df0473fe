//! One page on the screen: reading it, and everything that a person does to it. Each act answers
//! with the page as it stands then.

use super::drafts::{Draft, read_subject};
use super::pages::{SopLine, SopRequest, marked};
use super::text::{Heading, Rendered};
use crate::app::App;
use crate::failure::Failure;
use guildhall_local::editing::{self, Seen};
use guildhall_local::error::Disagreement;
use guildhall_local::sops::{self, Changes, NewSop};
use guildhall_local::store::rows;
use guildhall_local::subject::Subject;
use guildhall_local::write::{Why, Write};
use guildhall_local::{Connection, drafts, pages, reading, standing};
use guildhall_sync::id::{AssistantId, SopId};
use guildhall_sync::model::knowledge::Sop;
use guildhall_sync::schema::Row;
use serde::{Deserialize, Serialize};
use ts_rs::TS;
use uuid::Uuid;

/// A page with all that a screen says beside it. A deleted one can be read too.
#[derive(Clone, Debug, Serialize, TS)]
pub struct SopPage {
    pub line: SopLine,
    pub assistant_id: Uuid,
    pub content: String,
    pub front_matter: String,
    /// Safe to be shown as it is.
    pub html: String,
    pub outline: Vec<Heading>,
    /// Names the title and text above: equal as long as they are. Handed back with an edit.
    pub revision: i64,
    /// What this person read last.
    pub read_version: Option<i64>,
    /// Open conflicts of the page.
    pub conflicts: Vec<Uuid>,
    pub draft: Option<Draft>,
    pub may_write: bool,
    pub why_not: Option<String>,
}

#[derive(Clone, Debug, Deserialize, TS)]
pub struct EditSopRequest {
    pub id: Uuid,
    pub title: String,
    /// The whole text. Written is what differs from the text that its author saw.
    pub content: String,
    pub reason: Option<String>,
    /// The revision that its author saw. That of the draft where none is said.
    #[serde(default)]
    #[ts(optional = nullable)]
    pub base_revision: Option<i64>,
}

#[derive(Clone, Debug, Deserialize, TS)]
pub struct CreateSopRequest {
    /// The one whose name the folder begins with, where none is given.
    pub assistant: Option<Uuid>,
    pub category: String,
    pub section: String,
    pub title: String,
    pub content: String,
    /// The subject of the draft that it comes from, which is removed with it.
    pub draft: Option<String>,
}

#[derive(Clone, Debug, Deserialize, TS)]
pub struct MoveSopRequest {
    pub id: Uuid,
    pub category: String,
    pub section: String,
    pub title: String,
}

pub fn sop(app: &App, request: SopRequest) -> Result<SopPage, Failure> {
    Ok(app.store.read(|connection| view(connection, SopId(request.id)))?)
}

/// Saves what was typed and drops its draft, in one transaction.
pub fn edit_sop(app: &App, request: EditSopRequest) -> Result<SopPage, Failure> {
    let id = SopId(request.id);
    let why = Why { reason: request.reason.filter(|reason| !reason.trim().is_empty()), ..Why::default() };
    app.store.write(|write| {
        let seen = seen(write.connection(), id, request.base_revision)?;
        write.drop_draft(Subject::Sop(id))?;
        editing::save(write, id, &seen, &request.title, &request.content, why)
    })?;
    sop(app, SopRequest { id: id.0 })
}

pub fn create_sop(app: &App, request: CreateSopRequest) -> Result<SopPage, Failure> {
    let draft = request.draft.as_deref().map(read_subject).transpose()?;
    let new = NewSop {
        assistant: request.assistant.map(AssistantId),
        category: plain_path(&request.category),
        section: plain_path(&request.section),
        title: request.title.trim().to_owned(),
        content: request.content,
        front_matter: String::new(),
    };
    let made = app.store.write(|write| {
        draft.map_or(Ok(()), |draft| write.drop_draft(draft))?;
        sops::create(write, &new, Why::default())
    })?;
    sop(app, SopRequest { id: made.value.0 })
}

/// A draft of the page stays: it is of the text, and finds the page where it lies then.
pub fn move_sop(app: &App, request: MoveSopRequest) -> Result<SopPage, Failure> {
    let changes = Changes {
        category: Some(plain_path(&request.category)),
        section: Some(plain_path(&request.section)),
        title: Some(request.title.trim().to_owned()),
        ..Changes::default()
    };
    act(app, request.id, |write, id| sops::edit(write, id, &changes, Why::default()))
}

/// A draft of the page stays until the page is brought back or the draft is dropped.
pub fn delete_sop(app: &App, request: SopRequest) -> Result<SopLine, Failure> {
    Ok(act(app, request.id, |write, id| sops::delete(write, id, Why::default()))?.line)
}

pub fn undelete_sop(app: &App, request: SopRequest) -> Result<SopPage, Failure> {
    act(app, request.id, |write, id| sops::undelete(write, id, Why::default()))
}

/// Does something to a page; the answer is how it stands afterwards.
pub fn act(
    app: &App,
    id: Uuid,
    change: impl FnOnce(&mut Write<'_>, SopId) -> guildhall_local::Result<bool>,
) -> Result<SopPage, Failure> {
    app.store.write(|write| change(write, SopId(id)))?;
    sop(app, SopRequest { id })
}

fn seen(connection: &Connection, id: SopId, revision: Option<i64>) -> guildhall_local::Result<Seen> {
    let base = drafts::find_base(connection, Subject::Sop(id))?;
    match (base, revision) {
        (Some(base), None) => Ok(base),
        (Some(base), Some(revision)) if base.revision() == revision => Ok(base),
        (_, revision) => editing::find_seen(connection, id, revision),
    }
}

fn view(connection: &Connection, id: SopId) -> guildhall_local::Result<SopPage> {
    let missing = || Disagreement::NoRow { table: Sop::TABLE.name, id: id.0 };
    let line = pages::find(connection, id)?.ok_or_else(missing)?;
    let sop = rows::get_typed::<Sop>(connection, id.0)?;
    let objection = sops::find_objection(connection, id)?;
    let conflicts = standing::list_conflicts(connection, Sop::TABLE, id.0)?;
    let Rendered { html, outline } = Rendered::of(&sop.content.0);
    Ok(SopPage {
        line: marked(connection, vec![line])?.remove(0),
        assistant_id: sop.assistant_id.0,
        html,
        outline,
        revision: editing::revision(&sop.title, &sop.content.0),
        read_version: reading::find_read_version(connection, id)?,
        conflicts: conflicts.iter().map(|conflict| conflict.id.0).collect(),
        draft: drafts::find(connection, Subject::Sop(id))?.map(Draft::from),
        may_write: objection.is_none(),
        why_not: objection.map(|objection| objection.to_string()),
        content: sop.content.0,
        front_matter: sop.front_matter,
    })
}

/// As people type a path: blanks and slashes around it are no part of it.
fn plain_path(typed: &str) -> String {
    typed.trim().trim_matches('/').trim().to_owned()
}

#[cfg(test)]
mod tests;

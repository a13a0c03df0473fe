//! The history of a page: its versions as they stood, what differs between two of them, and
//! writing an earlier one again.

use super::page::{SopPage, act};
use super::pages::SopRequest;
use super::text::{Diff, Rendered};
use crate::app::App;
use crate::failure::{Code, Failure};
use guildhall_local::store::rows;
use guildhall_local::subject::Subject;
use guildhall_local::write::Why;
use guildhall_local::{Connection, drafts, names, sops};
use guildhall_sync::id::SopId;
use guildhall_sync::model::knowledge::{Sop, SopVersion};
use guildhall_sync::time::Timestamp;
use serde::{Deserialize, Serialize};
use ts_rs::TS;
use uuid::Uuid;

#[derive(Clone, Debug, Serialize, TS)]
pub struct VersionLine {
    pub version: i64,
    pub changed_by: Option<String>,
    pub changed_kind: &'static str,
    pub title: String,
    pub reason: Option<String>,
    /// For a merge: the versions that went into it.
    pub parents: Vec<i64>,
    #[ts(type = "number")]
    pub at: Timestamp,
}

#[derive(Clone, Copy, Debug, Deserialize, TS)]
pub struct SopVersionRequest {
    pub id: Uuid,
    pub version: i64,
}

/// A version as it stood.
#[derive(Clone, Debug, Serialize, TS)]
pub struct SopVersionView {
    pub version: i64,
    pub title: String,
    pub content: String,
    /// Safe to be shown as it is.
    pub html: String,
}

#[derive(Clone, Debug, Deserialize, TS)]
pub struct CompareRequest {
    pub id: Uuid,
    /// A version's number, `now`, or `draft`.
    pub from: String,
    pub to: String,
}

/// One side of a comparison.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Which {
    Version(i64),
    /// As the page is shown here.
    Now,
    /// What is typed into it and not saved; as it is shown where nothing is typed.
    Draft,
}

/// The newest first.
pub fn sop_versions(app: &App, request: SopRequest) -> Result<Vec<VersionLine>, Failure> {
    Ok(app.store.read(|connection| list(connection, SopId(request.id)))?)
}

pub fn list(connection: &Connection, id: SopId) -> guildhall_local::Result<Vec<VersionLine>> {
    let line = |version: SopVersion| {
        Ok(VersionLine {
            version: version.version,
            changed_by: names::find_user(connection, version.changed_by)?,
            changed_kind: version.changed_kind.word(),
            title: version.title,
            reason: version.change_reason,
            parents: version.parents.iter().filter_map(|parent| parent.parse().ok()).collect(),
            at: version.created_at,
        })
    };
    sops::list_versions(connection, id)?.into_iter().map(line).collect()
}

pub fn sop_version(app: &App, request: SopVersionRequest) -> Result<SopVersionView, Failure> {
    let (id, number) = (SopId(request.id), request.version);
    let version = app.store.read(|connection| sops::get_version(connection, id, number))?;
    Ok(SopVersionView {
        version: version.version,
        title: version.title,
        html: Rendered::of(&version.content.0).html,
        content: version.content.0,
    })
}

/// Writes title and text of a version again; a new version comes of it.
pub fn restore_version(app: &App, request: SopVersionRequest) -> Result<SopPage, Failure> {
    let why = Why { reason: Some(format!("Version {} again", request.version)), ..Why::default() };
    act(app, request.id, |write, id| sops::restore_version(write, id, request.version, why))
}

pub fn compare_sop(app: &App, request: CompareRequest) -> Result<Diff, Failure> {
    let (from, to) = (read_which(&request.from)?, read_which(&request.to)?);
    let id = SopId(request.id);
    let (before, after) =
        app.store.read(|connection| Ok((text(connection, id, from)?, text(connection, id, to)?)))?;
    Ok(Diff::between(&before, &after))
}

fn text(connection: &Connection, id: SopId, which: Which) -> guildhall_local::Result<String> {
    let now = || Ok(rows::get_typed::<Sop>(connection, id.0)?.content.0);
    match which {
        Which::Version(number) => Ok(sops::get_version(connection, id, number)?.content.0),
        Which::Now => now(),
        Which::Draft => match drafts::find(connection, Subject::Sop(id))? {
            Some(draft) => Ok(draft.content),
            None => now(),
        },
    }
}

fn read_which(typed: &str) -> Result<Which, Failure> {
    match typed {
        "now" => Ok(Which::Now),
        "draft" => Ok(Which::Draft),
        number => number.parse().map(Which::Version).map_err(|_| {
            let message = format!("{number:?} is not a version. One is a number, \"now\" or \"draft\".");
            Failure::new(Code::BadRequest, message)
        }),
    }
}

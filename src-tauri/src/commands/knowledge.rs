//! SOPs: read, write, move, delete, and their history.

use super::conflicts::{self, ConflictPage};
use super::versions::{self, VersionLine};
use crate::app::App;
use crate::failure::{Code, Failure};
use guildhall_local::sops::{self, Changes, NewSop, Which};
use guildhall_local::write::Why;
use guildhall_local::{names, standing};
use guildhall_sync::id::SopId;
use guildhall_sync::model::knowledge::Sop;
use guildhall_sync::schema::Row;
use guildhall_sync::time::Timestamp;
use serde::Serialize;
use uuid::Uuid;

/// A page in a list.
#[derive(Debug, Serialize)]
pub struct PageLine {
    pub id: Uuid,
    pub path: String,
    pub title: String,
    pub version: i64,
    pub mark: String,
}

/// A page with all that is said beside it.
#[derive(Debug, Serialize)]
pub struct PageView {
    pub id: Uuid,
    pub path: String,
    pub title: String,
    pub assistant: Option<String>,
    pub status: &'static str,
    pub sensitivity: &'static str,
    pub version: i64,
    pub mark: String,
    pub updated_at: Timestamp,
    pub updated_by: Option<String>,
    pub content: String,
    pub conflicts: Vec<ConflictPage>,
}

pub fn list(app: &App, category: Option<&str>) -> Result<Vec<PageLine>, Failure> {
    let lines = app.store.read(|connection| {
        let line = |sop: Sop| {
            let mark = standing::of_row(connection, Sop::TABLE, sop.id.0)?.to_string();
            Ok(PageLine {
                id: sop.id.0,
                path: sops::path(&sop),
                title: sop.title,
                version: sop.version,
                mark,
            })
        };
        sops::list(connection, category)?.into_iter().map(line).collect()
    });
    Ok(lines?)
}

pub fn show(app: &App, page: &str) -> Result<PageView, Failure> {
    let view = app.store.read(|connection| {
        let sop = sops::get(connection, page, Which::Live)?;
        let conflicts = standing::list_conflicts(connection, Sop::TABLE, sop.id.0)?;
        let conflicts = conflicts.iter().map(|conflict| conflicts::page(connection, conflict));
        Ok(PageView {
            id: sop.id.0,
            path: sops::path(&sop),
            assistant: names::find_assistant(connection, sop.assistant_id)?,
            status: sop.status.word(),
            sensitivity: sop.sensitivity.word(),
            version: sop.version,
            mark: standing::of_row(connection, Sop::TABLE, sop.id.0)?.to_string(),
            updated_at: sop.updated_at,
            updated_by: names::find_user(connection, sop.updated_by)?,
            conflicts: conflicts.collect::<Result<_, guildhall_local::Error>>()?,
            title: sop.title,
            content: sop.content.0,
        })
    });
    Ok(view?)
}

/// The text of an older version.
pub fn show_version(app: &App, page: &str, version: i64) -> Result<String, Failure> {
    let text = app.store.read(|connection| {
        let sop = sops::get(connection, page, Which::Live)?;
        Ok(sops::get_version(connection, sop.id, version)?.content.0)
    });
    Ok(text?)
}

/// The text of a page as it stands here.
pub fn content(app: &App, page: &str) -> Result<String, Failure> {
    Ok(app.store.read(|connection| Ok(sops::get(connection, page, Which::Live)?.content.0))?)
}

/// What `sop new` is told.
#[derive(Debug)]
pub struct NewPage {
    pub path: String,
    pub title: Option<String>,
    pub assistant: Option<String>,
    pub content: String,
}

pub fn create(app: &App, new: NewPage) -> Result<PageView, Failure> {
    let (category, section) = split_path(&new.path)?;
    let title = new.title.unwrap_or_else(|| heading(&new.content).unwrap_or(&section).to_owned());
    let written = app.store.write(|write| {
        let assistant = match &new.assistant {
            Some(slug) => Some(names::get_assistant(write.connection(), slug)?.id),
            None => None,
        };
        let (content, front_matter) = (new.content, String::new());
        let new = NewSop { assistant, category, section, title, content, front_matter };
        sops::create(write, &new, Why::default())
    })?;
    show(app, &written.value.to_string())
}

/// Changes a page; the answer says how it stands afterwards.
pub fn edit(app: &App, page: &str, changes: &Changes, reason: Option<String>) -> Result<PageView, Failure> {
    let id = find(app, page, Which::Live)?;
    let why = Why { reason, ..Why::default() };
    app.store.write(|write| sops::edit(write, id, changes, why))?;
    show(app, &id.to_string())
}

/// Replaces a passage that stands exactly once.
pub fn replace(content: &str, passage: &str, with: &str) -> Result<String, Failure> {
    match content.matches(passage).count() {
        1 => Ok(content.replacen(passage, with, 1)),
        0 => Err(Failure::new(Code::NotFound, format!("The page does not hold {passage:?}."))),
        count => {
            let message = format!("The page holds {passage:?} {count} times.");
            Err(Failure::new(Code::BadRequest, message).hint("Give more of the text around it."))
        }
    }
}

pub fn rename(app: &App, page: &str, to: Option<&str>, title: Option<String>) -> Result<PageView, Failure> {
    if to.is_none() && title.is_none() {
        return Err(Failure::new(Code::BadRequest, "Nothing is said to rename: give --to, --title or both."));
    }
    let (category, section) = match to {
        Some(path) => split_path(path).map(|(category, section)| (Some(category), Some(section)))?,
        None => (None, None),
    };
    edit(app, page, &Changes { category, section, title, ..Changes::default() }, None)
}

/// What became of a page that was deleted.
#[derive(Debug, Serialize)]
pub struct Deleted {
    pub id: Uuid,
    pub path: String,
    pub mark: String,
}

pub fn delete(app: &App, page: &str, reason: Option<String>) -> Result<Deleted, Failure> {
    let sop = app.store.read(|connection| sops::get(connection, page, Which::Live))?;
    let why = Why { reason, ..Why::default() };
    app.store.write(|write| sops::delete(write, sop.id, why))?;
    let mark = app.store.read(|connection| standing::of_row(connection, Sop::TABLE, sop.id.0))?;
    Ok(Deleted { id: sop.id.0, path: sops::path(&sop), mark: mark.to_string() })
}

/// Brings a deleted page back, or an older version of a live one.
pub fn restore(app: &App, page: &str, version: Option<i64>) -> Result<PageView, Failure> {
    let id = match version {
        None => {
            let id = find(app, page, Which::Deleted)?;
            app.store.write(|write| sops::undelete(write, id, Why::default()))?;
            id
        }
        Some(version) => {
            let id = find(app, page, Which::Live)?;
            let why = Why { reason: Some(format!("Version {version} again")), ..Why::default() };
            app.store.write(|write| sops::restore_version(write, id, version, why))?;
            id
        }
    };
    show(app, &id.to_string())
}

pub fn history(app: &App, page: &str) -> Result<Vec<VersionLine>, Failure> {
    let lines = app.store.read(|connection| {
        let sop = sops::get(connection, page, Which::Live)?;
        versions::list(connection, sop.id)
    });
    Ok(lines?)
}

fn find(app: &App, page: &str, which: Which) -> Result<SopId, Failure> {
    Ok(app.store.read(|connection| Ok(sops::get(connection, page, which)?.id))?)
}

fn split_path(path: &str) -> Result<(String, String), Failure> {
    let path = path.trim_matches('/');
    let path = path.strip_suffix(".md").unwrap_or(path);
    match path.rsplit_once('/') {
        Some((category, section)) => Ok((category.to_owned(), section.to_owned())),
        None if path.is_empty() => Err(Failure::new(Code::BadRequest, "The path of a page is empty.")),
        None => Ok((String::new(), path.to_owned())),
    }
}

/// The first heading of a page.
fn heading(content: &str) -> Option<&str> {
    let line = content.lines().find(|line| line.starts_with('#'))?;
    Some(line.trim_start_matches('#').trim()).filter(|heading| !heading.is_empty())
}

//! What people do with SOPs, in their own words: new, edit, move, delete, bring back, restore a
//! version; and how one is found by what people call it.

use crate::error::{Disagreement, Result};
use crate::store::{rows, state};
use crate::write::{Why, Write, rights};
use guildhall_sync::id::{AssistantId, SopId};
use guildhall_sync::model::desk::Assistant;
use guildhall_sync::model::knowledge::{Sop, SopVersion};
use guildhall_sync::permission::Forbidden;
use guildhall_sync::schema::{Row, common};
use guildhall_sync::value::{Cell, Cells, Value};
use rusqlite::{Connection, params};
use uuid::Uuid;

/// The assistant that answers where no other is named.
const GENERAL: &str = "general";

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewSop {
    /// The one whose name the folder begins with, where none is given.
    pub assistant: Option<AssistantId>,
    pub category: String,
    pub section: String,
    pub title: String,
    pub content: String,
    pub front_matter: String,
}

/// What is changed of a page; the rest stays.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Changes {
    pub category: Option<String>,
    pub section: Option<String>,
    pub title: Option<String>,
    pub content: Option<String>,
    pub front_matter: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Which {
    Live,
    Deleted,
}

pub fn create(write: &mut Write<'_>, new: &NewSop, why: Why) -> Result<SopId> {
    let assistant = match new.assistant {
        Some(assistant) => assistant,
        None => assistant_for(write.connection(), &new.category)?,
    };
    let mut cells = cells([
        ("category", Some(&new.category)),
        ("section", Some(&new.section)),
        ("title", Some(&new.title)),
        ("content", Some(&new.content)),
        ("front_matter", Some(&new.front_matter)),
    ]);
    cells.set(column("assistant_id"), assistant.to_value());
    write.insert_because(Sop::TABLE, cells, why).map(SopId)
}

/// False where the page already is as wanted.
pub fn edit(write: &mut Write<'_>, id: SopId, changes: &Changes, why: Why) -> Result<bool> {
    let changes = cells([
        ("category", changes.category.as_ref()),
        ("section", changes.section.as_ref()),
        ("title", changes.title.as_ref()),
        ("content", changes.content.as_ref()),
        ("front_matter", changes.front_matter.as_ref()),
    ]);
    write.update(Sop::TABLE, id.0, changes, why)
}

pub fn delete(write: &mut Write<'_>, id: SopId, why: Why) -> Result<bool> {
    let now = write.now().to_value();
    write.update(Sop::TABLE, id.0, Cells::from_iter([(common::DELETED_AT, now)]), why)
}

pub fn undelete(write: &mut Write<'_>, id: SopId, why: Why) -> Result<bool> {
    write.update(Sop::TABLE, id.0, Cells::from_iter([(common::DELETED_AT, Value::Null)]), why)
}

/// Writes title and content of an earlier version again; a new version comes of it.
pub fn restore_version(write: &mut Write<'_>, id: SopId, version: i64, why: Why) -> Result<bool> {
    let version = get_version(write.connection(), id, version)?;
    let changes =
        Changes { title: Some(version.title), content: Some(version.content.0), ..Changes::default() };
    edit(write, id, &changes, why)
}

/// A version as it stood, if this laptop has it.
pub fn get_version(connection: &Connection, id: SopId, version: i64) -> Result<SopVersion> {
    let condition = "sop_id = ? and version = ? and deleted_at is null";
    let found = rows::list_typed::<SopVersion>(connection, condition, params![id.0, version])?;
    Ok(found.into_iter().next().ok_or(Disagreement::NoVersion { version })?)
}

/// The versions that this laptop has, the newest first.
pub fn list_versions(connection: &Connection, id: SopId) -> Result<Vec<SopVersion>> {
    rows::list_typed(connection, "sop_id = ? and deleted_at is null order by version desc", [id.0])
}

/// By id, by path (`booking/refunds`, with or without `.md`), or by a title that only one has.
pub fn get(connection: &Connection, name: &str, which: Which) -> Result<Sop> {
    let found = match name.parse::<Uuid>() {
        Ok(id) => list_by_id(connection, id, which)?,
        Err(_) => list_by_path(connection, name, which)?,
    };
    let found = if found.is_empty() { list_by_title(connection, name, which)? } else { found };
    let count = found.len();
    match found.into_iter().next() {
        Some(sop) if count == 1 => Ok(sop),
        None => Err(Disagreement::NoName { table: Sop::TABLE.name, name: name.to_owned() }.into()),
        Some(_) => {
            Err(Disagreement::Ambiguous { table: Sop::TABLE.name, name: name.to_owned(), count }.into())
        }
    }
}

/// The live pages by their path; of one folder and those below it where one is named.
pub fn list(connection: &Connection, folder: Option<&str>) -> Result<Vec<Sop>> {
    let condition = "deleted_at is null and (?1 is null or category = ?1
         or substr(category, 1, length(?1) + 1) = ?1 || '/') order by category, section";
    rows::list_typed(connection, condition, params![folder.map(|folder| folder.trim_matches('/'))])
}

/// The path by which people call the page.
pub fn path(sop: &Sop) -> String {
    path_of(&sop.category, &sop.section)
}

pub fn path_of(category: &str, section: &str) -> String {
    if category.is_empty() { section.to_owned() } else { format!("{category}/{section}") }
}

/// Why the person of this mirror may not change the page; none where they may.
pub fn find_objection(connection: &Connection, id: SopId) -> Result<Option<Forbidden>> {
    let row = rows::get(connection, Sop::TABLE, id.0)?.cells;
    rights::find_objection(connection, &state::account(connection)?, Sop::TABLE, Some(&row), &row)
}

/// Whether the person of this mirror may make pages of the assistant.
pub fn may_create(connection: &Connection, assistant: AssistantId) -> Result<bool> {
    let account = state::account(connection)?;
    let mut row = Cells::from_iter([
        (common::GUILD_ID, account.guild.to_value()),
        (column("assistant_id"), assistant.to_value()),
    ]);
    Sop::TABLE.fill_defaults(&mut row);
    Ok(rights::find_objection(connection, &account, Sop::TABLE, None, &row)?.is_none())
}

fn list_by_id(connection: &Connection, id: Uuid, which: Which) -> Result<Vec<Sop>> {
    let condition = "id = ? and (deleted_at is null) = ?";
    rows::list_typed(connection, condition, params![id, which == Which::Live])
}

/// Of the deleted ones the last deleted: those before it had the name before.
fn list_by_path(connection: &Connection, path: &str, which: Which) -> Result<Vec<Sop>> {
    let path = path.trim_matches('/');
    let path = path.strip_suffix(".md").unwrap_or(path);
    let (category, section) = path.rsplit_once('/').unwrap_or(("", path));
    let condition = "category = ? and section = ? and (deleted_at is null) = ?
         order by deleted_at desc limit iif(?3, 2, 1)";
    rows::list_typed(connection, condition, params![category, section, which == Which::Live])
}

fn list_by_title(connection: &Connection, title: &str, which: Which) -> Result<Vec<Sop>> {
    let condition = "title = ? collate nocase and (deleted_at is null) = ?";
    rows::list_typed(connection, condition, params![title, which == Which::Live])
}

/// `tech-support/projector` belongs to the assistant `tech_support`.
fn assistant_for(connection: &Connection, category: &str) -> Result<AssistantId> {
    let first = category.split('/').next().unwrap_or_default().replace('-', "_");
    let condition = "slug in (?1, ?2) and deleted_at is null order by slug = ?1 desc limit 1";
    let found = rows::list_typed::<Assistant>(connection, condition, params![first, GENERAL])?;
    let missing = Disagreement::NoName { table: Assistant::TABLE.name, name: first };
    Ok(found.into_iter().next().ok_or(missing)?.id)
}

fn cells<const N: usize>(named: [(&str, Option<&String>); N]) -> Cells {
    named.into_iter().filter_map(|(name, text)| Some((column(name), Value::text(text?)))).collect()
}

fn column(name: &str) -> u16 {
    Sop::TABLE.column(name).expect("the registry has this column").number
}

//! Names for ids, for answers that people read. None where this laptop does not know the row.

use crate::error::{Disagreement, Result};
use crate::store::rows;
use guildhall_sync::id::{AssistantId, UserId};
use guildhall_sync::model::desk::Assistant;
use guildhall_sync::model::people::User;
use guildhall_sync::schema::Row;
use rusqlite::Connection;

pub fn find_user(connection: &Connection, user: Option<UserId>) -> Result<Option<String>> {
    let Some(user) = user else { return Ok(None) };
    Ok(rows::find_typed::<User>(connection, user.0)?.map(|user| user.name))
}

/// Everybody who is still there, so many at most.
pub fn list_people(connection: &Connection, limit: usize) -> Result<Vec<User>> {
    rows::list_typed(connection, "deleted_at is null order by name collate nocase, id limit ?", [limit])
}

/// The assistant's short name.
pub fn find_assistant(connection: &Connection, assistant: AssistantId) -> Result<Option<String>> {
    Ok(rows::find_typed::<Assistant>(connection, assistant.0)?.map(|assistant| assistant.slug))
}

/// All that this laptop knows, those that come first in an answer first.
pub fn list_assistants(connection: &Connection) -> Result<Vec<Assistant>> {
    rows::list_typed(connection, "deleted_at is null order by priority, name collate nocase, id", [])
}

/// The assistant that has the short name.
pub fn get_assistant(connection: &Connection, slug: &str) -> Result<Assistant> {
    let found = rows::list_typed::<Assistant>(connection, "slug = ? and deleted_at is null", [slug])?;
    let missing = Disagreement::NoName { table: Assistant::TABLE.name, name: slug.to_owned() };
    Ok(found.into_iter().next().ok_or(missing)?)
}

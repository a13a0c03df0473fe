//! What a person has read, and what is news to them. The rule stands in the view `unread_pages`:
//! a page that they have read once is unread when somebody else has made a newer version; one that
//! they have never opened, when somebody else has made a version since this laptop began to receive.

use crate::error::Result;
use crate::store::{rows, state};
use crate::write::{Why, Write};
use guildhall_sync::id::{SopId, SopReadId, UserId};
use guildhall_sync::model::knowledge::{Sop, SopRead};
use guildhall_sync::schema::{Row, common};
use guildhall_sync::time::Timestamp;
use guildhall_sync::value::cells::hash;
use guildhall_sync::value::{Cell, Cells};
use rusqlite::{Connection, params};
use uuid::Uuid;

/// A page that others have changed, as far as its reader knows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    pub id: SopId,
    pub title: String,
    pub category: String,
    pub section: String,
    /// What the reader knows; none of a page that is new.
    pub from_version: Option<i64>,
    pub to_version: i64,
    /// Who made the last version, where it was a person whom this laptop knows.
    pub changed_by: Option<String>,
    pub changed_at: Timestamp,
}

/// Says that the person has read the page as it stands. False where that is known already, or
/// where the server has no version of it yet.
pub fn mark_read(write: &mut Write<'_>, id: SopId) -> Result<bool> {
    let version = rows::get_typed::<Sop>(write.connection(), id.0)?.version;
    let reader = write.account().user;
    let known = find(write.connection(), reader, id)?;
    if version == 0 || known.as_ref().is_some_and(|known| known.version >= version) {
        return Ok(false);
    }
    let column = |name: &str| SopRead::TABLE.column(name).expect("the registry has this column").number;
    let mut cells = Cells::from_iter([
        (column("version"), version.to_value()),
        (column("read_at"), write.now().to_value()),
    ]);
    if let Some(known) = known {
        return write.update(SopRead::TABLE, known.id.0, cells, Why::default());
    }
    cells.set(common::ID, read_id(reader, id).to_value());
    cells.set(column("user_id"), reader.to_value());
    cells.set(column("sop_id"), id.to_value());
    write.insert(SopRead::TABLE, cells).map(|_| true)
}

/// The version that the person of this mirror has read last.
pub fn find_read_version(connection: &Connection, id: SopId) -> Result<Option<i64>> {
    let reader = state::account(connection)?.user;
    Ok(find(connection, reader, id)?.map(|read| read.version))
}

/// What is unread, the last changed first.
pub fn list_changes(connection: &Connection, limit: usize) -> Result<Vec<Change>> {
    let mut select = connection.prepare_cached(include_str!("reading/changes.sql"))?;
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    let changes = select.query_map([limit], |row| {
        Ok(Change {
            id: SopId(row.get(0)?),
            title: row.get(1)?,
            category: row.get(2)?,
            section: row.get(3)?,
            from_version: row.get(4)?,
            to_version: row.get(5)?,
            changed_by: row.get(6)?,
            changed_at: Timestamp(row.get(7)?),
        })
    })?;
    Ok(changes.collect::<rusqlite::Result<_>>()?)
}

fn find(connection: &Connection, reader: UserId, id: SopId) -> Result<Option<SopRead>> {
    let condition = "user_id = ? and sop_id = ? and deleted_at is null order by version desc limit 1";
    let found = rows::list_typed::<SopRead>(connection, condition, params![reader.0, id.0])?;
    Ok(found.into_iter().next())
}

/// The same on every device of the reader, so that two of them mean one mark.
fn read_id(reader: UserId, id: SopId) -> SopReadId {
    let mut bytes = b"read ".to_vec();
    bytes.extend(reader.0.as_bytes());
    bytes.extend(id.0.as_bytes());
    SopReadId(Uuid::from_bytes(hash(&bytes)))
}

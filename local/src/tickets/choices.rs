//! Which places and people can be chosen for a ticket.

use crate::error::{Disagreement, Result};
use crate::store::rows;
use crate::store::state::Account;
use crate::write::rights;
use guildhall_sync::id::LocationId;
use guildhall_sync::model::people::{Location, User};
use guildhall_sync::schema::Row;
use guildhall_sync::scope;
use rusqlite::{Connection, OptionalExtension, params};
use uuid::Uuid;

/// The most of each kind; a guild has a few dozen.
const MAX_CHOICES: usize = 500;

/// Where the person may have tickets. Whoever was told no scopes yet may choose any.
pub fn list_locations(connection: &Connection) -> Result<Vec<Location>> {
    let condition = "deleted_at is null order by name collate nocase, id limit ?";
    let mut found = rows::list_typed::<Location>(connection, condition, [MAX_CHOICES])?;
    let held = rights::list_scopes(connection)?;
    if !held.is_empty() {
        found.retain(|place| held.contains(&scope::location(place.id.0)));
    }
    Ok(found)
}

/// Those who work at the desk or lead it.
pub fn list_people(connection: &Connection) -> Result<Vec<User>> {
    let condition = "deleted_at is null and is_active = 1
         and role in ('admin', 'manager', 'operator', 'support')
         order by name collate nocase, id limit ?";
    rows::list_typed(connection, condition, [MAX_CHOICES])
}

/// Where the person works; where they lead without working at one place, the first.
pub(super) fn own_location(connection: &Connection, account: &Account) -> Result<LocationId> {
    let own: Option<Uuid> = connection
        .prepare_cached(
            "select w.location_id from user_locations w join locations l on l.id = w.location_id
             where w.user_id = ? and w.deleted_at is null and l.deleted_at is null
             order by l.name collate nocase limit 1",
        )?
        .query_row(params![account.user.0], |row| row.get(0))
        .optional()?;
    if let Some(own) = own {
        return Ok(LocationId(own));
    }
    let missing = Disagreement::NoName { table: Location::TABLE.name, name: account.user_name.clone() };
    Ok(list_locations(connection)?.into_iter().next().ok_or(missing)?.id)
}

//! Whether the person may write the row, as far as the mirror knows: what the server would refuse
//! is mostly refused at once. The server asks again.
//!
//! A mirror that no server has told its scopes yet asks nothing: it is a trial, or being filled.

use crate::error::{Disagreement, Result};
use crate::store::rows;
use crate::store::state::{self, Account};
use guildhall_sync::model::find_table;
use guildhall_sync::model::people::{AccessLevel, DeskEdits, Guild, Rank, RankAccessLevel, User};
use guildhall_sync::permission::{Forbidden, Principal, Related, may_write, related_rows};
use guildhall_sync::schema::{Rows, Table};
use guildhall_sync::value::Cells;
use rusqlite::Connection;
use std::collections::BTreeSet;

pub fn demand(
    connection: &Connection,
    account: &Account,
    table: &'static Table,
    before: Option<&Cells>,
    row: &Cells,
) -> Result<()> {
    match find_objection(connection, account, table, before, row)? {
        Some(forbidden) => Err(Disagreement::Forbidden(forbidden).into()),
        None => Ok(()),
    }
}

/// Why the person may not write the row; none where they may. For a screen that says so before
/// anybody types.
pub fn find_objection(
    connection: &Connection,
    account: &Account,
    table: &'static Table,
    before: Option<&Cells>,
    row: &Cells,
) -> Result<Option<Forbidden>> {
    let scopes = list_scopes(connection)?;
    if scopes.is_empty() || table.rows != Rows::Edited {
        return Ok(None);
    }
    let principal = principal(connection, account, scopes)?;
    let mut related = Related::new();
    for key in related_rows(table, before, row) {
        let Some(parent) = find_table(key.0) else { continue };
        if let Some(stored) = rows::find(connection, parent, key.1)? {
            related.insert(key, stored.cells);
        }
    }
    Ok(may_write(&principal, table, before, row, &related).err())
}

/// Whether the person may do what an access level opens, as in `sync.force`; admins may.
pub fn may_manage(connection: &Connection, action: &str) -> Result<bool> {
    let account = state::account(connection)?;
    Ok(principal(connection, &account, BTreeSet::new())?.manages(action))
}

/// The names of all scopes that this mirror holds or is getting.
pub(crate) fn list_scopes(connection: &Connection) -> Result<BTreeSet<String>> {
    let mut select = connection.prepare_cached("select scope from sync_scope where state <> 'locked'")?;
    let scopes = select.query_map([], |row| row.get(0))?;
    Ok(scopes.collect::<std::result::Result<_, _>>()?)
}

fn principal(connection: &Connection, account: &Account, scopes: BTreeSet<String>) -> Result<Principal> {
    let user = rows::find_typed::<User>(connection, account.user.0)?;
    let rank = user.as_ref().and_then(|user| user.rank_id);
    let rank = rank.map(|rank| rows::find_typed::<Rank>(connection, rank.0)).transpose()?.flatten();
    let guild = rows::find_typed::<Guild>(connection, account.guild.0)?;
    Ok(Principal {
        user: account.user,
        guild: account.guild,
        role: user.map_or(account.role, |user| user.role),
        actions: rank.as_ref().map(|rank| list_actions(connection, rank)).transpose()?.unwrap_or_default(),
        rank_level: rank.map(|rank| rank.hierarchy_level),
        scopes,
        desk_edits: guild.map_or(DeskEdits::Direct, |guild| guild.desk_edits),
    })
}

fn list_actions(connection: &Connection, rank: &Rank) -> Result<BTreeSet<String>> {
    let condition = "rank_id = ? and deleted_at is null";
    let held = rows::list_typed::<RankAccessLevel>(connection, condition, [rank.id.0])?;
    let mut actions = BTreeSet::new();
    for level in held {
        let level = rows::find_typed::<AccessLevel>(connection, level.access_level_id.0)?;
        actions.extend(level.into_iter().flat_map(|level| level.user_actions));
    }
    Ok(actions)
}

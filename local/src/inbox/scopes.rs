//! The scopes that this device holds, and the lists of them on rows.
//!
//! A row's list is its sorted names, each between spaces, so that one name can be looked for in
//! SQL without meeting a part of another.

use crate::error::Result;
use guildhall_sync::text_enum;
use guildhall_sync::time::Timestamp;
use rusqlite::{Connection, params};
use std::collections::BTreeSet;

text_enum! {
    ScopeState {
        /// Rows are still coming.
        Filling = "filling",
        /// Held whole.
        Live = "live",
        /// Not granted any more, and its rows are being removed.
        Locked = "locked",
    }
}

/// What a new set of grants changed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Change {
    pub granted: Vec<String>,
    /// Locked now.
    pub lost: Vec<String>,
}

pub fn print_list<'a>(names: impl IntoIterator<Item = &'a str>) -> String {
    let sorted: BTreeSet<&str> = names.into_iter().collect();
    let mut list = String::new();
    for name in sorted {
        list.push(' ');
        list.push_str(name);
    }
    if !list.is_empty() {
        list.push(' ');
    }
    list
}

pub fn read_list(list: &str) -> impl Iterator<Item = &str> {
    list.split(' ').filter(|name| !name.is_empty())
}

/// The list without some names.
pub fn without(list: &str, lost: &[String]) -> String {
    print_list(read_list(list).filter(|name| !lost.iter().any(|lost| lost == name)))
}

pub fn list(connection: &Connection, state: ScopeState) -> Result<Vec<String>> {
    let mut select =
        connection.prepare_cached("select scope from sync_scope where state = ? order by scope")?;
    let names = select.query_map([state.word()], |row| row.get(0))?;
    Ok(names.collect::<rusqlite::Result<_>>()?)
}

/// Stores all grants of now: new ones are to be filled, missing ones are locked.
pub fn set_granted(connection: &Connection, granted: &[String], now: Timestamp) -> Result<Change> {
    let wanted: BTreeSet<&String> = granted.iter().collect();
    let mut select = connection.prepare_cached("select scope from sync_scope order by scope")?;
    let held: BTreeSet<String> = select.query_map([], |row| row.get(0))?.collect::<rusqlite::Result<_>>()?;
    let mut change = Change::default();
    for scope in held.iter().filter(|scope| !wanted.contains(scope)) {
        set_state(connection, scope, ScopeState::Locked)?;
        change.lost.push(scope.clone());
    }
    let mut insert = connection.prepare_cached(
        "insert into sync_scope (scope, state, granted_at, confirmed_at) values (?, 'filling', ?, ?)",
    )?;
    for scope in wanted.into_iter().filter(|scope| !held.contains(*scope)) {
        insert.execute(params![scope, now.0, now.0])?;
        change.granted.push(scope.clone());
    }
    confirm(connection, now)?;
    Ok(change)
}

pub fn set_state(connection: &Connection, scope: &str, state: ScopeState) -> Result<()> {
    let update = "update sync_scope set state = ?, is_away = 0 where scope = ?";
    connection.prepare_cached(update)?.execute([state.word(), scope])?;
    Ok(())
}

/// The server was asked and took nothing back: the leases run anew.
pub fn confirm(connection: &Connection, now: Timestamp) -> Result<()> {
    let update = "update sync_scope set confirmed_at = ?, is_away = 0 where state <> 'locked'";
    connection.prepare_cached(update)?.execute([now.0])?;
    Ok(())
}

pub fn forget(connection: &Connection, scope: &str) -> Result<()> {
    connection
        .prepare_cached("delete from sync_scope where scope = ? and state = 'locked'")?
        .execute([scope])?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_in_a_list_stands_between_spaces() {
        assert_eq!(print_list([]), "");
        assert_eq!(print_list(["rank:2", "guild", "rank:2"]), " guild rank:2 ");
        assert_eq!(read_list(" guild rank:2 ").collect::<Vec<_>>(), ["guild", "rank:2"]);
        assert_eq!(without(" guild rank:2 ", &["guild".into(), "rank:22".into()]), " rank:2 ");
        assert_eq!(without(" guild ", &["guild".into()]), "");
    }
}

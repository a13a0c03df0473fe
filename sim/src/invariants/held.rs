//! What a device holds, against what the server has.

use crate::log::{Broken, Checked};
use crate::server::pull::Snapshot;
use crate::server::{Key, table_of};
use crate::world::World;
use guildhall_local::fold;
use guildhall_local::inbox::scopes;
use guildhall_local::store::rows::{self, hash_of};
use guildhall_local::store::state;
use guildhall_local::{Result, Store};
use guildhall_sync::model::TABLES;
use guildhall_sync::schema::common;
use guildhall_sync::value::Hash;
use std::collections::{BTreeMap, BTreeSet};
use uuid::Uuid;

/// The server's side of a mirror: clean rows, and the shadows of the others.
#[derive(Debug, Default)]
pub struct Held {
    pub rows: BTreeMap<Key, (i64, Hash, Vec<String>)>,
    /// Rows that have own edits, and those that only exist here.
    pub dirty: BTreeSet<Key>,
    pub epoch: Option<Uuid>,
    pub last_hi: i64,
}

pub fn read(store: &Store) -> Result<Held> {
    store.read(|connection| {
        let mut held = Held::default();
        for table in TABLES {
            for stored in rows::list(connection, table, "true", [])? {
                let id = stored.cells.value(common::ID).as_id().unwrap_or_default();
                let key = (table.number, id);
                let (cells, hash, own_scopes) = if stored.own.dirty {
                    held.dirty.insert(key);
                    match fold::find_shadow(connection, table, id)? {
                        Some(shadow) => (shadow.cells, Some(shadow.hash), shadow.scopes),
                        None => continue,
                    }
                } else {
                    // Not the hash that was kept, but that of what is kept.
                    let hash = hash_of(table, &stored.cells);
                    (stored.cells, Some(hash), stored.own.scopes)
                };
                let version = cells.value(common::REV).as_int().unwrap_or_default();
                let scopes = scopes::read_list(&own_scopes).map(str::to_owned).collect();
                held.rows.insert(key, (version, hash.unwrap_or_default(), scopes));
            }
        }
        let state = state::read(connection)?;
        held.epoch = state.epoch;
        held.last_hi = state.last_hi.unwrap_or_default();
        Ok(held)
    })
}

/// At a checkpoint the mirror is exactly the snapshot that was sent.
pub fn invariant_05_no_gap(device: usize, held: &Held, snapshot: &Snapshot) -> Checked {
    match first_difference(held, snapshot) {
        Some(what) => Err(Broken::new("05_no_gap", format!("D{device} is not as its snapshot: {what}"))),
        None => Ok(()),
    }
}

/// Everything that a person may read is on the device, as the server has it, and nothing else;
/// what a person may read is said by scopes and by row-level security alike.
pub fn invariant_01_convergence(world: &World, device: usize, held: &Held) -> Checked {
    let at = &world.devices[device];
    let guild = &world.guilds[at.guild];
    let snapshot = guild.snapshot(at.user);
    let broken = |what: String| Err(Broken::new("01_convergence", format!("D{device}: {what}")));
    if let Some(what) = first_difference(held, &snapshot) {
        return broken(what);
    }
    if let Some(key) = held.dirty.first() {
        return broken(format!("{} still has edits of its own", name(*key)));
    }
    let seen: BTreeSet<Key> = guild.visible(at.user).into_iter().map(|row| row.key()).collect();
    let granted: BTreeSet<Key> = snapshot.keys().copied().collect();
    match seen.symmetric_difference(&granted).next() {
        Some(key) => broken(format!("scopes and row-level security disagree about {}", name(*key))),
        None => Ok(()),
    }
}

/// Cursor and versions never go back within a history.
pub fn invariant_06_monotone(world: &mut World, device: usize, held: &Held, hi: u64) -> Checked {
    let at = &mut world.devices[device];
    let broken = |what: String| Err(Broken::new("06_monotone", format!("D{device}: {what}")));
    let Some(epoch) = held.epoch else { return broken("it has pulled and knows no epoch".to_owned()) };
    if held.last_hi != i64::try_from(hi).unwrap_or(i64::MAX) {
        return broken(format!("its place is {}, the answer went to {hi}", held.last_hi));
    }
    if let Some((last_epoch, last_hi)) = at.last
        && last_epoch == epoch
    {
        if held.last_hi < last_hi {
            return broken(format!("its place went from {last_hi} back to {}", held.last_hi));
        }
        for (key, (version, ..)) in &held.rows {
            if at.held.get(key).is_some_and(|before| before > version) {
                return broken(format!("{} went back to version {version}", name(*key)));
            }
        }
    }
    at.last = Some((epoch, held.last_hi));
    at.held = held.rows.iter().map(|(key, (version, ..))| (*key, *version)).collect();
    Ok(())
}

fn first_difference(held: &Held, snapshot: &Snapshot) -> Option<String> {
    for (key, (version, hash, scopes)) in snapshot {
        match held.rows.get(key) {
            None => return Some(format!("{} v{version} is missing", name(*key))),
            Some((other, ..)) if other != version => {
                return Some(format!("{} is v{other} here and v{version} there", name(*key)));
            }
            Some((_, other, _)) if other != hash => return Some(format!("{} has another hash", name(*key))),
            Some((.., other)) if other != scopes => {
                return Some(format!("{} is in {other:?} here and in {scopes:?} there", name(*key)));
            }
            Some(_) => {}
        }
    }
    let extra = held.rows.keys().find(|key| !snapshot.contains_key(*key));
    extra.map(|key| format!("{} is not to be here", name(*key)))
}

pub fn name(key: Key) -> String {
    format!("{} {}", table_of(key).name, key.1.as_simple())
}

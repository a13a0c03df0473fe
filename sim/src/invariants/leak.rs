//! What somebody may not read is nowhere on their device.

use crate::ledger::words;
use crate::log::{Broken, Checked};
use crate::server::Key;
use crate::world::World;
use guildhall_local::Store;
use guildhall_local::entries;
use guildhall_local::inbox::flags::{self, Flag};
use guildhall_local::search::fulltext;
use guildhall_sync::model::{TABLES, find_table};
use std::collections::BTreeSet;

/// More entries than a device writes in a simulation.
pub const ALL: usize = 10_000;

/// No text of a row out of reach in entries, and no words of removed rows in full text. That rows
/// and shadows are only those of the snapshot is looked at elsewhere.
pub fn invariant_02_no_leak(world: &World, device: usize, store: &Store, secrets: &BTreeSet<Key>) -> Checked {
    let broken = |what: String| Err(Broken::new("02_no_leak", format!("D{device}: {what}")));
    let lines = store.read(|connection| entries::list_latest(connection, ALL))?;
    let typed: BTreeSet<&String> = lines
        .iter()
        .filter_map(|line| world.ledger.authored.get(&line.entry.id))
        .flat_map(|authored| &authored.markers)
        .collect();
    for line in &lines {
        let Some(table) = find_table(&line.entry.table) else { continue };
        let key = (table.number, line.entry.row);
        // What is gone for all is no secret, and what is on its way must stay the same.
        if !secrets.contains(&key) || line.state.is_undecided() {
            continue;
        }
        let mut left = words(&line.entry.before);
        left.extend(words(&line.entry.after).into_iter().filter(|word| !typed.contains(word)));
        if let Some(word) = left.first() {
            let (name, state) = (&line.entry.table, line.state);
            return broken(format!(
                "{word} of {name} {} is left in entry #{} ({state})",
                key.1.as_simple(),
                line.entry.device_seq
            ));
        }
    }
    let unfit = store.read(|connection| {
        if flags::is_up(connection, Flag::IndexDue)? {
            return Ok(None);
        }
        for table in TABLES {
            let (rows, indexed) = fulltext::count(connection, table)?;
            if rows != indexed {
                return Ok(Some(format!("{indexed} of {rows} rows of {} are in full text", table.name)));
            }
        }
        Ok::<_, guildhall_local::Error>(None)
    })?;
    unfit.map_or(Ok(()), broken)
}

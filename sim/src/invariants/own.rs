//! What somebody wrote here, as this device has it.

use crate::ledger::words;
use crate::log::{Broken, Checked};
use crate::values::markers;
use guildhall_local::doctor;
use guildhall_local::entries;
use guildhall_local::store::rows;
use guildhall_local::{Connection, Result, Store};
use guildhall_sync::model::TABLES;
use guildhall_sync::schema::{Table, common};
use guildhall_sync::value::json::to_json;
use guildhall_sync::value::{Cells, Type};
use std::collections::{BTreeMap, BTreeSet};

/// Entries, shadows and marks of rows tell the same story, and rows are what the server sent.
pub fn invariant_03_accounted(device: usize, store: &Store) -> Checked {
    let flaw = store.read(|connection| match doctor::outbox::find_flaw(connection)? {
        Some(flaw) => Ok(Some(flaw)),
        None => doctor::rows::find_different(connection),
    })?;
    match flaw {
        Some(flaw) => Err(Broken::new("03_exactly_once", format!("D{device}: {flaw}"))),
        None => Ok(()),
    }
}

/// What is typed and not yet settled is on the screen, and once.
pub fn invariant_06_own_writes(device: usize, store: &Store) -> Checked {
    let flaw = store.read(|connection| {
        for table in TABLES {
            for stored in rows::list(connection, table, "sync_dirty = 1", [])? {
                if let Some(flaw) = find_missing(connection, table, &stored.cells)? {
                    return Ok(Some(flaw));
                }
            }
        }
        Ok::<_, guildhall_local::Error>(None)
    })?;
    match flaw {
        Some(flaw) => Err(Broken::new("06_monotone", format!("D{device}: {flaw}"))),
        None => Ok(()),
    }
}

fn find_missing(connection: &Connection, table: &'static Table, cells: &Cells) -> Result<Option<String>> {
    let id = cells.value(common::ID).as_id().unwrap_or_default();
    let mut wanted: BTreeSet<String> = BTreeSet::new();
    for line in entries::list_open(connection, table.name, id)? {
        let (before, after) = (words(&line.entry.before), words(&line.entry.after));
        wanted.extend(after.difference(&before).cloned());
        wanted.retain(|word| !before.contains(word) || after.contains(word));
    }
    let shown = words(&to_json(table, cells));
    if let Some(word) = wanted.difference(&shown).next() {
        return Ok(Some(format!("{word} was typed in {} {} and is not shown", table.name, id.as_simple())));
    }
    Ok(twice(table, cells).map(|word| format!("{word} is shown twice in {} {}", table.name, id.as_simple())))
}

/// A marker that stands more than once in one text.
pub fn twice(table: &Table, cells: &Cells) -> Option<String> {
    let texts = table.columns.iter().filter(|column| column.kind == Type::Markdown);
    for column in texts {
        let mut counts: BTreeMap<&str, u32> = BTreeMap::new();
        let text = cells.value(column.number).as_text().unwrap_or_default();
        for word in markers(text) {
            let count = counts.entry(word).or_default();
            *count += 1;
            if *count > 1 {
                return Some(word.to_owned());
            }
        }
    }
    None
}

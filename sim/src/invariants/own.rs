//! What somebody wrote here, as this device has it.

use crate::ledger::{markers_of, words};
use crate::log::{Broken, Checked};
use crate::values::markers;
use guildhall_local::doctor;
use guildhall_local::entries::{self, Line};
use guildhall_local::quarantine;
use guildhall_local::store::rows;
use guildhall_local::{Connection, Result, Store};
use guildhall_sync::id::EntryId;
use guildhall_sync::model::{TABLES, find_table};
use guildhall_sync::protocol::PushAnswer;
use guildhall_sync::schema::{Merge, Table, common};
use guildhall_sync::value::json::to_json;
use guildhall_sync::value::{Cells, Type};
use std::collections::{BTreeMap, BTreeSet};
use uuid::Uuid;

/// Entries, shadows and marks of rows tell the same story.
pub fn invariant_03_accounted(device: usize, store: &Store) -> Checked {
    let flaw = store.read(doctor::outbox::find_flaw)?;
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
    let mut wanted: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for line in entries::list_open(connection, table.name, id)? {
        let (before, after) = (words(&line.entry.before), words(&line.entry.after));
        for (name, value) in &line.entry.after {
            let typed = wanted.entry(name.clone()).or_default();
            if !is_merged(table, name) {
                typed.clear();
            }
            typed.extend(markers_of(&value.to_string()).into_iter().filter(|word| !before.contains(word)));
        }
        let stands = |word: &String| !before.contains(word) || after.contains(word);
        wanted.values_mut().for_each(|typed| typed.retain(stands));
    }
    let shown = words(&to_json(table, cells));
    if let Some(word) = wanted.values().flatten().find(|word| !shown.contains(*word)) {
        return Ok(Some(format!("{word} was typed in {} {} and is not shown", table.name, id.as_simple())));
    }
    Ok(twice(table, cells).map(|word| format!("{word} is shown twice in {} {}", table.name, id.as_simple())))
}

/// Whether a later value leaves something of an earlier one, also where its author had seen neither.
fn is_merged(table: &Table, column: &str) -> bool {
    table.column(column).is_none_or(|column| matches!(column.merge, Merge::Text | Merge::Set | Merge::Json))
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

/// Entries in an answer that are still folded into their rows, with the words that are shown
/// because of them. To be asked before the answer is stored.
pub fn shown_before(
    store: &Store,
    answer: &PushAnswer,
) -> Result<Vec<(&'static Table, Uuid, BTreeSet<String>)>> {
    store.read(|connection| {
        let mut shown = Vec::new();
        for told in answer.verdicts.iter().filter(|told| told.verdict.has_effect()) {
            let Some(line) = entries::find(connection, told.entry)? else { continue };
            let Some(table) = find_table(&line.entry.table).filter(|_| line.settled_at.is_none()) else {
                continue;
            };
            let Some(stored) = rows::find(connection, table, line.entry.row)? else { continue };
            let mut typed = words(&line.entry.after);
            let before = words(&line.entry.before);
            let on_screen = words(&to_json(table, &stored.cells));
            let refused = words_refused(connection, answer, line.entry.row)?;
            typed
                .retain(|word| !before.contains(word) && on_screen.contains(word) && !refused.contains(word));
            shown.push((table, line.entry.row, typed));
        }
        Ok(shown)
    })
}

/// What is said, perhaps again, by entries of the row that the answer refuses.
fn words_refused(connection: &Connection, answer: &PushAnswer, row: Uuid) -> Result<BTreeSet<String>> {
    let mut refused = BTreeSet::new();
    for told in answer.verdicts.iter().filter(|told| told.verdict.is_final() && !told.verdict.has_effect()) {
        let line = entries::find(connection, told.entry)?.filter(|line| line.entry.row == row);
        refused.extend(line.map(|line| words(&line.entry.after)).unwrap_or_default());
    }
    Ok(refused)
}

/// An answer to a push takes nothing from the screen that was not refused.
pub fn invariant_06_answers_take_nothing(
    device: usize,
    store: &Store,
    before: &[(&'static Table, Uuid, BTreeSet<String>)],
) -> Checked {
    let missing = store.read(|connection| {
        for (table, id, typed) in before {
            let stored = rows::find(connection, table, *id)?;
            let shown = stored.map(|stored| words(&to_json(table, &stored.cells))).unwrap_or_default();
            if let Some(word) = typed.difference(&shown).next() {
                return Ok(Some(format!(
                    "{word} of {} {} went with its verdict",
                    table.name,
                    id.as_simple()
                )));
            }
        }
        Ok::<_, guildhall_local::Error>(None)
    })?;
    missing.map_or(Ok(()), |what| Err(Broken::new("06_monotone", format!("D{device}: {what}"))))
}

/// What depends on something refused has gone with it.
pub fn invariant_13_dependents_go_along(device: usize, store: &Store) -> Checked {
    let left = store.read(|connection| {
        let refused: BTreeSet<EntryId> = quarantine::list(connection)?
            .iter()
            .flat_map(|item| item.lines().map(|line| line.entry.id).collect::<Vec<_>>())
            .collect();
        if refused.is_empty() {
            return Ok(None);
        }
        let undecided = entries::list_undecided(connection, super::leak::ALL)?;
        let hangs = |line: &&Line| line.entry.depends_on.iter().any(|id| refused.contains(id));
        Ok::<_, guildhall_local::Error>(undecided.iter().find(hangs).map(|line| line.entry.device_seq))
    })?;
    let broken =
        |seq| Err(Broken::new("13_keeps_work", format!("D{device}: #{seq} waits for what was refused")));
    left.map_or(Ok(()), broken)
}

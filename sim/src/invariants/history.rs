//! What became of everything that was ever written.

use super::back;
use super::held::name;
use super::leak::ALL;
use super::own::twice;
use crate::ledger::{markers_of, words};
use crate::log::{Broken, Checked};
use crate::server::Key;
use crate::server::decide::ROW_MISSING;
use crate::world::World;
use guildhall_local::entries::{self, EntryState, Line};
use guildhall_sync::change::{Operation, RejectCode, Verdict};
use guildhall_sync::id::EntryId;
use guildhall_sync::schema::common;
use guildhall_sync::value::{Cells, Value};
use std::collections::{BTreeMap, BTreeSet};

/// Every entry got one verdict, the device knows which, and what was accepted was applied once.
pub fn invariant_03_exactly_once(world: &World) -> Checked {
    let broken = |what: String| Err(Broken::new("03_exactly_once", what));
    let mut applied: BTreeSet<EntryId> = BTreeSet::new();
    for entry in world.guilds.iter().flat_map(|guild| &guild.accepted) {
        if !applied.insert(*entry) {
            return broken(format!("entry {entry} was applied twice"));
        }
        if !world.ledger.authored.contains_key(entry) {
            return broken(format!("entry {entry} was applied and nobody wrote it"));
        }
    }
    for (id, authored) in world.ledger.authored.iter().filter(|(_, authored)| !authored.is_gone) {
        let device = &world.devices[authored.device];
        let store = device.store.as_ref().expect("all devices are on at the end");
        let Some(line) = store.read(|connection| entries::find(connection, *id))? else {
            return broken(format!("D{} lost its entry #{}", authored.device, authored.device_seq));
        };
        let decided = world.guilds[device.guild].inbox.get(id);
        let was_applied = decided.is_some_and(|decided| decided.verdict.has_effect());
        if was_applied != applied.contains(id) {
            return broken(format!("the inbox and the history disagree about #{}", authored.device_seq));
        }
        if back::stays_away(&world.guilds[device.guild], &line, authored) {
            continue;
        }
        // Both came back after a restore: the edit was refused, and what takes it back was not.
        let lines = match line.state {
            EntryState::Undone => store.read(|connection| entries::list_latest(connection, ALL))?,
            _ => Vec::new(),
        };
        let takes_it_back = |line: &Line| line.entry.undo_of == Some(*id) && applied.contains(&line.entry.id);
        let is_done = match line.state {
            EntryState::Settled => was_applied,
            EntryState::Undone => was_applied || lines.iter().any(takes_it_back),
            EntryState::Conflict => was_applied && line.settled_at.is_some(),
            EntryState::Rejected | EntryState::Discarded => !was_applied,
            _ => false,
        };
        if !is_done {
            let (device, seq) = (authored.device, authored.device_seq);
            let verdict = decided.map(|decided| &decided.verdict);
            let what = format!("#{seq} of D{device} is {}, by {:?} of {verdict:?}", line.state, line.verdict);
            return broken(what);
        }
    }
    Ok(())
}

/// Nobody is refused because something came too late that they had written before: an edit of a
/// row that its author made, and that was accepted, does not meet a row that is not there.
pub fn invariant_10_nothing_overtakes(world: &World) -> Checked {
    for device in &world.devices {
        let store = device.store.as_ref().expect("all devices are on at the end");
        let lines = store.read(|connection| entries::list_latest(connection, ALL))?;
        let guild = &world.guilds[device.guild];
        let decided = |line: &Line| guild.inbox.get(&line.entry.id);
        for line in &lines {
            let Some(refused) = decided(line) else { continue };
            let Verdict::Rejected { code: RejectCode::NotFound, reason, .. } = &refused.verdict else {
                continue;
            };
            let is_birth = |other: &&Line| {
                other.entry.row == line.entry.row
                    && other.entry.operation == Operation::Insert
                    && other.entry.device_seq < line.entry.device_seq
            };
            let birth = lines.iter().find(is_birth).and_then(decided);
            let was_born = birth.is_some_and(|birth| {
                birth.verdict.has_effect() && birth.place > refused.place && !birth.is_back
            });
            let is_update = line.entry.operation == Operation::Update && line.entry.settles.is_none();
            let is_there = guild.find(&line.entry.table, line.entry.row).is_some();
            if *reason == ROW_MISSING && is_update && was_born && is_there {
                let what = format!("#{} was decided before the row was made", line.entry.device_seq);
                return Err(Broken::new("10_liveness", what));
            }
        }
    }
    Ok(())
}

/// Every word that somebody typed is in a row, in its history, in a conflict or in quarantine,
/// unless its author took it out again.
pub fn invariant_04_nothing_lost(world: &World) -> Checked {
    let (mut kept, mut away) = (world.ledger.given_up.clone(), BTreeSet::new());
    for guild in &world.guilds {
        for row in guild.rows.values() {
            kept.extend(words_of(&row.cells));
            if let Some(word) = twice(row.table, &row.cells) {
                let what = format!("{word} stands twice in {}", name(row.key()));
                return Err(Broken::new("06_monotone", what));
            }
        }
        let written = guild.history.iter().filter_map(|line| line.after.as_ref());
        kept.extend(written.flat_map(words_of));
        kept.extend(back::list_kept(guild));
    }
    for device in &world.devices {
        let store = device.store.as_ref().expect("all devices are on at the end");
        let lines = store.read(|connection| entries::list_latest(connection, ALL))?;
        let refused = lines.iter().filter(|line| line.state == EntryState::Rejected);
        kept.extend(refused.flat_map(|line| words(&line.entry.after)));
        let again = lines.iter().filter(|line| line.state == EntryState::Discarded);
        kept.extend(again.flat_map(|line| words(&line.entry.after)));
        let guild = &world.guilds[device.guild];
        let stays_away = |line: &&Line| {
            let authored = world.ledger.authored.get(&line.entry.id);
            authored.is_some_and(|authored| back::stays_away(guild, line, authored))
        };
        away.extend(lines.iter().filter(stays_away).map(|line| line.entry.id));
    }
    for (id, authored) in world.ledger.authored.iter().filter(|(_, authored)| !authored.is_gone) {
        if away.contains(id) {
            continue;
        }
        if let Some(word) = authored.markers.iter().find(|word| !kept.contains(*word)) {
            let what = format!("{word} of #{} of D{} is nowhere", authored.device_seq, authored.device);
            return Err(Broken::new("04_nothing_lost", what));
        }
    }
    Ok(())
}

pub fn words_of(cells: &Cells) -> Vec<String> {
    let text = |value: &Value| match value {
        Value::Text(text) | Value::Json(text) => markers_of(text),
        Value::Set(words) => words.iter().flat_map(|word| markers_of(word)).collect(),
        Value::Null | Value::Int(_) | Value::Id(_) | Value::Aside(..) => Vec::new(),
    };
    cells.iter().flat_map(|(_, value)| text(value)).collect()
}

/// What was removed is there again only where somebody made it again, and what was deleted only
/// where somebody wanted it back.
pub fn invariant_09_no_resurrection(world: &World) -> Checked {
    let broken = |what: String| Err(Broken::new("09_no_resurrection", what));
    for guild in &world.guilds {
        let risen =
            guild.tombs.keys().find(|key| guild.row(**key).is_some() && !guild.brought_back.contains(key));
        if let Some(key) = risen {
            return broken(format!("{} was removed and is there", name(*key)));
        }
        let mut deleted: BTreeSet<Key> = BTreeSet::new();
        for line in &guild.history {
            let Some(value) = line.after.as_ref().and_then(|after| after.get(common::DELETED_AT)) else {
                continue;
            };
            if !value.is_null() {
                deleted.insert(line.key);
                continue;
            }
            let author = line.entry.and_then(|entry| world.ledger.authored.get(&entry));
            if deleted.remove(&line.key) && author.is_some_and(|author| !author.restores) {
                return broken(format!("{} came back unasked", name(line.key)));
            }
        }
    }
    Ok(())
}

/// Folding the history by version gives the tables, whoever wrote.
pub fn invariant_15_history_is_tables(world: &World) -> Checked {
    let broken = |what: String| Err(Broken::new("15_history_is_tables", what));
    for guild in &world.guilds {
        let mut rows: BTreeMap<Key, Cells> = BTreeMap::new();
        let mut versions: BTreeMap<Key, i64> = BTreeMap::new();
        for line in &guild.history {
            if versions.insert(line.key, line.version).is_some_and(|before| before >= line.version) {
                return broken(format!("{} went back to version {}", name(line.key), line.version));
            }
            match &line.after {
                Some(after) => {
                    let row = rows.entry(line.key).or_default();
                    after.iter().for_each(|(number, value)| row.set(number, value.clone()));
                }
                None => drop(rows.remove(&line.key)),
            }
        }
        for (key, row) in &guild.rows {
            if rows.remove(key).as_ref() != Some(&row.cells) {
                return broken(format!("{} is not what its history says", name(*key)));
            }
        }
        if let Some(key) = rows.keys().next() {
            return broken(format!("{} is in the history only", name(*key)));
        }
    }
    Ok(())
}

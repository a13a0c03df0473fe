//! What people wrote, noted outside of all devices: the only memory that no fault touches.

use crate::log::{Broken, Checked};
use crate::oddities::Oddity;
use crate::values::markers;
use crate::world::World;
use guildhall_local::entries::{self, Line};
use guildhall_sync::change::{SCHEMA, Verdict};
use guildhall_sync::id::EntryId;
use serde_json::{Map, Value as Json};
use std::collections::{BTreeMap, BTreeSet};

/// More entries than one local transaction has, or a life without being asked.
const LOOK_BACK: usize = 40;

#[derive(Debug, Default)]
pub struct Ledger {
    pub authored: BTreeMap<EntryId, Authored>,
    /// Words that their own author took out again, or that were thrown away on purpose.
    pub given_up: BTreeSet<String>,
    /// What the server said to an entry when it first said something final.
    pub verdicts: BTreeMap<EntryId, Verdict>,
}

/// An entry that was acknowledged.
#[derive(Clone, Debug)]
pub struct Authored {
    pub device: usize,
    pub device_seq: u64,
    /// The words in it that stand nowhere else.
    pub markers: Vec<String>,
    /// Whether its author wanted a deleted row back.
    pub restores: bool,
    /// Whether it is gone from its device, because a copy took the place of the file.
    pub is_gone: bool,
    /// Whether what it said had left with its row when the server was set back.
    pub had_left: bool,
}

impl World {
    /// Notes what was written on a device since it was last asked.
    pub fn learn(&mut self, device: usize) -> Checked<Vec<Line>> {
        let Some(store) = self.devices[device].store.clone() else { return Ok(Vec::new()) };
        let known = self.devices[device].known_seq;
        let mut lines = store.read(|connection| entries::list_latest(connection, LOOK_BACK))?;
        lines.retain(|line| line.entry.device_seq > known);
        lines.reverse();
        for line in &lines {
            self.enter(device, line)?;
        }
        if let Some(last) = lines.last() {
            self.devices[device].known_seq = last.entry.device_seq;
        }
        Ok(lines)
    }

    fn enter(&mut self, device: usize, line: &Line) -> Checked {
        let entry = &line.entry;
        if entry.schema < SCHEMA {
            self.had.insert(Oddity::OldProgram);
        }
        let (before, after) = (words(&entry.before), words(&entry.after));
        let typed = after.difference(&before).cloned().collect();
        self.ledger.given_up.extend(before.difference(&after).cloned());
        let restores = entry.after.get("deleted_at").is_some_and(Json::is_null);
        let authored = Authored {
            device,
            device_seq: entry.device_seq,
            markers: typed,
            restores,
            is_gone: false,
            had_left: false,
        };
        if self.ledger.authored.insert(entry.id, authored).is_some() {
            return Err(Broken::new("03_exactly_once", format!("entry {} was made twice", entry.id)));
        }
        self.note(format_args!(
            "D{device} #{} {:?} {} {} {}",
            entry.device_seq,
            entry.operation,
            entry.table,
            entry.row.as_simple(),
            serde_json::Value::Object(entry.after.clone()),
        ));
        Ok(())
    }
}

/// The markers in named values.
pub fn words(named: &Map<String, Json>) -> BTreeSet<String> {
    named.values().flat_map(|value| markers_of(&value.to_string())).collect()
}

pub fn markers_of(text: &str) -> Vec<String> {
    markers(text).map(str::to_owned).collect()
}

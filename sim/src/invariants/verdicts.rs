//! What the server says to entries.

use crate::log::{Broken, Checked};
use crate::server::{Guild, Key, Line, Row};
use crate::world::World;
use guildhall_local::store::rows;
use guildhall_local::{entries, fold};
use guildhall_sync::change::{Entry, Operation, Verdict};
use guildhall_sync::id::EntryId;
use guildhall_sync::merge::is_same;
use guildhall_sync::model::find_table;
use guildhall_sync::protocol::{Push, PushAnswer, SentGroup};
use guildhall_sync::schema::{Column, Merge, common};
use guildhall_sync::value::Cells;
use guildhall_sync::value::json::to_json;
use serde_json::Value as Json;
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;
use uuid::Uuid;

/// How a device shows a row whose edits are just being decided on the very version that it knows.
#[derive(Debug)]
pub struct Preview {
    key: Key,
    entries: BTreeSet<EntryId>,
    /// The columns that the entries name.
    columns: BTreeSet<String>,
    shown: Cells,
}

impl World {
    /// To be asked before the server decides.
    pub fn preview(&self, device: usize, push: &Push) -> Checked<Vec<Preview>> {
        let Some(store) = self.devices[device].store.clone() else { return Ok(Vec::new()) };
        let guild = &self.guilds[self.devices[device].guild];
        let sent: Vec<&Entry> = push.groups.iter().flat_map(|sent| &sent.group.entries).collect();
        let is_back = push.groups.iter().any(|sent| sent.reoffered.is_some());
        let is_repeated = is_back || sent.iter().any(|entry| guild.inbox.contains_key(&entry.id));
        let mut keys: BTreeSet<Key> = BTreeSet::new();
        keys.extend(sent.iter().filter_map(|entry| Some((find_table(&entry.table)?.number, entry.row))));
        let mut previews = Vec::new();
        if is_repeated {
            return Ok(previews);
        }
        for key in keys {
            let table = crate::server::table_of(key);
            let found = store.read(|connection| {
                let open = entries::list_open(connection, table.name, key.1)?;
                let shadow = fold::find_shadow(connection, table, key.1)?;
                Ok((open, shadow, rows::find(connection, table, key.1)?))
            });
            let (open, shadow, row) = found?;
            // In a new history another row may have the version.
            let known = shadow.map(|shadow| shadow.hash);
            let ids: BTreeSet<EntryId> = open.iter().map(|line| line.entry.id).collect();
            let of_row = sent.iter().filter(|entry| entry.row == key.1 && entry.table == table.name);
            let is_all = of_row.map(|entry| entry.id).collect::<BTreeSet<_>>() == ids;
            if let (Some(row), true) = (row, is_all && known == guild.row(key).map(|row| row.hash)) {
                let columns = open.iter().flat_map(|line| line.entry.after.keys().cloned()).collect();
                previews.push(Preview { key, entries: ids, columns, shown: row.cells });
            }
        }
        Ok(previews)
    }

    pub fn judge_push(
        &mut self,
        device: usize,
        push: &Push,
        answer: &PushAnswer,
        previews: &[Preview],
    ) -> Checked {
        self.invariant_11_idempotent(answer)?;
        self.invariant_03_of_ones_own(device, push)?;
        previews.iter().try_for_each(|preview| self.invariant_08_preview(device, answer, preview))
    }

    /// The same entry always gets the same last word.
    fn invariant_11_idempotent(&mut self, answer: &PushAnswer) -> Checked {
        for told in answer.verdicts.iter().filter(|told| told.verdict.is_final()) {
            let first = self.ledger.verdicts.entry(told.entry).or_insert_with(|| told.verdict.clone());
            if *first != told.verdict {
                let what = format!("#{} was told {first:?} and then {:?}", told.device_seq, told.verdict);
                return Err(Broken::new("11_idempotent", what));
            }
        }
        Ok(())
    }

    /// Nothing is sent that nobody wrote.
    fn invariant_03_of_ones_own(&self, device: usize, push: &Push) -> Checked {
        let sent = push.groups.iter().flat_map(|sent| &sent.group.entries);
        match sent.into_iter().find(|entry| !self.ledger.authored.contains_key(&entry.id)) {
            Some(entry) => {
                let what = format!("D{device} sends {} that nobody wrote", entry.id);
                Err(Broken::new("03_exactly_once", what))
            }
            None => Ok(()),
        }
    }

    /// What is shown before is what is decided after.
    fn invariant_08_preview(&self, device: usize, answer: &PushAnswer, preview: &Preview) -> Checked {
        let of_row = answer.verdicts.iter().filter(|told| preview.entries.contains(&told.entry));
        let is_whole = of_row
            .into_iter()
            .all(|told| matches!(told.verdict, Verdict::Committed { .. } | Verdict::Merged { .. }));
        let Some(row) = self.guilds[self.devices[device].guild].row(preview.key).filter(|_| is_whole) else {
            return Ok(());
        };
        for name in &preview.columns {
            let (shown, stored) = (row.table.value(&preview.shown, name), row.table.value(&row.cells, name));
            if !is_same(&shown, &stored) {
                let what = format!(
                    "D{device} showed {}.{name} as {shown:?} and it became {stored:?}",
                    row.table.name
                );
                return Err(Broken::new("08_preview", what));
            }
        }
        Ok(())
    }
}

/// Where both sides gave a column other values and no rule brings them together, neither is
/// overwritten: the server's stays, and the author's is in a conflict.
pub fn invariant_04_both_sides_kept(
    before: &Guild,
    after: &Guild,
    push: &Push,
    answer: &PushAnswer,
) -> Checked {
    let fresh = push.groups.iter().filter(|sent| sent.reoffered.is_none());
    let fresh = fresh.flat_map(|sent| &sent.group.entries);
    let fresh = fresh.filter(|entry| !before.inbox.contains_key(&entry.id));
    for entry in fresh.filter(|entry| entry.operation == Operation::Update && entry.settles.is_none()) {
        let told = answer.verdicts.iter().find(|told| told.entry == entry.id).map(|told| &told.verdict);
        let Some(Verdict::Committed { .. } | Verdict::Merged { .. }) = told else { continue };
        // Of several edits of a row the later ones are about what the first one made of it.
        let others =
            push.groups.iter().flat_map(|sent| &sent.group.entries).filter(|other| other.row == entry.row);
        let (Some(theirs), Some(now), 1) =
            (before.find(&entry.table, entry.row), after.find(&entry.table, entry.row), others.count())
        else {
            continue;
        };
        for column in theirs.table.columns.iter().filter(|column| column.merge == Merge::Guarded) {
            let is_alone = theirs.table.unit_of(column.name).len() == 1 && column.number >= common::FIRST_OWN;
            let (Some(base), Some(mine), true) =
                (entry.before.get(column.name), entry.after.get(column.name), is_alone)
            else {
                continue;
            };
            let named =
                |row: &Row| to_json(row.table, &row.cells).get(column.name).cloned().unwrap_or_default();
            let live = named(theirs);
            if *base != *mine && live != *base && live != *mine && named(now) == *mine {
                let what = format!("{}.{}: {live} was overwritten with {mine}", entry.table, column.name);
                return Err(Broken::new("04_nothing_lost", what));
            }
        }
    }
    Ok(())
}

/// What was written after a restore stays, where no rule brings it together with what comes back.
pub fn invariant_04_comebacks_overwrite_nothing(before: &Guild, after: &Guild, push: &Push) -> Checked {
    if !before.was_restored() {
        return Ok(());
    }
    let comes_back = |sent: &&SentGroup| {
        sent.reoffered.as_ref().is_some_and(|places| places.iter().all(|place| place.is_some()))
    };
    let (back, rest): (Vec<&SentGroup>, Vec<&SentGroup>) = push.groups.iter().partition(comes_back);
    let rows_of = |groups: &[&SentGroup]| -> BTreeSet<(String, Uuid)> {
        let entries = groups.iter().flat_map(|sent| &sent.group.entries);
        entries.map(|entry| (entry.table.clone(), entry.row)).collect()
    };
    for (table, id) in rows_of(&back).difference(&rows_of(&rest)) {
        let (Some(was), Some(is)) = (before.find(table, *id), after.find(table, *id)) else { continue };
        let is_new = |line: &&Rc<Line>| {
            line.key == was.key()
                && !line
                    .entry
                    .and_then(|entry| before.inbox.get(&entry))
                    .is_some_and(|decided| decided.is_back)
        };
        let new: Vec<_> = before.history[before.aftermath.first_new..].iter().filter(is_new).collect();
        // A state decides for all columns of its unit.
        let is_state = |name: &&str| {
            was.table.column(name).is_some_and(|column| matches!(column.merge, Merge::Status(_)))
        };
        let is_guarded = |column: &&Column| {
            column.merge == Merge::Guarded && !was.table.unit_of(column.name).iter().any(is_state)
        };
        for column in was.table.columns.iter().filter(is_guarded) {
            let is_own = column.number >= common::FIRST_OWN;
            let written = new.iter().filter_map(|line| line.after.as_ref()?.get(column.number)).next_back();
            let Some(written) = written.filter(|_| is_own) else { continue };
            let (then, now) = (column.value_in(&was.cells), column.value_in(&is.cells));
            // Who had seen the same value there may change it.
            let seen = |entry: &Entry| {
                let same = |base: &Json| to_json(was.table, &was.cells).get(column.name) == Some(base);
                entry.row == *id && entry.before.get(column.name).is_some_and(same)
            };
            let is_seen = back.iter().flat_map(|sent| &sent.group.entries).any(seen);
            if is_same(written, &then) && !is_same(&then, &now) && !is_seen {
                let what = format!("{table}.{}: {then:?} of after the restore became {now:?}", column.name);
                return Err(Broken::new("04_nothing_lost", what));
            }
        }
    }
    Ok(())
}

/// A group of several is applied whole or not at all.
pub fn invariant_07_groups_are_whole(before: &Guild, push: &Push, answer: &PushAnswer) -> Checked {
    // What earlier groups of the push made of a row is no work of this one.
    let mut made: BTreeMap<(&str, Uuid), i64> = BTreeMap::new();
    // Of what is in conflict the rest may have been applied.
    let mut unsure: BTreeSet<(&str, Uuid)> = BTreeSet::new();
    for sent in &push.groups {
        let (mut applied, mut refused, mut makes, mut met) = (false, false, Vec::new(), Vec::new());
        for entry in &sent.group.entries {
            let told = answer.verdicts.iter().find(|told| told.entry == entry.id).map(|told| &told.verdict);
            let row = (entry.table.as_str(), entry.row);
            let rev_before = before.find(&entry.table, entry.row).map_or(0, |row| row.version);
            let rev_before = made.get(&row).map_or(rev_before, |rev| rev_before.max(*rev));
            match told {
                Some(Verdict::Committed { rev, .. } | Verdict::Merged { rev, .. }) => {
                    applied |= *rev > rev_before && !unsure.contains(&row);
                    makes.push((row, *rev));
                }
                Some(Verdict::Conflict { .. }) => {
                    refused = true;
                    met.push(row);
                }
                Some(Verdict::Rejected { .. }) => refused = true,
                Some(Verdict::Deferred { .. }) | None => {}
            }
        }
        unsure.extend(met);
        for (row, rev) in makes {
            let known = made.entry(row).or_default();
            *known = rev.max(*known);
        }
        let is_known = sent.group.entries.iter().any(|entry| before.inbox.contains_key(&entry.id));
        if sent.group.entries.len() > 1 && applied && refused && !is_known {
            return Err(Broken::new("07_atomic", "a group of several was applied in part"));
        }
    }
    Ok(())
}

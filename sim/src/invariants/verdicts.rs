//! What the server says to entries.

use crate::log::{Broken, Checked};
use crate::server::Key;
use crate::world::World;
use guildhall_local::store::rows;
use guildhall_local::{entries, fold};
use guildhall_sync::change::{Entry, Verdict};
use guildhall_sync::id::EntryId;
use guildhall_sync::merge::is_same;
use guildhall_sync::model::find_table;
use guildhall_sync::protocol::{Push, PushAnswer};
use guildhall_sync::schema::common;
use guildhall_sync::value::Cells;
use std::collections::BTreeSet;

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
        let is_repeated = sent.iter().any(|entry| guild.inbox.contains_key(&entry.id));
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
            let known = shadow.and_then(|shadow| shadow.cells.value(common::REV).as_int());
            let ids: BTreeSet<EntryId> = open.iter().map(|line| line.entry.id).collect();
            let of_row = sent.iter().filter(|entry| entry.row == key.1 && entry.table == table.name);
            let is_all = of_row.map(|entry| entry.id).collect::<BTreeSet<_>>() == ids;
            if let (Some(row), true) = (row, is_all && known == guild.row(key).map(|row| row.version)) {
                let columns = open.iter().flat_map(|line| line.entry.after.keys().cloned()).collect();
                previews.push(Preview { key, entries: ids, columns, shown: row.cells });
            }
        }
        Ok(previews)
    }

    pub fn judge_push(&mut self, device: usize, push: &Push, answer: &PushAnswer, previews: &[Preview]) -> Checked {
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
        let is_whole =
            of_row.into_iter().all(|told| matches!(told.verdict, Verdict::Committed { .. } | Verdict::Merged { .. }));
        let Some(row) = self.guilds[self.devices[device].guild].row(preview.key).filter(|_| is_whole) else {
            return Ok(());
        };
        for name in &preview.columns {
            let (shown, stored) = (row.table.value(&preview.shown, name), row.table.value(&row.cells, name));
            if !is_same(&shown, &stored) {
                let what = format!("D{device} showed {}.{name} as {shown:?} and it became {stored:?}", row.table.name);
                return Err(Broken::new("08_preview", what));
            }
        }
        Ok(())
    }
}

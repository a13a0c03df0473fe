//! Comparing finds what differs, and only that; and where nothing was damaged, nothing differs.

use super::held;
use crate::log::{Broken, Checked};
use crate::server::{Guild, Key, table_of};
use crate::world::World;
use guildhall_local::check;
use guildhall_local::inbox::Outcome;
use guildhall_local::search::fulltext::Indexing;
use guildhall_local::store::rows;
use guildhall_local::{Error, Result, Store};
use guildhall_sync::client;
use guildhall_sync::schema::{Table, common};
use guildhall_sync::value::cells::hash;
use guildhall_sync::value::{Cells, Type, Value};
use std::rc::Rc;

/// Where a value is flipped, or a row lost.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Damage {
    OnDevice,
    LostOnDevice,
    OnServer,
}

/// Where nothing was damaged on purpose, nothing differs: what a comparison heals was broken by
/// something.
pub fn invariant_14_nothing_to_heal(world: &mut World, device: usize, outcome: &Outcome) -> Checked {
    world.devices[device].repaired += outcome.repaired;
    world.devices[device].received += outcome.rows;
    let differing = outcome.checked.as_ref().map_or(0, |checking| checking.counts.differing);
    if world.is_damaged || outcome.repaired == 0 && differing == 0 {
        return Ok(());
    }
    let what = format!("D{device}: {} rows and {differing} scopes differed for no reason", outcome.repaired);
    Err(Broken::new("14_digest_sound", what))
}

impl World {
    /// One flipped value on either side is found, and that row alone is fetched.
    pub fn invariant_14_digest_sound(&mut self) -> Checked {
        let device = self.random.below(self.devices.len());
        let at = self.devices[device].guild;
        let damage = match self.random.below(3) {
            0 => Damage::OnDevice,
            1 => Damage::LostOnDevice,
            _ => Damage::OnServer,
        };
        let Some(key) = self.choose_row(device) else { return Ok(()) };
        self.note(format_args!("{damage:?}: {} of D{device}", held::name(key)));
        self.is_damaged = true;
        let Some(store) = self.devices[device].store.clone() else { return Ok(()) };
        match damage {
            Damage::OnDevice => store.record(|connection| flip(connection, key))?,
            Damage::LostOnDevice => {
                store.record(|connection| rows::remove(connection, table_of(key), key.1))?;
            }
            Damage::OnServer => flip_on_server(&mut self.guilds[at], key),
        }
        let own: Vec<usize> = (0..self.devices.len()).filter(|own| self.devices[*own].guild == at).collect();
        for own in &own {
            (self.devices[*own].repaired, self.devices[*own].received) = (0, 0);
            if let Some(store) = self.devices[*own].store.clone() {
                store.record(|connection| check::want(connection))?;
            }
            self.step(*own, client::Event::Asked)?;
        }
        self.settle()?;
        own.iter()
            .try_for_each(|own| self.judge_repair(*own, key, damage != Damage::OnServer && *own != device))
    }

    fn choose_row(&mut self, device: usize) -> Option<Key> {
        let at = &self.devices[device];
        let snapshot = self.guilds[at.guild].snapshot(at.user);
        let keys: Vec<Key> =
            snapshot.keys().copied().filter(|key| text_column(table_of(*key)).is_some()).collect();
        self.random.pick(&keys).copied()
    }

    fn judge_repair(&self, device: usize, key: Key, is_spared: bool) -> Checked {
        let broken = |what: String| Err(Broken::new("14_digest_sound", format!("D{device}: {what}")));
        let at = &self.devices[device];
        let snapshot = self.guilds[at.guild].snapshot(at.user);
        let Some(store) = &at.store else { return broken("is off".to_owned()) };
        if let Err(Broken { what, .. }) = held::invariant_05_no_gap(device, &held::read(store)?, &snapshot) {
            return broken(what);
        }
        let wanted = u64::from(!is_spared && snapshot.contains_key(&key));
        if at.repaired != wanted || at.received != wanted {
            return broken(format!(
                "{} rows were repaired and {} fetched for {wanted} that differed",
                at.repaired, at.received
            ));
        }
        is_calm(store)
    }
}

fn is_calm(store: &Store) -> Checked {
    match store.read(check::find)? {
        None => Ok(()),
        Some(checking) => Err(Broken::new("14_digest_sound", format!("{checking:?} has no end"))),
    }
}

/// A column whose value says nothing but itself.
fn text_column(table: &'static Table) -> Option<u16> {
    let is_text = |kind: Type| matches!(kind, Type::Text | Type::Markdown);
    let mut columns = table.own_columns().filter(|column| is_text(column.kind) && column.name != "scope_key");
    columns.find(|column| column.number >= common::FIRST_OWN).map(|column| column.number)
}

fn flipped(table: &'static Table, cells: &Cells) -> Cells {
    let number = text_column(table).expect("it was looked for");
    let text = cells.value(number).as_text().unwrap_or_default().to_owned();
    let mut cells = cells.clone();
    cells.set(number, Value::Text(format!("{text}~")));
    cells
}

fn flip(connection: &guildhall_local::Connection, key: Key) -> Result<()> {
    let table = table_of(key);
    let stored = rows::get(connection, table, key.1)?;
    rows::put(connection, table, flipped(table, &stored.cells), &stored.own, Indexing::Now)?;
    Ok::<_, Error>(())
}

/// Behind the back of whatever notes changes.
fn flip_on_server(guild: &mut Guild, key: Key) {
    let Some(row) = guild.rows.get_mut(&key) else { return };
    let row = Rc::make_mut(row);
    row.cells = flipped(row.table, &row.cells);
    row.bytes = row.cells.encode(row.table);
    row.hash = hash(&row.bytes);
}

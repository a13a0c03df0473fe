//! What people do on a device: they change rows, add some, delete and bring back, do several at
//! once, settle conflicts, take things back, and go through what was refused. What the device
//! does not let them do, they do not do.

use crate::happenings::keep_apart;
use crate::link::Done;
use crate::log::Checked;
use crate::random::Random;
use crate::server::{Key, table_of};
use crate::values::{Values, is_editable};
use crate::world::World;
use guildhall_local::conflicts::{self, Settlement};
use guildhall_local::entries::{self, EntryState};
use guildhall_local::store::rows;
use guildhall_local::write::{Why, Write};
use guildhall_local::{Connection, Error, Result, quarantine};
use guildhall_sync::client;
use guildhall_sync::id::EntryId;
use guildhall_sync::model::settlement::SyncConflict;
use guildhall_sync::model::{TABLES, find_table};
use guildhall_sync::schema::{Rows, Table, common};
use guildhall_sync::value::{Cells, Value};
use uuid::Uuid;

/// Entries of the past that somebody may take back.
const LOOK_BACK: usize = 12;

/// What somebody sits down to do.
struct Editing<'a> {
    random: &'a mut Random,
    markers: &'a mut u64,
    given_up: Vec<String>,
    user: Uuid,
    /// Rows that the person may have heard of.
    keys: Vec<Key>,
    hot: Vec<Key>,
    twins: [Uuid; 2],
    born: Vec<Key>,
}

impl World {
    pub fn edit(&mut self, device: usize) -> Checked {
        if self.devices[device].store.is_none() {
            return Ok(());
        }
        let (at, user) = (self.devices[device].guild, self.devices[device].user);
        let edited = |key: &Key| table_of(*key).rows == Rows::Edited;
        let mut keys: Vec<Key> = self.guilds[at].rows.keys().copied().filter(edited).collect();
        // People go on with what they have made.
        let mut hot = self.hot[at].clone();
        hot.extend(self.devices[device].born.iter().rev().take(2));
        keys.extend(&self.devices[device].born);
        let (mut random, mut markers) = (self.random.fork(), self.markers);
        let twins = self.twins[at];
        let (given_up, born) = (Vec::new(), Vec::new());
        let mut editing =
            Editing { random: &mut random, markers: &mut markers, given_up, user, keys, hot, twins, born };
        let done = self.attempt(device, |store| store.write(|write| editing.do_something(write)));
        let Editing { given_up, born, .. } = editing;
        self.markers = markers;
        match done {
            Done::Well(_) => {
                self.devices[device].born.extend(born);
                self.ledger.given_up.extend(given_up);
                if !self.learn(device)?.is_empty() {
                    self.step(device, client::Event::LocalChanged)?;
                }
                Ok(())
            }
            Done::Failed(Error::Disagreement(no)) => {
                self.note(format_args!("D{device} may not: {no}"));
                Ok(())
            }
            // What is not acknowledged is nobody's loss.
            Done::Failed(error) => self.failure(device, error).map(drop),
            Done::Died => {
                // Whether it was stored is known when the device starts again.
                self.ledger.given_up.extend(given_up);
                self.die(device)
            }
        }
    }
}

impl Editing<'_> {
    fn do_something(&mut self, write: &mut Write<'_>) -> Result<()> {
        match self.random.below(100) {
            0..45 => self.change(write),
            45..62 => self.insert(write).map(drop),
            62..68 => self.delete_or_restore(write),
            68..80 => self.several(write),
            80..86 => self.twins(write),
            86..91 => self.settle(write),
            91..96 => self.go_through_refused(write),
            _ => self.take_back(write),
        }
    }

    fn pick(&mut self) -> Option<Key> {
        let from = if self.random.one_in(3) { &self.keys } else { &self.hot };
        self.random.pick(from).copied()
    }

    fn change(&mut self, write: &mut Write<'_>) -> Result<()> {
        let Some(key) = self.pick() else { return Ok(()) };
        self.change_row(write, key)
    }

    fn change_row(&mut self, write: &mut Write<'_>, key: Key) -> Result<()> {
        let table = table_of(key);
        let Some(stored) = rows::find(write.connection(), table, key.1)? else { return Ok(()) };
        let connection = write.connection();
        let mut changes = {
            let rows = |name: &str, random: &mut Random| pick_row(connection, name, random);
            let mut values = Values { random: self.random, markers: self.markers, rows: &rows };
            values.changes(table, &stored.cells, is_editable)
        };
        keep_apart(table, &mut changes, self.twins.contains(&key.1));
        write.update(table, key.1, changes, Why::default()).map(drop)
    }

    fn insert(&mut self, write: &mut Write<'_>) -> Result<Option<Uuid>> {
        let tables: Vec<&'static Table> = TABLES
            .iter()
            .copied()
            .filter(|table| table.rows == Rows::Edited && table.name != "users")
            .collect();
        let table = *self.random.pick(&tables).expect("there are tables");
        self.insert_into(write, table)
    }

    fn insert_into(&mut self, write: &mut Write<'_>, table: &'static Table) -> Result<Option<Uuid>> {
        let connection = write.connection();
        let cells = {
            let rows = |name: &str, random: &mut Random| pick_row(connection, name, random);
            Values { random: self.random, markers: self.markers, rows: &rows }.row(
                table,
                Some(self.user),
                false,
            )
        };
        let Some(cells) = cells else { return Ok(None) };
        let id = write.insert(table, cells)?;
        self.born.push((table.number, id));
        Ok(Some(id))
    }

    fn delete_or_restore(&mut self, write: &mut Write<'_>) -> Result<()> {
        let Some(key) = self.pick() else { return Ok(()) };
        let table = table_of(key);
        if table.name == "users" || self.twins.contains(&key.1) {
            return Ok(());
        }
        let Some(stored) = rows::find(write.connection(), table, key.1)? else { return Ok(()) };
        let is_deleted = !stored.cells.value(common::DELETED_AT).is_null();
        let value = if is_deleted { Value::Null } else { Value::Int(write.now().0) };
        write.update(table, key.1, Cells::from_iter([(common::DELETED_AT, value)]), Why::default()).map(drop)
    }

    /// A group: a new row with others that go on with it, or several changes.
    fn several(&mut self, write: &mut Write<'_>) -> Result<()> {
        if self.random.one_in(2) {
            let table = find_table("tickets").expect("a table of the registry");
            if self.insert_into(write, table)?.is_some() {
                let message = find_table("ticket_messages").expect("a table of the registry");
                self.insert_into(write, message)?;
            }
            return Ok(());
        }
        for _ in 0..2 + self.random.below(2) {
            self.change(write)?;
        }
        Ok(())
    }

    fn twins(&mut self, write: &mut Write<'_>) -> Result<()> {
        let table = find_table("locations").expect("a table of the registry");
        let column = table.column("timezone").expect("a column of the table").number;
        let connection = write.connection();
        let rows = |name: &str, random: &mut Random| pick_row(connection, name, random);
        let zone =
            format!("Zone/{}", Values { random: self.random, markers: self.markers, rows: &rows }.marker());
        for twin in self.twins {
            write.update(table, twin, Cells::from_iter([(column, Value::text(&zone))]), Why::default())?;
        }
        Ok(())
    }

    fn settle(&mut self, write: &mut Write<'_>) -> Result<()> {
        let open = conflicts::list(write.connection())?;
        let Some(conflict) = self.random.pick(&open).cloned() else { return self.change(write) };
        let is_mine = self.random.one_in(2);
        // Twins change together or not at all.
        let is_twin = |conflict: &SyncConflict| self.twins.contains(&conflict.target_id);
        if is_twin(&conflict) {
            let mut twins = open.iter().filter(|conflict| is_twin(conflict));
            return twins.try_for_each(|twin| conflicts::settle(write, twin.id.0, &Settlement::Theirs));
        }
        let settlement = if is_mine { Settlement::Mine } else { Settlement::Theirs };
        conflicts::settle(write, conflict.id.0, &settlement)
    }

    fn go_through_refused(&mut self, write: &mut Write<'_>) -> Result<()> {
        let refused = quarantine::list(write.connection())?;
        let Some(item) = self.random.pick(&refused).cloned() else { return self.change(write) };
        let is_twin = item.lines().any(|line| self.twins.contains(&line.entry.row));
        let root = item.root.entry.id;
        if self.random.one_in(2) && item.is_fixable() && !is_twin {
            return quarantine::send_again(write, root, Cells::default());
        }
        for line in item.lines() {
            self.given_up.extend(crate::ledger::words(&line.entry.after));
        }
        quarantine::discard(write.connection(), root)
    }

    fn take_back(&mut self, write: &mut Write<'_>) -> Result<()> {
        let latest = entries::list_latest(write.connection(), LOOK_BACK)?;
        let is_open = |line: &&entries::Line| {
            !self.twins.contains(&line.entry.row)
                && !matches!(line.state, EntryState::Rejected | EntryState::Discarded | EntryState::Undone)
        };
        let ids: Vec<EntryId> = latest.iter().filter(is_open).map(|line| line.entry.id).collect();
        let Some(id) = self.random.pick(&ids).copied() else { return Ok(()) };
        write.undo(id, None).map(drop)
    }
}

/// A row of the table that is on the device.
fn pick_row(connection: &Connection, table: &str, random: &mut Random) -> Option<Uuid> {
    let table = find_table(table)?;
    let found = rows::list(connection, table, "deleted_at is null", []).ok()?;
    let ids: Vec<Uuid> = found.iter().filter_map(|stored| stored.cells.value(common::ID).as_id()).collect();
    random.pick(&ids).copied()
}

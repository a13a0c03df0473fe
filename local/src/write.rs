//! The one write door: every change that a person makes here goes through [`Store::write`].
//!
//! One local transaction is one group. For each changed row it keeps the server's state (shadow),
//! writes the row with its full text, and adds an entry to the outbox: all on the disk, or nothing.

use crate::clock::Clock;
use crate::entries;
use crate::error::{Disagreement, Result};
use crate::fault::{self, Bug};
use crate::fold::{self, Shadow};
use crate::search::fulltext::Indexing;
use crate::store::rows::{self, Own, Stored};
use crate::store::state::{self, Account};
use crate::store::{Durability, Store};
use guildhall_sync::change::{Entry, Operation};
use guildhall_sync::id::{ConflictId, EntryId, GroupId};
use guildhall_sync::merge::{Edit, RowMerge, merge_entry, touched};
use guildhall_sync::protocol::{MAX_GROUP_BYTES, MAX_GROUP_ENTRIES};
use guildhall_sync::schema::{Rows, Table, common};
use guildhall_sync::time::Timestamp;
use guildhall_sync::validate::validate;
use guildhall_sync::value::Cells;
use guildhall_sync::value::json::to_json;
use rusqlite::Connection;
use uuid::Uuid;

mod depends;
mod keys;

/// Empty; touched after each local write.
const TOLD_FILE: &str = "written";
pub mod rights;
pub mod undo;

/// An open local transaction.
#[derive(Debug)]
pub struct Write<'a> {
    connection: &'a Connection,
    clock: &'a Clock,
    account: Account,
    now: Timestamp,
    group: GroupId,
    next_device_seq: u64,
    touched: Vec<Touched>,
    entries: Vec<EntryId>,
    /// What the entries weigh.
    bytes: usize,
}

/// What a committed local transaction did.
#[derive(Debug)]
pub struct Written<T> {
    pub value: T,
    pub touched: Vec<Touched>,
    pub entries: Vec<EntryId>,
}

/// A row that looks different now.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Touched {
    pub table: &'static str,
    pub id: Uuid,
}

/// What is said beside a change.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Why {
    /// In the words of the author.
    pub reason: Option<String>,
    /// The entry that is taken back.
    pub undo_of: Option<EntryId>,
    /// The conflict that is settled.
    pub settles: Option<ConflictId>,
}

impl Store {
    /// Runs the changes of one local transaction. When it returns, they are on the disk; when it
    /// fails, nothing has happened.
    pub fn write<T>(&self, changes: impl FnOnce(&mut Write<'_>) -> Result<T>) -> Result<Written<T>> {
        let turn = self.turns.wait_local();
        let (written, _) = self.transact(turn, Durability::Full, |transaction| {
            let mut write = Write::begin(transaction, self.clock())?;
            let value = changes(&mut write)?;
            let written = write.end(value)?;
            fault::point("write.before_commit");
            Ok(written)
        })?;
        fault::point("write.after_commit");
        self.tell_written(&written.touched);
        self.tell_others();
        Ok(written)
    }

    /// Runs changes as [`Self::write`] would and takes all of it back: what they would do is known
    /// then, or why they cannot be made.
    pub fn rehearse<T>(&self, changes: impl FnOnce(&mut Write<'_>) -> Result<T>) -> Result<T> {
        let _turn = self.turns.wait_local();
        self.attempt(|transaction| changes(&mut Write::begin(transaction, self.clock())?))
    }
}

impl Store {
    /// Another process may hold the link and watch the folder. What SQLite writes is there to be
    /// seen before it is committed, so whoever looks then sees nothing; this comes afterwards.
    pub(crate) fn tell_others(&self) {
        let told = self.path().with_file_name(TOLD_FILE);
        if let Err(error) = std::fs::write(&told, []) {
            tracing::debug!(%error, "the edit is sent at the next pull, not at once");
        }
    }
}

impl<'a> Write<'a> {
    fn begin(connection: &'a Connection, clock: &'a Clock) -> Result<Self> {
        let state = state::read(connection)?;
        Ok(Self {
            connection,
            clock,
            account: state::account(connection)?,
            now: clock.now(),
            group: GroupId(clock.new_id()),
            next_device_seq: state.next_device_seq,
            touched: Vec::new(),
            entries: Vec::new(),
            bytes: 0,
        })
    }

    fn end<T>(self, value: T) -> Result<Written<T>> {
        if !self.entries.is_empty() {
            let update = "update sync_state set next_device_seq = ?, highest_time = max(highest_time, ?)";
            self.connection
                .prepare_cached(update)?
                .execute(rusqlite::params![self.next_device_seq, self.now.0])?;
        }
        Ok(Written { value, touched: self.touched, entries: self.entries })
    }

    /// The mirror as this transaction sees it, own changes included. For reading only.
    pub fn connection(&self) -> &'a Connection {
        self.connection
    }

    pub fn account(&self) -> &Account {
        &self.account
    }

    pub fn now(&self) -> Timestamp {
        self.now
    }

    /// A number that no other change of this device has, nor ever had: the next entry's.
    pub fn number(&self) -> u64 {
        self.next_device_seq
    }

    pub fn new_id(&self) -> Uuid {
        self.clock.new_id()
    }

    /// Adds a row. Its id is made here unless the cells bring one.
    pub fn insert(&mut self, table: &'static Table, cells: Cells) -> Result<Uuid> {
        self.insert_because(table, cells, Why::default())
    }

    pub fn insert_because(&mut self, table: &'static Table, mut cells: Cells, why: Why) -> Result<Uuid> {
        let id = cells.value(common::ID).as_id().unwrap_or_else(|| self.new_id());
        if rows::exists(self.connection, table, id)? {
            return Err(Disagreement::RowExists { table: table.name, id }.into());
        }
        strip_common(&mut cells);
        let before = Cells::default();
        let edit = Edit { base_rev: None, before: &before, after: &cells };
        demand_clean(table, &merge_entry(table, edit, None))?;
        let entry = self.entry(table, id, Operation::Insert, edit, why)?;
        let row = fold::born(table, &entry, cells, &self.account);
        self.demand_allowed(table, id, None, &row)?;
        self.put(table, id, row, Own { dirty: true, ..Own::default() }, &entry)?;
        Ok(id)
    }

    /// Changes columns of a row. Columns that already are as wanted are left out; false where
    /// nothing is left, and then nothing is written.
    pub fn update(&mut self, table: &'static Table, id: Uuid, changes: Cells, why: Why) -> Result<bool> {
        let stored = rows::get(self.connection, table, id)?;
        let mut wanted = stored.cells.clone();
        changes.iter().for_each(|(number, value)| wanted.set(number, value.clone()));
        let (before, after) = touched(table, &stored.cells, &wanted);
        // Settling a conflict by keeping what is live changes no column, and is said all the same.
        if after.is_empty() && why.settles.is_none() {
            return Ok(false);
        }
        let base_rev = stored.cells.value(common::REV).as_int();
        let edit = Edit { base_rev, before: &before, after: &after };
        let merge = merge_entry(table, edit, Some(&stored.cells));
        demand_clean(table, &merge)?;
        let entry = self.entry(table, id, Operation::Update, edit, why)?;
        let mut row = merge.result;
        fold::stamp(&mut row, &entry, &self.account);
        self.demand_allowed(table, id, Some(&stored.cells), &row)?;
        self.keep_shadow(table, id, &stored)?;
        self.put(table, id, row, Own { dirty: true, ..stored.own }, &entry)?;
        Ok(true)
    }

    /// As [`Self::update`], for an edit that somebody made of the row as they saw it, at the server's
    /// revision `base_rev`. What others have changed since stays; where both changed one place, the
    /// edit says what it was made of, and both sides are kept.
    pub fn update_from(
        &mut self,
        table: &'static Table,
        id: Uuid,
        base_rev: i64,
        seen: &Cells,
        changes: Cells,
        why: Why,
    ) -> Result<bool> {
        let stored = rows::get(self.connection, table, id)?;
        let mut base = stored.cells.clone();
        seen.iter().for_each(|(number, value)| base.set(number, value.clone()));
        let mut wanted = base.clone();
        changes.iter().for_each(|(number, value)| wanted.set(number, value.clone()));
        let (before, after) = touched(table, &base, &wanted);
        let edit = Edit { base_rev: Some(base_rev), before: &before, after: &after };
        let merge = merge_entry(table, edit, Some(&stored.cells));
        demand_legal(table, &merge)?;
        if merge.conflicts.is_empty() {
            let merged = after.iter().map(|(number, _)| (number, merge.result.value(number).clone()));
            return self.update(table, id, merged.collect(), why);
        }
        let entry = self.entry(table, id, Operation::Update, edit, why)?;
        let mut row = fold::shown(merge);
        validate(table, &row).map_err(Disagreement::Invalid)?;
        fold::stamp(&mut row, &entry, &self.account);
        self.demand_allowed(table, id, Some(&stored.cells), &row)?;
        self.keep_shadow(table, id, &stored)?;
        self.put(table, id, row, Own { dirty: true, ..stored.own }, &entry)?;
        Ok(true)
    }

    fn demand_allowed(
        &self,
        table: &'static Table,
        id: Uuid,
        before: Option<&Cells>,
        row: &Cells,
    ) -> Result<()> {
        rights::demand(self.connection, &self.account, table, before, row)?;
        keys::demand_free(self.connection, table, id, before, row)
    }

    fn entry(
        &mut self,
        table: &'static Table,
        row: Uuid,
        operation: Operation,
        edit: Edit<'_>,
        why: Why,
    ) -> Result<Entry> {
        let entry = Entry {
            id: EntryId(self.new_id()),
            device_seq: self.next_device_seq,
            table: table.name.to_owned(),
            row,
            operation,
            base_rev: edit.base_rev,
            before: to_json(table, edit.before),
            after: to_json(table, edit.after),
            depends_on: depends::list(self.connection, self.group, table, row, edit.after)?,
            schema: fault::schema(),
            authored_at: self.now,
            reason: why.reason,
            undo_of: why.undo_of,
            settles: why.settles,
        };
        self.next_device_seq += 1;
        Ok(entry)
    }

    /// The first change of a row keeps what the server has. A row born here has nothing to keep.
    fn keep_shadow(&self, table: &'static Table, id: Uuid, stored: &Stored) -> Result<()> {
        match stored.own.hash {
            Some(_) if fault::has(Bug::ShadowForgotten) => Ok(()),
            Some(hash) if !stored.own.dirty => {
                let shadow = Shadow { cells: stored.cells.clone(), hash, scopes: stored.own.scopes.clone() };
                fold::put_shadow(self.connection, table, id, &shadow)
            }
            _ => Ok(()),
        }
    }

    fn put(&mut self, table: &'static Table, id: Uuid, row: Cells, own: Own, entry: &Entry) -> Result<()> {
        rows::put(self.connection, table, row, &own, Indexing::Now)?;
        self.bytes += entries::insert(self.connection, self.group, entry)?;
        self.entries.push(entry.id);
        // The server decides a group in one piece.
        if self.entries.len() > MAX_GROUP_ENTRIES || self.bytes > MAX_GROUP_BYTES {
            return Err(Disagreement::TooMuchAtOnce { most: MAX_GROUP_ENTRIES }.into());
        }
        let touched = Touched { table: table.name, id };
        if !self.touched.contains(&touched) {
            self.touched.push(touched);
        }
        Ok(())
    }
}

/// Who made a row, when, and whose it is follows from who writes it.
fn strip_common(cells: &mut Cells) {
    (common::ID..common::FIRST_OWN).for_each(|number| drop(cells.remove(number)));
}

/// What the shared rules say to a change of the row as it is shown here. Nobody else's edit is in
/// between, so what would be a conflict is a step that is not allowed.
fn demand_clean(table: &'static Table, merge: &RowMerge) -> Result<()> {
    demand_legal(table, merge)?;
    match merge.conflicts.first() {
        Some(conflict) => Err(Disagreement::NoWay { columns: conflict.columns.clone() }.into()),
        None => Ok(()),
    }
}

fn demand_legal(table: &'static Table, merge: &RowMerge) -> Result<()> {
    if table.rows == Rows::ServerDecided {
        return Err(Disagreement::ServerDecides { table: table.name }.into());
    }
    if let Some((column, refusal)) = merge.refused.first() {
        return Err(Disagreement::Refused { column, refusal: refusal.clone() }.into());
    }
    if let Some(invalid) = &merge.invalid {
        return Err(Disagreement::Invalid(invalid.clone()).into());
    }
    Ok(())
}

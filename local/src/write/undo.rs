//! Taking a change back, one's own or another's: a compensating entry that brings the old values
//! again, over what others have changed since. What cannot come together with that is said, and
//! nothing is written.

use super::{Why, Write};
use crate::entries::{self, EntryState, Line};
use crate::error::{Disagreement, Result, StoreError};
use crate::fold::read_cells;
use crate::store::Store;
use crate::store::rows;
use guildhall_sync::change::Operation;
use guildhall_sync::id::EntryId;
use guildhall_sync::merge::{Edit, Refusal, merge_entry};
use guildhall_sync::model::find_table;
use guildhall_sync::schema::{Table, common};
use guildhall_sync::value::{Cell, Cells, Value};
use serde_json::{Map, Value as Json};
use uuid::Uuid;

/// A change that was made, from this laptop's entries or from the server's history.
#[derive(Clone, Debug)]
pub struct Change {
    pub id: EntryId,
    pub table: &'static Table,
    pub row: Uuid,
    pub operation: Operation,
    pub before: Cells,
    pub after: Cells,
}

/// What of a change is taken back where others have changed some of it since.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Extent {
    /// All of it, or nothing.
    Whole,
    /// The columns that nobody has changed since.
    Rest,
}

/// A row before and after taking a change back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Undone {
    pub today: Cells,
    pub then: Cells,
}

impl Change {
    pub fn of_named(
        id: EntryId,
        table: &str,
        row: Uuid,
        operation: Operation,
        before: &Map<String, Json>,
        after: &Map<String, Json>,
    ) -> Result<Self> {
        let unknown = || StoreError::Damaged { what: format!("a change names {table:?}") };
        let table = find_table(table).ok_or_else(unknown)?;
        let written = |named| Ok::<_, crate::Error>(people_write(table, read_cells(table, named)?));
        let (before, mut after) = (written(before)?, written(after)?);
        if operation == Operation::Insert {
            table.fill_defaults(&mut after);
            after = people_write(table, after);
        }
        Ok(Self { id, table, row, operation, before, after })
    }

    pub fn of_line(line: &Line) -> Result<Self> {
        let entry = &line.entry;
        match line.state {
            EntryState::Rejected | EntryState::Discarded => Err(Disagreement::NeverHappened.into()),
            EntryState::Conflict => Err(Disagreement::NotSettled.into()),
            _ => Self::of_named(
                entry.id,
                &entry.table,
                entry.row,
                entry.operation,
                &entry.before,
                &entry.after,
            ),
        }
    }

    /// A three-way merge whose base is what the change wrote and whose wish is what was before.
    /// A row that was added is deleted.
    fn wish(&self, now: Value) -> (Cells, Cells) {
        match self.operation {
            Operation::Update => (self.after.clone(), self.before.clone()),
            Operation::Insert => {
                let mut deleted = self.after.clone();
                deleted.set(common::DELETED_AT, now);
                (self.after.clone(), deleted)
            }
        }
    }
}

/// Without what only the server sets: it follows from the rest.
fn people_write(table: &Table, cells: Cells) -> Cells {
    let is_theirs = |number: u16| table.column_by_number(number).is_some_and(|column| column.is_writable());
    let kept = cells.iter().filter(|(number, _)| is_theirs(*number));
    kept.map(|(number, value)| (number, value.clone())).collect()
}

impl Store {
    /// What taking the change back would do now, or why it cannot be done. Nothing is written.
    pub fn rehearse_undo(&self, change: &Change, extent: Extent) -> Result<Undone> {
        self.rehearse(|write| {
            let today = rows::get(write.connection(), change.table, change.row)?.cells;
            write.undo_change(change, extent, None)?;
            let then = rows::get(write.connection(), change.table, change.row)?.cells;
            Ok(Undone { today, then })
        })
    }
}

impl Write<'_> {
    /// Takes back an entry of this laptop. False where nothing is left to take back.
    pub fn undo(&mut self, id: EntryId, reason: Option<String>) -> Result<bool> {
        let line = entries::find(self.connection, id)?.ok_or(Disagreement::NoEntry { id: id.0 })?;
        self.undo_change(&Change::of_line(&line)?, Extent::Whole, reason)
    }

    /// Takes back anybody's change of a row that is here.
    pub fn undo_change(&mut self, change: &Change, extent: Extent, reason: Option<String>) -> Result<bool> {
        let table = change.table;
        let today = rows::get(self.connection, table, change.row)?.cells;
        let base_rev = today.value(common::REV).as_int();
        let (before, after) = change.wish(self.now.to_value());
        let merge = merge_entry(table, Edit { base_rev, before: &before, after: &after }, Some(&today));
        let conflicts = merge.conflicts.iter().flat_map(|conflict| conflict.columns.clone());
        let taken = merge.refused.iter().filter(|(_, why)| matches!(why, Refusal::Taken { .. }));
        let columns: Vec<_> = conflicts.chain(taken.map(|(column, _)| *column)).collect();
        if !columns.is_empty() && (extent == Extent::Whole || merge.applied.is_empty()) {
            return Err(Disagreement::ChangedSince { columns }.into());
        }
        let refused = merge.refused.iter().find(|(_, why)| !matches!(why, Refusal::Taken { .. }));
        if let Some((column, refusal)) = refused {
            return Err(Disagreement::Refused { column, refusal: refusal.clone() }.into());
        }
        if let Some(invalid) = merge.invalid {
            return Err(Disagreement::Invalid(invalid).into());
        }
        let why = Why { reason, undo_of: Some(change.id), settles: None };
        let changes = after.iter().map(|(number, _)| (number, merge.result.value(number).clone()));
        self.update(table, change.row, changes.collect(), why)
    }
}

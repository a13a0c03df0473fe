//! Taking an entry back: a compensating entry that brings the old values again, over what others
//! have changed since.

use super::{Why, Write};
use crate::entries;
use crate::error::{Disagreement, Result, StoreError};
use crate::fold::read_cells;
use crate::store::rows;
use guildhall_sync::change::Operation;
use guildhall_sync::id::EntryId;
use guildhall_sync::merge::{Edit, Refusal, merge_entry};
use guildhall_sync::model::find_table;
use guildhall_sync::schema::{Table, common};
use guildhall_sync::value::{Cell, Cells};

impl Write<'_> {
    /// False where nothing is left to take back. A row that was added is deleted.
    pub fn undo(&mut self, id: EntryId, reason: Option<String>) -> Result<bool> {
        let line = entries::find(self.connection, id)?.ok_or(Disagreement::NoEntry { id: id.0 })?;
        let damaged = || StoreError::Damaged { what: format!("an entry names {:?}", line.entry.table) };
        let table = find_table(&line.entry.table).ok_or_else(damaged)?;
        let why = Why { reason, undo_of: Some(id), settles: None };
        let changes = match line.entry.operation {
            Operation::Insert => Cells::from_iter([(common::DELETED_AT, self.now.to_value())]),
            Operation::Update => {
                let before = read_cells(table, &line.entry.before)?;
                let after = read_cells(table, &line.entry.after)?;
                self.wind_back(table, line.entry.row, &before, &after)?
            }
        };
        self.update(table, line.entry.row, changes, why)
    }

    /// A three-way merge whose base is what the entry wrote and whose wish is what was before.
    fn wind_back(
        &self,
        table: &'static Table,
        row: uuid::Uuid,
        before: &Cells,
        after: &Cells,
    ) -> Result<Cells> {
        let today = rows::get(self.connection, table, row)?.cells;
        let base_rev = today.value(common::REV).as_int();
        let merge = merge_entry(table, Edit { base_rev, before: after, after: before }, Some(&today));
        let conflicts = merge.conflicts.iter().flat_map(|conflict| conflict.columns.clone());
        let taken = merge.refused.iter().filter(|(_, why)| matches!(why, Refusal::Taken { .. }));
        let columns: Vec<_> = conflicts.chain(taken.map(|(column, _)| *column)).collect();
        if !columns.is_empty() {
            return Err(Disagreement::ChangedSince { columns }.into());
        }
        let touched = after.iter().map(|(number, _)| (number, merge.result.value(number).clone()));
        Ok(touched.collect())
    }
}

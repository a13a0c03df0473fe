//! The server's word on this device's own entries, until the rows that show their effect are
//! stored: an entry leaves the fold in the transaction of its row.

use crate::entries;
use crate::error::Result;
use crate::store::Store;
use guildhall_sync::model::find_table;
use guildhall_sync::protocol::EntryVerdict;
use std::collections::BTreeMap;
use uuid::Uuid;

type RowName = (u16, Uuid);

#[derive(Debug, Default)]
pub struct Settling {
    by_row: BTreeMap<RowName, Vec<EntryVerdict>>,
}

impl Settling {
    /// Entries that this file does not know are another life's, and not settled here.
    pub fn add(&mut self, store: &Store, verdicts: Vec<EntryVerdict>) -> Result<()> {
        store.read(|connection| {
            for verdict in verdicts {
                let Some(head) = entries::find_head(connection, verdict.entry)? else { continue };
                let Some(table) = find_table(&head.table) else { continue };
                self.by_row.entry((table.number, head.row)).or_default().push(verdict);
            }
            Ok(())
        })
    }

    pub fn take(&mut self, rows: impl Iterator<Item = RowName>) -> Vec<EntryVerdict> {
        rows.filter_map(|row| self.by_row.remove(&row)).flatten().collect()
    }

    /// Up to `limit` rows' worth of what no row has asked for.
    pub fn take_rest(&mut self, limit: usize) -> Vec<EntryVerdict> {
        let rows: Vec<RowName> = self.by_row.keys().take(limit).copied().collect();
        self.take(rows.into_iter())
    }

    pub fn is_empty(&self) -> bool {
        self.by_row.is_empty()
    }
}

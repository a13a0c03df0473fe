//! What one transaction of the inbox stores: pulled rows with the own entries that they settle.

use super::apply::{self, Around, Mode};
use super::checked::{self, Checked, Fault, Mismatch, check};
use super::{leave, scopes};
use crate::error::{RemoteError, Result};
use crate::fold;
use crate::outbox;
use crate::received::{self, Way};
use crate::write::Touched;
use guildhall_sync::id::GuildId;
use guildhall_sync::model::{fill_position, find_table};
use guildhall_sync::protocol::{EntryVerdict, GoneRow, PulledRow, RowKey};
use guildhall_sync::time::Timestamp;
use rusqlite::Connection;
use std::collections::HashSet;
use uuid::Uuid;

/// A row of an answer, looked at but not stored.
#[derive(Debug)]
pub enum Item {
    Put(Checked),
    Out {
        gone: GoneRow,
        lost: Vec<String>,
    },
    Mismatch(Mismatch),
    /// Of a table newer than this program.
    Unknown,
}

impl Item {
    /// `names` are the scopes of the answer; rows say theirs by place.
    pub fn of_row(row: &PulledRow, names: &[String], guild: GuildId) -> Result<Self> {
        let own = list_names(&row.scopes, names)?;
        Ok(match check(row, scopes::print_list(own), guild) {
            Ok(checked) => Self::Put(checked),
            Err(Fault::Mismatch(mismatch)) => Self::Mismatch(mismatch),
            Err(Fault::UnknownTable) => Self::Unknown,
        })
    }

    pub fn of_gone(gone: GoneRow, names: &[String]) -> Result<Self> {
        let lost = list_names(&gone.scopes, names)?.into_iter().map(str::to_owned).collect();
        Ok(Self::Out { gone, lost })
    }

    pub fn row(&self) -> Option<(u16, Uuid)> {
        match self {
            Self::Put(checked) => Some((checked.table.number, checked.id)),
            Self::Out { gone, .. } => Some((gone.table, gone.id)),
            Self::Mismatch(_) | Self::Unknown => None,
        }
    }
}

/// The furthest of the rows, in the order of a first download.
pub fn furthest(items: &[Item]) -> Option<RowKey> {
    let puts = items.iter().filter_map(|item| match item {
        Item::Put(checked) => Some(RowKey { table: checked.table.number, id: checked.id }),
        Item::Out { .. } | Item::Mismatch(_) | Item::Unknown => None,
    });
    puts.max_by_key(|key| (fill_position(key.table), key.id))
}

/// Stores rows, and takes the entries out of the fold whose effect they show.
pub fn store(
    connection: &Connection,
    mode: Mode,
    items: Vec<Item>,
    settled: &[EntryVerdict],
    now: Timestamp,
) -> Result<Vec<Touched>> {
    let own = outbox::settle(connection, settled, now)?;
    let (mut touched, mut around) = (Vec::new(), Around::look(connection)?);
    for item in items {
        match item {
            Item::Put(checked) => touched.extend(apply::put(connection, mode, around, checked)?),
            Item::Out { gone, lost } => touched.extend(apply::take_out(connection, mode, &gone, &lost)?),
            Item::Mismatch(mismatch) => {
                checked::remember(connection, &mismatch, now)?;
                around.has_mismatches = true;
            }
            Item::Unknown => {}
        }
    }
    let is_own: HashSet<Touched> = own.iter().copied().collect();
    received::note(connection, Way::Received, touched.iter().filter(|row| !is_own.contains(row)), now)?;
    // What was stored or taken out was folded then.
    let mut folded: HashSet<Touched> = touched.iter().copied().collect();
    for row in own {
        let is_first = folded.insert(row);
        if let Some(table) = find_table(row.table) {
            if is_first {
                fold::refresh(connection, table, row.id)?;
            }
            leave::strip_unseen(connection, table, row.id)?;
        }
        if is_first {
            touched.push(row);
        }
    }
    Ok(touched)
}

fn list_names<'n>(places: &[u16], names: &'n [String]) -> Result<Vec<&'n str>> {
    let name = |place: &u16| names.get(usize::from(*place)).map(String::as_str);
    let found: Option<Vec<&str>> = places.iter().map(name).collect();
    let unknown = || RemoteError::Unreadable { what: "a row in a scope that has no name".to_owned() };
    Ok(found.ok_or_else(unknown)?)
}

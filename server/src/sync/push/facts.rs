//! What a push is decided on: rights, rows as they stand under their locks, rows that are referred
//! to, open conflicts. All of it is read before, by [`super::read`].

use super::conflict::Conflict;
use super::decision::Decision;
use super::returning::Returning;
use super::wish::Key;
use guildhall_sync::id::EntryId;
use guildhall_sync::permission::{Principal, Related};
use guildhall_sync::value::Cells;
use std::collections::{HashMap, HashSet};
use uuid::Uuid;

#[derive(Debug)]
pub struct Facts {
    pub principal: Principal,
    /// The rows that entries are about, and that the author may read.
    pub rows: HashMap<Key, Cells>,
    /// The rows that entries refer to, and that the author may read.
    pub readable: HashSet<Key>,
    /// Rows that rules look at.
    pub related: Related,
    /// The names of those who have what an entry wants to take.
    pub holders: HashMap<Uuid, String>,
    /// Open conflicts of these rows, and those that entries settle.
    pub conflicts: Vec<Conflict>,
    /// What edits of a lost history come back to.
    pub returning: Returning,
    /// What Postgres said to an earlier try.
    pub refusals: HashMap<EntryId, Refused>,
    /// Entries of earlier pushes that others depend on, with whether they had an effect.
    pub decided: HashMap<EntryId, bool>,
}

/// What Postgres has against an entry.
#[derive(Clone, Debug)]
pub enum Refused {
    /// Another row has the same business key.
    Taken(Clash),
    Plain(Decision),
}

/// The row that has a business key already.
#[derive(Clone, Debug)]
pub struct Clash {
    /// The columns of the key.
    pub columns: &'static [&'static str],
    /// The other row, where the author may read it.
    pub other: Option<(Key, Cells)>,
}

//! What a device changed and what the server says to it: entries of the write-ahead log, the
//! groups they travel in, and verdicts.

use crate::id::{ConflictId, EntryId, GroupId, UserId};
use crate::time::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value as Json};
use sha2::{Digest, Sha256};
use uuid::Uuid;

/// The version of the tables that this program writes. Raised when a table changes, with a step in
/// [`crate::upcast`].
pub const SCHEMA: u32 = 3;

/// One change of one row, as it was made on a device. How each column merges is said by the
/// registry, so inserting and updating are all the operations there are; deleting sets
/// `deleted_at`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Entry {
    pub id: EntryId,
    /// Counts the entries of one device, from 1, without gaps.
    pub device_seq: u64,
    pub table: String,
    pub row: Uuid,
    pub operation: Operation,
    /// The `rev` that the author saw; none for an insert.
    pub base_rev: Option<i64>,
    /// The touched columns as the author saw them; empty for an insert.
    pub before: Map<String, Json>,
    /// The touched columns as the author wants them.
    pub after: Map<String, Json>,
    /// Entries that must be decided before this one.
    pub depends_on: Vec<EntryId>,
    /// The [`SCHEMA`] of the program that wrote it.
    pub schema: u32,
    /// By the author's clock; shown to people, never used to decide.
    pub authored_at: Timestamp,
    /// Why, in the words of the author.
    pub reason: Option<String>,
    /// The entry that this one takes back.
    pub undo_of: Option<EntryId>,
    /// The conflict that this one settles.
    pub settles: Option<ConflictId>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Operation {
    Insert,
    Update,
}

/// The entries of one local transaction, decided together.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Group {
    pub id: GroupId,
    pub entries: Vec<Entry>,
}

/// What the server decided about an entry. Stored in the transaction that has its effect, so the
/// same entry always gets the same verdict.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// Applied as written.
    Committed { rev: i64, ord: u32 },
    /// Applied after a merge of these columns with somebody's edit.
    Merged { rev: i64, ord: u32, columns: Vec<String>, with: Option<UserId> },
    /// Units without conflict were applied; both sides of the others are kept.
    Conflict { rev: i64, ord: u32, conflict: ConflictId, units: Vec<String> },
    /// Not applied. The device keeps what was typed.
    Rejected { code: RejectCode, reason: String, fixable: bool },
    /// Not decided yet: to be sent again.
    Deferred { retry_after_ms: u64, why: String },
}

/// Where an entry stands among those that made its row: the row's `rev`, and the order among the
/// entries that led to it together.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Place {
    pub rev: i64,
    pub ord: u32,
}

/// Why an entry was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RejectCode {
    /// The author may not do this.
    Forbidden,
    /// A value is not legal.
    Invalid,
    /// Somebody else was the first to take what was free.
    Taken,
    /// The row, or a row that it refers to, is not there for the author.
    NotFound,
    /// The same entry id came with other content.
    IdReuse,
    /// An entry that it depends on was refused.
    DependsOnRefused,
    /// An entry of its group was refused, and a group is all or nothing.
    GroupRefused,
    /// The program that wrote it is too old or too new.
    Schema,
    /// It has more bytes than the server, or the way to it, takes.
    TooLarge,
}

impl Verdict {
    /// Whether the entry had an effect on the tables.
    pub fn has_effect(&self) -> bool {
        matches!(self, Self::Committed { .. } | Self::Merged { .. } | Self::Conflict { .. })
    }

    /// Where it put the entry.
    pub fn place(&self) -> Option<Place> {
        match self {
            Self::Committed { rev, ord }
            | Self::Merged { rev, ord, .. }
            | Self::Conflict { rev, ord, .. } => Some(Place { rev: *rev, ord: *ord }),
            Self::Rejected { .. } | Self::Deferred { .. } => None,
        }
    }

    pub fn is_final(&self) -> bool {
        !matches!(self, Self::Deferred { .. })
    }
}

impl Entry {
    /// SHA-256 of everything in the entry, in hexadecimal.
    pub fn content_hash(&self) -> String {
        let bytes = serde_json::to_vec(self).expect("an entry has only string keys");
        Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
    }
}

//! Comparing what a device holds with what the server has, as a part of a pull: first a digest of
//! each scope, then of its buckets where it differs, then the rows of the buckets that differ. The
//! answer's last frames speak of the same snapshot as all of it, so the device compares after it
//! has stored the rest. What a device has not sent is no part of it.

use super::RowKey;
use crate::digest::Digest;
use crate::id::DeviceId;
use crate::value::Hash;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// The most rows that a device lists in one request.
pub const MAX_LISTED_ROWS: usize = 5_000;
/// The largest pull that the server reads, in bytes of JSON: a list of that many rows fits in.
pub const MAX_PULL_BYTES: usize = 2 * 1024 * 1024;
/// The most lines of a report.
pub const MAX_REPORT_LINES: usize = 500;

/// What the end of the answer to a pull is asked to say.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Check {
    /// The digest of each granted scope: one `Digests`.
    Digests,
    /// The digests of the buckets of these scopes: a `Buckets` for each that is granted.
    Buckets { scopes: Vec<String> },
    /// How these buckets differ from what the device holds of them: `RepairBegin`, the rows that
    /// the device lacks or has otherwise as `Rows`, those that the server has not as `Gone` with
    /// [`super::Effect::Leave`], `RepairEnd`.
    Rows { held: Vec<HeldBucket> },
}

/// All rows that a device holds of a bucket of a scope; see [`crate::digest::bucket_of`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct HeldBucket {
    pub scope: String,
    pub bucket: u8,
    pub rows: Vec<HeldRow>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct HeldRow {
    pub table: u16,
    pub id: Uuid,
    pub version: i64,
    /// Of the row's bytes as they are now, not as they were said to be.
    pub hash: Hash,
}

impl HeldRow {
    pub fn key(&self) -> RowKey {
        RowKey { table: self.table, id: self.id }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ScopeDigest {
    /// The scope, by its place in `Begin`.
    pub scope: u16,
    pub digest: Digest,
}

/// What a device set right, for the server to keep and an administrator to read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Report {
    pub device: DeviceId,
    pub lines: Vec<ReportLine>,
    /// Rows that were set right and are in no line.
    pub more: u64,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReportLine {
    pub found: Found,
    pub row: Option<RowKey>,
    pub scope: Option<String>,
}

/// What was not as it should be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Found {
    /// The device lacked a row.
    Missing,
    /// The device had a row otherwise.
    Different,
    /// The device had a row in a scope in which the server has it not.
    Surplus,
    /// A row came with bytes that do not fit the hash that came with them. The server looks at it.
    Mismatch,
    /// All rows of a scope are equal, and its digest is not. The server sums it anew.
    WrongDigest,
}

impl Found {
    pub const fn sentence(self) -> &'static str {
        match self {
            Self::Missing => "the device lacked the row",
            Self::Different => "the device had the row otherwise",
            Self::Surplus => "the device had a row that the server has not",
            Self::Mismatch => "the row came with bytes that do not fit its hash",
            Self::WrongDigest => "the digest did not fit the rows",
        }
    }
}

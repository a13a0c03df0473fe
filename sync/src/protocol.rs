//! What device and server say to each other. Requests and small answers are JSON; the answer to a
//! pull is a zstd stream of [`Frame`]s (see [`frame`]).

use crate::change::{Group, Place, Verdict};
use crate::digest::Digest;
use crate::id::{DeviceId, EntryId, GroupId, GuildId, UserId};
use crate::model::people::Role;
use crate::time::Timestamp;
use crate::value::Hash;
use check::{Check, ScopeDigest};
use errand::HandedErrand;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

pub mod check;
pub mod errand;
pub mod frame;
pub mod history;

pub const SIGN_IN: &str = "/sync/v1/sign-in";
pub const REFRESH: &str = "/sync/v1/refresh";
pub const SIGN_OUT: &str = "/sync/v1/sign-out";
pub const PULL: &str = "/sync/v1/pull";
pub const PUSH: &str = "/sync/v1/push";
pub const TESTIFY: &str = "/sync/v1/testify";
pub const LIVE: &str = "/sync/v1/live";
pub const REPORT: &str = "/sync/v1/report";

/// The most entries of one push. A larger group travels in parts.
pub const MAX_PUSH_ENTRIES: usize = 500;
/// The most bytes of JSON of one push, where a single entry has no more. A larger group travels in
/// parts.
pub const MAX_PUSH_BYTES: usize = 1024 * 1024;
/// The least bytes of a push that every way to a server takes.
pub const MIN_PUSH_BYTES: usize = 16 * 1024;
/// The most entries of one group.
pub const MAX_GROUP_ENTRIES: usize = 20_000;
/// The most bytes of JSON of one group: it is held in memory when it is decided.
pub const MAX_GROUP_BYTES: usize = 32 * 1024 * 1024;
/// The most rows of one [`Testify`].
pub const MAX_WITNESSES: usize = 200;
/// The largest body of a push that the server reads, in bytes of JSON.
pub const MAX_BODY_BYTES: usize = 16 * 1024 * 1024;
/// The most rows that a device applies in one transaction.
pub const MAX_CHUNK_ROWS: usize = 500;

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SignIn {
    /// The guild's name.
    pub guild: String,
    /// The person's name or e-mail address.
    pub login: String,
    pub password: String,
    /// The device, where this file has signed in before.
    pub device: Option<DeviceId>,
    /// What people call the laptop.
    pub device_name: String,
    pub platform: String,
    pub app_version: String,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct SignedIn {
    pub guild: GuildId,
    pub guild_name: String,
    pub user: UserId,
    pub user_name: String,
    pub role: Role,
    pub device: DeviceId,
    pub tokens: Tokens,
}

/// Opaque tokens. The refresh token changes at each use; the last use may be repeated by the same
/// device, because an answer can be lost on the way.
#[derive(Clone, Serialize, Deserialize)]
pub struct Tokens {
    pub access: String,
    pub access_expires_at: Timestamp,
    pub refresh: String,
    pub refresh_expires_at: Timestamp,
}

impl std::fmt::Debug for Tokens {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Tokens").field("access_expires_at", &self.access_expires_at).finish_non_exhaustive()
    }
}

#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(missing_debug_implementations, reason = "it is a secret")]
pub struct Refresh {
    pub device: DeviceId,
    pub refresh: String,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Push {
    pub device: DeviceId,
    pub incarnation: Uuid,
    /// The server history that the device knows; none before the first pull.
    pub epoch: Option<Uuid>,
    pub schema: u32,
    pub groups: Vec<SentGroup>,
}

/// A group with the hashes under which its entries are remembered.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SentGroup {
    pub group: Group,
    /// [`crate::change::Entry::content_hash`] of each entry, in order.
    pub hashes: Vec<String>,
    /// Of a group from before a restore of the server: where each entry stood in the history that
    /// was lost, none for one that had not been decided. What the server still knows gets the
    /// verdict that it had.
    #[serde(default)]
    pub reoffered: Option<Vec<Option<Place>>>,
    #[serde(default)]
    pub extent: Extent,
}

/// How much of a group a push brings.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Extent {
    #[default]
    Whole,
    /// The next entries of a group that is too large for one push, alone in it. The server keeps
    /// them until it has all, and then decides the group.
    Part {
        /// How many entries of the group stand before these.
        after: u32,
        /// How many entries the group has.
        of: u32,
    },
    /// All entries, but without what they say: this one is larger than the way to the server takes.
    /// The group gets the verdicts that it had, or is refused.
    Withheld { entry: EntryId },
}

/// Rows as a device held them when the server began a new history, in states that the new history
/// may not know. What it does know is no news to the server.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Testify {
    pub device: DeviceId,
    /// The new history.
    pub epoch: Uuid,
    pub rows: Vec<Witness>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Witness {
    pub table: u16,
    pub row: Uuid,
    /// The row's `rev` in the lost history.
    pub version: i64,
    pub hash: Hash,
    /// All columns by name.
    pub cells: serde_json::Map<String, serde_json::Value>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Testified {
    /// False where the server has begun yet another history: the device hears of it at its next pull.
    pub is_taken: bool,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct PushAnswer {
    /// One verdict for every entry, in the order of the push; after the last part of a group, for
    /// every entry of the group. None for a part after which others have to come.
    pub verdicts: Vec<EntryVerdict>,
    /// Of a group in parts that is not whole yet.
    #[serde(default)]
    pub kept: Option<Kept>,
}

/// How many entries of a group, from its first one on, the server keeps until the others come. The
/// next part goes on from there, also where that is less than was sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Kept {
    pub group: GroupId,
    pub entries: u32,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct EntryVerdict {
    pub entry: EntryId,
    pub device_seq: u64,
    pub verdict: Verdict,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Pull {
    pub device: DeviceId,
    pub incarnation: Uuid,
    pub schema: u32,
    /// How far the device's live scopes are; none for an empty device.
    pub cursor: Option<Cursor>,
    /// [`grants_hash`] of the grants that the device was last told.
    pub grants_hash: Option<String>,
    /// The lowest `device_seq` whose entry is not settled; one more than the highest if none.
    pub unsettled_from: u64,
    /// Scopes that the device holds whole.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub live: Vec<String>,
    /// Instead of naming them in `live`: these are all that `grants_hash` stands for. Refused with
    /// [`RefusalCode::OtherGrants`] where the grants are others now.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub holds_all: bool,
    /// A fill that was cut off.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub filling: Option<Filling>,
    /// What is to be compared, when all else is said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub check: Option<Check>,
}

impl Pull {
    /// The same request in fewer bytes, where the device holds all that it is granted.
    pub fn shortened(mut self) -> Self {
        let held = self.live.iter().cloned().collect();
        if !self.live.is_empty() && self.grants_hash == Some(grants_hash(&held)) {
            self.live.clear();
            self.holds_all = true;
        }
        self
    }
}

/// How far the fill of some scopes has come.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Filling {
    pub scopes: Vec<String>,
    /// The last row that was stored.
    pub after: Option<RowKey>,
    /// The cursor of the snapshot in which the fill began.
    pub since: Cursor,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct RowKey {
    pub table: u16,
    pub id: Uuid,
}

/// A place in the server's order of commits, written and signed by the server. A device keeps it
/// and sends it back; it never looks inside.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Cursor(pub String);

/// One piece of the answer to a pull, in this order: Grants (where they changed), Settled, Errands
/// (where there are some), Begin, then Rows and Gones of the live scopes up to Checkpoint; then, where scopes are to be filled,
/// FillBegin, their Rows and Gones, FillEnd; at last what a [`Check`] asked for. Scopes are numbered
/// by their place in `Begin`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Frame {
    /// All scopes that the user is granted now. What a device holds beyond them is purged; where
    /// the server's history is a new one, after what is to be offered again was noted.
    Grants {
        epoch: Uuid,
        scopes: Vec<String>,
    },
    /// Verdicts of this device's entries whose effect is in this snapshot.
    Settled(Vec<EntryVerdict>),
    Begin {
        epoch: Uuid,
        hi: u64,
        scopes: Vec<String>,
        rows: u64,
    },
    Rows(Vec<PulledRow>),
    Gone(Vec<GoneRow>),
    /// The live scopes are as the server's snapshot now.
    Checkpoint {
        cursor: Cursor,
    },
    /// Rows of these scopes follow, by table in the order of the registry's list, then by id.
    FillBegin {
        scopes: Vec<String>,
        since: Cursor,
        rows: u64,
    },
    /// The scopes named in `FillBegin` are whole.
    FillEnd,
    /// Of all granted scopes, in this snapshot.
    Digests(Vec<ScopeDigest>),
    /// Of each bucket of a scope, in the order of buckets.
    Buckets {
        scope: u16,
        digests: Vec<Digest>,
    },
    /// So many Rows and Gones follow, to be stored whatever version the device has.
    RepairBegin {
        rows: u64,
    },
    RepairEnd,
    /// What this device is asked to do, and has not said that it knows.
    Errands(Vec<HandedErrand>),
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PulledRow {
    pub table: u16,
    /// The row's `rev`.
    pub version: i64,
    pub hash: Hash,
    /// All granted scopes that the row is in, as places in `Begin`.
    pub scopes: Vec<u16>,
    /// The row's canonical bytes.
    pub cells: Vec<u8>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct GoneRow {
    pub table: u16,
    pub id: Uuid,
    pub version: i64,
    pub effect: Effect,
    /// The scopes that it left, as places in `Begin`; all for a delete.
    pub scopes: Vec<u16>,
}

/// How a row went.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Effect {
    /// For all.
    Delete,
    /// Out of these scopes.
    Leave,
    /// Out of the window of these scopes.
    Expire,
}

/// What a refused request is answered with.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Refusal {
    pub code: RefusalCode,
    /// What happened, in a sentence.
    pub message: String,
    /// What to do, in a sentence.
    pub hint: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RefusalCode {
    /// Guild, name or password is wrong.
    WrongCredentials,
    /// The token is unknown, expired or revoked.
    SignInAgain,
    /// The device was revoked by an admin.
    DeviceRevoked,
    /// A number of this device belongs to another entry: its file lives twice. With a new
    /// incarnation the device sends again; nothing is lost.
    Forked,
    /// The device has seen commits that the server does not know: the server was set back to an
    /// earlier state, and an admin has to say so.
    SetBack,
    /// The person may not ask for this.
    Forbidden,
    /// The device says that it holds all that it is granted, and that is something else now.
    OtherGrants,
    /// Too many tries; `Retry-After` says when.
    TryLater,
    /// The request is not what the protocol says.
    BadRequest,
    TooLarge,
    /// The program is too old for this server.
    UpdateNeeded,
    NotFound,
    /// The server cannot work now, for example because its database is away.
    Unavailable,
    /// The server's own fault; its log says more.
    Internal,
}

/// The hash of a set of grants, in hexadecimal.
pub fn grants_hash(scopes: &std::collections::BTreeSet<String>) -> String {
    use sha2::{Digest, Sha256};
    let mut digest = Sha256::new();
    for scope in scopes {
        digest.update(scope.as_bytes());
        digest.update([0]);
    }
    digest.finalize().iter().take(16).map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_device_that_has_everything_says_so_in_few_bytes_that_read_as_the_long_form() {
        let scopes = ["assistant:booking", "guild"].map(str::to_owned);
        let pull = Pull {
            device: DeviceId(Uuid::from_u128(1)),
            incarnation: Uuid::from_u128(2),
            schema: 1,
            cursor: Some(Cursor("c".to_owned())),
            grants_hash: Some(grants_hash(&scopes.clone().into_iter().collect())),
            unsettled_from: 9,
            live: scopes.to_vec(),
            holds_all: false,
            filling: None,
            check: None,
        };
        let named = serde_json::to_value(pull.shortened()).expect("JSON");
        let names: Vec<&String> = named.as_object().expect("an object").keys().collect();
        let said =
            ["cursor", "device", "grants_hash", "holds_all", "incarnation", "schema", "unsettled_from"];
        assert_eq!(names, said, "nothing is said of what there is not");
        let read: Pull = serde_json::from_value(named).expect("a pull");
        assert!(read.holds_all && read.live.is_empty() && read.filling.is_none() && read.check.is_none());
    }
}

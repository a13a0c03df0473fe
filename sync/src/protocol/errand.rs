//! What a person asks to be done about a mirror: their own, or, as somebody who may, those of
//! other laptops. What is asked of another laptop waits at the server until that laptop's next
//! contact, which a hint brings at once where it is online.

use crate::id::DeviceId;
use crate::text_enum;
use crate::time::Timestamp;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// The laptops of the guild, for those who may force a sync.
pub const DEVICES: &str = "/sync/v1/devices";
/// Asks laptops for an errand.
pub const ASK: &str = "/sync/v1/errands/ask";
/// Takes back what no laptop has taken yet.
pub const TAKE_BACK: &str = "/sync/v1/errands/take-back";
/// A laptop says how far it is.
pub const ERRAND_REPORT: &str = "/sync/v1/errands/report";

/// The action that lets somebody ask other laptops.
pub const ACTION: &str = "sync.force";

/// The most laptops of one request.
pub const MAX_ASKED: usize = 500;
/// The most scopes of one errand.
pub const MAX_SCOPES: usize = 200;
/// The longest reason, in characters.
pub const MAX_REASON_CHARS: usize = 500;
/// The most errands of one answer to a pull.
pub const MAX_HANDED: i64 = 50;
/// The most lines of one report.
pub const MAX_ERRAND_LINES: usize = 50;

text_enum! {
    ErrandKind {
        /// Send what is unsent and fetch what is new.
        Sync = "sync",
        /// Compare everything with the server, and say what differs.
        Verify = "verify",
        /// Compare, and fetch what differs.
        Repair = "repair",
        /// Fetch whole scopes again.
        Download = "download",
        /// Fetch everything again, and make it findable anew.
        Rebuild = "rebuild",
    }
}

text_enum! {
    ErrandState {
        Waiting = "waiting",
        Running = "running",
        Done = "done",
        Cancelled = "cancelled",
    }
}

/// What an errand came across so far.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counts {
    /// Rows that were compared or came, and the scopes that they are in.
    pub rows: u64,
    pub scopes: u64,
    /// Scopes that held something else than on the server.
    pub differing: u64,
    /// Rows that were set right.
    pub repaired: u64,
    /// Repairs that were begun.
    pub rounds: u32,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AskErrand {
    /// Of the request; the same one twice asks once.
    pub id: Uuid,
    pub devices: Vec<DeviceId>,
    pub kind: ErrandKind,
    /// Of a download; what a laptop does not hold is left out there.
    pub scopes: Vec<String>,
    pub reason: Option<String>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TakeBackErrands {
    pub devices: Vec<DeviceId>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TakenBack {
    pub errands: u64,
}

/// What a laptop is handed with its pull, until it has said that it has it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct HandedErrand {
    pub id: Uuid,
    pub kind: ErrandKind,
    pub scopes: Vec<String>,
    /// The person's name.
    pub asked_by: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ErrandReport {
    pub device: DeviceId,
    pub lines: Vec<ErrandReportLine>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ErrandReportLine {
    pub id: Uuid,
    pub state: ErrandState,
    pub counts: Counts,
}

/// A laptop of the guild.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeviceLine {
    pub id: DeviceId,
    pub name: String,
    pub person: String,
    pub platform: String,
    pub app_version: String,
    pub last_seen_at: Option<Timestamp>,
    /// What its person may read.
    pub scopes: Vec<String>,
    /// What it was last asked.
    pub errand: Option<ErrandLine>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ErrandLine {
    pub kind: ErrandKind,
    pub state: ErrandState,
    pub counts: Counts,
    pub asked_by: String,
    pub asked_at: Timestamp,
    /// Whether the laptop has it.
    pub is_taken: bool,
    pub ended_at: Option<Timestamp>,
}

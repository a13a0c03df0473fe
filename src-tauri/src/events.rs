//! What the backend tells a window: that something is different now, never the content. Events
//! leave after the commit that they speak of.

use crate::views::Origin;
use guildhall_local::inbox::Phase;
use serde::Serialize;
use ts_rs::TS;
use uuid::Uuid;

#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Event {
    /// These rows look different now; many of the table where no id is named, many of all tables
    /// where it is `*`. `wal_entries` says that marks may be different.
    RowsTouched {
        table: String,
        ids: Vec<Uuid>,
        origin: Origin,
    },
    /// What the chip says may be different.
    StatusChanged,
    /// The profile was opened, locked, made, or belongs to somebody else.
    SessionChanged,
    Progress {
        progress: SyncProgress,
    },
    /// Somebody chose it in the tray, the menu or by the global key.
    Act {
        act: Act,
    },
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(not(feature = "desktop"), allow(dead_code, reason = "the window's tray and menu choose"))]
#[cfg_attr(not(target_os = "macos"), allow(dead_code, reason = "macOS has a menu beside the tray"))]
pub enum Act {
    Palette,
    Home,
    SyncCentre,
    SyncNow,
    Lock,
    Keys,
}

impl Event {
    pub fn anything(origin: Origin) -> Self {
        Self::RowsTouched { table: "*".to_owned(), ids: Vec::new(), origin }
    }

    /// Verdicts came, or entries were settled.
    pub fn marks() -> Self {
        Self::RowsTouched { table: "wal_entries".to_owned(), ids: Vec::new(), origin: Origin::Server }
    }
}

/// How far a sync is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, TS)]
pub struct SyncProgress {
    pub phase: SyncPhase,
    /// Entries when sending, else rows.
    pub done: u64,
    pub total: Option<u64>,
    /// Compressed bytes that have come.
    pub bytes: Option<u64>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum SyncPhase {
    Sending,
    Receiving,
    Removing,
    Indexing,
    Comparing,
    Repairing,
    Done,
}

impl From<guildhall_local::inbox::Progress> for SyncProgress {
    fn from(progress: guildhall_local::inbox::Progress) -> Self {
        let phase = match progress.phase {
            Phase::Receiving | Phase::Filling => SyncPhase::Receiving,
            Phase::Removing => SyncPhase::Removing,
            Phase::Indexing => SyncPhase::Indexing,
            Phase::Comparing => SyncPhase::Comparing,
            Phase::Repairing => SyncPhase::Repairing,
        };
        Self { phase, done: progress.done, total: Some(progress.all).filter(|all| *all > 0), bytes: None }
    }
}

//! What is decided of an entry, before it is known which state of its row that made.

use guildhall_sync::change::{RejectCode, Verdict};
use guildhall_sync::id::{ConflictId, UserId};

/// How long a device waits with what depends on something unknown.
const RETRY_AFTER_MS: u64 = 5_000;
/// How long it waits with what depends on a person.
const ASK_AGAIN_AFTER_MS: u64 = 60_000;

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Decision {
    Committed,
    Merged { columns: Vec<String>, with: Option<UserId> },
    Conflict { conflict: ConflictId, units: Vec<String> },
    Rejected { code: RejectCode, reason: String, fixable: bool },
    Deferred { why: &'static str, retry_after_ms: u64 },
}

/// The state of a row that an entry led to: its `rev`, and the place among the entries that made it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Place {
    pub rev: i64,
    pub ord: u32,
}

impl Decision {
    /// A refusal that the author can mend.
    pub fn mend(code: RejectCode, reason: impl Into<String>) -> Self {
        Self::Rejected { code, reason: reason.into(), fixable: true }
    }

    /// A refusal that no other words of the author would change.
    pub fn refuse(code: RejectCode, reason: impl Into<String>) -> Self {
        Self::Rejected { code, reason: reason.into(), fixable: false }
    }

    /// Not now, but soon.
    pub fn later(why: &'static str) -> Self {
        Self::Deferred { why, retry_after_ms: RETRY_AFTER_MS }
    }

    /// Not before a person has done something.
    pub fn when_settled(why: &'static str) -> Self {
        Self::Deferred { why, retry_after_ms: ASK_AGAIN_AFTER_MS }
    }

    pub fn of_refused_group() -> Self {
        Self::mend(RejectCode::GroupRefused, "It belongs to other changes that were not accepted.")
    }

    pub fn has_effect(&self) -> bool {
        matches!(self, Self::Committed | Self::Merged { .. } | Self::Conflict { .. })
    }

    /// Whether all that the entry says is live now.
    pub fn is_whole(&self) -> bool {
        matches!(self, Self::Committed | Self::Merged { .. })
    }

    pub fn is_invalid(&self) -> bool {
        matches!(self, Self::Rejected { code: RejectCode::Invalid, .. })
    }

    pub fn is_rejected(&self) -> bool {
        matches!(self, Self::Rejected { .. })
    }

    pub fn is_deferred(&self) -> bool {
        matches!(self, Self::Deferred { .. })
    }

    pub fn into_verdict(self, at: Place) -> Verdict {
        let Place { rev, ord } = at;
        match self {
            Self::Committed => Verdict::Committed { rev, ord },
            Self::Merged { columns, with } => Verdict::Merged { rev, ord, columns, with },
            Self::Conflict { conflict, units } => Verdict::Conflict { rev, ord, conflict, units },
            Self::Rejected { code, reason, fixable } => Verdict::Rejected { code, reason, fixable },
            Self::Deferred { why, retry_after_ms } => {
                Verdict::Deferred { retry_after_ms, why: why.to_owned() }
            }
        }
    }
}

//! Shapes that several commands answer with.

use guildhall_local::standing::Standing;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// A request or an answer that says nothing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
#[ts(type = "Record<string, never>")]
pub struct Nothing {}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, TS)]
pub struct Flag {
    pub on: bool,
}

/// Who made a change.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum Origin {
    /// Somebody at this window.
    Here,
    /// The server, for others.
    Server,
    /// Another process on this laptop.
    Elsewhere,
}

/// The mark beside a row: where it stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
pub struct Mark {
    pub state: MarkState,
    /// The words that never vary, as in `On server (v2)`.
    pub words: String,
    pub version: Option<i64>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum MarkState {
    SavedHere,
    Sent,
    OnServer,
    NeedsYou,
    Refused,
}

impl From<Standing> for Mark {
    fn from(standing: Standing) -> Self {
        let (state, version) = match standing {
            Standing::SavedHere => (MarkState::SavedHere, None),
            Standing::Sent => (MarkState::Sent, None),
            Standing::OnServer(version) => (MarkState::OnServer, version),
            Standing::NeedsYou => (MarkState::NeedsYou, None),
            Standing::Refused => (MarkState::Refused, None),
        };
        Self { state, words: standing.to_string(), version }
    }
}

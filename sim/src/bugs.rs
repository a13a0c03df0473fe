//! Bugs of the server that can be planted at run time, for the thread that simulates. A harness
//! that finds none of them would find nothing.

use std::cell::Cell;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ServerBug {
    /// An entry that comes twice is decided twice.
    NoDedupe,
    /// What has no number is handed out without giving it one.
    UnsealedHandedOut,
    /// A row says only the first of its scopes.
    PutWithoutScopes,
    /// The first commit after the cursor is left out.
    GreaterForGreaterOrEqual,
    /// The first of the entries that are not settled is never settled.
    FirstNeverSettled,
    /// A row that comes back after its removal begins at version 1 again.
    TombForgotten,
    /// Of a conflict the later side wins.
    LastWriterWins,
    /// A group of several is applied as far as it goes.
    GroupsInParts,
    /// A row that leaves a scope leaves no trace.
    LeaveNotLogged,
    /// A device that was told its grants once is not told again.
    GrantsNotSaid,
    /// A cursor older than the log is answered from what is left of it.
    LogTooOld,
    /// A fill that goes on later is not told what changed meanwhile.
    FillWithoutLog,
    /// What comes back after a restore counts once more, where it was not lost.
    BackTwice,
    /// A part of a group that comes twice is kept twice.
    PartTwice,
    /// What was written between a restore and the day on which it was noticed counts as restored.
    NewTakenForRestored,
}

impl ServerBug {
    pub const ALL: [Self; 15] = [
        Self::NoDedupe,
        Self::UnsealedHandedOut,
        Self::PutWithoutScopes,
        Self::GreaterForGreaterOrEqual,
        Self::FirstNeverSettled,
        Self::TombForgotten,
        Self::LastWriterWins,
        Self::GroupsInParts,
        Self::LeaveNotLogged,
        Self::GrantsNotSaid,
        Self::LogTooOld,
        Self::FillWithoutLog,
        Self::BackTwice,
        Self::PartTwice,
        Self::NewTakenForRestored,
    ];
}

thread_local! {
    static PLANTED: Cell<Option<ServerBug>> = const { Cell::new(None) };
}

/// None takes it away again.
pub fn plant_in_server(bug: Option<ServerBug>) {
    PLANTED.set(bug);
}

pub fn server_has(bug: ServerBug) -> bool {
    PLANTED.get() == Some(bug)
}

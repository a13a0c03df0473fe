//! What has been begun and not finished, kept in the mirror so that it goes on after a crash.

use crate::error::Result;
use rusqlite::Connection;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Flag {
    /// A delta too large for one transaction is half applied.
    CatchingUp,
    /// The server began a new epoch, and not every scope is filled from it.
    OldHistory,
    /// Somebody asked for scopes to be fetched whole that were held.
    FetchingAgain,
    /// Rows wait to be made findable.
    IndexDue,
    /// What was removed may still lie in the write-ahead file.
    WipeDue,
}

impl Flag {
    const fn column(self) -> &'static str {
        match self {
            Self::CatchingUp => "catching_up",
            Self::OldHistory => "is_old_history",
            Self::FetchingAgain => "is_fetching_again",
            Self::IndexDue => "index_due",
            Self::WipeDue => "wipe_due",
        }
    }
}

pub fn is_up(connection: &Connection, flag: Flag) -> Result<bool> {
    let select = format!("select {} from sync_state", flag.column());
    Ok(connection.prepare_cached(&select)?.query_row([], |row| row.get(0))?)
}

pub fn raise(connection: &Connection, flag: Flag) -> Result<()> {
    set(connection, flag, 1)
}

pub fn lower(connection: &Connection, flag: Flag) -> Result<()> {
    set(connection, flag, 0)
}

fn set(connection: &Connection, flag: Flag, value: i64) -> Result<()> {
    let column = flag.column();
    let update = format!("update sync_state set {column} = ?1 where {column} <> ?1");
    connection.prepare_cached(&update)?.execute([value])?;
    Ok(())
}

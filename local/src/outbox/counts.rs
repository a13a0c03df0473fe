//! How much waits, for the chip that is always on the screen.

use crate::error::Result;
use guildhall_sync::time::Timestamp;
use rusqlite::Connection;

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Entries that the server has not answered.
    pub unsent: u64,
    /// Of these, those that are on their way.
    pub in_flight: u64,
    /// Entries that the server has accepted and no pull has shown yet.
    pub sent: u64,
    /// Refusals that wait for a person; what went along with one is not counted.
    pub refused: u64,
    /// Conflicts that wait for a person.
    pub conflicts: u64,
    /// When the oldest unanswered entry was written.
    pub oldest_unsent: Option<Timestamp>,
}

pub fn count(connection: &Connection) -> Result<Counts> {
    let mut select = connection.prepare_cached(include_str!("counts.sql"))?;
    let counts = select.query_row([], |row| {
        Ok(Counts {
            unsent: row.get("unsent")?,
            in_flight: row.get("in_flight")?,
            sent: row.get("sent")?,
            refused: row.get("refused")?,
            conflicts: row.get("conflicts")?,
            oldest_unsent: row.get::<_, Option<i64>>("oldest_unsent")?.map(Timestamp),
        })
    });
    Ok(counts?)
}

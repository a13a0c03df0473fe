//! What became of this laptop's work after a restore of the server, in numbers.

use crate::error::Result;
use guildhall_sync::time::Timestamp;
use rusqlite::Connection;

/// Nothing where the server was never restored.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Report {
    /// Since when the server stands still, because it was restored and nobody has said how to go on.
    pub set_back_at: Option<Timestamp>,
    /// When this laptop heard of the server's new history.
    pub restored_at: Option<Timestamp>,
    /// Own changes that were offered again then.
    pub offered: u64,
    /// Of these, those that the server has not answered.
    pub waiting: u64,
    pub conflicts: u64,
    pub refused: u64,
}

pub fn report(connection: &Connection) -> Result<Report> {
    let mut select = connection.prepare_cached(
        "select s.set_back_at, s.restored_at, count(e.id) as offered,
                count(*) filter (where e.settled_at is null and e.decided_at is null and e.id is not null) as waiting,
                count(*) filter (where e.state = 'conflict') as conflicts,
                count(*) filter (where e.state = 'rejected') as refused
           from sync_state s left join wal_entries e on e.offered_to = s.epoch",
    )?;
    Ok(select.query_row([], |row| {
        let time = |name| Ok::<_, rusqlite::Error>(row.get::<_, Option<i64>>(name)?.map(Timestamp));
        Ok(Report {
            set_back_at: time("set_back_at")?,
            restored_at: time("restored_at")?,
            offered: row.get("offered")?,
            waiting: row.get("waiting")?,
            conflicts: row.get("conflicts")?,
            refused: row.get("refused")?,
        })
    })?)
}

//! Verdicts that the server does not keep: its database was set back before anybody had seen what
//! came of them. Every whole answer to a pull names what was decided and has not settled. The first
//! one after a verdict may have been asked for before it; what the second does not name is sent again,
//! under the same id.

use crate::error::Result;
use rusqlite::Connection;

/// An answer to a pull was taken in to its end, and what it names has settled.
pub(super) fn end_pull(connection: &Connection) -> Result<()> {
    let update = "update wal_entries indexed by wal_entries_open
          set state = 'unknown', status = 'pending', verdict = null, decided_at = null
        where settled_at is null and decided_at is not null
          and decided_at_answer < (select answers from sync_state)";
    connection.prepare_cached(update)?.execute([])?;
    connection.prepare_cached("update sync_state set answers = answers + 1")?.execute([])?;
    Ok(())
}

//! Whether the rows are still what the server sent.

use crate::error::Result;
use crate::store::rows;
use guildhall_sync::model::TABLES;
use guildhall_sync::schema::Table;
use rusqlite::Connection;

/// Rows looked at in one go: a mirror may be larger than the memory.
const SLICE: i64 = 500;

pub fn find_different(connection: &Connection) -> Result<Option<String>> {
    for table in TABLES {
        let different = count_different(connection, table)?;
        if different > 0 {
            return Ok(Some(format!("{different} rows of {} are not as the server sent them.", table.name)));
        }
    }
    Ok(None)
}

fn count_different(connection: &Connection, table: &'static Table) -> Result<usize> {
    let condition = "sync_dirty = 0 order by sync_row limit ? offset ?";
    let mut different = 0;
    for slice in 0.. {
        let found = rows::list(connection, table, condition, [SLICE, slice * SLICE])?;
        let is_different =
            |stored: &&rows::Stored| stored.own.hash != Some(rows::hash_of(table, &stored.cells));
        different += found.iter().filter(is_different).count();
        if found.is_empty() {
            break;
        }
    }
    Ok(different)
}

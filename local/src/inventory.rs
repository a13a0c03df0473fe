//! What is on this laptop, in numbers.

use crate::error::Result;
use guildhall_sync::model::TABLES;
use rusqlite::Connection;

/// Live rows of each table that has some.
pub fn rows_by_table(connection: &Connection) -> Result<Vec<(&'static str, u64)>> {
    let mut counts = Vec::new();
    for table in TABLES {
        let select = format!("select count(*) from {} where deleted_at is null", table.name);
        let rows: u64 = connection.prepare_cached(&select)?.query_row([], |row| row.get(0))?;
        if rows > 0 {
            counts.push((table.name, rows));
        }
    }
    Ok(counts)
}

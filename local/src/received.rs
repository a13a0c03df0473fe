//! What came from others and what left this laptop, as the last lines that people may look at.
//! Kept on this laptop only. Own work is not here: `wal_entries` has it.

use crate::error::Result;
use crate::write::Touched;
use guildhall_sync::model::COMPANIONS;
use guildhall_sync::time::Timestamp;
use rusqlite::{Connection, Row, params};
use uuid::Uuid;

/// So many lines are kept.
pub const MAX_LINES: usize = 200;

/// Many rows that come in several transactions within this time are one line.
const TOGETHER_MS: u64 = 60_000;

/// Which way the rows went.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    Received,
    /// They may not be read here any more.
    Removed,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    pub at: Timestamp,
    pub way: Way,
    pub table: String,
    /// None where the line stands for several rows.
    pub row: Option<Uuid>,
    pub rows: u64,
}

impl Way {
    const fn word(self) -> &'static str {
        match self {
            Self::Received => "received",
            Self::Removed => "removed",
        }
    }
}

/// To be called in the transaction that stores or removes the rows.
pub fn note<'a>(
    connection: &Connection,
    way: Way,
    rows: impl Iterator<Item = &'a Touched>,
    now: Timestamp,
) -> Result<()> {
    let mut by_table: Vec<(&str, Vec<Uuid>)> = Vec::new();
    for row in rows.filter(|row| !COMPANIONS.contains(&row.table)) {
        match by_table.iter_mut().find(|(table, _)| *table == row.table) {
            Some((_, ids)) => ids.push(row.id),
            None => by_table.push((row.table, vec![row.id])),
        }
    }
    if by_table.is_empty() {
        return Ok(());
    }
    for (table, ids) in by_table {
        match ids[..] {
            [only] => add(connection, way, table, Some(only), 1, now)?,
            _ if join(connection, way, table, ids.len(), now)? => {}
            _ => add(connection, way, table, None, ids.len(), now)?,
        }
    }
    let trim = "delete from received where line <= (select max(line) from received) - ?";
    connection.prepare_cached(trim)?.execute([MAX_LINES])?;
    Ok(())
}

/// The newest first.
pub fn list(connection: &Connection) -> Result<Vec<Line>> {
    let select = "select at, what, target_table, target_id, rows from received order by line desc";
    let mut select = connection.prepare_cached(select)?;
    let lines = select.query_map([], read)?;
    Ok(lines.collect::<rusqlite::Result<_>>()?)
}

fn add(
    connection: &Connection,
    way: Way,
    table: &str,
    row: Option<Uuid>,
    rows: usize,
    now: Timestamp,
) -> Result<()> {
    let insert = "insert into received (at, what, target_table, target_id, rows) values (?, ?, ?, ?, ?)";
    connection.prepare_cached(insert)?.execute(params![now.0, way.word(), table, row, rows])?;
    Ok(())
}

/// Adds to the line of many rows that was written a moment ago. False where there is none.
fn join(connection: &Connection, way: Way, table: &str, rows: usize, now: Timestamp) -> Result<bool> {
    let mut update = connection.prepare_cached(
        "update received set at = ?1, rows = rows + ?2
         where target_id is null and at > ?3 and line = (
             select max(line) from received where target_table = ?4 and what = ?5)",
    )?;
    let since = now.0 - i64::try_from(TOGETHER_MS * 1000).expect("a minute");
    Ok(update.execute(params![now.0, rows, since, table, way.word()])? > 0)
}

fn read(row: &Row<'_>) -> rusqlite::Result<Line> {
    let what: String = row.get(1)?;
    Ok(Line {
        at: Timestamp(row.get(0)?),
        // The column admits only the two words.
        way: if what == Way::Removed.word() { Way::Removed } else { Way::Received },
        table: row.get(2)?,
        row: row.get(3)?,
        rows: row.get(4)?,
    })
}

//! What was found and set right, kept until the server has been told.

use crate::error::Result;
use guildhall_sync::id::DeviceId;
use guildhall_sync::protocol::RowKey;
use guildhall_sync::protocol::check::{Found, MAX_REPORT_LINES, Report, ReportLine};
use guildhall_sync::time::Timestamp;
use rusqlite::{Connection, params};
use uuid::Uuid;

/// In the transaction that sets it right.
pub fn note(connection: &Connection, line: &ReportLine, now: Timestamp) -> Result<()> {
    let mut insert = connection.prepare_cached(
        "insert into sync_repaired (at, found, table_number, id, scope) values (?, ?, ?, ?, ?)",
    )?;
    let row = line.row.map(|row| (row.table, row.id)).unzip();
    insert.execute(params![now.0, word(line.found), row.0, row.1, line.scope])?;
    Ok(())
}

/// The next report, with the last of its lines; none where there is nothing to tell.
pub fn next(connection: &Connection, device: DeviceId) -> Result<Option<(Report, i64)>> {
    let mut select = connection
        .prepare_cached("select line, found, table_number, id, scope from sync_repaired order by line")?;
    let mut rows = select.query([])?;
    let (mut lines, mut more, mut last) = (Vec::new(), 0, 0);
    while let Some(row) = rows.next()? {
        last = row.get(0)?;
        let Some(found) = find_word(&row.get::<_, String>(1)?) else { continue };
        if lines.len() == MAX_REPORT_LINES {
            more += 1;
            continue;
        }
        let key: (Option<u16>, Option<Uuid>) = (row.get(2)?, row.get(3)?);
        let row_key = key.0.zip(key.1).map(|(table, id)| RowKey { table, id });
        lines.push(ReportLine { found, row: row_key, scope: row.get(4)? });
    }
    Ok((last > 0).then_some((Report { device, lines, more }, last)))
}

/// The server has been told up to this line.
pub fn forget(connection: &Connection, last: i64) -> Result<()> {
    connection.execute("delete from sync_repaired where line <= ?", [last])?;
    Ok(())
}

const WORDS: [(Found, &str); 5] = [
    (Found::Missing, "missing"),
    (Found::Different, "different"),
    (Found::Surplus, "surplus"),
    (Found::Mismatch, "mismatch"),
    (Found::WrongDigest, "wrong_digest"),
];

fn word(found: Found) -> &'static str {
    WORDS.iter().find(|(known, _)| *known == found).map_or("", |(_, word)| word)
}

fn find_word(word: &str) -> Option<Found> {
    WORDS.iter().find(|(_, known)| *known == word).map(|(found, _)| *found)
}

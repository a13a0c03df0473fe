//! Whether entries, shadows and rows tell the same story.

use crate::entries;
use crate::error::Result;
use guildhall_sync::model::TABLES;
use rusqlite::Connection;

const NUMBERS: &str = "select count(*) from wal_entries, sync_state where device_seq >= next_device_seq";
const SHADOWS: &str = "select count(*) from sync_shadow where not exists (
    select 1 from wal_entries where target_id = sync_shadow.id and settled_at is null and in_fold)";
const OPEN: &str = "settled_at is null order by device_seq";

pub fn find_flaw(connection: &Connection) -> Result<Option<String>> {
    if count(connection, NUMBERS)? > 0 {
        return Ok(Some("A change has a number that is still to be given.".to_owned()));
    }
    if count(connection, SHADOWS)? > 0 {
        return Ok(Some("A row waits for the server without a change that waits.".to_owned()));
    }
    for table in TABLES {
        let name = table.name;
        let select = format!(
            "select count(*) from {name} where sync_dirty <> exists (select 1 from wal_entries
             where target_table = '{name}' and target_id = {name}.id and settled_at is null and in_fold)"
        );
        if count(connection, &select)? > 0 {
            return Ok(Some(format!("A row of {name} is marked as changed and is not, or the other way.")));
        }
    }
    let open = entries::list(connection, OPEN, [])?;
    let changed =
        open.iter().find(|line| line.sent_at.is_none() && line.content_hash != line.entry.content_hash());
    Ok(changed.map(|line| format!("Change {} is not as it was written.", line.entry.device_seq)))
}

fn count(connection: &Connection, select: &str) -> Result<i64> {
    Ok(connection.prepare_cached(select)?.query_row([], |row| row.get(0))?)
}

//! Questions that this guild has an answer to, for a screen that has nothing else to say: a few, and
//! other ones each day.

use crate::error::Result;
use guildhall_sync::time::Timestamp;
use rusqlite::{Connection, params};

const DAY_US: i64 = 24 * 60 * 60 * 1_000_000;
/// A longer question is not read at a glance.
const MAX_LETTERS: i64 = 90;

/// Approved public answers and questions of the knowledge base; titles of pages where the guild
/// has too few questions.
pub fn list(connection: &Connection, now: Timestamp, count: usize) -> Result<Vec<String>> {
    let mut all = Vec::new();
    for select in [include_str!("suggestions/questions.sql"), include_str!("suggestions/titles.sql")] {
        let mut select = connection.prepare_cached(select)?;
        let found = select.query_map(params![MAX_LETTERS], |row| row.get(0))?;
        all.extend(turned(found.collect::<rusqlite::Result<Vec<String>>>()?, now, count));
        if all.len() >= count {
            break;
        }
    }
    all.truncate(count);
    Ok(all)
}

/// Each day goes on where the day before ended.
fn turned(mut all: Vec<String>, now: Timestamp, count: usize) -> Vec<String> {
    if all.is_empty() {
        return all;
    }
    let day = usize::try_from(now.0.div_euclid(DAY_US)).unwrap_or_default();
    let first = day.wrapping_mul(count) % all.len();
    all.rotate_left(first);
    all.truncate(count);
    all
}

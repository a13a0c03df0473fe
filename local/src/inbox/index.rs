//! Makes rows findable that came many at once, in slices between which people's writes go first.

use super::flags::{self, Flag};
use super::pace::Pace;
use super::{Notice, Phase, Progress};
use crate::error::Result;
use crate::search::fulltext;
use crate::store::Store;
use guildhall_sync::model::TABLES;

/// Goes on where it was left; nothing to do where every row is findable.
pub fn build(store: &Store, notify: &mut dyn FnMut(Notice)) -> Result<()> {
    if !store.read(|connection| flags::is_up(connection, Flag::IndexDue))? {
        return Ok(());
    }
    let all = store.read(|connection| {
        let counts = TABLES.iter().map(|table| fulltext::count(connection, table));
        let missing =
            counts.map(|count| count.map(|(rows, indexed)| u64::try_from(rows - indexed).unwrap_or(0)));
        missing.sum::<Result<u64>>()
    })?;
    let mut pace = Pace::default();
    let mut done = 0;
    for table in TABLES {
        let mut after = 0;
        loop {
            let limit = pace.rows();
            let next = pace.apply(store, |connection| fulltext::build(connection, table, after, limit))?;
            let Some(last) = next else { break };
            after = last;
            done = all.min(done + limit as u64);
            notify(Notice::Progress(Progress { phase: Phase::Indexing, done, all }));
        }
    }
    store.apply(|connection| flags::lower(connection, Flag::IndexDue))
}

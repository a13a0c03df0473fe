//! What must hold of a mirror that is opened after the power came back.

use super::work::{Promises, place};
use guildhall_local::clock::Clock;
use guildhall_local::doctor;
use guildhall_local::inbox::scopes::{self, ScopeState};
use guildhall_local::inbox::{fill, lease};
use guildhall_local::keys::Key;
use guildhall_local::store::rows;
use guildhall_local::subject::Subject;
use guildhall_local::{Connection, Result, Store, drafts, entries, fold};
use guildhall_sync::id::EntryId;
use guildhall_sync::model::knowledge::Sop;
use guildhall_sync::schema::{Row, common};
use guildhall_sync::value::json::from_json;
use std::collections::{HashMap, HashSet};
use std::path::Path;
use uuid::Uuid;

/// What is wrong, for whoever looks at a failed test.
pub type Checked = std::result::Result<(), String>;

macro_rules! demand {
    ($holds:expr, $($what:tt)+) => {
        if !$holds {
            return Err(format!($($what)+));
        }
    };
}

/// Opens the mirror as the program does and compares it with what was promised. `said` groups
/// were said to be on the disk.
pub fn look(folder: &Path, key: &Key, promises: &Promises, said: u64) -> Checked {
    let store = Store::open(folder, key.clone(), Clock::system()).map_err(told)?;
    lease::enforce(&store).map_err(told)?;
    let ask = |question: &dyn Fn(&Connection) -> Checked| {
        // By the one connection that is open: another one takes longer than all that it is asked.
        store.record(|connection| Ok(question(connection))).map_err(told)?
    };
    ask(&|connection| demand_pragma(connection, "pragma integrity_check(1)", Some("ok")))?;
    store.truncate_wal().map_err(told)?;
    ask(&|connection| demand_pragma(connection, "pragma cipher_integrity_check", None))?;
    ask(&|connection| demand_entries(connection, promises, said))?;
    ask(&|connection| demand_drafts(connection, promises, said))?;
    ask(&|connection| demand_rows(connection, promises))
}

/// The whole of what the program can say about a mirror: dearer than [`look`].
pub fn examine(folder: &Path, key: &Key) -> Checked {
    let store = Store::open(folder, key.clone(), Clock::system()).map_err(told)?;
    for check in doctor::examine(&store) {
        demand!(check.is_well, "{}: {}", check.name, check.found);
    }
    Ok(())
}

pub fn told(error: guildhall_local::Error) -> String {
    error.to_string()
}

fn demand_pragma(connection: &Connection, pragma: &str, expected: Option<&str>) -> Checked {
    let ask = || -> Result<Option<String>> {
        let mut select = connection.prepare(pragma)?;
        let mut rows = select.query([])?;
        Ok(rows.next()?.map(|row| row.get(0)).transpose()?)
    };
    let answer = ask().map_err(told)?;
    demand!(answer.as_deref() == expected, "{pragma}: {answer:?}");
    Ok(())
}

fn demand_entries(connection: &Connection, promises: &Promises, said: u64) -> Checked {
    let lines = list_entries(connection).map_err(told)?;
    let there: HashSet<EntryId> = lines.iter().map(|line| line.entry).collect();
    for (at, group) in promises.groups.iter().enumerate() {
        let found = group.iter().filter(|entry| there.contains(entry)).count();
        demand!(found == 0 || found == group.len(), "{found} of {} of group {at}", group.len());
        demand!(found > 0 || at as u64 >= said, "group {at} of {said} that were said is lost");
    }
    let numbers: Vec<u64> = lines.iter().map(|line| line.number).collect();
    demand!(numbers == Vec::from_iter(1..=numbers.len() as u64), "numbers are missing: {numbers:?}");
    let last: HashMap<Uuid, &Entered> = lines.iter().map(|line| (line.row, line)).collect();
    for entered in last.into_values().filter(|entered| !entered.is_settled) {
        let line = entries::find(connection, entered.entry).map_err(told)?.expect("it was just listed");
        let row = rows::find(connection, Sop::TABLE, entered.row).map_err(told)?;
        let after = from_json(Sop::TABLE, &line.entry.after).map_err(|error| format!("{error:?}"))?;
        let is_shown =
            row.is_some_and(|row| after.iter().all(|(number, value)| row.cells.value(number) == value));
        demand!(is_shown, "entry {} is there without its row", entered.number);
    }
    Ok(())
}

struct Entered {
    entry: EntryId,
    number: u64,
    row: Uuid,
    is_settled: bool,
}

/// Every entry, without what would take long to read.
fn list_entries(connection: &Connection) -> Result<Vec<Entered>> {
    let mut select = connection.prepare(
        "select id, device_seq, target_id, settled_at is not null from wal_entries order by device_seq",
    )?;
    let entries = select.query_map([], |row| {
        let (entry, number) = (EntryId(row.get(0)?), row.get(1)?);
        Ok(Entered { entry, number, row: row.get(2)?, is_settled: row.get(3)? })
    })?;
    Ok(entries.collect::<rusqlite::Result<_>>()?)
}

fn demand_drafts(connection: &Connection, promises: &Promises, said: u64) -> Checked {
    let Some(oldest) = promises.drafts.iter().rposition(|(before, _)| *before < said) else { return Ok(()) };
    let found = drafts::find(connection, Subject::NewTicket).map_err(told)?;
    let is_one =
        |draft: drafts::Draft| promises.drafts[oldest..].iter().any(|(_, content)| *content == draft.content);
    demand!(found.is_some_and(is_one), "what was typed last is lost");
    Ok(())
}

/// The rows are those of the place in the server's order that the mirror says it has come to.
fn demand_rows(connection: &Connection, promises: &Promises) -> Checked {
    let at = place(connection).map_err(told)?;
    let filling = fill::find(connection).map_err(told)?;
    let live = scopes::list(connection, ScopeState::Live).map_err(told)?;
    let held = |id: Uuid| held_version(connection, id).map_err(told);
    if let Some(after) = filling.and_then(|filling| filling.after) {
        for key in promises.filled.iter().filter(|key| key.id <= after.id) {
            demand!(held(key.id)?.is_some(), "the download is ahead of its rows");
        }
    }
    for (id, version) in promises.server[at].iter().filter(|_| !live.is_empty()) {
        let held = held(*id)?;
        demand!(held == Some(*version), "at {at} a page is at {held:?} and not at {version}");
    }
    let due: HashSet<EntryId> = promises.settled[..=at].iter().flatten().copied().collect();
    let entries = list_entries(connection).map_err(told)?;
    let settled = entries.iter().filter(|entered| entered.is_settled).map(|entered| entered.entry).collect();
    demand!(due == settled, "at {at} others are settled: {due:?} and not {settled:?}");
    Ok(())
}

/// The version that the server's state of a page has here.
fn held_version(connection: &Connection, id: Uuid) -> Result<Option<i64>> {
    let shadow = fold::find_shadow(connection, Sop::TABLE, id)?.map(|shadow| shadow.cells);
    let cells = match shadow {
        Some(cells) => Some(cells),
        None => rows::find(connection, Sop::TABLE, id)?.map(|row| row.cells),
    };
    Ok(cells.and_then(|cells| cells.value(common::REV).as_int()))
}

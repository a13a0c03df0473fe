//! What a person, or an administrator from afar, asks to be done about this mirror: sync now,
//! verify, repair, download scopes again, rebuild it whole. Whoever has the link does it, with the
//! pulls that follow, one errand after the other; it goes on after a crash.
//!
//! None of it touches what is unsent. Stopped at any point, what has come stays, and what was begun
//! to be downloaded comes with the next sync.

use crate::check::{self, Checking, Wish};
use crate::error::{Disagreement, Result, StoreError};
use crate::inbox::flags::{self, Flag};
use crate::inbox::scopes::{self, ScopeState};
use crate::inbox::{Outcome, fill};
use crate::search::fulltext;
use crate::store::Store;
use guildhall_sync::id::DeviceId;
use guildhall_sync::model::TABLES;
use guildhall_sync::protocol::errand::{
    Counts, ErrandReport, ErrandReportLine, HandedErrand, MAX_ERRAND_LINES,
};
pub use guildhall_sync::protocol::errand::{ErrandKind as Kind, ErrandState as State};
use guildhall_sync::time::Timestamp;
use rusqlite::{Connection, OptionalExtension, Row, params};
use uuid::Uuid;

/// Errands that are kept after they have ended.
const KEPT: u32 = 50;

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Errand {
    pub id: Uuid,
    pub kind: Kind,
    pub scopes: Vec<String>,
    pub asked_at: Timestamp,
    /// Who asked from another laptop; none for what was asked here.
    pub asked_by: Option<String>,
    pub state: State,
    pub counts: Counts,
    pub ended_at: Option<Timestamp>,
}

/// All that [`read`] reads.
const SELECT: &str = "select id, kind, scopes, asked_at, asked_by, state, counts, ended_at from sync_errand";

impl Errand {
    pub fn is_open(&self) -> bool {
        match self.state {
            State::Waiting | State::Running => true,
            State::Done | State::Cancelled => false,
        }
    }
}

/// Asks for something; the same id twice is one errand. `names` are the scopes of a download.
pub fn ask(store: &Store, id: Uuid, kind: Kind, names: &[String]) -> Result<()> {
    let now = store.clock().now();
    store.record(|connection| {
        let held: Vec<String> = list_held(connection)?;
        if let Some(unknown) = names.iter().find(|name| !held.contains(name)) {
            return Err(Disagreement::NoScope { name: unknown.clone() }.into());
        }
        insert(connection, id, kind, names, None, now)?;
        let old = "delete from sync_errand where ended_at is not null and is_untold = 0
            and line <= (select max(line) from sync_errand) - ?";
        connection.execute(old, [KEPT])?;
        Ok(())
    })?;
    store.tell_others();
    Ok(())
}

/// Takes what the server says that this laptop is asked to do. What it has taken before, it tells
/// the server again.
pub fn take(store: &Store, handed: &[HandedErrand]) -> Result<()> {
    let now = store.clock().now();
    store.record(|connection| {
        let held = list_held(connection)?;
        for errand in handed {
            let names: Vec<String> =
                errand.scopes.iter().filter(|name| held.contains(name)).cloned().collect();
            insert(connection, errand.id, errand.kind, &names, Some(&errand.asked_by), now)?;
            connection.execute("update sync_errand set is_untold = 1 where id = ?", [errand.id])?;
        }
        Ok(())
    })
}

fn insert(
    connection: &Connection,
    id: Uuid,
    kind: Kind,
    names: &[String],
    asked_by: Option<&str>,
    now: Timestamp,
) -> Result<()> {
    let insert =
        "insert or ignore into sync_errand (id, kind, scopes, asked_at, asked_by) values (?, ?, ?, ?, ?)";
    let list = scopes::print_list(names.iter().map(String::as_str));
    connection.execute(insert, params![id, kind.word(), list, now.0, asked_by])?;
    Ok(())
}

/// How far this laptop is with what it was asked from elsewhere, where the server does not know.
pub fn untold(connection: &Connection, device: DeviceId) -> Result<Option<ErrandReport>> {
    let mut select =
        connection.prepare_cached(&format!("{SELECT} where is_untold = 1 order by line limit ?"))?;
    let rows = select.query_map([MAX_ERRAND_LINES], |row| Ok(read(row)))?;
    let line =
        |errand: Errand| ErrandReportLine { id: errand.id, state: errand.state, counts: errand.counts };
    let lines: Vec<ErrandReportLine> = rows.map(|row| row?.map(line)).collect::<Result<_>>()?;
    Ok((!lines.is_empty()).then_some(ErrandReport { device, lines }))
}

/// The server knows it.
pub fn told(connection: &Connection, report: &ErrandReport) -> Result<()> {
    let mut update =
        connection.prepare_cached("update sync_errand set is_untold = 0 where id = ? and state = ?")?;
    for line in &report.lines {
        update.execute(params![line.id, line.state.word()])?;
    }
    Ok(())
}

/// The scopes that can be downloaded again.
pub fn list_held(connection: &Connection) -> Result<Vec<String>> {
    let mut held = scopes::list(connection, ScopeState::Live)?;
    held.extend(scopes::list(connection, ScopeState::Filling)?);
    held.sort();
    Ok(held)
}

pub fn find(connection: &Connection, id: Uuid) -> Result<Option<Errand>> {
    let mut select = connection.prepare_cached(&format!("{SELECT} where id = ?"))?;
    select.query_row([id], |row| Ok(read(row))).optional()?.transpose()
}

/// The newest first.
pub fn list(connection: &Connection) -> Result<Vec<Errand>> {
    let mut select = connection.prepare_cached(&format!("{SELECT} order by line desc"))?;
    let rows = select.query_map([], |row| Ok(read(row)))?;
    rows.map(|row| row?).collect()
}

/// Whether something waits to be done, or is being done.
pub fn is_open(connection: &Connection) -> Result<bool> {
    let select = "select exists (select 1 from sync_errand where state in ('waiting', 'running'))";
    Ok(connection.prepare_cached(select)?.query_row([], |row| row.get(0))?)
}

/// Ends what is open: what has come of it stays.
pub fn cancel(store: &Store) -> Result<()> {
    let now = store.clock().now();
    store.record(|connection| {
        if find_running(connection)?.is_some_and(|errand| is_comparison(errand.kind)) {
            check::give_up(connection)?;
        }
        let update =
            "update sync_errand set state = 'cancelled', ended_at = ?, is_untold = asked_by is not null
            where ended_at is null";
        connection.execute(update, [now.0])?;
        Ok(())
    })
}

/// Begins the oldest errand that waits, where none is under way. To be called before a pull.
pub fn begin_next(store: &Store) -> Result<()> {
    let is_idle = |connection: &Connection| Ok(!is_open(connection)? || find_running(connection)?.is_some());
    if store.read(is_idle)? {
        return Ok(());
    }
    store.record(|connection| {
        let oldest = format!("{SELECT} where state = 'waiting' order by line limit 1");
        let Some(errand) = connection.query_row(&oldest, [], |row| Ok(read(row))).optional()?.transpose()?
        else {
            return Ok(());
        };
        connection.execute(
            "update sync_errand set state = 'running', is_untold = asked_by is not null where id = ?",
            [errand.id],
        )?;
        begin(connection, &errand)
    })
}

fn begin(connection: &Connection, errand: &Errand) -> Result<()> {
    match errand.kind {
        Kind::Sync => Ok(()),
        Kind::Verify => check::keep(connection, &Checking::new(Wish::Verify)),
        Kind::Repair => check::keep(connection, &Checking::new(Wish::Repair)),
        Kind::Download => errand.scopes.iter().try_for_each(|scope| fetch_again(connection, scope)),
        Kind::Rebuild => {
            for scope in scopes::list(connection, ScopeState::Live)? {
                fetch_again(connection, &scope)?;
            }
            TABLES.iter().try_for_each(|table| fulltext::forget_all(connection, table))?;
            flags::raise(connection, Flag::IndexDue)
        }
    }
}

/// What is held stays until the server has named what there is; what it sends is stored whatever
/// is held.
fn fetch_again(connection: &Connection, scope: &str) -> Result<()> {
    scopes::set_state(connection, scope, ScopeState::Filling)?;
    fill::forget(connection)?;
    flags::raise(connection, Flag::FetchingAgain)
}

/// Says what an answer did for the errand under way. To be called in the last transaction of every
/// pull; true where there is more to do.
pub fn advance(connection: &Connection, outcome: &Outcome, now: Timestamp) -> Result<bool> {
    if let Some(errand) = find_running(connection)? {
        let is_filling = !scopes::list(connection, ScopeState::Filling)?.is_empty();
        let (is_done, counts) = match errand.kind {
            Kind::Sync => (!is_filling, add_rows(errand.counts, outcome)),
            Kind::Verify | Kind::Repair => match &outcome.checked {
                Some(checking) => (true, checking.counts),
                None => (false, errand.counts),
            },
            Kind::Download | Kind::Rebuild => (!is_filling, add_rows(errand.counts, outcome)),
        };
        let text = serde_json::to_string(&counts).expect("counts can be printed");
        let state = if is_done { State::Done } else { State::Running };
        let update = "update sync_errand set counts = ?1, state = ?2, ended_at = ?3,
            is_untold = is_untold or (asked_by is not null and ?3 is not null) where id = ?4";
        let ended_at = is_done.then_some(now.0);
        connection.prepare_cached(update)?.execute(params![text, state.word(), ended_at, errand.id])?;
    }
    is_open(connection)
}

fn add_rows(counts: Counts, outcome: &Outcome) -> Counts {
    Counts { rows: counts.rows + outcome.rows, ..counts }
}

fn is_comparison(kind: Kind) -> bool {
    match kind {
        Kind::Verify | Kind::Repair => true,
        Kind::Sync | Kind::Download | Kind::Rebuild => false,
    }
}

fn find_running(connection: &Connection) -> Result<Option<Errand>> {
    let mut select = connection.prepare_cached(&format!("{SELECT} where state = 'running'"))?;
    select.query_row([], |row| Ok(read(row))).optional()?.transpose()
}

fn read(row: &Row<'_>) -> Result<Errand> {
    let damaged = || StoreError::Damaged { what: "an errand".to_owned() };
    let counts: Option<String> = row.get(6)?;
    let counts = counts.map(|text| serde_json::from_str(&text)).transpose().map_err(|_| damaged())?;
    Ok(Errand {
        id: row.get(0)?,
        kind: Kind::from_word(&row.get::<_, String>(1)?).ok_or_else(damaged)?,
        scopes: scopes::read_list(&row.get::<_, String>(2)?).map(str::to_owned).collect(),
        asked_at: Timestamp(row.get(3)?),
        asked_by: row.get(4)?,
        state: State::from_word(&row.get::<_, String>(5)?).ok_or_else(damaged)?,
        counts: counts.unwrap_or_default(),
        ended_at: row.get::<_, Option<i64>>(7)?.map(Timestamp),
    })
}

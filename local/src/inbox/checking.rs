//! The end of an answer that compares: what the server says it has, beside what is here. It comes
//! after everything else of the answer is stored, so both sides speak of one snapshot.

use super::apply::Mode;
use super::chunk::Item;
use super::delta::Begun;
use super::flags::{self, Flag};
use super::scopes::{self, ScopeState};
use super::{Applying, Notice, Phase, Progress, Stage, guard};
use crate::check::survey::{self, Survey, Unsound};
use crate::check::{self, Checking, MAX_ROUNDS, Step, Wish, report};
use crate::error::Result;
use crate::fold;
use crate::search::fulltext::{self, Indexing};
use crate::store::rows;
use crate::write::Touched;
use guildhall_sync::digest::Digest;
use guildhall_sync::model::{TABLES, find_table_by_number};
use guildhall_sync::protocol::check::{Found, MAX_LISTED_ROWS, ReportLine, ScopeDigest};
use guildhall_sync::protocol::{Frame, GoneRow, PulledRow, RowKey};
use guildhall_sync::schema::Table;
use rusqlite::Connection;
use std::collections::BTreeMap;

/// Rows between two notices of how far a comparison is.
const NOTICE_ROWS: u64 = 2_000;

/// What an answer has said of buckets so far.
#[derive(Debug, Default)]
pub struct Compared {
    /// What is here, once it was looked at.
    survey: Option<Survey>,
    /// Buckets that differ, with the rows that are here.
    differing: Vec<(String, u8, u64)>,
    /// Scopes of which the server has told the buckets.
    told: Vec<String>,
}

impl Applying<'_> {
    pub(super) fn take_check(&mut self, begun: Begun, frame: Frame) -> Result<Stage> {
        match frame {
            Frame::Digests(digests) if !self.is_filling()? => self.compare_digests(&begun, &digests)?,
            Frame::Buckets { scope, digests } => self.compare_buckets(&begun, scope, &digests)?,
            Frame::RepairBegin { rows } => {
                self.repairing = (0, rows);
                return Ok(Stage::Repairing(begun));
            }
            _ => {}
        }
        Ok(Stage::Checked(begun))
    }

    fn compare_digests(&mut self, begun: &Begun, digests: &[ScopeDigest]) -> Result<()> {
        let theirs: BTreeMap<&str, Digest> = digests
            .iter()
            .filter_map(|told| Some((begun.names.get(usize::from(told.scope))?.as_str(), told.digest)))
            .collect();
        let survey = self.survey(theirs.values().map(|digest| digest.rows).sum())?;
        let (live, checking) = self
            .store
            .read(|connection| Ok((scopes::list(connection, ScopeState::Live)?, check::find(connection)?)))?;
        let mut checking = checking.unwrap_or_else(|| Checking::new(Wish::Repair));
        let differs = |scope: &String| {
            let mine = survey.scopes.get(scope).map(|buckets| buckets.digest()).unwrap_or_default();
            theirs.get(scope.as_str()).is_some_and(|theirs| *theirs != mine)
        };
        let compared = live.iter().filter(|scope| theirs.contains_key(scope.as_str())).count() as u64;
        let differing: Vec<String> = live.iter().filter(|scope| differs(scope)).cloned().collect();
        (checking.counts.rows, checking.counts.scopes) = (survey.rows, compared);
        if checking.counts.rounds == 0 {
            checking.counts.differing = differing.len() as u64;
        }
        if differing.is_empty() && checking.wish == Wish::Repair {
            let repaired = self.remove_unsound(&survey.unsound)? + self.fold_anew()?;
            self.index_anew()?;
            checking.counts.repaired += repaired;
            self.outcome.repaired += repaired;
        }
        if differing.is_empty() || checking.counts.rounds >= MAX_ROUNDS {
            return self.conclude(checking);
        }
        checking.step = Step::Buckets { scopes: differing };
        self.store.apply(|connection| check::keep(connection, &checking))
    }

    fn compare_buckets(&mut self, begun: &Begun, scope: u16, theirs: &[Digest]) -> Result<()> {
        if self.compared.survey.is_none() {
            self.compared.survey = Some(self.survey(0)?);
        }
        let Some(name) = begun.names.get(usize::from(scope)) else { return Ok(()) };
        let Some(mine) = self.compared.survey.as_ref().and_then(|survey| survey.scopes.get(name)) else {
            return Ok(());
        };
        self.compared.told.push(name.clone());
        for bucket in mine.differing(theirs) {
            let rows = mine.list()[usize::from(bucket)].rows;
            self.compared.differing.push((name.clone(), bucket, rows));
        }
        Ok(())
    }

    /// All buckets that were asked for have come.
    pub(super) fn end_check(&mut self) -> Result<()> {
        let compared = std::mem::take(&mut self.compared);
        let Some(mut checking) = self.store.read(check::find)? else { return Ok(()) };
        if compared.told.is_empty() {
            return Ok(());
        }
        if compared.differing.is_empty() {
            let now = self.store.clock().now();
            let wrong = |scope| ReportLine { found: Found::WrongDigest, row: None, scope: Some(scope) };
            let mut lines = compared.told.into_iter().map(wrong);
            self.store.apply(|connection| lines.try_for_each(|line| report::note(connection, &line, now)))?;
            return self.conclude(checking);
        }
        if checking.wish == Wish::Verify {
            return self.conclude(checking);
        }
        checking.counts.rounds += 1;
        checking.step = Step::Rows { batches: batches(compared.differing) };
        self.store.apply(|connection| check::keep(connection, &checking))
    }

    pub(super) fn repair_rows(&mut self, begun: Begun, rows: &[PulledRow]) -> Result<Stage> {
        let items = rows.iter().map(|row| Item::of_row(row, &begun.names, begun.guild));
        let items = items.collect::<Result<_>>()?;
        self.repair(begun, items)
    }

    pub(super) fn repair_gone(&mut self, begun: Begun, rows: Vec<GoneRow>) -> Result<Stage> {
        guard::demand(self.store, rows.len() as u64)?;
        let items = rows.into_iter().map(|row| Item::of_gone(row, &begun.names));
        let items = items.collect::<Result<_>>()?;
        self.repair(begun, items)
    }

    fn repair(&mut self, begun: Begun, items: Vec<Item>) -> Result<Stage> {
        let mode = Mode { indexing: Indexing::Now, sweeps: false, is_repair: true, ..begun.mode };
        let mut lines =
            self.store.read(|connection| items.iter().map(|item| line(connection, item)).collect())?;
        let now = self.store.clock().now();
        let mut repairing = self.repairing;
        self.store_paced(mode, items, |connection, rows, _| {
            let lines: Vec<Option<ReportLine>> = std::mem::take(&mut lines);
            lines.iter().flatten().try_for_each(|line| report::note(connection, line, now))?;
            repairing.0 += rows;
            Ok(Progress { phase: Phase::Repairing, done: repairing.0, all: repairing.1 })
        })?;
        self.repairing = repairing;
        Ok(Stage::Repairing(begun))
    }

    /// The buckets that were asked for are right; when all are, everything is compared once more.
    pub(super) fn end_repair(&mut self, begun: Begun) -> Result<Stage> {
        self.outcome.repaired += self.repairing.0;
        let Some(mut checking) = self.store.read(check::find)? else { return Ok(Stage::Checked(begun)) };
        checking.counts.repaired += self.repairing.0;
        checking.step = match checking.step {
            Step::Rows { mut batches } if batches.len() > 1 => {
                batches.remove(0);
                Step::Rows { batches }
            }
            Step::Rows { .. } | Step::Digests | Step::Buckets { .. } => Step::Digests,
        };
        self.store.apply(|connection| check::keep(connection, &checking))?;
        Ok(Stage::Checked(begun))
    }

    fn conclude(&mut self, checking: Checking) -> Result<()> {
        let now = self.store.clock().now();
        self.store.apply(|connection| check::end(connection, now))?;
        self.outcome.checked = Some(checking);
        Ok(())
    }

    /// `all` is how many rows in scopes there should be.
    fn survey(&mut self, all: u64) -> Result<Survey> {
        let (store, notify) = (self.store, &mut *self.notify);
        let mut done = 0;
        let mut tell = |_: &str, _: u8, _: &_| {
            done += 1;
            if done % NOTICE_ROWS == 0 && all > 0 {
                let progress = Progress { phase: Phase::Comparing, done: done.min(all), all };
                notify(Notice::Progress(progress));
            }
        };
        store.read(|connection| survey::survey(connection, &mut tell))
    }

    /// All scopes are as on the server, so a row that counts in none of them is no server's.
    fn remove_unsound(&mut self, unsound: &[Unsound]) -> Result<u64> {
        let now = self.store.clock().now();
        for row in unsound {
            let touched = self.store.apply(|connection| {
                forget_index(connection, row.table)?;
                rows::remove_at(connection, row.table, row.sync_row)?;
                let Some(id) = row.id else { return Ok(None) };
                fold::refresh(connection, row.table, id)?;
                let key = RowKey { table: row.table.number, id };
                let line = ReportLine { found: Found::Surplus, row: Some(key), scope: None };
                report::note(connection, &line, now)?;
                Ok(Some(Touched { table: row.table.name, id }))
            })?;
            (self.notify)(Notice::Touched(touched.into_iter().collect()));
        }
        Ok(unsound.len() as u64)
    }

    /// A row that went behind the program's back has left its words in its index.
    fn index_anew(&mut self) -> Result<()> {
        for table in self.store.read(list_wrong_indexes)? {
            self.store.apply(|connection| forget_index(connection, table))?;
        }
        Ok(())
    }

    /// Rows with own edits show the server's last word with these edits, and nothing else.
    fn fold_anew(&mut self) -> Result<u64> {
        let stale = self.store.read(fold::list_stale)?;
        let repaired = stale.len() as u64;
        for (table, id) in stale {
            self.store.apply(|connection| {
                forget_index(connection, table)?;
                rows::remove(connection, table, id)?;
                fold::refresh(connection, table, id)
            })?;
            (self.notify)(Notice::Touched(vec![Touched { table: table.name, id }]));
        }
        Ok(repaired)
    }
}

/// Indexes that hold more than their tables, or less although nothing waits to be put in.
fn list_wrong_indexes(connection: &Connection) -> Result<Vec<&'static Table>> {
    let is_due = flags::is_up(connection, Flag::IndexDue)?;
    let mut wrong = Vec::new();
    for table in TABLES {
        let (rows, indexed) = fulltext::count(connection, table)?;
        if indexed > rows || indexed < rows && !is_due {
            wrong.push(*table);
        }
    }
    Ok(wrong)
}

/// The text of a row may not be what its index was told: the index is built anew.
pub fn forget_index(connection: &Connection, table: &'static Table) -> Result<()> {
    if fulltext::is_searched(table) {
        fulltext::forget_all(connection, table)?;
        flags::raise(connection, Flag::IndexDue)?;
    }
    Ok(())
}

/// What is wrong here of a row that the server sends in a repair.
fn line(connection: &Connection, item: &Item) -> Result<Option<ReportLine>> {
    let found = match item {
        Item::Put(checked) if rows::exists(connection, checked.table, checked.id)? => Found::Different,
        Item::Put(_) => Found::Missing,
        Item::Out { .. } => Found::Surplus,
        // These are told where they are remembered.
        Item::Mismatch(_) | Item::Unknown => return Ok(None),
    };
    let row = item.row().filter(|(table, _)| find_table_by_number(*table).is_some());
    let scope = match item {
        Item::Out { lost, .. } => lost.first().cloned(),
        Item::Put(_) | Item::Mismatch(_) | Item::Unknown => None,
    };
    Ok(row.map(|(table, id)| ReportLine { found, row: Some(RowKey { table, id }), scope }))
}

/// So many buckets at once that not too many rows are listed; one at least.
fn batches(differing: Vec<(String, u8, u64)>) -> Vec<Vec<(String, u8)>> {
    let mut batches: Vec<Vec<(String, u8)>> = Vec::new();
    let mut listed = u64::MAX;
    for (scope, bucket, rows) in differing {
        listed = listed.saturating_add(rows);
        if listed > MAX_LISTED_ROWS as u64 {
            batches.push(Vec::new());
            listed = rows;
        }
        batches.last_mut().expect("the first one begins a batch").push((scope, bucket));
    }
    batches
}

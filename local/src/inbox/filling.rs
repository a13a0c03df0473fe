//! Rows of scopes that are downloaded whole: straight into the tables, in small transactions that
//! also say how far the fill has come. They become findable when the fill has ended.

use super::apply::Mode;
use super::chunk::Item;
use super::delta::Begun;
use super::fill::{self, Fill};
use super::flags::{self, Flag};
use super::scopes::{self, ScopeState};
use super::{Applying, Phase, Progress, Stage, guard, held, leave};
use crate::error::Result;
use crate::fault::{self, Bug};
use crate::restore::{self, witness};
use crate::search::fulltext::Indexing;
use crate::write::Touched;
use guildhall_sync::protocol::{Cursor, GoneRow, PulledRow};
use guildhall_sync::schema::Table;
use rusqlite::Connection;
use uuid::Uuid;

impl Applying<'_> {
    /// The delta before it and the beginning of the fill are one transaction: a scope that the
    /// server sends anew is never taken for live at the new cursor.
    pub(super) fn begin_fill(
        &mut self,
        mut begun: Begun,
        cursor: Cursor,
        names: &[String],
        since: &Cursor,
        rows: u64,
    ) -> Result<Stage> {
        let had_rows = self.store.read(|connection| fill::has_rows(connection, names))?;
        let since = if fault::has(Bug::FillFromNewCursor) { &cursor.clone() } else { since };
        let sweeps = begun.mode.is_old_history || had_rows;
        let fill = self.end_delta(&mut begun, cursor, Vec::new(), |connection| {
            flags::raise(connection, Flag::IndexDue)?;
            let begun = fill::begin(connection, names, since, rows, sweeps)?;
            if fault::has(Bug::LiveBeforeFilled) {
                names.iter().try_for_each(|name| scopes::set_state(connection, name, ScopeState::Live))?;
            }
            Ok(begun)
        })?;
        begun.mode = Mode { indexing: Indexing::Later, sweeps: fill.sweeps, ..begun.mode };
        Ok(Stage::Filling(begun, fill))
    }

    pub(super) fn fill_rows(&mut self, begun: Begun, mut fill: Fill, rows: &[PulledRow]) -> Result<Stage> {
        let items = rows.iter().map(|row| Item::of_row(row, &begun.names, begun.guild));
        self.fill_items(&begun, &mut fill, items.collect::<Result<_>>()?)?;
        Ok(Stage::Filling(begun, fill))
    }

    pub(super) fn fill_gone(&mut self, begun: Begun, mut fill: Fill, rows: Vec<GoneRow>) -> Result<Stage> {
        let items = rows.into_iter().map(|row| Item::of_gone(row, &begun.names));
        self.fill_items(&begun, &mut fill, items.collect::<Result<_>>()?)?;
        Ok(Stage::Filling(begun, fill))
    }

    fn fill_items(&mut self, begun: &Begun, fill: &mut Fill, items: Vec<Item>) -> Result<()> {
        self.store_paced(begun.mode, items, |connection, rows, last| {
            fill::advance(connection, last, rows)?;
            fill.rows_done += rows;
            Ok(Progress { phase: Phase::Filling, done: fill.rows_done, all: fill.rows_all })
        })
    }

    /// What the server did not name leaves; then the scopes are live.
    pub(super) fn end_fill(&mut self, fill: &Fill) -> Result<()> {
        if fill.sweeps && !fault::has(Bug::SweepForgotten) {
            self.sweep(fill)?;
        }
        self.store.apply(|connection| {
            fill::end(connection)?;
            if scopes::list(connection, ScopeState::Filling)?.is_empty() {
                flags::lower(connection, Flag::OldHistory)?;
                flags::lower(connection, Flag::FetchingAgain)?;
            }
            Ok(())
        })
    }

    fn sweep(&mut self, fill: &Fill) -> Result<()> {
        let unnamed = self.store.read(|connection| fill::list_unnamed(connection, &fill.scopes))?;
        guard::demand(self.store, unnamed.len() as u64)?;
        let (mut done, all) = (0, unnamed.len());
        while done < all {
            let slice = &unnamed[done..all.min(done + self.pace.rows())];
            let touched = self.pace.apply(self.store, |connection| leave_all(connection, slice, fill))?;
            done += slice.len();
            self.tell(touched, Progress { phase: Phase::Removing, done: done as u64, all: all as u64 });
        }
        Ok(())
    }
}

fn leave_all(connection: &Connection, rows: &[(&'static Table, Uuid)], fill: &Fill) -> Result<Vec<Touched>> {
    let mut touched = Vec::new();
    let is_old_history = flags::is_up(connection, Flag::OldHistory)?;
    for (table, id) in rows {
        let Some(held) = held::find(connection, table, *id)? else { continue };
        if is_old_history && scopes::without(&held.scopes, &fill.scopes).is_empty() {
            // A restore took it away: it may come back, by its author or by the administrator.
            witness::set_aside(connection, table, *id)?;
            restore::show_again(connection, table.name, *id, None)?;
            leave::lose(connection, table, *id)?;
            touched.push(Touched { table: table.name, id: *id });
        } else if leave::lose_scopes(connection, table, *id, &held.scopes, &fill.scopes)? {
            touched.push(Touched { table: table.name, id: *id });
        }
    }
    Ok(touched)
}

//! Grants, and the rows of live scopes: what changed since the cursor. Up to
//! [`MAX_CHUNK_ROWS`] rows are stored in one transaction with the cursor and the entries that they
//! settle; more are stored as they come, and the mirror says that it is catching up.

use super::apply::Mode;
use super::chunk::{self, Item};
use super::flags::{self, Flag};
use super::{Applying, Notice, Phase, Progress, Stage, fill, guard, lease, purge, scopes};
use crate::error::Result;
use crate::fault::{self, Bug};
use crate::restore;
use crate::search::fulltext::Indexing;
use crate::store::state;
use crate::write::Touched;
use guildhall_sync::change::Verdict;
use guildhall_sync::id::GuildId;
use guildhall_sync::protocol::{
    Cursor, Effect, EntryVerdict, GoneRow, MAX_CHUNK_ROWS, PulledRow, RowKey, grants_hash,
};
use rusqlite::{Connection, params};
use uuid::Uuid;

/// A delta with more bytes is not held in memory: it is stored as it comes.
const MAX_HELD_BYTES: usize = 8 * 1024 * 1024;

/// What an answer said of itself, and its rows that are held until they are whole.
#[derive(Debug)]
pub struct Begun {
    epoch: Uuid,
    hi: u64,
    /// Scopes by the places that rows name.
    pub names: Vec<String>,
    pub guild: GuildId,
    pub mode: Mode,
    rows_all: u64,
    rows_done: u64,
    held: Vec<Item>,
    held_bytes: usize,
    /// Rows that are gone for all: removed at the end, when it is known how many they are.
    deletes: Vec<Item>,
}

impl Applying<'_> {
    /// Locks what is not granted any more and removes it before anything else is done.
    pub(super) fn take_grants(&mut self, epoch: Uuid, granted: &[String]) -> Result<Stage> {
        self.mind_epoch(epoch)?;
        let now = self.store.clock().now();
        let hash = grants_hash(&granted.iter().cloned().collect());
        if fault::has(Bug::GrantsKnownTooEarly) {
            self.store.record(|connection| state::set_grants_hash(connection, &hash))?;
        }
        self.store.record(|connection| {
            let change = scopes::set_granted(connection, granted, now)?;
            fill::leave_out(connection, &change.lost)?;
            restore::forget_scopes(connection, &change.lost)?;
            state::set_grants_hash(connection, &hash)
        })?;
        lease::bring_back(self.store, self.notify)?;
        self.outcome.purged += purge::run(self.store, self.notify)?;
        Ok(Stage::Before)
    }

    pub(super) fn begin_delta(
        &mut self,
        epoch: Uuid,
        hi: u64,
        names: Vec<String>,
        rows: u64,
    ) -> Result<Begun> {
        self.renew_leases()?;
        self.mind_epoch(epoch)?;
        let is_large = rows > MAX_CHUNK_ROWS as u64;
        self.store.read(|connection| {
            let mode = Mode {
                indexing: if is_large { Indexing::Later } else { Indexing::Now },
                sweeps: fill::find(connection)?.is_some_and(|fill| fill.sweeps),
                is_old_history: flags::is_up(connection, Flag::OldHistory)?
                    || flags::is_up(connection, Flag::FetchingAgain)?,
                is_repair: false,
            };
            let guild = state::account(connection)?.guild;
            let (held, held_bytes) = (Vec::new(), 0);
            Ok(Begun {
                epoch,
                hi,
                names,
                guild,
                mode,
                rows_all: rows,
                rows_done: 0,
                held,
                held_bytes,
                deletes: Vec::new(),
            })
        })
    }

    /// Where the server has begun a new history, what it had accepted is noted to be offered again
    /// before anything of it leaves this laptop.
    fn mind_epoch(&self, epoch: Uuid) -> Result<()> {
        let known = self.store.read(|connection| Ok(state::read(connection)?.epoch))?;
        if known.is_none_or(|known| known == epoch) {
            return Ok(());
        }
        let now = self.store.clock().now();
        self.store.record(|connection| {
            restore::offer_again(connection, epoch, now)?;
            start_over(connection, epoch)
        })
    }

    /// What was put away is back before anything that changed meanwhile is stored over it.
    fn renew_leases(&mut self) -> Result<()> {
        if self.store.read(|connection| Ok(lease::list(connection)?.is_empty()))? {
            return Ok(());
        }
        let now = self.store.clock().now();
        self.store.record(|connection| {
            scopes::confirm(connection, now)?;
            state::see_contact(connection, now)
        })?;
        lease::bring_back(self.store, self.notify)
    }

    pub(super) fn take_rows(&mut self, mut begun: Begun, rows: &[PulledRow]) -> Result<Stage> {
        for row in rows {
            begun.held.push(Item::of_row(row, &begun.names, begun.guild)?);
            begun.held_bytes += row.cells.len();
        }
        self.store_early(&mut begun)?;
        Ok(Stage::Delta(begun))
    }

    pub(super) fn take_gone(&mut self, mut begun: Begun, rows: Vec<GoneRow>) -> Result<Stage> {
        for row in rows {
            let is_delete = row.effect == Effect::Delete;
            let item = Item::of_gone(row, &begun.names)?;
            if is_delete { begun.deletes.push(item) } else { begun.held.push(item) }
        }
        self.store_early(&mut begun)?;
        Ok(Stage::Delta(begun))
    }

    /// Stores a delta that is whole, and does `more` in the transaction of its cursor. Also leaves
    /// the fold what is in `rest`, whose rows the delta did not name.
    pub(super) fn end_delta<T>(
        &mut self,
        begun: &mut Begun,
        cursor: Cursor,
        rest: Vec<EntryVerdict>,
        more: impl FnOnce(&Connection) -> Result<T>,
    ) -> Result<T> {
        guard::demand(self.store, begun.deletes.len() as u64)?;
        begun.held.append(&mut begun.deletes);
        self.store_early(begun)?;
        let items = std::mem::take(&mut begun.held);
        begun.rows_done += items.len() as u64;
        self.count(&items);
        let mut settled = self.settling.take(items.iter().filter_map(Item::row));
        settled.extend(rest);
        self.count_settled(&settled);
        let (mode, now) = (begun.mode, self.store.clock().now());
        let hi = i64::try_from(begun.hi).unwrap_or(i64::MAX);
        let progress = state::Progress { cursor, epoch: begun.epoch, hi, at: now };
        if fault::has(Bug::CursorBeforeRows) {
            self.store.apply(|connection| state::set_progress(connection, &progress))?;
        }
        let (touched, done) = self.store.apply(|connection| {
            let touched = chunk::store(connection, mode, items, &settled, now)?;
            state::set_progress(connection, &progress)?;
            scopes::confirm(connection, now)?;
            flags::lower(connection, Flag::CatchingUp)?;
            Ok((touched, more(connection)?))
        })?;
        self.tell(touched, Progress { phase: Phase::Receiving, done: begun.rows_done, all: begun.rows_all });
        Ok(done)
    }

    /// Entries whose row no frame has named: their effect is in the mirror already, or in rows
    /// that this device does not hold. They wait while a fill may still bring the row.
    pub(super) fn settle_rest(&mut self) -> Result<()> {
        let mode = Mode { indexing: Indexing::Now, sweeps: false, is_old_history: false, is_repair: false };
        while !self.settling.is_empty() {
            let settled = self.settling.take_rest(self.pace.rows());
            self.count_settled(&settled);
            let now = self.store.clock().now();
            let touched = self
                .pace
                .apply(self.store, |connection| chunk::store(connection, mode, Vec::new(), &settled, now))?;
            self.tell(touched, Progress { phase: Phase::Receiving, done: 0, all: 0 });
        }
        Ok(())
    }

    /// Stores held rows when they are too many, or too large, to wait for the checkpoint.
    fn store_early(&mut self, begun: &mut Begun) -> Result<()> {
        let is_large = begun.rows_all > MAX_CHUNK_ROWS as u64
            || begun.held.len() > MAX_CHUNK_ROWS
            || begun.held_bytes > MAX_HELD_BYTES;
        if !is_large {
            return Ok(());
        }
        let items = std::mem::take(&mut begun.held);
        begun.held_bytes = 0;
        let Begun { mode, rows_done, rows_all, .. } = begun;
        self.store_paced(*mode, items, |connection, rows, _| {
            flags::raise(connection, Flag::CatchingUp)?;
            if mode.indexing == Indexing::Later {
                flags::raise(connection, Flag::IndexDue)?;
            }
            *rows_done += rows;
            Ok(Progress { phase: Phase::Receiving, done: *rows_done, all: *rows_all })
        })
    }

    /// Stores rows in transactions of the right size, each with what `beside` writes: it is told
    /// how many rows there are and which is the furthest.
    pub(super) fn store_paced(
        &mut self,
        mode: Mode,
        mut items: Vec<Item>,
        mut beside: impl FnMut(&Connection, u64, Option<RowKey>) -> Result<Progress>,
    ) -> Result<()> {
        while !items.is_empty() {
            let rest = items.split_off(items.len().min(self.pace.rows()));
            let slice = std::mem::replace(&mut items, rest);
            self.count(&slice);
            let settled = self.settling.take(slice.iter().filter_map(Item::row));
            self.count_settled(&settled);
            let (rows, last, now) = (slice.len() as u64, chunk::furthest(&slice), self.store.clock().now());
            let (touched, progress) = self.pace.apply(self.store, |connection| {
                let touched = chunk::store(connection, mode, slice, &settled, now)?;
                Ok((touched, beside(connection, rows, last)?))
            })?;
            self.tell(touched, progress);
        }
        Ok(())
    }

    pub(super) fn tell(&mut self, touched: Vec<Touched>, progress: Progress) {
        self.outcome.changed += touched.len() as u64;
        if !touched.is_empty() {
            (self.notify)(Notice::Touched(touched));
        }
        if progress.all > 0 {
            (self.notify)(Notice::Progress(progress));
        }
    }

    pub(super) fn count(&mut self, items: &[Item]) {
        self.outcome.rows += items.len() as u64;
        let is_mismatch = |item: &&Item| matches!(item, Item::Mismatch(_));
        self.outcome.mismatches += items.iter().filter(is_mismatch).count() as u64;
    }

    pub(super) fn count_settled(&mut self, settled: &[EntryVerdict]) {
        let is_conflict = |settled: &&EntryVerdict| matches!(settled.verdict, Verdict::Conflict { .. });
        self.outcome.settled += settled.len() as u64;
        self.outcome.conflicts += settled.iter().filter(is_conflict).count() as u64;
    }
}

/// The server's history is another one: all that is here stays, and every scope is filled anew.
fn start_over(connection: &Connection, epoch: Uuid) -> Result<()> {
    connection.execute("update sync_scope set state = 'filling' where state = 'live'", [])?;
    fill::forget(connection)?;
    flags::raise(connection, Flag::OldHistory)?;
    connection.execute("update sync_state set epoch = ?, cursor = null", params![epoch])?;
    Ok(())
}

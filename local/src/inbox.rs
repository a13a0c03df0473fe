//! What the server sends, taken into the mirror: the answer to a pull goes in frame by frame, and
//! at every moment the mirror is one that the server once had, with own edits folded over it.
//!
//! Not here: the network, and when to pull. A local write never waits for more than one small
//! transaction of what is written here.

use crate::check::{self, Checking};
use crate::errands;
use crate::error::{RemoteError, Result};
use crate::fault::{self, Bug};
use crate::outbox;
use crate::store::Store;
use crate::store::state::{self, State};
use crate::write::Touched;
use checking::Compared;
use delta::Begun;
use fill::Fill;
use guildhall_sync::change::SCHEMA;
use guildhall_sync::protocol::{Cursor, Frame, MAX_CHUNK_ROWS, Pull};
use pace::Pace;
use rusqlite::Connection;
use scopes::ScopeState;
use settling::Settling;

mod apply;
pub mod checked;
mod checking;
mod chunk;
mod delta;
pub mod fill;
mod filling;
pub mod flags;
pub mod guard;
mod held;
mod index;
pub mod lease;
mod leave;
mod pace;
mod purge;
pub mod scopes;
mod settling;
mod texts;
pub(crate) mod typed;

/// What happens while an answer is taken in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Notice {
    Progress(Progress),
    /// These rows look different now; said after the commit.
    Touched(Vec<Touched>),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Progress {
    pub phase: Phase,
    /// Rows.
    pub done: u64,
    pub all: u64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Phase {
    /// What others changed comes in.
    Receiving,
    /// Scopes are downloaded whole.
    Filling,
    /// What may not be read any more is removed.
    Removing,
    /// What was downloaded becomes findable.
    Indexing,
    /// What is here is compared with the server.
    Comparing,
    /// What differed is set right.
    Repairing,
}

/// What an answer to a pull brought.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Outcome {
    /// Rows that the server sent, and of these, those that look different now.
    pub rows: u64,
    pub changed: u64,
    /// Rows that left because they may not be read any more.
    pub purged: u64,
    /// Own entries whose effect is in the mirror now, and those of them that are in conflict.
    pub settled: u64,
    pub conflicts: u64,
    /// Rows that were not applied because their bytes do not fit their hash or their table.
    pub mismatches: u64,
    /// A comparison that came to its end.
    pub checked: Option<Checking>,
    /// Rows that were set right.
    pub repaired: u64,
    /// Whether scopes are left to be filled, or to be compared: pull again at once.
    pub more: bool,
    /// Whether removed rows may still lie in the write-ahead file, because something reads it.
    pub wipe_due: bool,
}

/// The request for what this mirror lacks.
pub fn request(store: &Store) -> Result<Pull> {
    let now = store.clock().now();
    store.read(|connection| {
        let State { incarnation, cursor, grants_hash, .. } = state::read(connection)?;
        Ok(Pull {
            device: state::account(connection)?.device,
            incarnation,
            schema: SCHEMA,
            cursor,
            grants_hash,
            unsettled_from: outbox::unsettled_from(connection)?,
            live: scopes::list(connection, ScopeState::Live)?,
            holds_all: false,
            filling: fill::find(connection)?.map(Fill::into_filling),
            check: check::ask(connection, now)?,
        })
    })
}

/// The server said that nothing is new: it was asked, and took nothing back.
pub fn confirm(store: &Store) -> Result<()> {
    let now = store.clock().now();
    store.apply(|connection| {
        scopes::confirm(connection, now)?;
        outbox::end_pull(connection)?;
        errands::advance(connection, &Outcome::default(), now)?;
        state::see_pull(connection, now)
    })?;
    lease::bring_back(store, &mut |_| {})
}

/// To be called with the verdicts of a push, as at the end of every answer: of entries whose row left while they were on their
/// way only what was typed stays.
pub fn strip_answered(connection: &Connection) -> Result<()> {
    leave::strip_answered(connection)
}

pub(crate) use texts::{is_whole, keep_nothing};

/// Makes findable what came and is not yet, for a laptop whose server does not answer: what an
/// answer that was cut has brought.
pub fn make_findable(store: &Store) -> Result<()> {
    index::build(store, &mut |_| {})
}

/// An answer that is being taken in. Dropped half way it leaves a mirror that goes on from there.
#[allow(missing_debug_implementations, reason = "it holds a callback")]
pub struct Applying<'a> {
    store: &'a Store,
    notify: &'a mut dyn FnMut(Notice),
    stage: Stage,
    settling: Settling,
    pace: Pace,
    outcome: Outcome,
    compared: Compared,
    /// Rows of a repair that have come, and all of them.
    repairing: (u64, u64),
}

/// How far an answer has come.
enum Stage {
    Before,
    /// Rows of live scopes, held until they are whole.
    Delta(Begun),
    /// All rows of live scopes have come.
    Whole(Begun, Cursor),
    Filling(Begun, Fill),
    Filled(Begun),
    /// The server has said something to compare with.
    Checked(Begun),
    /// Rows come that were missing or different.
    Repairing(Begun),
    /// A frame could not be taken: no other one is.
    Broken,
}

impl<'a> Applying<'a> {
    /// Also ends a purge that a crash cut short.
    pub fn begin(store: &'a Store, notify: &'a mut dyn FnMut(Notice)) -> Result<Self> {
        let goes_on = !fault::has(Bug::CutPurgeForgotten);
        let purged = if goes_on { purge::run(store, notify)? } else { 0 };
        let outcome = Outcome { purged, ..Outcome::default() };
        let (stage, settling, pace) = (Stage::Before, Settling::default(), Pace::default());
        let (compared, repairing) = (Compared::default(), (0, 0));
        Ok(Self { store, notify, stage, settling, pace, outcome, compared, repairing })
    }

    /// Takes one frame in. A small delta is stored when it is whole; what is larger, as it comes.
    pub fn frame(&mut self, frame: Frame) -> Result<()> {
        let stage = std::mem::replace(&mut self.stage, Stage::Broken);
        self.stage = match (stage, frame) {
            (Stage::Before, Frame::Grants { epoch, scopes }) => self.take_grants(epoch, &scopes)?,
            (Stage::Before, Frame::Settled(verdicts)) => {
                self.settling.add(self.store, verdicts)?;
                Stage::Before
            }
            (Stage::Before, Frame::Errands(handed)) => {
                errands::take(self.store, &handed)?;
                Stage::Before
            }
            (Stage::Before, Frame::Begin { epoch, hi, scopes, rows }) => {
                Stage::Delta(self.begin_delta(epoch, hi, scopes, rows)?)
            }
            (Stage::Delta(begun), Frame::Rows(rows)) => self.take_rows(begun, &rows)?,
            (Stage::Delta(begun), Frame::Gone(rows)) => self.take_gone(begun, rows)?,
            (Stage::Delta(begun), Frame::Checkpoint { cursor }) => Stage::Whole(begun, cursor),
            (Stage::Whole(begun, cursor), Frame::FillBegin { scopes, since, rows }) => {
                self.begin_fill(begun, cursor, &scopes, &since, rows)?
            }
            (Stage::Filling(begun, fill), Frame::Rows(rows)) => self.fill_rows(begun, fill, &rows)?,
            (Stage::Filling(begun, fill), Frame::Gone(rows)) => self.fill_gone(begun, fill, rows)?,
            (Stage::Filling(begun, fill), Frame::FillEnd) => {
                self.end_fill(&fill)?;
                Stage::Filled(begun)
            }
            (
                stage @ (Stage::Whole(..) | Stage::Filled(_) | Stage::Checked(_)),
                frame @ (Frame::Digests(_) | Frame::Buckets { .. } | Frame::RepairBegin { .. }),
            ) => {
                let begun = self.close(stage)?;
                self.take_check(begun, frame)?
            }
            (Stage::Repairing(begun), Frame::Rows(rows)) => self.repair_rows(begun, &rows)?,
            (Stage::Repairing(begun), Frame::Gone(rows)) => self.repair_gone(begun, rows)?,
            (Stage::Repairing(begun), Frame::RepairEnd) => self.end_repair(begun)?,
            (stage, frame) => return Err(out_of_order(&stage, &frame).into()),
        };
        Ok(())
    }

    /// The answer came to its own end: not to be called where the connection broke, because what
    /// the server had still to say may be that a scope is sent anew. What was stored stays then.
    pub fn finish(mut self) -> Result<Outcome> {
        let stage = std::mem::replace(&mut self.stage, Stage::Broken);
        self.close(stage)?;
        self.end_check()?;
        let is_filling = self.is_filling()?;
        if !is_filling {
            if !fault::has(Bug::RestNeverSettled) {
                self.settle_rest()?;
            }
            index::build(self.store, self.notify)?;
        }
        let now = self.store.clock().now();
        let is_checking = self.store.apply(|connection| {
            if !is_filling {
                outbox::end_pull(connection)?;
                check::begin_counting(connection, now)?;
            }
            guard::forget(connection)?;
            let is_checking = check::find(connection)?.is_some();
            Ok(errands::advance(connection, &self.outcome, now)? || is_checking)
        })?;
        self.outcome.more = is_filling || is_checking;
        self.store.apply(|connection| leave::strip_answered(connection))?;
        self.outcome.wipe_due = !purge::wipe(self.store)?;
        Ok(self.outcome)
    }

    /// Everything but a comparison has come; a delta that was held is stored.
    fn close(&mut self, stage: Stage) -> Result<Begun> {
        match stage {
            Stage::Whole(mut begun, cursor) => {
                let is_filling = self.is_filling()?;
                let leaves_rest = is_filling || fault::has(Bug::RestNeverSettled);
                let rest = if leaves_rest { Vec::new() } else { self.settling.take_rest(MAX_CHUNK_ROWS) };
                self.end_delta(&mut begun, cursor, rest, |_| Ok(()))?;
                Ok(begun)
            }
            Stage::Filled(begun) | Stage::Checked(begun) => Ok(begun),
            Stage::Before | Stage::Delta(_) | Stage::Filling(..) | Stage::Repairing(_) | Stage::Broken => {
                Err(RemoteError::Cut.into())
            }
        }
    }

    fn is_filling(&self) -> Result<bool> {
        self.store.read(|connection| Ok(!scopes::list(connection, ScopeState::Filling)?.is_empty()))
    }
}

fn out_of_order(stage: &Stage, frame: &Frame) -> RemoteError {
    let frame = match frame {
        Frame::Grants { .. } => "grants",
        Frame::Settled(_) => "settled entries",
        Frame::Errands(_) => "errands",
        Frame::Begin { .. } => "a beginning",
        Frame::Rows(_) => "rows",
        Frame::Gone(_) => "rows that went",
        Frame::Checkpoint { .. } => "a checkpoint",
        Frame::FillBegin { .. } => "the beginning of a fill",
        Frame::FillEnd => "the end of a fill",
        Frame::Digests(_) | Frame::Buckets { .. } => "digests",
        Frame::RepairBegin { .. } => "the beginning of a repair",
        Frame::RepairEnd => "the end of a repair",
    };
    let stage = match stage {
        Stage::Before => "at the start",
        Stage::Delta(_) => "among the changes",
        Stage::Whole(..) => "after the checkpoint",
        Stage::Filling(..) => "among the rows of a fill",
        Stage::Filled(_) | Stage::Checked(_) => "after the end",
        Stage::Repairing(_) => "in a repair",
        Stage::Broken => "after a frame that could not be taken",
    };
    RemoteError::Unreadable { what: format!("{frame} {stage}") }
}

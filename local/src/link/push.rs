//! One push: the next batch goes out, its verdicts are stored.

use super::Link;
use crate::error::Result;
use crate::fault;
use crate::keys::marks::Mark;
use crate::outbox::{self, Batch};
use crate::store::state::{self, State};
use guildhall_sync::change::{SCHEMA, Verdict};
use guildhall_sync::client::Pushed;
use guildhall_sync::protocol::{EntryVerdict, Push, PushAnswer};

/// What a push brought about.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PushCounts {
    pub sent: u64,
    pub merged: u64,
    pub conflicts: u64,
    pub refused: u64,
}

impl Link {
    /// Sends the next batch. Without one, says only whether something is deferred.
    pub(super) async fn push(&self) -> Result<(Pushed, PushCounts)> {
        let now = self.store.clock().now();
        let batch = self.store.read(|connection| outbox::next_batch(connection, now))?;
        if batch.is_empty() {
            return Ok((self.left()?, PushCounts::default()));
        }
        let state = self.note(&batch)?;
        let request = self.request(&state, batch);
        fault::point("push.before_send");
        let answer = self.session.ask(|wire, access| send(wire, access, request.clone())).await;
        match answer {
            Ok(answer) => {
                fault::point("push.before_verdicts");
                self.store.record(|connection| {
                    outbox::record_verdicts(connection, &answer.verdicts, self.store.clock().now())
                })?;
                Ok((self.left()?, counts(&answer.verdicts)))
            }
            Err(error) => {
                self.store.record(|connection| outbox::mark_unanswered(connection))?;
                Err(error)
            }
        }
    }

    /// Inside and outside the mirror, before anything leaves: a restored file is known by it.
    fn note(&self, batch: &Batch) -> Result<State> {
        let now = self.store.clock().now();
        let state = self.store.record(|connection| {
            outbox::mark_in_flight(connection, batch, now)?;
            state::read(connection)
        })?;
        self.marks.record(Mark { incarnation: state.incarnation, pushed_seq: state.pushed_seq })?;
        Ok(state)
    }

    fn request(&self, state: &State, batch: Batch) -> Push {
        Push {
            device: self.session.device(),
            incarnation: state.incarnation,
            epoch: state.epoch,
            schema: SCHEMA,
            groups: batch.groups,
        }
    }

    fn left(&self) -> Result<Pushed> {
        let now = self.store.clock().now();
        self.store.read(|connection| {
            let unsent = outbox::can_send(connection, now)?;
            let retry_at = outbox::batch::next_retry_at(connection)?;
            let wait_ms =
                |at: guildhall_sync::time::Timestamp| u64::try_from((at.0 - now.0) / 1000).unwrap_or(0);
            Ok(Pushed { unsent, deferred_ms: retry_at.map(wait_ms) })
        })
    }
}

async fn send(wire: super::wire::Wire, access: String, request: Push) -> Result<PushAnswer> {
    wire.push(&access, &request).await
}

fn counts(verdicts: &[EntryVerdict]) -> PushCounts {
    let mut counts = PushCounts { sent: verdicts.len() as u64, ..PushCounts::default() };
    for EntryVerdict { verdict, .. } in verdicts {
        match verdict {
            Verdict::Committed { .. } => {}
            Verdict::Merged { .. } => counts.merged += 1,
            Verdict::Conflict { .. } => counts.conflicts += 1,
            Verdict::Rejected { .. } => counts.refused += 1,
            Verdict::Deferred { .. } => counts.sent -= 1,
        }
    }
    counts
}

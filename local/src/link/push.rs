//! One push: the next batch goes out, its verdicts are stored.

use super::{Link, steps};
use crate::error::Result;
use crate::fault;
use guildhall_sync::change::Verdict;
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
        let Some(request) = steps::begin_push(&self.store, &self.marks, self.session.device())? else {
            return Ok((steps::left(&self.store)?, PushCounts::default()));
        };
        fault::point("push.before_send");
        let answer = self.session.ask(|wire, access| send(wire, access, request.clone())).await;
        match answer {
            Ok(answer) => {
                fault::point("push.before_verdicts");
                steps::end_push(&self.store, &answer)
            }
            Err(error) => {
                if let Some(left) = steps::lose_push(&self.store, &error)? {
                    return Ok((left, PushCounts::default()));
                }
                steps::note_refusal(&self.store, &error)?;
                if steps::is_fork(&error) {
                    self.marks.begin_anew(&self.store)?;
                    return Ok((steps::left(&self.store)?, PushCounts::default()));
                }
                Err(error)
            }
        }
    }
}

async fn send(wire: super::wire::Wire, access: String, request: Push) -> Result<PushAnswer> {
    wire.push(&access, &request).await
}

pub(super) fn counts(verdicts: &[EntryVerdict]) -> PushCounts {
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

//! People who asked for a sync, and wait to hear what it did.

use super::driver::Report;
use crate::error::Error;
use tokio::sync::{mpsc, oneshot};

/// Gets the answer: what was done since it was asked, or why it could not be.
pub type Ask = oneshot::Sender<Result<Report, Error>>;

/// For a watch that nobody asks anything.
pub fn nobody() -> mpsc::Receiver<Ask> {
    mpsc::channel(1).1
}

/// Those who wait, each with what had been done when it asked.
#[derive(Debug, Default)]
pub(super) struct Waiting(Vec<(Ask, Report)>);

impl Waiting {
    pub fn add(&mut self, ask: Ask, done: Report) {
        self.0.push((ask, done));
    }

    /// Everything is done.
    pub fn answer(&mut self, done: Report) {
        for (ask, before) in self.0.drain(..) {
            // Who does not wait any more need not hear it.
            ask.send(Ok(done.since(before))).ok();
        }
    }

    /// It could not be done. The first hears why; the others, that it was in vain, by their closed
    /// channel. The error comes back where nobody waits.
    pub fn fail(&mut self, error: Error) -> Option<Error> {
        let mut waiting = self.0.drain(..);
        match waiting.next() {
            Some((ask, _)) => ask.send(Err(error)).err()?.err(),
            None => Some(error),
        }
    }
}

impl Report {
    fn since(self, before: Self) -> Self {
        Self {
            sent: self.sent - before.sent,
            merged: self.merged - before.merged,
            conflicts: self.conflicts - before.conflicts,
            refused: self.refused - before.refused,
            received_rows: self.received_rows - before.received_rows,
            purged_rows: self.purged_rows - before.purged_rows,
            received_bytes: self.received_bytes - before.received_bytes,
        }
    }
}

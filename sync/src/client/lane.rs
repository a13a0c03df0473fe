//! One direction of sync: at most one request under way, and a growing wait after failures.

use super::{FIRST_WAIT_MS, Failure, LONGEST_WAIT_MS};
use crate::time::Timestamp;

#[derive(Debug, Default)]
pub(super) struct Lane {
    pub in_flight: bool,
    pub wanted: bool,
    /// Nothing is sent before this time.
    waiting_until: Option<Timestamp>,
    /// Failures since the last success.
    failures: u32,
}

impl Lane {
    /// A wait that is longer than any that is ever begun was begun by a clock that has been set
    /// back since: it is over.
    pub fn mind_clock(&mut self, now: Timestamp) {
        if self.waiting_until.is_some_and(|until| until > now.plus_ms(LONGEST_WAIT_MS)) {
            self.waiting_until = None;
        }
    }

    /// Whether a request is to be sent now; if so it counts as under way.
    pub fn begin(&mut self, now: Timestamp) -> bool {
        let may = self.wanted && !self.in_flight && self.waiting_until.is_none_or(|until| until <= now);
        if may {
            self.in_flight = true;
            self.wanted = false;
            self.waiting_until = None;
        }
        may
    }

    pub fn succeeded(&mut self, more: bool) {
        self.in_flight = false;
        self.wanted |= more;
        self.waiting_until = None;
        self.failures = 0;
    }

    /// What was wanted stays wanted, after a wait: the server's, or a random part of a span that
    /// doubles with each failure, so that many devices do not come back at once.
    pub fn failed(&mut self, now: Timestamp, random: u64, failure: &Failure) {
        self.in_flight = false;
        self.wanted = true;
        let span = FIRST_WAIT_MS.saturating_mul(1 << self.failures.min(20)).min(LONGEST_WAIT_MS);
        self.failures = self.failures.saturating_add(1);
        let wait = match failure {
            Failure::Later { retry_after_ms: Some(ms) } => (*ms).min(LONGEST_WAIT_MS),
            _ => random % (span + 1),
        };
        self.waiting_until = Some(now.plus_ms(wait));
    }

    /// What is under way works: the next wait is a short one again.
    pub fn works(&mut self) {
        self.failures = 0;
    }

    pub fn forget_waiting(&mut self) {
        self.waiting_until = None;
        self.failures = 0;
    }

    /// Ends a wait that a failure began.
    pub fn forget_failure(&mut self) {
        if self.failures > 0 {
            self.forget_waiting();
        }
    }

    /// When the next try after a failure is due.
    pub fn failed_until(&self) -> Option<Timestamp> {
        self.waiting_until.filter(|_| self.failures > 0 && !self.in_flight)
    }

    /// When this lane wants to be looked at again.
    pub fn due(&self) -> Option<Timestamp> {
        self.waiting_until.filter(|_| self.wanted && !self.in_flight)
    }
}

//! How long something may still take, guessed from how fast it has gone since its phase began.

use guildhall_local::inbox::{Phase, Progress};
use guildhall_sync::time::Timestamp;

/// Before that, what is left would be a guess.
const SURE_MS: u64 = 2_000;

#[derive(Debug, Default)]
pub struct Speed {
    /// The phase, when it began, and how far it was then.
    began: Option<(Phase, Timestamp, u64)>,
}

impl Speed {
    /// None while nobody can tell.
    pub fn left_ms(&mut self, now: Timestamp, Progress { phase, done, all }: Progress) -> Option<u64> {
        let (_, at, from) = match self.began {
            Some(began) if began.0 == phase && began.2 <= done => began,
            _ => *self.began.insert((phase, now, done)),
        };
        let spent_ms = u64::try_from((now.0 - at.0) / 1000).unwrap_or(0);
        if spent_ms < SURE_MS || done <= from || done >= all {
            return None;
        }
        Some((all - done) * spent_ms / (done - from))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_left_follows_from_what_was_done() {
        let mut speed = Speed::default();
        let at = |seconds: i64| Timestamp(seconds * 1_000_000);
        let far = |phase, done| Progress { phase, done, all: 1000 };
        assert_eq!(speed.left_ms(at(0), far(Phase::Filling, 100)), None);
        assert_eq!(speed.left_ms(at(1), far(Phase::Filling, 200)), None, "too early to tell");
        assert_eq!(speed.left_ms(at(4), far(Phase::Filling, 500)), Some(5_000));
        assert_eq!(speed.left_ms(at(5), far(Phase::Indexing, 500)), None, "another phase");
        assert_eq!(speed.left_ms(at(9), far(Phase::Indexing, 1000)), None, "it is done");
    }
}

//! How many rows one transaction takes, so that a local write never waits long behind it.

use crate::error::Result;
use crate::store::Store;
use guildhall_sync::protocol::MAX_CHUNK_ROWS;
use rusqlite::Transaction;

/// What a transaction with pulled rows should last, so that hardly any lasts longer than 25 ms.
const GOAL_MICROS: i64 = 15_000;
const FIRST_ROWS: usize = 100;
const LEAST_ROWS: usize = 10;

#[derive(Debug)]
pub struct Pace {
    rows: usize,
}

impl Default for Pace {
    fn default() -> Self {
        Self { rows: FIRST_ROWS }
    }
}

impl Pace {
    pub fn rows(&self) -> usize {
        self.rows
    }

    /// Runs a step over up to [`Self::rows`] rows, and learns from how long it took.
    pub fn apply<T>(&mut self, store: &Store, step: impl FnOnce(&Transaction<'_>) -> Result<T>) -> Result<T> {
        let (done, micros) = store.apply_timed(step)?;
        self.learn(micros);
        Ok(done)
    }

    fn learn(&mut self, micros: i64) {
        let rows = if micros > GOAL_MICROS { self.rows / 2 } else { self.rows + self.rows / 4 };
        self.rows = rows.clamp(LEAST_ROWS, MAX_CHUNK_ROWS);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slow_transaction_makes_the_next_one_smaller() {
        let mut pace = Pace::default();
        (0..10).for_each(|_| pace.learn(GOAL_MICROS + 1));
        assert_eq!(pace.rows(), LEAST_ROWS);
        (0..50).for_each(|_| pace.learn(1));
        assert_eq!(pace.rows(), MAX_CHUNK_ROWS);
    }
}

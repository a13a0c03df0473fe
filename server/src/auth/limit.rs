//! How often somebody may try: buckets of tokens, kept in memory and per process. They take the
//! load off; that an account locks after failures is decided in Postgres.
//!
//! Ours rather than a crate: it is a map and a subtraction, and the time is an argument.

use crate::config::Rate;
use std::collections::HashMap;
use std::hash::Hash;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// Buckets that are remembered. Beyond that the full ones are forgotten, which changes nothing.
const MAX_BUCKETS: usize = 50_000;

#[derive(Debug)]
pub struct Limiter<Key> {
    rate: Rate,
    buckets: Mutex<HashMap<Key, Bucket>>,
}

#[derive(Clone, Copy, Debug)]
struct Bucket {
    tokens: f64,
    at: Instant,
}

impl<Key: Eq + Hash> Limiter<Key> {
    pub fn new(rate: Rate) -> Self {
        Self { rate, buckets: Mutex::new(HashMap::new()) }
    }

    /// Takes a token, or says how many milliseconds it takes until there is one.
    pub fn take(&self, key: Key, now: Instant) -> Result<(), u64> {
        let mut buckets = self.buckets.lock().unwrap_or_else(PoisonError::into_inner);
        if buckets.len() >= MAX_BUCKETS {
            buckets.retain(|_, bucket| self.refill(*bucket, now).tokens < f64::from(self.rate.burst));
            if buckets.len() >= MAX_BUCKETS {
                buckets.clear();
            }
        }
        let full = Bucket { tokens: self.rate.burst.into(), at: now };
        let bucket = buckets.entry(key).or_insert(full);
        *bucket = self.refill(*bucket, now);
        if bucket.tokens >= 1.0 {
            bucket.tokens -= 1.0;
            return Ok(());
        }
        let missing = (1.0 - bucket.tokens) / self.tokens_per_second();
        Err(u64::try_from(Duration::from_secs_f64(missing).as_millis()).unwrap_or(u64::MAX).max(1))
    }

    fn refill(&self, bucket: Bucket, now: Instant) -> Bucket {
        let since = now.saturating_duration_since(bucket.at).as_secs_f64();
        let tokens = bucket.tokens + since * self.tokens_per_second();
        Bucket { tokens: tokens.min(self.rate.burst.into()), at: now }
    }

    fn tokens_per_second(&self) -> f64 {
        f64::from(self.rate.per_minute.max(1)) / 60.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock;

    #[test]
    fn a_burst_is_served_and_then_the_rate() {
        let limiter = Limiter::new(Rate { burst: 3, per_minute: 60 });
        let start = clock::instant();
        for _ in 0..3 {
            assert_eq!(limiter.take("ada", start), Ok(()));
        }
        assert_eq!(limiter.take("ada", start), Err(1000));
        assert_eq!(limiter.take("bob", start), Ok(()), "others have buckets of their own");
        assert_eq!(limiter.take("ada", start + Duration::from_millis(900)), Err(100));
        assert_eq!(limiter.take("ada", start + Duration::from_millis(1000)), Ok(()));
    }

    #[test]
    fn buckets_do_not_grow_without_end() {
        let limiter = Limiter::new(Rate { burst: 1, per_minute: 1 });
        let start = clock::instant();
        for key in 0..MAX_BUCKETS * 2 + 1 {
            assert_eq!(limiter.take(key, start), Ok(()));
        }
        assert!(limiter.buckets.lock().expect("nobody panicked").len() <= MAX_BUCKETS);
    }
}

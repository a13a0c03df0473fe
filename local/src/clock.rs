//! Where time, randomness and new ids come from. The only file of this crate that reads the
//! system's clock; everything else is handed a [`Clock`].

use guildhall_sync::time::Timestamp;
use std::fmt;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};
use uuid::{Builder, Uuid};

/// The two things that no function of the device may take from the air.
pub struct Clock {
    pub now: Box<Now>,
    pub fill: Box<Fill>,
}

type Now = dyn Fn() -> Timestamp + Send + Sync;
/// Fills the bytes with chance.
type Fill = dyn Fn(&mut [u8]) + Send + Sync;

impl Clock {
    /// The laptop's own clock and randomness.
    pub fn system() -> Self {
        Self { now: Box::new(system_now), fill: Box::new(system_fill) }
    }

    pub fn now(&self) -> Timestamp {
        (self.now)()
    }

    pub fn random<const N: usize>(&self) -> [u8; N] {
        let mut bytes = [0; N];
        (self.fill)(&mut bytes);
        bytes
    }

    /// A UUID of version 7: ids of one day lie together.
    pub fn new_id(&self) -> Uuid {
        let millis = u64::try_from(self.now().0 / 1000).unwrap_or(0);
        Builder::from_unix_timestamp_millis(millis, &self.random()).into_uuid()
    }
}

impl fmt::Debug for Clock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Clock")
    }
}

/// When work that nobody should wait for is to be given up.
pub fn deadline(patience: Duration) -> Instant {
    Instant::now() + patience
}

pub fn is_over(deadline: Instant) -> bool {
    Instant::now() > deadline
}

/// A clock before 1970 reads as 1970: no rule depends on it, and people see that it is wrong.
fn system_now() -> Timestamp {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    Timestamp(i64::try_from(since.as_micros()).unwrap_or(i64::MAX))
}

fn system_fill(bytes: &mut [u8]) {
    getrandom::fill(bytes).expect("the system gives random bytes as soon as it has started");
}

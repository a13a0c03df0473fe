//! The only place of the server that reads the clock. What must agree between several servers
//! (expiry, locks) is decided by Postgres and its `now()`, not here.

use guildhall_sync::time::Timestamp;
use std::time::{Instant, SystemTime, UNIX_EPOCH};

/// The time of day.
pub fn now() -> Timestamp {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    Timestamp(i64::try_from(since.as_micros()).unwrap_or(i64::MAX))
}

/// For measuring how long something took; never goes back.
pub fn instant() -> Instant {
    Instant::now()
}

//! Named points at which a test may stop the process, as a power cut would. Without the feature
//! `faults` they are nothing.

/// Ends the process at once where `GUILDHALL_FAULT` names this point. `name*3` lets it pass twice.
#[cfg(feature = "faults")]
pub fn point(name: &str) {
    use std::sync::atomic::{AtomicU32, Ordering};
    static PASSED: AtomicU32 = AtomicU32::new(0);

    let Ok(wanted) = std::env::var("GUILDHALL_FAULT") else { return };
    let (wanted, times) = wanted.split_once('*').unwrap_or((&wanted, "1"));
    if wanted == name && PASSED.fetch_add(1, Ordering::SeqCst) + 1 >= times.parse().unwrap_or(1) {
        std::process::abort();
    }
}

#[cfg(not(feature = "faults"))]
pub const fn point(_name: &str) {}

//! Named points at which a test may stop the process, as a power cut would. Without the feature
//! `faults` they are nothing.

/// Ends the process at once where `GUILDHALL_FAULT` names this point.
#[cfg(feature = "faults")]
pub fn point(name: &str) {
    if std::env::var("GUILDHALL_FAULT").is_ok_and(|wanted| wanted == name) {
        std::process::abort();
    }
}

#[cfg(not(feature = "faults"))]
pub const fn point(_name: &str) {}

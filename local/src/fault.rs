//! Named points at which a test may stop the process, as a power cut would, and steps after which
//! a simulation may let the device die. Without the feature `faults` they are nothing.

/// Ends the process at once where `GUILDHALL_FAULT` names this point.
#[cfg(feature = "faults")]
pub fn point(name: &str) {
    if std::env::var("GUILDHALL_FAULT").is_ok_and(|wanted| wanted == name) {
        std::process::abort();
    }
}

#[cfg(not(feature = "faults"))]
pub const fn point(_name: &str) {}

/// What a device that dies here unwinds with: to be caught by whoever lit the fuse.
#[cfg(feature = "faults")]
#[derive(Clone, Copy, Debug)]
pub struct Died;

#[cfg(feature = "faults")]
thread_local! {
    /// Steps left until the device dies; none where it lives on.
    static FUSE: std::cell::Cell<Option<u32>> = const { std::cell::Cell::new(None) };
}

/// Lets what this thread does die at the step after `steps` more; none puts the fuse out.
#[cfg(feature = "faults")]
pub fn light(steps: Option<u32>) {
    FUSE.set(steps);
}

/// Just before or just after something became lasting.
#[cfg(feature = "faults")]
pub fn step() {
    match FUSE.get() {
        None => {}
        Some(0) => {
            FUSE.set(None);
            std::panic::resume_unwind(Box::new(Died));
        }
        Some(left) => FUSE.set(Some(left - 1)),
    }
}

#[cfg(not(feature = "faults"))]
pub const fn step() {}

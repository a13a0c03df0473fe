//! Named points at which a test may stop the process, as a power cut would, and steps after which
//! a simulation may let the device die. Without the feature `faults` they are nothing.

#[cfg(feature = "faults")]
type Listener = Box<dyn Fn(&str)>;

#[cfg(feature = "faults")]
thread_local! {
    static LISTENER: std::cell::RefCell<Option<Listener>> = const { std::cell::RefCell::new(None) };
}

/// Tells of each named point that this thread comes by.
#[cfg(feature = "faults")]
pub fn listen(listener: impl Fn(&str) + 'static) {
    LISTENER.set(Some(Box::new(listener)));
}

/// Ends the process at once where `GUILDHALL_FAULT` names this point.
#[cfg(feature = "faults")]
pub fn point(name: &str) {
    LISTENER.with_borrow(|listener| listener.iter().for_each(|hear| hear(name)));
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

#[cfg(feature = "faults")]
thread_local! {
    static HAS_FULL_DISK: std::cell::Cell<bool> = const { std::cell::Cell::new(false) };
}

/// Lets the commits of this thread find no room on the disk, or find it again.
#[cfg(feature = "faults")]
pub fn fill_disk(is_full: bool) {
    HAS_FULL_DISK.set(is_full);
}

/// Just before a commit, which says it as SQLite would.
#[cfg(feature = "faults")]
pub fn demand_room() -> crate::error::Result<()> {
    if HAS_FULL_DISK.get() { Err(crate::error::StoreError::DiskFull.into()) } else { Ok(()) }
}

#[cfg(not(feature = "faults"))]
pub const fn demand_room() -> crate::error::Result<()> {
    Ok(())
}

#[cfg(feature = "faults")]
thread_local! {
    static SCHEMA: std::cell::Cell<Option<u32>> = const { std::cell::Cell::new(None) };
}

/// Lets this thread write entries as an older program did; none ends it.
#[cfg(feature = "faults")]
pub fn write_as(schema: Option<u32>) {
    SCHEMA.set(schema);
}

/// The version of the tables that entries are written for.
#[cfg(feature = "faults")]
pub fn schema() -> u32 {
    SCHEMA.get().unwrap_or(guildhall_sync::change::SCHEMA)
}

#[cfg(not(feature = "faults"))]
pub const fn schema() -> u32 {
    guildhall_sync::change::SCHEMA
}

#[cfg(feature = "faults")]
thread_local! {
    static LEAST_PUSH: std::cell::Cell<Option<usize>> = const { std::cell::Cell::new(None) };
}

/// Lets the ways of this thread be as narrow as this; none for those that there are.
#[cfg(feature = "faults")]
pub fn narrow_ways(least_bytes: Option<usize>) {
    LEAST_PUSH.set(least_bytes);
}

/// What every way takes.
#[cfg(feature = "faults")]
pub fn least_push_bytes() -> usize {
    LEAST_PUSH.get().unwrap_or(guildhall_sync::protocol::MIN_PUSH_BYTES)
}

#[cfg(not(feature = "faults"))]
pub const fn least_push_bytes() -> usize {
    guildhall_sync::protocol::MIN_PUSH_BYTES
}

/// Bugs that a simulation may plant in the device to see whether it finds them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Bug {
    /// The place in the server's order is stored before the rows up to there.
    CursorBeforeRows,
    /// An entry leaves the fold when it is answered.
    SettleAtVerdict,
    /// A purge takes what was typed along.
    PurgeTakesTyped,
    /// The first edit of a row does not keep the server's state.
    ShadowForgotten,
    /// What the server sends overwrites own edits.
    RebaseDropped,
    /// What is sent again is sent under another id.
    RetryWithNewId,
    /// A push without an answer is not sent again.
    UnansweredForgotten,
    /// What depends on something refused stays.
    DependentsKept,
    /// A row whose window closed stays.
    ExpiredStays,
    /// Other scopes of a row that is else the same are not noted.
    ScopesNotNoted,
    /// A row with own edits is compared as it is shown.
    ShownIsCompared,
    /// A purge that was cut short is not gone on with.
    CutPurgeForgotten,
    /// What a fill does not name stays.
    SweepForgotten,
    /// What is not granted any more stays.
    PurgeForgotten,
    /// A fill that goes on begins the log where the server is now.
    FillFromNewCursor,
    /// Scopes count as whole when their fill begins.
    LiveBeforeFilled,
    /// What was put off is never sent again.
    DeferredForEver,
    /// Entries whose row no frame names are never settled.
    RestNeverSettled,
    /// Entries do not say what they depend on.
    DependsOnNothing,
    /// A removed row stays in full text.
    IndexForgotten,
    /// The grants count as known before they are stored.
    GrantsKnownTooEarly,
    /// A refused edit stays on the screen.
    RefusedStaysShown,
    /// What a restored server had accepted is not offered again.
    OffersForgotten,
    /// Rows that a restored server lacks are not set aside.
    WitnessForgotten,
    /// Of a group in parts one entry is never sent.
    PartSkipped,
}

impl Bug {
    pub const ALL: [Self; 25] = [
        Self::CursorBeforeRows,
        Self::SettleAtVerdict,
        Self::PurgeTakesTyped,
        Self::ShadowForgotten,
        Self::RebaseDropped,
        Self::RetryWithNewId,
        Self::UnansweredForgotten,
        Self::DependentsKept,
        Self::ExpiredStays,
        Self::ScopesNotNoted,
        Self::ShownIsCompared,
        Self::CutPurgeForgotten,
        Self::SweepForgotten,
        Self::PurgeForgotten,
        Self::FillFromNewCursor,
        Self::LiveBeforeFilled,
        Self::DeferredForEver,
        Self::RestNeverSettled,
        Self::DependsOnNothing,
        Self::IndexForgotten,
        Self::GrantsKnownTooEarly,
        Self::RefusedStaysShown,
        Self::OffersForgotten,
        Self::WitnessForgotten,
        Self::PartSkipped,
    ];
}

#[cfg(feature = "faults")]
thread_local! {
    static PLANTED: std::cell::Cell<Option<Bug>> = const { std::cell::Cell::new(None) };
}

/// Plants a bug in what this thread does; none takes it away again.
#[cfg(feature = "faults")]
pub fn plant(bug: Option<Bug>) {
    PLANTED.set(bug);
}

#[cfg(feature = "faults")]
pub fn has(bug: Bug) -> bool {
    PLANTED.get() == Some(bug)
}

#[cfg(not(feature = "faults"))]
pub const fn has(_bug: Bug) -> bool {
    false
}

//! What was odd in a seed: what a seed must have had for its promises to say something about it.

/// Something that not every seed has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Oddity {
    /// A server was set back, and devices offered again what the lost history had accepted.
    NewHistory,
    /// A copy of a file went on, beside the first or in its place.
    CopiedFile,
    /// A clock that was years off.
    WrongClock,
    /// Entries of an older program.
    OldProgram,
    /// A push was too large for the way.
    NarrowWay,
    /// A group travelled in parts.
    Parts,
    /// An entry was too large by itself.
    TooLarge,
}

impl Oddity {
    pub const ALL: [Self; 7] = [
        Self::NewHistory,
        Self::CopiedFile,
        Self::WrongClock,
        Self::OldProgram,
        Self::NarrowWay,
        Self::Parts,
        Self::TooLarge,
    ];
}

//! Why a write is not allowed, in the words that a person reads.

/// Why a person may not write a row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Forbidden {
    /// Kiosks and customers write nothing.
    Guest,
    ServerDecides {
        table: &'static str,
    },
    /// The row as it is stored is not one that the person may see; say no more than that it is not there.
    OutOfSight,
    /// The row would go where the person may not look.
    OutOfReach,
    /// Only certain people may: who they are, as the end of a sentence.
    OnlyFor {
        whom: &'static str,
    },
    /// It needs an action that the person's rank does not open.
    NeedsAction {
        action: &'static str,
    },
    /// One's own role, rank or access.
    OwnStanding,
    /// Somebody, or a rank, that is not below the person's own rank.
    NotBelowOwnRank,
    /// What belongs to another person alone.
    NotOneself,
    /// A row that decides is not there.
    ParentMissing {
        table: &'static str,
    },
}

impl std::fmt::Display for Forbidden {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Guest => f.write_str("Kiosks and customers cannot change anything."),
            Self::ServerDecides { table } => {
                write!(f, "The {} are changed on the server only.", table.replace('_', " "))
            }
            Self::OutOfSight => f.write_str("There is no such entry among those that you may see."),
            Self::OutOfReach => f.write_str("This would go where you may not look yourself."),
            Self::OnlyFor { whom } => write!(f, "This is changed by {whom} only."),
            Self::NeedsAction { action } => {
                write!(f, "This needs the right “{action}”, which your rank lacks.")
            }
            Self::OwnStanding => f.write_str("Nobody changes their own role, rank or access."),
            Self::NotBelowOwnRank => f.write_str("This is for people and ranks below your own rank only."),
            Self::NotOneself => f.write_str("This belongs to another person."),
            Self::ParentMissing { table } => {
                write!(f, "What it belongs to ({}) is not there.", table.replace('_', " "))
            }
        }
    }
}

impl std::error::Error for Forbidden {}

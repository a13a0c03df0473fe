//! What a draft is a draft of, in the words in which screens name it: `sop:<id>`, `new-sop:<id>`,
//! `ticket:<id>` (an answer), `new-ticket`.

use guildhall_sync::id::{SopId, TicketId};
use guildhall_sync::model::desk::Ticket;
use guildhall_sync::model::knowledge::Sop;
use guildhall_sync::schema::{Row, Table};
use std::fmt;
use std::str::FromStr;
use uuid::Uuid;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Subject {
    /// A page that is there.
    Sop(SopId),
    /// A page to be; the id tells several of them apart.
    NewSop(Uuid),
    /// An answer to a ticket.
    Ticket(TicketId),
    NewTicket,
}

impl Subject {
    /// The row without which the draft means nothing.
    pub fn row(self) -> Option<(&'static Table, Uuid)> {
        match self {
            Self::Sop(id) => Some((Sop::TABLE, id.0)),
            Self::Ticket(id) => Some((Ticket::TABLE, id.0)),
            Self::NewSop(_) | Self::NewTicket => None,
        }
    }
}

/// None of the four.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NotASubject;

impl FromStr for Subject {
    type Err = NotASubject;

    fn from_str(text: &str) -> Result<Self, NotASubject> {
        let (kind, id) = match text.split_once(':') {
            Some((kind, id)) => (kind, Some(id.parse::<Uuid>().map_err(|_| NotASubject)?)),
            None => (text, None),
        };
        match (kind, id) {
            ("sop", Some(id)) => Ok(Self::Sop(SopId(id))),
            ("new-sop", Some(id)) => Ok(Self::NewSop(id)),
            ("ticket", Some(id)) => Ok(Self::Ticket(TicketId(id))),
            ("new-ticket", None) => Ok(Self::NewTicket),
            _ => Err(NotASubject),
        }
    }
}

impl fmt::Display for Subject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Sop(id) => write!(f, "sop:{}", id.0),
            Self::NewSop(id) => write!(f, "new-sop:{id}"),
            Self::Ticket(id) => write!(f, "ticket:{}", id.0),
            Self::NewTicket => f.write_str("new-ticket"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_subject_is_read_as_it_is_written_and_nothing_else_is_one() {
        let id = Uuid::from_u128(7);
        let all =
            [Subject::Sop(SopId(id)), Subject::NewSop(id), Subject::Ticket(TicketId(id)), Subject::NewTicket];
        for subject in all {
            assert_eq!(subject.to_string().parse(), Ok(subject));
        }
        for text in
            ["", "sop", "sop:", "sop:7", "new-ticket:7", &format!("user:{id}"), &format!("new-ticket:{id}")]
        {
            assert_eq!(text.parse::<Subject>(), Err(NotASubject), "{text}");
        }
    }
}

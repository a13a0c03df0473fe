//! Refusals in the words that a device shows: what a rule, a row or Postgres has against an entry.

use super::decision::Decision;
use guildhall_sync::change::RejectCode;
use guildhall_sync::merge::Refusal;
use guildhall_sync::permission::Forbidden;
use guildhall_sync::validate::Invalid;
use std::collections::HashMap;
use uuid::Uuid;

/// Of a row that the author may not see it is only said that it is not there.
pub fn forbidden(why: &Forbidden) -> Decision {
    let code = match why {
        Forbidden::OutOfSight | Forbidden::ParentMissing { .. } => RejectCode::NotFound,
        Forbidden::Guest
        | Forbidden::ServerDecides { .. }
        | Forbidden::OutOfReach
        | Forbidden::OnlyFor { .. }
        | Forbidden::NeedsAction { .. }
        | Forbidden::OwnStanding
        | Forbidden::NotBelowOwnRank
        | Forbidden::NotOneself => RejectCode::Forbidden,
    };
    Decision::refuse(code, why.to_string())
}

/// `holders` are the names of those who have what can be taken by one only.
pub fn refused_column(column: &str, why: &Refusal, holders: &HashMap<Uuid, String>) -> Decision {
    let reason = format!("{}: {why}", column.replace('_', " "));
    match why {
        Refusal::Taken { by } => {
            let reason = holders.get(by).map(|name| format!("{name} has taken it already."));
            Decision::mend(RejectCode::Taken, reason.unwrap_or_else(|| why.to_string()))
        }
        Refusal::ServerOnly | Refusal::SetOnce => Decision::refuse(RejectCode::Invalid, reason),
        Refusal::Step { .. } => Decision::mend(RejectCode::Invalid, reason),
    }
}

pub fn invalid_row(invalid: &Invalid) -> Decision {
    Decision::mend(RejectCode::Invalid, invalid.to_string())
}

/// A business key that another row has.
pub fn taken(columns: &[&str]) -> Decision {
    let columns: Vec<String> = columns.iter().map(|column| column.replace('_', " ")).collect();
    let reason = format!("Something else has this {} already.", columns.join(" and "));
    Decision::mend(RejectCode::Invalid, reason)
}

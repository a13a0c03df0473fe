//! Refusals in the words that a device shows: what a rule, a row or Postgres has against an entry.

use super::decision::Decision;
use guildhall_sync::change::RejectCode;
use guildhall_sync::merge::Refusal;
use guildhall_sync::permission::Forbidden;
use guildhall_sync::validate::Invalid;

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

pub fn refused_column(column: &str, why: &Refusal) -> Decision {
    let reason = format!("{}: {why}", column.replace('_', " "));
    match why {
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

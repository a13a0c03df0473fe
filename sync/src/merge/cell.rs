//! What becomes of one column, by its rule.

use super::json;
use crate::model::settlement::ConflictKind;
use crate::schema::{Machine, Merge};
use crate::text_merge;
use crate::value::Value;
use uuid::Uuid;

/// What becomes of one column.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// The live value stays: mine changed nothing, or the same.
    Theirs,
    /// Mine is taken as it is: only mine changed.
    Mine,
    /// Both changed, and the rule made this of it.
    Merged(Value),
    Conflict(ConflictKind),
    Refused(Refusal),
}

/// Why an entry may not set a column.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refusal {
    ServerOnly,
    SetOnce,
    /// Somebody else was the first to take what was free.
    Taken {
        by: Uuid,
    },
    /// The state machine knows no such step, and nobody else moved the state.
    Step {
        from: String,
        to: String,
    },
}

impl std::fmt::Display for Refusal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::ServerOnly => f.write_str("This is written by the server only."),
            Self::SetOnce => f.write_str("This is given once and cannot be changed."),
            Self::Taken { .. } => f.write_str("Somebody else has taken it already."),
            Self::Step { from, to } => {
                write!(f, "What is {} cannot become {}.", from.replace('_', " "), to.replace('_', " "))
            }
        }
    }
}

impl std::error::Error for Refusal {}

/// Merges one column. `mine` comes after `theirs` in the order of the server.
pub fn merge_cell(rule: Merge, base: &Value, theirs: &Value, mine: &Value) -> Outcome {
    if rule == Merge::ServerOnly {
        return Outcome::Refused(Refusal::ServerOnly);
    }
    if is_same(mine, base) || is_same(mine, theirs) {
        return Outcome::Theirs;
    }
    let is_mine_alone = is_same(theirs, base);
    match rule {
        Merge::ServerOnly => Outcome::Refused(Refusal::ServerOnly),
        Merge::SetOnce => Outcome::Refused(Refusal::SetOnce),
        Merge::HighWater => merge_high_water(is_mine_alone, theirs, mine),
        Merge::Status(machine) => merge_status(machine, is_mine_alone, theirs, mine),
        _ if is_mine_alone => Outcome::Mine,
        Merge::Claim => merge_claim(base, theirs),
        Merge::Guarded => Outcome::Conflict(ConflictKind::Field),
        Merge::Soft => Outcome::Merged(mine.clone()),
        Merge::Text => merge_text(base, theirs, mine),
        Merge::Set => merge_set(base, theirs, mine),
        Merge::Json => merge_json(base, theirs, mine),
    }
}

/// Whether two values mean the same: JSON is compared as documents, not as text.
pub fn is_same(left: &Value, right: &Value) -> bool {
    match (left, right) {
        (Value::Json(left), Value::Json(right)) => json::is_same_document(left, right),
        _ => left == right,
    }
}

/// Never goes back, not even where nobody else wrote.
fn merge_high_water(is_mine_alone: bool, theirs: &Value, mine: &Value) -> Outcome {
    match (theirs, mine) {
        (_, Value::Null) => Outcome::Theirs,
        (Value::Null, _) => Outcome::Mine,
        (Value::Int(theirs), Value::Int(mine)) if mine > theirs && is_mine_alone => Outcome::Mine,
        (Value::Int(theirs), Value::Int(mine)) => Outcome::Merged(Value::Int(*theirs.max(mine))),
        _ => Outcome::Conflict(ConflictKind::Field),
    }
}

/// Only a race for what was free has a first and a second.
fn merge_claim(base: &Value, theirs: &Value) -> Outcome {
    match theirs.as_id() {
        Some(by) if base.is_null() => Outcome::Refused(Refusal::Taken { by }),
        _ => Outcome::Conflict(ConflictKind::Field),
    }
}

fn merge_status(machine: &Machine, is_mine_alone: bool, theirs: &Value, mine: &Value) -> Outcome {
    let (Some(from), Some(to)) = (theirs.as_text(), mine.as_text()) else {
        return Outcome::Conflict(ConflictKind::State);
    };
    match (machine.allows(from, to), is_mine_alone) {
        (true, true) => Outcome::Mine,
        (true, false) => Outcome::Merged(mine.clone()),
        (false, true) => Outcome::Refused(Refusal::Step { from: from.to_owned(), to: to.to_owned() }),
        (false, false) => Outcome::Conflict(ConflictKind::State),
    }
}

fn merge_text(base: &Value, theirs: &Value, mine: &Value) -> Outcome {
    let texts = (base.as_text().unwrap_or_default(), theirs.as_text(), mine.as_text());
    let (base, Some(theirs), Some(mine)) = texts else {
        return Outcome::Conflict(ConflictKind::Text);
    };
    match text_merge::merge(base, theirs, mine) {
        Some(text) => Outcome::Merged(Value::Text(text)),
        None => Outcome::Conflict(ConflictKind::Text),
    }
}

/// Add wins: a word is gone only where one side removed it and the other did not add it.
fn merge_set(base: &Value, theirs: &Value, mine: &Value) -> Outcome {
    let words = |value: &Value| value.as_set().cloned().unwrap_or_default();
    let (base, theirs, mine) = (words(base), words(theirs), words(mine));
    let union = theirs.union(&mine);
    let kept = union.filter(|word| !base.contains(*word) || theirs.contains(*word) && mine.contains(*word));
    Outcome::Merged(Value::Set(kept.cloned().collect()))
}

fn merge_json(base: &Value, theirs: &Value, mine: &Value) -> Outcome {
    match json::merge(base.as_text(), theirs.as_text(), mine.as_text()) {
        Some(document) => Outcome::Merged(Value::Json(document)),
        None => Outcome::Conflict(ConflictKind::Field),
    }
}

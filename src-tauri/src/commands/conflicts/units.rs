//! What of a conflict is decided one by one: columns that stand or fall together, and inside a text
//! the passages that no rule brings together.

use super::Side;
use crate::commands::text::Diff;
use guildhall_sync::schema::Table;
use guildhall_sync::text_merge::passages::{self, Passage};
use guildhall_sync::value::Type;
use serde::Serialize;
use ts_rs::TS;

/// Columns that are decided together.
#[derive(Clone, Debug, Serialize, TS)]
pub struct Unit {
    pub columns: Vec<String>,
    pub label: String,
    /// Whether a person can write something of their own instead.
    pub can_edit: bool,
    /// Of a text; empty for anything else.
    pub passages: Vec<PassageView>,
}

/// A place of a text, on all sides. Put together, each side's are that text.
#[derive(Clone, Debug, Serialize, TS)]
pub struct PassageView {
    pub base: String,
    pub mine: String,
    pub theirs: String,
    /// What comes of it by itself; none where a person decides.
    pub merged: Option<String>,
    pub is_same: bool,
    /// What each side made of it, where a person decides.
    pub mine_diff: Option<Diff>,
    pub theirs_diff: Option<Diff>,
    /// Theirs and then one's own, one under the other.
    pub both: String,
}

pub fn of(table: &'static Table, sides: &[Side]) -> Vec<Unit> {
    let mut units: Vec<Unit> = Vec::new();
    for side in sides {
        let Some(column) = table.column(&side.column) else { continue };
        if units.iter().any(|unit| unit.columns.contains(&side.column)) {
            continue;
        }
        let together = table.unit_of(column.name);
        let members = || sides.iter().filter(|side| together.contains(&side.column.as_str()));
        let labels: Vec<&str> = members().map(|side| side.label.as_str()).collect();
        units.push(Unit {
            columns: members().map(|side| side.column.clone()).collect(),
            label: labels.join(", "),
            can_edit: together.len() == 1 && matches!(column.kind, Type::Text | Type::Markdown),
            passages: if column.kind == Type::Markdown { passages_of(side) } else { Vec::new() },
        });
    }
    units
}

/// The text with what comes together by itself, and theirs where nothing does.
pub fn begin(units: &[Unit]) -> String {
    let passages = units.iter().flat_map(|unit| &unit.passages);
    passages.map(|passage| passage.merged.as_deref().unwrap_or(&passage.theirs)).collect()
}

fn passages_of(side: &Side) -> Vec<PassageView> {
    // A side without a text has deleted the row: there are no places in nothing.
    let (Some(mine), Some(theirs)) = (&side.mine, &side.theirs) else { return Vec::new() };
    let base = side.before.as_deref().unwrap_or_default();
    passages::passages(base, theirs, mine).into_iter().map(view).collect()
}

fn view(passage: Passage<'_>) -> PassageView {
    let is_open = passage.merged.is_none();
    PassageView {
        is_same: passage.is_same(),
        mine_diff: is_open.then(|| Diff::between(passage.base, passage.mine)),
        theirs_diff: is_open.then(|| Diff::between(passage.base, passage.theirs)),
        both: join(passage.theirs, passage.mine),
        base: passage.base.to_owned(),
        mine: passage.mine.to_owned(),
        theirs: passage.theirs.to_owned(),
        merged: passage.merged,
    }
}

/// A passage that ends a text has no line end of its own.
fn join(theirs: &str, mine: &str) -> String {
    let gap = if theirs.is_empty() || theirs.ends_with('\n') { "" } else { "\n\n" };
    format!("{theirs}{gap}{mine}")
}

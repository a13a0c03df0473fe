//! Two sides of a row, both kept until a person settles it. The server's side is live.
//!
//! An author has one open conflict for the same columns of a row: who goes on writing on top of
//! an edit that met another one replaces what they want, and does not open a second conflict.

use super::wish::Key;
use guildhall_sync::id::{ConflictId, EntryId, UserId};
use guildhall_sync::merge::UnitConflict;
use guildhall_sync::model::settlement::ConflictKind;
use guildhall_sync::schema::{Table, common};
use guildhall_sync::value::Cells;
use std::collections::BTreeSet;
use uuid::Uuid;

#[derive(Clone, Debug)]
pub struct Conflict {
    pub id: ConflictId,
    /// The last entry that could not be merged.
    pub entry: EntryId,
    pub table: &'static Table,
    /// The row that is live. Of a duplicate: the row that has the key already.
    pub row: Uuid,
    pub kind: ConflictKind,
    pub units: BTreeSet<&'static str>,
    pub base: Cells,
    /// Of a duplicate that makes a row: the whole row as it would be, its id too.
    pub mine: Cells,
    pub theirs: Cells,
    pub author: Option<UserId>,
    /// Whether Postgres has it already.
    pub is_stored: bool,
    pub is_resolved: bool,
}

impl Conflict {
    pub fn key(&self) -> Key {
        (self.table.number, self.row)
    }

    /// The row that exists only here, where there is one.
    pub fn draft(&self) -> Option<Uuid> {
        self.mine.get(common::ID).and_then(|id| id.as_id())
    }

    pub fn units(&self) -> Vec<String> {
        self.units.iter().map(|unit| (*unit).to_owned()).collect()
    }

    /// Whether an edit of these columns of the row by the author goes on with this conflict.
    pub fn goes_on_with(&self, author: UserId, key: Key, units: &BTreeSet<&'static str>) -> bool {
        !self.is_resolved
            && self.author == Some(author)
            && self.key() == key
            && self.draft().is_none()
            && !self.units.is_disjoint(units)
    }

    /// What was wanted later replaces what was wanted before; where both sides began stays.
    pub fn replaced_by(mut self, later: Self) -> Self {
        let overlay = |below: &mut Cells, above: &Cells| {
            above.iter().for_each(|(number, value)| below.set(number, value.clone()));
        };
        overlay(&mut self.mine, &later.mine);
        overlay(&mut self.theirs, &later.theirs);
        let mut base = later.base;
        overlay(&mut base, &self.base);
        let units = self.units.union(&later.units).copied().collect();
        Self { base, units, entry: later.entry, kind: heavier(self.kind, later.kind), ..self }
    }
}

/// What of several units in conflict is kept as one.
#[derive(Debug, Default)]
pub struct Sides {
    pub units: BTreeSet<&'static str>,
    pub kind: Option<ConflictKind>,
    pub base: Cells,
    pub mine: Cells,
    pub theirs: Cells,
}

impl Sides {
    pub fn add(&mut self, unit: UnitConflict) {
        self.units.extend(unit.columns);
        self.kind = Some(self.kind.map_or(unit.kind, |kind| heavier(kind, unit.kind)));
        for (sides, cells) in
            [(&mut self.base, unit.base), (&mut self.mine, unit.mine), (&mut self.theirs, unit.theirs)]
        {
            cells.iter().for_each(|(number, value)| sides.set(number, value.clone()));
        }
    }
}

/// One row of conflicts has one kind: the one that says most about what the person must do.
fn heavier(one: ConflictKind, other: ConflictKind) -> ConflictKind {
    let weight = |kind| match kind {
        ConflictKind::Field => 0,
        ConflictKind::Text => 1,
        ConflictKind::State => 2,
        ConflictKind::DeleteVsEdit => 3,
        ConflictKind::Duplicate => 4,
    };
    if weight(other) > weight(one) { other } else { one }
}

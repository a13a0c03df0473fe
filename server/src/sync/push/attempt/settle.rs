//! The part of an attempt that is about conflicts: keeping both sides, going on with them, and
//! settling them.

use super::{Attempt, judge_merge};
use crate::sync::push::conflict::{Conflict, Sides};
use crate::sync::push::decision::Decision;
use crate::sync::push::facts::Clash;
use crate::sync::push::refusal::taken;
use crate::sync::push::wish::{Key, Wish};
use guildhall_sync::change::RejectCode;
use guildhall_sync::id::ConflictId;
use guildhall_sync::merge::{Edit, merge_entry};
use guildhall_sync::model::settlement::ConflictKind;
use guildhall_sync::schema::common;
use guildhall_sync::value::Cells;

impl Attempt<'_> {
    /// The conflict that the entry names, if its author may settle it with this row.
    pub(super) fn find_settled(&self, wish: &Wish) -> Result<Option<&Conflict>, Decision> {
        let Some(id) = wish.entry.settles else { return Ok(None) };
        if wish.lost_place().is_some() && self.find_conflict(|conflict| conflict.id == id).is_none() {
            // The conflict was lost with what it was about.
            return Ok(None);
        }
        let gone = || Decision::mend(RejectCode::NotFound, "The conflict that it settles is not there.");
        let conflict = self.find_conflict(|conflict| conflict.id == id).ok_or_else(gone)?;
        let is_about = conflict.key() == wish.key() || conflict.draft() == Some(wish.entry.row);
        if !is_about {
            return Err(Decision::refuse(RejectCode::Invalid, "The conflict is about something else."));
        }
        let principal = &self.facts.principal;
        if conflict.author != Some(principal.user) && !principal.role.leads() {
            let reason = "A conflict is settled by its author, or by admins and managers.";
            return Err(Decision::refuse(RejectCode::Forbidden, reason));
        }
        Ok(Some(conflict))
    }

    /// Settled on the row that has the name, a duplicate is that row from now on.
    pub(super) fn note_settled(&mut self, wish: &Wish, conflict: &Conflict) {
        self.outcome.settled.insert(conflict.id);
        if let Some(draft) = conflict.draft().filter(|draft| *draft != wish.entry.row) {
            self.outcome.same_as.insert((wish.table.number, draft), wish.entry.row);
        }
    }

    /// Whether the row waits in an open conflict of the author, because its name is taken.
    pub(super) fn is_draft(&self, (table, row): Key) -> bool {
        let is_of_row = |conflict: &Conflict| {
            conflict.draft() == Some(row) && conflict.table.number == table && !conflict.is_resolved
        };
        self.find_conflict(is_of_row).is_some()
    }

    /// A row that could not be made because its name was taken lives on in a conflict: its author
    /// goes on writing there.
    pub(super) fn change_draft(&mut self, place: usize, wish: &Wish) -> Result<Decision, Decision> {
        let author = Some(self.facts.principal.user);
        let is_of_row = |conflict: &Conflict| {
            conflict.draft() == Some(wish.entry.row)
                && conflict.table.number == wish.table.number
                && conflict.author == author
                && !conflict.is_resolved
        };
        let gone = || Decision::mend(RejectCode::NotFound, "It is not there, or not for you.");
        let mut draft = self.find_conflict(is_of_row).cloned().ok_or_else(gone)?;
        let mut row = draft.mine.clone();
        wish.after.iter().for_each(|(number, value)| row.set(number, value.clone()));
        let merge =
            merge_entry(wish.table, Edit { base_rev: None, before: &Cells::default(), after: &row }, None);
        judge_merge(&merge, self.facts)?;
        self.judge_references(wish, None)?;
        draft.mine = row;
        draft.entry = wish.entry.id;
        let decision = Decision::Conflict { conflict: draft.id, units: draft.units() };
        self.outcome.conflicts.insert(draft.id, draft);
        self.write_line(place, wish, &Cells::default(), &Cells::default(), false);
        Ok(decision)
    }

    pub(super) fn keep_draft(
        &mut self,
        place: usize,
        wish: &Wish,
        mut row: Cells,
        clash: Clash,
    ) -> Result<Decision, Decision> {
        let Some((other, theirs)) = clash.other else {
            return Err(taken(clash.columns));
        };
        row.remove(common::GUILD_ID);
        row.remove(common::REV);
        row.remove(common::CREATED_BY);
        let columns = row.iter().map(|(number, _)| number).filter(|number| *number != common::ID);
        let theirs = columns
            .filter_map(|number| wish.table.column_by_number(number))
            .map(|column| (column.number, column.value_in(&theirs).into_owned()))
            .collect();
        let conflict = Conflict {
            id: ConflictId((self.new_id)()),
            entry: wish.entry.id,
            table: wish.table,
            row: other.1,
            kind: ConflictKind::Duplicate,
            units: clash.columns.iter().copied().collect(),
            base: Cells::default(),
            mine: row,
            theirs,
            author: Some(self.facts.principal.user),
            is_stored: false,
            is_resolved: false,
        };
        let decision = Decision::Conflict { conflict: conflict.id, units: conflict.units() };
        self.outcome.conflicts.insert(conflict.id, conflict);
        self.write_line(place, wish, &Cells::default(), &Cells::default(), false);
        Ok(decision)
    }

    /// Keeps both sides. The author's open conflict over the same columns goes on.
    pub(super) fn keep(&mut self, wish: &Wish, sides: Sides) -> Decision {
        let author = self.facts.principal.user;
        let conflict = Conflict {
            id: ConflictId((self.new_id)()),
            entry: wish.entry.id,
            table: wish.table,
            row: wish.entry.row,
            kind: sides.kind.unwrap_or(ConflictKind::Field),
            units: sides.units,
            base: sides.base,
            mine: sides.mine,
            theirs: sides.theirs,
            author: Some(author),
            is_stored: false,
            is_resolved: false,
        };
        let open = self.find_conflict(|open| open.goes_on_with(author, conflict.key(), &conflict.units));
        let conflict = match open.cloned() {
            Some(open) => open.replaced_by(conflict),
            None => conflict,
        };
        let decision = Decision::Conflict { conflict: conflict.id, units: conflict.units() };
        self.outcome.conflicts.insert(conflict.id, conflict);
        decision
    }

    fn find_conflict(&self, is_wanted: impl Fn(&Conflict) -> bool) -> Option<&Conflict> {
        let changed = || self.outcome.conflicts.values().chain(self.plan.conflicts.values());
        let is_changed = |id| changed().any(|conflict| conflict.id == id);
        let stored = self.facts.conflicts.iter().filter(|conflict| !is_changed(conflict.id));
        changed().chain(stored).find(|conflict| is_wanted(conflict))
    }
}

//! The part of an attempt that is about edits of a history that a restore took away.

use super::Attempt;
use crate::sync::push::decision::Decision;
use crate::sync::push::returning::Back;
use crate::sync::push::wish::Wish;
use guildhall_sync::merge::{Returned, merge_entry};
use guildhall_sync::value::Cells;

pub struct Comeback<'w> {
    pub back: Back,
    /// What the entry wants now, on top of what came back before it.
    pub now: Wish<'w>,
}

impl Attempt<'_> {
    pub(super) fn find_comeback<'w>(&self, wish: &Wish<'w>) -> Option<Comeback<'w>> {
        let place = wish.lost_place()?;
        let key = wish.key();
        let mut lost = self.facts.returning.rows.get(&key)?.clone();
        let earlier = self.plan.returned.iter().chain(&self.outcome.returned);
        lost.returned.extend(earlier.filter(|back| back.key == key).map(|back| back.edit.clone()));
        let entry = wish.entry.id;
        let edit = Returned { place, entry, before: wish.before.clone(), after: wish.after.clone() };
        let now = if self.find(key).is_some() {
            let comeback = lost.comeback(wish.table, &edit);
            let (before, after, old) = (comeback.before, comeback.after, Some(comeback.old));
            Wish { before, after, old, ..wish.clone() }
        } else {
            wish.clone()
        };
        Some(Comeback { back: Back { key, restored: lost.restored, edit }, now })
    }

    /// Whether an edit that had not been sent before the restore meets the restored row only because
    /// what it was made on has not come back yet: with that it may not be in conflict at all.
    pub(super) fn waits_for_base(&self, wish: &Wish) -> bool {
        let is_unsent = wish.reoffered.is_some() && wish.lost_place().is_none();
        let lost = self.facts.returning.rows.get(&wish.key());
        let (Some(theirs), Some(lost), Some(base)) = (self.find(wish.key()), lost, wish.entry.base_rev)
        else {
            return false;
        };
        if !is_unsent || !self.facts.returning.may_come {
            return false;
        }
        let earlier = self.plan.returned.iter().filter(|back| back.key == wish.key()).map(|back| &back.edit);
        let later: Vec<&Returned> =
            lost.returned.iter().chain(earlier).filter(|edit| edit.place.rev > base).collect();
        let is_met = |name: &&str| {
            let number = wish.table.column(name).map_or(0, |column| column.number);
            let is_new = !lost.restored.is_empty() && lost.restored.get(number).is_none();
            is_new || later.iter().any(|edit| edit.after.get(number).is_some())
        };
        let merge = merge_entry(wish.table, wish.edit(), Some(theirs));
        !merge.conflicts.is_empty() && !merge.conflicts.iter().any(|unit| unit.columns.iter().any(is_met))
    }

    /// A row of the lost history that somebody else has brought back already.
    pub(super) fn find_again(&mut self, place: usize, wish: &Wish, row: &Cells) -> Decision {
        self.write_line(place, wish, row, row, false);
        Decision::Committed
    }
}

//! The part of an attempt that is about edits of a history that a restore took away.

use super::Attempt;
use crate::sync::push::decision::Decision;
use crate::sync::push::returning::Back;
use crate::sync::push::wish::Wish;
use guildhall_sync::merge::Returned;
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

    /// A row of the lost history that somebody else has brought back already.
    pub(super) fn find_again(&mut self, place: usize, wish: &Wish, row: &Cells) -> Decision {
        self.write_line(place, wish, row, row, false);
        Decision::Committed
    }
}

//! A database that is set back to an earlier state: noticing it, the new history after it, and
//! what comes back from laptops. How edits of the lost history make a row again is the real rule;
//! who waits for whom, and what is remembered until when, is said here a second time.

use super::decide::{Author, Wish};
use super::push::{deferred_for, rejected};
use super::{Durability, Guild, Key};
use crate::bugs::{self, ServerBug};
use guildhall_sync::change::{RejectCode, Verdict};
use guildhall_sync::merge::{LostRow, Returned, merge_entry};
use guildhall_sync::protocol::{RefusalCode, Testified, Testify, Witness};
use guildhall_sync::schema::common;
use guildhall_sync::value::Cells;
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;
use uuid::Uuid;

/// So long after a restore an edit waits for what another laptop still has to bring back, in
/// microseconds; after that a person is shown it. Days in life.
const PATIENCE: i64 = 150_000_000;
/// How long a device waits with what waits for somebody else's laptop.
const ASK_AGAIN_AFTER_MS: u64 = 20_000;

/// What a server remembers outside its database: the furthest place that it handed out, and the
/// histories before that.
#[derive(Clone, Debug, Default)]
pub struct Outside {
    place: Option<(Uuid, u64, u64)>,
    past: BTreeSet<Uuid>,
}

/// What belongs to a history that was begun after a restore.
#[derive(Clone, Debug, Default)]
pub struct Aftermath {
    /// When it began; none for a guild's first one.
    began: Option<i64>,
    /// The lines of history that are older, as they are counted here.
    lines: usize,
    /// The first line that was written after the restore, as far as anybody can know.
    pub first_new: usize,
    rows: BTreeMap<Key, LostRow>,
    /// Rows in states that laptops held.
    pub witnesses: Vec<Rc<Witness>>,
}

/// An edit of the lost history that comes back.
pub struct Back {
    lost: LostRow,
    edit: Returned,
}

impl Outside {
    pub fn hand_out(&mut self, epoch: Uuid, number: u64, tag: u64) {
        match self.place {
            Some((known, before, _)) if known == epoch && before >= number => {}
            _ if self.past.contains(&epoch) => {}
            place => {
                self.past.extend(place.map(|(known, ..)| known).filter(|known| *known != epoch));
                self.place = Some((epoch, number, tag));
            }
        }
    }
}

impl Guild {
    /// A copy of the database, with what the server remembers beside it.
    pub fn dump(&self) -> Self {
        Self { durable: None, ..self.clone() }
    }

    /// The database is as it was. What the server remembers outside may have gone with it.
    pub fn set_back(&mut self, dump: &Self, is_remembered: bool) {
        let (random, outside) = (self.random.clone(), self.outside.clone());
        *self = dump.clone();
        // Chance goes on: what is made later is not what was lost.
        self.random = random;
        self.restored_lines = self.history.len();
        if is_remembered {
            self.outside = outside;
        }
    }

    /// Devices must not go on as if nothing had been lost.
    pub fn begin_epoch(&mut self, now: i64) {
        self.superseded.extend(self.list_returned());
        // Who noticed it knows that what was handed out had been there; else it has just been done.
        let known = if self.is_set_back { self.restored_lines } else { self.history.len() };
        let lines = if bugs::server_has(ServerBug::NewTakenForRestored) { self.history.len() } else { known };
        self.epoch = self.random.id();
        self.kept_from = self.last_no + 1;
        self.commits.clear();
        self.durable = None;
        self.is_set_back = false;
        self.aftermath = Aftermath { began: Some(now), lines, first_new: known, ..Aftermath::default() };
    }

    /// Refuses a history that lacks what was handed out.
    pub fn judge_history(&self) -> Result<(), RefusalCode> {
        let is_lost = self.outside.place.is_some_and(|(epoch, number, tag)| {
            if epoch != self.epoch {
                return self.outside.past.contains(&self.epoch);
            }
            let kept = self.commits.iter().find(|commit| commit.number == Some(number));
            let kept = kept.map(|commit| commit.tag).or((number == self.last_no).then_some(self.last_tag));
            number > self.last_no || number > 0 && kept.is_some_and(|kept| kept != tag)
        });
        if is_lost || self.is_set_back { Err(RefusalCode::SetBack) } else { Ok(()) }
    }

    pub fn testify(&mut self, user: Uuid, request: &Testify) -> Result<Testified, RefusalCode> {
        if self.role(user).is_none() {
            return Err(RefusalCode::SignInAgain);
        }
        let is_taken = request.epoch == self.epoch;
        if is_taken {
            self.aftermath.witnesses.extend(request.rows.iter().cloned().map(Rc::new));
            self.commit(Durability::OnDisk, None);
        }
        Ok(Testified { is_taken })
    }

    /// Edits that came back, as they were, also those that changed nothing any more.
    pub fn list_returned(&self) -> Vec<(Key, Cells)> {
        let of_row = |(key, lost): (&Key, &LostRow)| {
            lost.returned.iter().map(|edit| (*key, edit.after.clone())).collect::<Vec<_>>()
        };
        self.aftermath.rows.iter().flat_map(of_row).collect()
    }

    pub fn was_restored(&self) -> bool {
        self.aftermath.began.is_some()
    }

    fn may_come(&self, now: i64) -> bool {
        self.aftermath.began.is_some_and(|began| now < began + PATIENCE)
    }

    /// What is known of the row to which an edit comes back; at first the row as it stands, without
    /// what was written since the restore.
    fn find_lost(&self, key: Key) -> LostRow {
        if let Some(known) = self.aftermath.rows.get(&key) {
            return known.clone();
        }
        let mut restored = self.row(key).map(|row| row.cells.clone()).unwrap_or_default();
        let since = self.history[self.aftermath.lines..].iter().filter(|line| line.key == key);
        for after in since.filter_map(|line| line.after.as_ref()) {
            for (number, _) in after.iter().filter(|(number, _)| is_own(*number)) {
                restored.remove(number);
            }
        }
        LostRow { restored, returned: Vec::new() }
    }

    /// What an edit of the lost history wants now, on top of what came back before it.
    pub fn find_comeback<'w>(&self, wish: &Wish<'w>) -> Option<(Back, Wish<'w>)> {
        let place = wish.lost_place()?;
        self.aftermath.began?;
        let lost = self.find_lost(wish.key());
        let (before, after) = (wish.before.clone(), wish.after.clone());
        let edit = Returned { place, entry: wish.entry.id, before, after };
        let now = match self.row(wish.key()) {
            Some(_) => {
                let comeback = lost.comeback(wish.table, &edit);
                let (before, after, old) = (comeback.before, comeback.after, Some(comeback.old));
                Wish { before, after, old, ..wish.clone() }
            }
            None => wish.clone(),
        };
        Some((Back { lost, edit }, now))
    }

    pub fn note_back(&mut self, key: Key, back: Back) {
        let Back { lost, edit } = back;
        self.aftermath.rows.entry(key).or_insert(lost).returned.push(edit);
    }

    /// Whether an edit that had not been sent before the restore is in conflict with the restored
    /// row only because what it was made on has not come back.
    pub fn waits_for_base(&self, author: &Author, wish: &Wish) -> bool {
        let is_unsent = wish.reoffered == Some(None);
        let (Some(row), Some(base)) = (self.row(wish.key()), wish.entry.base_rev) else { return false };
        if !is_unsent || !self.may_come(author.by.now) {
            return false;
        }
        let lost = self.find_lost(wish.key());
        let is_met = |name: &&str| {
            let number = wish.table.column(name).map_or(0, |column| column.number);
            let later = lost.returned.iter().filter(|edit| edit.place.rev > base);
            lost.restored.get(number).is_none() && !lost.restored.is_empty()
                || later.into_iter().any(|edit| edit.after.get(number).is_some())
        };
        let conflicts = merge_entry(wish.table, wish.edit(), Some(&row.cells)).conflicts;
        !conflicts.is_empty() && !conflicts.iter().any(|unit| unit.columns.iter().any(is_met))
    }

    /// What is missing after a restore is waited for, for a while.
    pub fn be_patient(&self, author: &Author, wish: &Wish, verdict: Verdict) -> Verdict {
        let is_missing = matches!(verdict, Verdict::Rejected { code: RejectCode::NotFound, .. });
        match wish.reoffered {
            Some(_) if is_missing && self.may_come(author.by.now) => {
                deferred_for(ASK_AGAIN_AFTER_MS, "its author has not brought back what it belongs to")
            }
            _ => verdict,
        }
    }

    /// The end of that patience.
    pub fn be_impatient(&self, author: &Author, is_reoffered: bool, verdict: Verdict) -> Verdict {
        if !is_reoffered || self.may_come(author.by.now) || verdict.is_final() {
            return verdict;
        }
        rejected(RejectCode::NotFound, "it goes on with what nobody brought back", true)
    }
}

pub fn wait_for_base() -> Verdict {
    deferred_for(ASK_AGAIN_AFTER_MS, "its author has not brought back what it was made on")
}

fn is_own(number: u16) -> bool {
    number >= common::FIRST_OWN || number == common::DELETED_AT
}

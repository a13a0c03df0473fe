//! What a push does: decided without a database, group after group, over rows that change on the
//! way. Nothing is written here.
//!
//! A group of one entry applies what it can and keeps both sides of the rest. A group of several
//! is all or nothing. Where one of its entries is refused, so are the others; where one before it
//! has to wait, all of them wait, because what comes after it was judged without it. Where one is in
//! conflict, all its edits of rows become conflicts, because a conflict keeps the author's words
//! on the server, where a refusal leaves them on one laptop; new rows of such a group cannot be
//! kept that way and are refused, to be sent again when the conflicts are settled.

use super::attempt::Attempt;
use super::conflict::Conflict;
use super::decision::Decision;
use super::facts::Facts;
use super::returning::Back;
use super::wish::{Key, Wish};
use guildhall_sync::change::{Entry, RejectCode};
use guildhall_sync::id::{ConflictId, EntryId};
use guildhall_sync::schema::Table;
use guildhall_sync::value::Cells;
use serde_json::{Map, Value as Json};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use uuid::Uuid;

/// A group, without the entries that were decided by an earlier push.
#[derive(Clone, Debug)]
pub struct Group<'a> {
    /// Whether the device wrote it with one entry.
    pub is_alone: bool,
    pub asked: Vec<Asked<'a>>,
}

/// An entry of a push, by its place in it.
#[derive(Clone, Debug)]
pub struct Asked<'a> {
    pub place: usize,
    pub entry: &'a Entry,
    pub wish: Result<Wish<'a>, Decision>,
}

/// What is to be written, and what is to be answered.
#[derive(Debug, Default)]
pub struct Plan {
    /// By the entry's place in the push.
    pub decisions: BTreeMap<usize, Decision>,
    /// Each row once, as it is at the end.
    pub rows: BTreeMap<Key, Change>,
    pub lines: Vec<Line>,
    /// New ones, and those that say something else now.
    pub conflicts: BTreeMap<ConflictId, Conflict>,
    pub settled: BTreeSet<ConflictId>,
    /// Rows that were merged into another one instead of being made.
    pub same_as: BTreeMap<Key, Uuid>,
    /// Edits of a lost history, in the order in which they came back.
    pub returned: Vec<Back>,
    /// How many lines a row has so far.
    lines_of: HashMap<Key, u32>,
    /// Whether entries of this push had an effect, for those that depend on them.
    effects: HashMap<EntryId, Decision>,
}

#[derive(Debug)]
pub struct Change {
    pub table: &'static Table,
    /// None for a new row.
    pub before: Option<Cells>,
    pub after: Cells,
}

/// A line of history.
#[derive(Clone, Debug)]
pub struct Line {
    pub place: usize,
    pub key: Key,
    pub ord: u32,
    /// The columns that changed, as they were and as they became.
    pub before: Map<String, Json>,
    pub after: Map<String, Json>,
    /// Whether a text was merged with what others wrote.
    pub is_merge: bool,
}

/// Decides groups in their order. `new_id` gives ids for conflicts.
pub fn plan(groups: &[Group], facts: &Facts, new_id: impl Fn() -> Uuid) -> Plan {
    let mut plan = Plan::default();
    for group in groups {
        plan.decide_group(group, facts, &new_id);
    }
    plan
}

impl Plan {
    pub fn is_whole(&self) -> bool {
        self.decisions.values().all(Decision::is_whole)
    }

    fn decide_group(&mut self, group: &Group, facts: &Facts, new_id: &dyn Fn() -> Uuid) {
        let mut attempt = Attempt::new(facts, self, new_id);
        let decisions: Vec<Decision> =
            group.asked.iter().map(|asked| attempt.decide(asked, waits(asked, group, self, facts))).collect();
        let outcome = attempt.into_outcome();
        if group.is_alone || decisions.iter().all(Decision::is_whole) {
            self.accept(group, decisions, outcome);
        } else if let Some(first) = decisions.iter().find(|first| first.is_rejected() || first.is_deferred())
        {
            match first.is_deferred() {
                true => self.answer(group, vec![first.clone(); group.asked.len()]),
                false => self.refuse(group, decisions),
            }
        } else {
            let mut attempt = Attempt::new(facts, self, new_id);
            let decisions = group.asked.iter().map(|asked| attempt.hold(asked)).collect();
            let outcome = attempt.into_outcome();
            self.accept(group, decisions, outcome);
        }
    }

    fn refuse(&mut self, group: &Group, decisions: Vec<Decision>) {
        let refused = decisions
            .into_iter()
            .map(|decision| if decision.is_rejected() { decision } else { Decision::of_refused_group() });
        self.answer(group, refused.collect());
    }

    fn accept(&mut self, group: &Group, decisions: Vec<Decision>, outcome: Outcome) {
        for (key, row) in outcome.rows {
            self.rows.entry(key).and_modify(|change| change.after = row.after.clone()).or_insert(Change {
                table: row.table,
                before: row.before,
                after: row.after,
            });
        }
        for mut line in outcome.lines {
            let lines = self.lines_of.entry(line.key).or_default();
            line.ord = *lines;
            *lines += 1;
            self.lines.push(line);
        }
        self.conflicts.extend(outcome.conflicts);
        self.settled.extend(outcome.settled);
        self.same_as.extend(outcome.same_as);
        self.returned.extend(outcome.returned);
        self.answer(group, decisions);
    }

    fn answer(&mut self, group: &Group, decisions: Vec<Decision>) {
        for (asked, decision) in group.asked.iter().zip(decisions) {
            self.effects.insert(asked.entry.id, decision.clone());
            self.decisions.insert(asked.place, decision);
        }
    }
}

/// What one group would do.
#[derive(Debug, Default)]
pub struct Outcome {
    pub rows: BTreeMap<Key, Change>,
    pub lines: Vec<Line>,
    pub conflicts: BTreeMap<ConflictId, Conflict>,
    pub settled: BTreeSet<ConflictId>,
    pub same_as: BTreeMap<Key, Uuid>,
    pub returned: Vec<Back>,
}

/// Why an entry cannot be decided as it stands: something that it depends on was refused, or is
/// not known here yet. Entries of its own group are decided with it.
fn waits(asked: &Asked, group: &Group, plan: &Plan, facts: &Facts) -> Option<Decision> {
    let mut unknown = None;
    for wanted in &asked.entry.depends_on {
        let is_of_group =
            group.asked.iter().any(|other| other.entry.id == *wanted && other.place < asked.place);
        let has_effect = match plan.effects.get(wanted) {
            Some(decision) if decision.is_deferred() => None,
            Some(decision) => Some(decision.has_effect()),
            None if is_of_group => Some(true),
            None => facts.decided.get(wanted).copied(),
        };
        match has_effect {
            Some(true) => {}
            Some(false) => {
                let reason = "It goes on with a change that was not accepted.";
                return Some(Decision::mend(RejectCode::DependsOnRefused, reason));
            }
            None => unknown = Some(Decision::later("it depends on something that has not come yet")),
        }
    }
    unknown
}

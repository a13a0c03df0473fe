//! The careful way: group after group, each behind a savepoint, so that what Postgres has against
//! one is not held against the others. Taken where the quick way failed, and where a push changes
//! rights that its own later entries need.

use super::clash;
use super::complaint::Complaint;
use super::decision::{Decision, Place};
use super::facts::Refused;
use super::plan::{Asked, Group, Plan, plan};
use super::wish::Wish;
use super::{Work, read, write};
use crate::error::Error;
use crate::random;
use guildhall_sync::change::{Operation, RejectCode, Verdict};
use guildhall_sync::id::EntryId;
use sqlx::{Connection, PgConnection};
use std::collections::{BTreeMap, HashMap};

/// How many constraints one group may run into before it is refused.
const MAX_TRIES: usize = 4;

/// Tables that rights are worked out from.
const RIGHTS: [&str; 7] =
    ["users", "user_locations", "ranks", "access_levels", "rank_access_levels", "assistants", "locations"];

type Verdicts = BTreeMap<usize, Verdict>;
type Refusals = HashMap<EntryId, Refused>;

pub fn changes_rights(asked: &Asked) -> bool {
    asked.wish.as_ref().is_ok_and(|wish| RIGHTS.contains(&wish.table.name))
}

/// `decided` are the entries that others may depend on, with whether they had an effect.
pub async fn decide(
    connection: &mut PgConnection,
    work: &Work<'_>,
    decided: &mut HashMap<EntryId, bool>,
    groups: &[Group<'_>],
) -> Result<Verdicts, Error> {
    let mut verdicts = Verdicts::new();
    for group in groups {
        let answers = decide_group(connection, work, group, decided).await?;
        note_decided(decided, std::slice::from_ref(group), &answers);
        verdicts.extend(answers);
    }
    Ok(verdicts)
}

pub fn note_decided(decided: &mut HashMap<EntryId, bool>, groups: &[Group<'_>], verdicts: &Verdicts) {
    for asked in groups.iter().flat_map(|group| &group.asked) {
        if let Some(verdict) = verdicts.get(&asked.place).filter(|verdict| verdict.is_final()) {
            decided.insert(asked.entry.id, verdict.has_effect());
        }
    }
}

async fn decide_group(
    connection: &mut PgConnection,
    work: &Work<'_>,
    group: &Group<'_>,
    decided: &HashMap<EntryId, bool>,
) -> Result<Verdicts, Error> {
    let mut refusals = Refusals::new();
    for _ in 0..MAX_TRIES {
        let mut savepoint = connection.begin().await?;
        match try_group(&mut savepoint, work, group, decided, &refusals).await? {
            Tried::Written(verdicts) => {
                savepoint.commit().await?;
                return Ok(verdicts);
            }
            Tried::Undone(decisions) => {
                savepoint.rollback().await?;
                return Ok(answer(decisions));
            }
            Tried::Complained(plan, complaint) => {
                savepoint.rollback().await?;
                refusals.extend(blame(connection, group, &plan, complaint).await?);
            }
        }
    }
    let decision = Decision::mend(RejectCode::Invalid, "The database does not take it.");
    Ok(answer(group.asked.iter().map(|asked| (asked.place, decision.clone())).collect()))
}

enum Tried {
    Written(Verdicts),
    /// What was written so far must be taken back.
    Undone(BTreeMap<usize, Decision>),
    Complained(Box<Plan>, Complaint),
}

async fn try_group(
    connection: &mut PgConnection,
    work: &Work<'_>,
    group: &Group<'_>,
    decided: &HashMap<EntryId, bool>,
    refusals: &Refusals,
) -> Result<Tried, Error> {
    let stages = stages(group);
    let mut decided = decided.clone();
    let mut verdicts = Verdicts::new();
    for stage in &stages {
        let stage = std::slice::from_ref(stage);
        let facts = read::read(connection, &work.session, stage, &decided, refusals).await?;
        let plan = plan(stage, &facts, random::id);
        if stages.len() > 1 && !plan.is_whole() {
            return Ok(Tried::Undone(answer_all(group, &plan)));
        }
        match write::write(connection, &work.session, work.sent, &plan).await {
            Ok(written) => verdicts.extend(written),
            Err(error) => {
                let complaint = Complaint::of(&error).ok_or(error)?;
                return Ok(Tried::Complained(Box::new(plan), complaint));
            }
        }
        decided.extend(stage[0].asked.iter().map(|asked| (asked.entry.id, true)));
    }
    Ok(Tried::Written(verdicts))
}

/// A group in pieces: what changes rights is written before the next piece is judged.
fn stages<'a>(group: &Group<'a>) -> Vec<Group<'a>> {
    let mut stages: Vec<Group<'a>> = Vec::new();
    for asked in &group.asked {
        let goes_on = |stage: &&mut Group<'a>| {
            stage.asked.last().is_some_and(|last| changes_rights(last) <= changes_rights(asked))
        };
        match stages.last_mut().filter(goes_on) {
            Some(stage) => stage.asked.push(asked.clone()),
            None => stages.push(Group { asked: vec![asked.clone()], ..*group }),
        }
    }
    stages
}

/// Where a piece is refused or has to wait, so do the others.
fn answer_all(group: &Group, plan: &Plan) -> BTreeMap<usize, Decision> {
    let deferred = plan.decisions.values().find(|decision| decision.is_deferred());
    let decision = |asked: &Asked| match plan.decisions.get(&asked.place) {
        Some(decision) if !decision.has_effect() => decision.clone(),
        _ => deferred.cloned().unwrap_or_else(Decision::of_refused_group),
    };
    group.asked.iter().map(|asked| (asked.place, decision(asked))).collect()
}

fn answer(decisions: BTreeMap<usize, Decision>) -> Verdicts {
    decisions.into_iter().map(|(place, decision)| (place, decision.into_verdict(Place::default()))).collect()
}

/// Finds the entries that a complaint is about.
async fn blame(
    connection: &mut PgConnection,
    group: &Group<'_>,
    plan: &Plan,
    complaint: Complaint,
) -> Result<Refusals, Error> {
    let mut blamed = Refusals::new();
    let wishes: Vec<&Wish> = group.asked.iter().filter_map(|asked| asked.wish.as_ref().ok()).collect();
    let is_about = |wish: &&&Wish| complaint.table.is_none_or(|table| table.number == wish.table.number);
    let mut suspects: Vec<&Wish> = wishes.iter().filter(is_about).copied().collect();
    if let Some(columns) = complaint.columns() {
        suspects.retain(|wish| touches(wish, columns));
        for wish in &suspects {
            let Some(change) = plan.rows.get(&wish.key()) else { continue };
            let clash = clash::find(connection, wish.table, columns, &change.after).await?;
            if clash.other.is_some() || suspects.len() == 1 {
                blamed.insert(wish.entry.id, Refused::Taken(clash));
            }
        }
    }
    if blamed.is_empty() {
        let last = suspects.last().or(wishes.last()).map(|wish| wish.entry.id);
        blamed.extend(last.map(|entry| (entry, complaint.into_refused())));
    }
    Ok(blamed)
}

fn touches(wish: &Wish, columns: &[&str]) -> bool {
    wish.entry.operation == Operation::Insert
        || columns.iter().any(|column| wish.entry.after.contains_key(*column))
        || wish.entry.after.contains_key("deleted_at")
}

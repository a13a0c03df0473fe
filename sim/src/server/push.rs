//! Push: groups in their order, each entry once, each verdict kept with its effect.

use super::decide::Author;
use super::{By, Decided, Guild};
use crate::bugs::{self, ServerBug};
use guildhall_sync::change::{Entry, Group, Place, RejectCode, Verdict};
use guildhall_sync::id::EntryId;
use guildhall_sync::protocol::{EntryVerdict, Extent, Push, PushAnswer, RefusalCode, SentGroup};
use std::collections::BTreeMap;
use std::rc::Rc;
use uuid::Uuid;

/// How long a device waits with what depends on something unknown.
const RETRY_AFTER_MS: u64 = 5_000;

/// Verdicts of this push so far.
type Answers = BTreeMap<EntryId, Verdict>;

impl Guild {
    /// One transaction: the caller commits it, or puts the copy back that it made before.
    /// `puts_off` are groups that must wait, by their places.
    pub fn push(
        &mut self,
        user: Uuid,
        push: &Push,
        puts_off: &[usize],
        now: i64,
    ) -> Result<PushAnswer, RefusalCode> {
        let Some(principal) = self.principal(user) else { return Err(RefusalCode::SignInAgain) };
        self.judge_history()?;
        let later = push.epoch.is_some_and(|epoch| epoch != self.epoch);
        if !later && self.is_forked(push) {
            return Err(RefusalCode::Forked);
        }
        let mut author = Author { user, principal, by: By { user: Some(user), entry: None, now } };
        let mut answers = Answers::new();
        for (place, sent) in push.groups.iter().enumerate() {
            let is_known = sent.group.entries.iter().any(|entry| self.inbox.contains_key(&entry.id));
            if later || puts_off.contains(&place) && !is_known {
                let verdict = deferred("later");
                answers.extend(sent.group.entries.iter().map(|entry| (entry.id, verdict.clone())));
                continue;
            }
            self.decide_group(&mut author, push, sent, &mut answers);
        }
        let entries = push.groups.iter().flat_map(|sent| &sent.group.entries);
        let answer = |entry: &Entry| EntryVerdict {
            entry: entry.id,
            device_seq: entry.device_seq,
            verdict: answers[&entry.id].clone(),
        };
        Ok(PushAnswer { verdicts: entries.map(answer).collect(), kept: None })
    }

    /// A number of this life of the device that belongs to another entry.
    fn is_forked(&self, push: &Push) -> bool {
        let entries: Vec<&Entry> = push.groups.iter().flat_map(|sent| &sent.group.entries).collect();
        let known = self
            .inbox
            .iter()
            .filter(|(_, decided)| decided.device == push.device && decided.incarnation == push.incarnation);
        let numbers: BTreeMap<u64, EntryId> = known.map(|(id, decided)| (decided.device_seq, *id)).collect();
        entries.iter().any(|entry| numbers.get(&entry.device_seq).is_some_and(|id| *id != entry.id))
    }

    fn decide_group(&mut self, author: &mut Author, push: &Push, sent: &SentGroup, answers: &mut Answers) {
        let (group, hashes) = (&sent.group, &sent.hashes);
        let mut fresh: Vec<(&Entry, &String)> = Vec::new();
        for (entry, hash) in group.entries.iter().zip(hashes) {
            match self.claim(entry, hash, sent) {
                Some(verdict) => drop(answers.insert(entry.id, verdict)),
                None => fresh.push((entry, hash)),
            }
        }
        let verdicts = match sent.extent {
            Extent::Withheld { entry: large } => {
                fresh.iter().map(|(entry, _)| withheld(entry.id == large)).collect()
            }
            Extent::Whole | Extent::Part { .. } => self.decide_fresh(author, sent, &fresh, answers),
        };
        let is_back = sent.reoffered.is_some();
        for ((entry, hash), verdict) in fresh.into_iter().zip(verdicts) {
            if verdict.has_effect() {
                self.accepted.push(entry.id);
            }
            if verdict.is_final() {
                let (device, incarnation, device_seq) = (push.device, push.incarnation, entry.device_seq);
                let (hash, verdict, place) = (hash.clone(), verdict.clone(), self.inbox.len());
                let decided = Decided { device, incarnation, device_seq, hash, verdict, place, is_back };
                self.inbox.insert(entry.id, Rc::new(decided));
            }
            answers.insert(entry.id, verdict);
        }
    }

    /// What was decided before, or what is wrong with the entry whatever it says.
    fn claim(&self, entry: &Entry, hash: &str, sent: &SentGroup) -> Option<Verdict> {
        let is_back = sent.reoffered.is_some();
        let counts_again =
            bugs::server_has(ServerBug::NoDedupe) || is_back && bugs::server_has(ServerBug::BackTwice);
        if !matches!(sent.extent, Extent::Withheld { .. }) && entry.content_hash() != hash {
            return Some(rejected(RejectCode::Invalid, "it is not what its hash says", false));
        }
        let decided = self.inbox.get(&entry.id).filter(|_| !counts_again)?;
        if decided.hash == hash {
            Some(decided.verdict.clone())
        } else {
            Some(rejected(RejectCode::IdReuse, "another entry has this id", false))
        }
    }

    /// A group of one applies what it can; one of several is all or nothing.
    fn decide_fresh(
        &mut self,
        author: &mut Author,
        sent: &SentGroup,
        fresh: &[(&Entry, &String)],
        answers: &Answers,
    ) -> Vec<Verdict> {
        let group = &sent.group;
        let before = (group.entries.len() > 1).then(|| self.clone());
        let mut verdicts: Vec<Verdict> = Vec::new();
        let mut own = answers.clone();
        for (entry, _) in fresh {
            let reoffered = place_of(sent, entry);
            let verdict = match self.waits(entry, group, &own) {
                Some(verdict) => self.be_impatient(author, reoffered.is_some(), verdict),
                None => self.decide(author, entry, reoffered),
            };
            own.insert(entry.id, verdict.clone());
            verdicts.push(verdict);
        }
        let is_whole =
            |verdict: &Verdict| matches!(verdict, Verdict::Committed { .. } | Verdict::Merged { .. });
        let Some(before) = before else { return verdicts };
        if verdicts.iter().all(is_whole) || bugs::server_has(ServerBug::GroupsInParts) {
            return verdicts;
        }
        *self = before;
        author.refresh(self);
        let is_rejected = |verdict: &&Verdict| matches!(verdict, Verdict::Rejected { .. });
        // What comes after an entry that waits was judged without it.
        let first = verdicts.iter().find(|verdict| !verdict.is_final() || is_rejected(verdict));
        if let Some(deferred) = first.filter(|first| !first.is_final()) {
            return vec![deferred.clone(); fresh.len()];
        }
        if first.is_some() {
            let refused = rejected(RejectCode::GroupRefused, "it belongs to what was refused", true);
            let keep = |verdict: Verdict| match verdict {
                Verdict::Rejected { .. } => verdict,
                _ => refused.clone(),
            };
            return verdicts.into_iter().map(keep).collect();
        }
        fresh.iter().map(|(entry, _)| self.hold(author, entry)).collect()
    }

    /// Why an entry cannot be decided as it stands.
    fn waits(&self, entry: &Entry, group: &Group, answers: &Answers) -> Option<Verdict> {
        let mut unknown = None;
        for wanted in &entry.depends_on {
            let known =
                answers.get(wanted).or_else(|| self.inbox.get(wanted).map(|decided| &decided.verdict));
            match known {
                Some(verdict) if verdict.has_effect() => {}
                Some(verdict) if verdict.is_final() => {
                    return Some(rejected(
                        RejectCode::DependsOnRefused,
                        "it goes on with what was refused",
                        true,
                    ));
                }
                None if group.entries.iter().any(|other| other.id == *wanted) => {}
                Some(_) | None => unknown = Some(deferred("it depends on something that has not come yet")),
            }
        }
        unknown
    }
}

/// Of a group of which nothing was said, because one entry is too large.
fn withheld(is_it: bool) -> Verdict {
    match is_it {
        true => rejected(RejectCode::TooLarge, "it is too large for the way", true),
        false => rejected(RejectCode::GroupRefused, "it belongs to what was refused", true),
    }
}

pub fn rejected(code: RejectCode, reason: impl Into<String>, fixable: bool) -> Verdict {
    Verdict::Rejected { code, reason: reason.into(), fixable }
}

pub fn deferred(why: &str) -> Verdict {
    deferred_for(RETRY_AFTER_MS, why)
}

pub fn deferred_for(retry_after_ms: u64, why: &str) -> Verdict {
    Verdict::Deferred { retry_after_ms, why: why.to_owned() }
}

/// How an entry is offered again; none for one of this history.
fn place_of(sent: &SentGroup, entry: &Entry) -> Option<Option<Place>> {
    let places = sent.reoffered.as_ref()?;
    let at = sent.group.entries.iter().position(|other| other.id == entry.id)?;
    places.get(at).copied()
}

//! Edits that went to quarantine with their row while they were on their way: the server may have
//! taken them, and is asked until it is known.

use super::edit;
use crate::answer::{DESK, delta, grants, pulled, settled};
use crate::fixture::{Mirror, NOW, answer, cells, id_of, server_sop};
use guildhall_local::entries::EntryState;
use guildhall_local::link::steps;
use guildhall_local::outbox;
use guildhall_local::write::Why;
use guildhall_local::{inbox, quarantine};
use guildhall_sync::change::{RejectCode, Verdict};
use guildhall_sync::id::EntryId;
use guildhall_sync::model::knowledge::Sop;
use guildhall_sync::protocol::PushAnswer;
use guildhall_sync::schema::Row;
use guildhall_sync::value::Value;

const TAKEN: Verdict = Verdict::Committed { rev: 8, ord: 1 };

/// A page in a scope that goes, one in a scope that stays, and an edit of the first that is on its
/// way when an answer ends after its grants.
fn cut_after_the_grants() -> (Mirror, EntryId) {
    let row = |name: &str, scope: u16| pulled(Sop::TABLE, &server_sop(name, name, "text"), &[scope]);
    let mirror = Mirror::filled(&[DESK, "guild"], &[row("leaves", 0), row("stays", 3)]);
    let entry = edit(&mirror, id_of("leaves"), "typed words");
    send(&mirror);
    mirror.take_cut(&[grants(&["guild"])]);
    assert_eq!(mirror.line(entry).state, EntryState::Rejected);
    (mirror, entry)
}

fn send(mirror: &Mirror) {
    let batch = mirror.store.read(|connection| outbox::next_batch(connection, NOW)).expect("a batch");
    mirror.store.record(|connection| outbox::mark_in_flight(connection, &batch, NOW)).expect("it is noted");
}

fn lose_push(mirror: &Mirror) {
    mirror.store.record(|connection| outbox::mark_unanswered(connection)).expect("it is noted");
}

fn is_asked_about(mirror: &Mirror, entry: EntryId) -> bool {
    mirror.request().unsettled_from <= mirror.line(entry).entry.device_seq
}

#[test]
fn what_the_server_took_is_done_although_an_answer_was_cut_after_the_purge() {
    let (mirror, entry) = cut_after_the_grants();
    lose_push(&mirror);
    assert!(is_asked_about(&mirror, entry), "the server may have taken it");
    mirror.take([vec![settled(&[(entry, TAKEN)])], delta(2, vec![])].concat()).expect("an answer");
    let line = mirror.line(entry);
    assert_eq!((line.state, line.verdict), (EntryState::Settled, Some(TAKEN)));
    assert!(line.entry.before.is_empty() && line.entry.after.is_empty(), "of its row nothing is left");
    assert!(!is_asked_about(&mirror, entry));
    assert!(mirror.store.read(quarantine::list).expect("a list").is_empty());
}

#[test]
fn what_a_person_threw_away_meanwhile_is_done_as_well() {
    let (mirror, entry) = cut_after_the_grants();
    lose_push(&mirror);
    mirror.store.record(|connection| quarantine::discard(connection, entry)).expect("it is thrown away");
    assert!(is_asked_about(&mirror, entry));
    mirror.take([vec![settled(&[(entry, TAKEN)])], delta(2, vec![])].concat()).expect("an answer");
    assert_eq!(mirror.line(entry).state, EntryState::Settled);
}

#[test]
fn the_answer_to_its_own_push_counts_too() {
    let (mirror, entry) = cut_after_the_grants();
    let verdict = answer(&mirror.line(entry), TAKEN);
    mirror
        .store
        .record(|connection| outbox::record_verdicts(connection, &[verdict], NOW))
        .expect("an answer");
    assert_eq!(mirror.line(entry).state, EntryState::Settled);
    assert!(!is_asked_about(&mirror, entry));
}

#[test]
fn it_stays_refused_where_an_answer_that_was_asked_for_after_its_push_does_not_name_it() {
    let (mirror, entry) = cut_after_the_grants();
    for _ in 0..3 {
        mirror.take(delta(2, vec![])).expect("an answer");
        assert!(is_asked_about(&mirror, entry), "its push may still arrive");
    }
    lose_push(&mirror);
    mirror.take(delta(2, vec![])).expect("an answer that was asked for before");
    assert!(is_asked_about(&mirror, entry));
    inbox::confirm(&mirror.store).expect("nothing new");
    assert!(!is_asked_about(&mirror, entry));
    assert_eq!(mirror.line(entry).state, EntryState::Rejected);
    assert_eq!(mirror.line(entry).entry.after["content"], "typed words");
}

#[test]
fn a_push_that_is_answered_with_later_has_ended_too() {
    let (mirror, entry) = cut_after_the_grants();
    let later = Verdict::Deferred { retry_after_ms: 1_000, why: "later".to_owned() };
    let verdicts = vec![answer(&mirror.line(entry), later)];
    steps::end_push(&mirror.store, &PushAnswer { verdicts, kept: None }).expect("an answer");
    assert!(is_asked_about(&mirror, entry));
    for _ in 0..2 {
        inbox::confirm(&mirror.store).expect("nothing new");
    }
    assert!(!is_asked_about(&mirror, entry), "the server keeps nothing of what it puts off");
}

#[test]
fn the_servers_own_refusal_ends_it() {
    let (mirror, entry) = cut_after_the_grants();
    lose_push(&mirror);
    let verdict = Verdict::Rejected {
        code: RejectCode::Forbidden,
        reason: "it may not be read".to_owned(),
        fixable: false,
    };
    mirror.take([vec![settled(&[(entry, verdict)])], delta(2, vec![])].concat()).expect("an answer");
    assert!(!is_asked_about(&mirror, entry));
    assert_eq!(mirror.line(entry).state, EntryState::Rejected);
}

#[test]
fn what_went_along_stands_for_itself_once_the_server_has_taken_its_cause() {
    let row = |name: &str, scope: u16| pulled(Sop::TABLE, &server_sop(name, name, "text"), &[scope]);
    let mirror = Mirror::filled(&[DESK, "guild"], &[row("leaves", 0), row("stays", 3)]);
    let both = mirror.store.write(|write| {
        for name in ["leaves", "stays"] {
            let changes = cells(Sop::TABLE, [("content", Value::text("typed words"))]);
            write.update(Sop::TABLE, id_of(name), changes, Why::default())?;
        }
        Ok(())
    });
    let [cause, follower] = both.expect("a group").entries[..] else { panic!("two entries") };
    send(&mirror);
    lose_push(&mirror);
    mirror.take_cut(&[grants(&["guild"])]);
    assert_eq!(mirror.line(follower).refused_with, Some(cause));
    mirror.take([vec![settled(&[(cause, TAKEN)])], delta(2, vec![])].concat()).expect("an answer");
    let items = mirror.store.read(quarantine::list).expect("a list");
    assert_eq!(items.iter().map(|item| item.root.entry.id).collect::<Vec<_>>(), [follower], "it is not lost");
    let both = settled(&[(cause, TAKEN), (follower, TAKEN)]);
    mirror.take([vec![both], delta(3, vec![])].concat()).expect("an answer");
    let line = mirror.line(follower);
    assert_eq!(line.state, EntryState::Settled);
    assert_eq!(line.entry.after["content"], "typed words", "its row is still here");
}

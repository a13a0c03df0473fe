//! The server was restored: what it had accepted from this laptop is offered again.

use super::lease::open_after;
use super::{content, edit, sop_row};
use crate::answer::{DESK, EPOCH, checkpoint, delta, fill, gone, names, pulled, settled};
use crate::fixture::{Mirror, id_of, only_entry, server_sop};
use crate::settling;
use guildhall_local::conflicts::{self, Chosen, Settlement, Take};
use guildhall_local::doctor;
use guildhall_local::entries::EntryState;
use guildhall_local::inbox::Outcome;
use guildhall_local::link::steps;
use guildhall_local::restore::witness;
use guildhall_sync::change::{RejectCode, Verdict};
use guildhall_sync::id::EntryId;
use guildhall_sync::model::knowledge::Sop;
use guildhall_sync::protocol::{Cursor, Effect, EntryVerdict, Frame, PulledRow, PushAnswer};
use guildhall_sync::schema::{Row, common};
use guildhall_sync::value::Value;
use serde_json::json;
use uuid::Uuid;

const NEW: Uuid = Uuid::from_u128(78);
const COMMITTED: Verdict = Verdict::Committed { rev: 8, ord: 0 };

fn page(section: &str, version: i64, content: &str) -> PulledRow {
    let mut cells = server_sop(section, section, content);
    cells.set(common::REV, Value::Int(version));
    pulled(Sop::TABLE, &cells, &[0])
}

/// A mirror whose only own edit has come back from the server.
fn with_settled_edit() -> (Mirror, EntryId) {
    let mirror = Mirror::filled(&[DESK], &[page("a", 7, "seven")]);
    let entry = edit(&mirror, id_of("a"), "mine");
    mirror.push(|_| COMMITTED);
    let mut frames = delta(2, vec![page("a", 8, "mine")]);
    frames.insert(0, settled(&[(entry, COMMITTED)]));
    mirror.take(frames).expect("a delta");
    assert_eq!(mirror.line(entry).state, EntryState::Settled);
    (mirror, entry)
}

/// The first answer of a new history: all that it has.
fn take_new_history(mirror: &Mirror, rows: &[PulledRow]) -> Outcome {
    let mut frames = fill(&mirror.request(), &[DESK], rows, 100);
    for frame in &mut frames {
        if let Frame::Begin { epoch, .. } = frame {
            *epoch = NEW;
        }
    }
    mirror.take(frames).expect("a refill")
}

fn find_flaw(mirror: &Mirror) -> Option<String> {
    mirror.store.read(doctor::outbox::find_flaw).expect("a look")
}

#[test]
fn an_edit_that_was_lost_is_shown_until_it_is_back() {
    let (mirror, entry) = with_settled_edit();
    take_new_history(&mirror, &[page("a", 7, "seven")]);
    assert_eq!(mirror.line(entry).state, EntryState::Pending);
    assert_eq!(content(&mirror, id_of("a")).as_deref(), Some("mine"));
    assert!(sop_row(&mirror, id_of("a")).expect("the row").own.dirty);
    assert_eq!(find_flaw(&mirror), None);
}

#[test]
fn a_row_whose_edit_was_not_lost_stays_when_everything_is_compared() {
    let (mirror, entry) = with_settled_edit();
    take_new_history(&mirror, &[page("a", 8, "mine")]);
    assert_eq!(mirror.line(entry).state, EntryState::Pending, "the server says whether it has it");
    let compare = vec![
        Frame::Begin { epoch: NEW, hi: 2, scopes: names(&[DESK]), rows: 0 },
        checkpoint(2),
        Frame::Digests(Vec::new()),
    ];
    let outcome = mirror.take(compare).expect("a comparison");
    assert!(outcome.checked.is_some());
    assert_eq!(outcome.repaired, 0);
    assert_eq!(content(&mirror, id_of("a")).as_deref(), Some("mine"));
}

#[test]
fn of_a_row_that_is_not_named_and_stays_away_only_what_was_typed_is_left() {
    let mirror = Mirror::filled(&[DESK], &[page("a", 7, "The vault opens at noon.")]);
    let entry = edit(&mirror, id_of("a"), "The vault opens at noon.\n\nKnock twice.");
    take_new_history(&mirror, &[]);
    assert!(content(&mirror, id_of("a")).is_none());
    assert!(mirror.line(entry).entry.before.contains_key("content"), "it may come back");
    let verdict =
        Verdict::Rejected { code: RejectCode::NotFound, reason: "not for you".to_owned(), fixable: true };
    let seq = mirror.line(entry).entry.device_seq;
    let verdicts = vec![EntryVerdict { entry, device_seq: seq, verdict }];
    steps::end_push(&mirror.store, &PushAnswer { verdicts, kept: None }).expect("answered");
    let left = mirror.line(entry).entry;
    assert!(left.before.is_empty());
    let text = left.after["content"].as_str().expect("a text");
    assert!(text.contains("Knock twice") && !text.contains("vault"), "{text}");
}

#[test]
fn what_was_accepted_is_offered_again_where_its_row_may_not_be_read_any_more() {
    let (mirror, entry) = with_settled_edit();
    let granted = Frame::Grants { epoch: NEW, scopes: names(&["managers"]) };
    let begin = Frame::Begin { epoch: NEW, hi: 1, scopes: names(&["managers"]), rows: 0 };
    mirror.take(vec![granted, begin, checkpoint(1)]).expect("an answer");
    assert!(content(&mirror, id_of("a")).is_none(), "purged");
    let line = mirror.line(entry);
    assert_eq!((line.state, &line.entry.after["content"]), (EntryState::Pending, &"mine".into()));
    mirror.push(|_| COMMITTED);
    let mut frames = vec![settled(&[(entry, COMMITTED)])];
    frames.push(Frame::Begin { epoch: NEW, hi: 2, scopes: names(&["managers"]), rows: 0 });
    frames.push(checkpoint(2));
    mirror.take(frames).expect("settled");
    assert_eq!(mirror.line(entry).entry.after.len(), 0, "and then nothing is left");
}

/// What becomes in a new history of a settlement whose page had left this laptop before.
fn offer_settlement_of_unseen_page(take: Take) -> EntryState {
    let mirror = Mirror::filled(&[DESK], &[page("a", 7, "seven")]);
    let sides = (json!({"content": "six"}), json!({"content": "mine"}), json!({"content": "seven"}));
    let id = settling::serve(&mirror, id_of("a"), "text", &["content"], sides);
    let wanted = Settlement::Each(vec![Chosen { column: "content".to_owned(), take }]);
    let entry =
        only_entry(&mirror.store.write(|write| conflicts::settle(write, id, &wanted)).expect("settled"));
    mirror.push(|_| COMMITTED);
    let lost = vec![
        settled(&[(entry, COMMITTED)]),
        Frame::Grants { epoch: EPOCH, scopes: names(&["managers"]) },
        Frame::Begin { epoch: EPOCH, hi: 2, scopes: names(&["managers"]), rows: 0 },
        checkpoint(2),
    ];
    mirror.take(lost).expect("an answer");
    assert!(content(&mirror, id_of("a")).is_none(), "purged");
    assert_eq!(mirror.line(entry).entry.after.len(), 0);
    let begin = Frame::Begin { epoch: NEW, hi: 1, scopes: names(&["managers"]), rows: 0 };
    mirror.take(vec![begin, checkpoint(1)]).expect("a new history");
    mirror.line(entry).state
}

#[test]
fn whose_words_have_left_does_not_say_again_that_they_settled_it_without_them() {
    let state = offer_settlement_of_unseen_page(Take::Text("Of both.".to_owned()));
    assert_eq!(state, EntryState::Settled);
    assert_eq!(offer_settlement_of_unseen_page(Take::Theirs), EntryState::Pending, "it is whole");
}

/// The new history has begun, and says nothing of any row.
fn hear_of_new_history(mirror: &Mirror) {
    let granted = Frame::Grants { epoch: NEW, scopes: names(&[DESK]) };
    let begin = Frame::Begin { epoch: NEW, hi: 1, scopes: names(&[DESK]), rows: 0 };
    mirror.take(vec![granted, begin, checkpoint(1)]).expect("an answer");
}

#[test]
fn what_was_put_away_when_a_lease_ended_is_offered_again() {
    let (mirror, entry) = with_settled_edit();
    drop(open_after(&mirror, 24 * 31));
    assert_eq!(mirror.line(entry).entry.after.len(), 0, "its texts are away with the row");
    hear_of_new_history(&mirror);
    let line = mirror.line(entry);
    assert_eq!((line.state, &line.entry.after["content"]), (EntryState::Pending, &"mine".into()));
}

#[test]
fn what_was_put_away_and_had_been_taken_back_is_offered_again_with_what_takes_it_back() {
    let (mirror, entry) = with_settled_edit();
    let undo = only_entry(&mirror.store.write(|write| write.undo(entry, None)).expect("an undo"));
    mirror.push(|_| COMMITTED);
    let mut frames = delta(3, vec![page("a", 9, "seven")]);
    frames.insert(0, settled(&[(undo, COMMITTED)]));
    mirror.take(frames).expect("a delta");
    assert_eq!(mirror.line(entry).state, EntryState::Undone);
    drop(open_after(&mirror, 24 * 31));
    hear_of_new_history(&mirror);
    for (id, content) in [(entry, "mine"), (undo, "seven")] {
        let line = mirror.line(id);
        assert_eq!((line.state, &line.entry.after["content"]), (EntryState::Pending, &content.into()));
    }
}

#[test]
fn an_edit_whose_undo_is_back_before_it_keeps_its_words_until_it_is_back_too() {
    let (mirror, entry) = with_settled_edit();
    let undo = only_entry(&mirror.store.write(|write| write.undo(entry, None)).expect("an undo"));
    mirror.push(|_| Verdict::Committed { rev: 9, ord: 0 });
    let back = || Verdict::Committed { rev: 9, ord: 0 };
    let frames = |rows| {
        let begin = Frame::Begin { epoch: NEW, hi: 1, scopes: names(&[DESK]), rows: 0 };
        let since = Cursor("at 1".to_owned());
        let fill = Frame::FillBegin { scopes: names(&[DESK]), since, rows: 0 };
        vec![settled(&[(undo, back())]), begin, checkpoint(1), fill, Frame::Rows(rows), Frame::FillEnd]
    };
    mirror.take(frames(Vec::new())).expect("a new history, in which the page is elsewhere");
    let line = mirror.line(entry);
    assert_eq!((line.state, &line.entry.after["content"]), (EntryState::Pending, &"mine".into()));
    assert_eq!(mirror.push(|_| COMMITTED), [entry]);
    let mut frames = delta(2, Vec::new());
    frames.insert(0, settled(&[(entry, COMMITTED)]));
    for frame in &mut frames {
        if let Frame::Begin { epoch, .. } = frame {
            *epoch = NEW;
        }
    }
    mirror.take(frames).expect("a delta");
    assert_eq!(mirror.line(entry).state, EntryState::Undone);
}

#[test]
fn a_row_that_was_lost_and_is_deleted_before_its_fill_comes_to_it_is_told_of() {
    let (mirror, entry) = with_settled_edit();
    let begin = || Frame::Begin { epoch: NEW, hi: 1, scopes: names(&[DESK]), rows: 0 };
    let since = Cursor("at 1".to_owned());
    let fill = || Frame::FillBegin { scopes: names(&[DESK]), since: since.clone(), rows: 0 };
    mirror.take_cut(&[begin(), checkpoint(1), fill()]);
    let deleted = gone(Sop::TABLE, id_of("a"), 9, Effect::Delete, &[0]);
    mirror
        .take(vec![begin(), checkpoint(2), fill(), Frame::Gone(vec![deleted]), Frame::FillEnd])
        .expect("the rest");
    assert_eq!(mirror.line(entry).state, EntryState::Pending);
    let told = mirror.store.read(witness::list).expect("witnesses");
    assert_eq!(told.iter().map(|told| (told.row, told.version)).collect::<Vec<_>>(), [(id_of("a"), 8)]);
}

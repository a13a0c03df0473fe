//! What is sent, what the server's words do, and where the row stands meanwhile.

use crate::fixture::{Mirror, NOW, answer, cells, from_server, only_entry, server_sop, sop};
use guildhall_local::entries::EntryState;
use guildhall_local::fold::{self, Shadow};
use guildhall_local::keys::marks::Marks;
use guildhall_local::link::steps;
use guildhall_local::outbox;
use guildhall_local::search::fulltext::Indexing;
use guildhall_local::standing;
use guildhall_local::store::rows;
use guildhall_local::write::{Why, Write};
use guildhall_sync::change::{RejectCode, Verdict};
use guildhall_sync::id::{ConflictId, DeviceId, EntryId};
use guildhall_sync::model::knowledge::Sop;
use guildhall_sync::model::settlement::SyncConflict;
use guildhall_sync::protocol::{MAX_PUSH_BYTES, MAX_PUSH_ENTRIES};
use guildhall_sync::schema::{Row, common};
use guildhall_sync::time::Timestamp;
use guildhall_sync::value::{Cells, Value};
use uuid::Uuid;

const COMMITTED: Verdict = Verdict::Committed { rev: 8, ord: 0 };

fn rejected(code: RejectCode) -> Verdict {
    Verdict::Rejected { code, reason: "not today".to_owned(), fixable: true }
}

fn deferred(retry_after_ms: u64) -> Verdict {
    Verdict::Deferred { retry_after_ms, why: "too many".to_owned() }
}

fn mark(mirror: &Mirror, id: Uuid) -> String {
    mirror.store.read(|connection| standing::of_row(connection, Sop::TABLE, id)).expect("a mark").to_string()
}

fn sequence(mirror: &Mirror, now: Timestamp) -> Vec<u64> {
    let batch = mirror.store.read(|connection| outbox::next_batch(connection, now)).expect("a batch");
    batch.entries().map(|entry| entry.device_seq).collect()
}

/// What a pull does: settles, then stores the row as the server has it now.
fn pull(mirror: &Mirror, entry: EntryId, verdict: Verdict, row: Cells) {
    let line = mirror.line(entry);
    let (hash, id) = (rows::hash_of(Sop::TABLE, &row), line.entry.row);
    mirror
        .store
        .apply(|connection| {
            outbox::settle(connection, &[answer(&line, verdict)], NOW)?;
            let shadow = Shadow { cells: row, hash, scopes: " guild ".to_owned() };
            fold::put_server_row(connection, Sop::TABLE, id, shadow, Indexing::Now)
        })
        .expect("the pull is stored");
}

fn at_rev(mut row: Cells, rev: i64) -> Cells {
    Sop::TABLE.fill_defaults(&mut row);
    row.set(common::REV, Value::Int(rev));
    row.set(Sop::TABLE.column("version").expect("a column").number, Value::Int(rev));
    row
}

#[test]
fn an_edit_goes_from_saved_here_to_sent_to_on_server() {
    let mirror = Mirror::new();
    let id = mirror.serve(Sop::TABLE, &at_rev(server_sop("refunds", "refunds", "one"), 7));
    assert_eq!(mark(&mirror, id), "On server (v7)");
    let entry = mirror.edit(id, [("content", "two")]);
    assert_eq!(mark(&mirror, id), "Saved here");
    assert_eq!(mirror.push(|_| COMMITTED), [entry]);
    assert_eq!(mark(&mirror, id), "Sent");
    assert_eq!(mirror.page(id).content.0, "two", "the verdict alone changes nothing");
    assert_eq!(mirror.count("select sync_dirty from sops"), 1);

    pull(&mirror, entry, COMMITTED, at_rev(server_sop("refunds", "refunds", "two"), 8));
    assert_eq!(mark(&mirror, id), "On server (v8)");
    assert_eq!(mirror.line(entry).state, EntryState::Settled);
    assert_eq!(mirror.count("select sync_dirty from sops"), 0);
    assert_eq!(mirror.count("select count(*) from sync_shadow"), 0);
}

#[test]
fn what_others_wrote_appears_under_ones_own_unsent_edit() {
    let mirror = Mirror::new();
    let id = mirror.serve_sop("refunds", "First.\n\nSecond.\n");
    let entry = mirror.edit(id, [("content", "First.\n\nSecond, by me.\n")]);
    let theirs = at_rev(server_sop("refunds", "Refunds", "First, by Ana.\n\nSecond.\n"), 8);
    mirror.serve(Sop::TABLE, &theirs);
    let page = mirror.page(id);
    assert_eq!(page.content.0, "First, by Ana.\n\nSecond, by me.\n");
    assert_eq!((page.title.as_str(), page.rev), ("Refunds", 8));
    assert_eq!(mark(&mirror, id), "Saved here");

    mirror.push(|_| rejected(RejectCode::Forbidden));
    assert_eq!(mirror.page(id).content.0, "First, by Ana.\n\nSecond.\n");
    assert_eq!(mark(&mirror, id), "Refused");
    assert_eq!(mirror.line(entry).entry.after["content"], "First.\n\nSecond, by me.\n", "kept");
}

#[test]
fn where_both_wrote_the_same_sentence_ones_own_stays_on_the_screen_until_the_server_says_so() {
    let mirror = Mirror::new();
    let id = mirror.serve_sop("refunds", "Wait a day.");
    let entry = mirror.edit(id, [("content", "Wait an hour.")]);
    mirror.serve(Sop::TABLE, &at_rev(server_sop("refunds", "refunds", "Wait a week."), 8));
    assert_eq!(mirror.page(id).content.0, "Wait an hour.");

    let verdict = Verdict::Conflict {
        rev: 8,
        ord: 0,
        conflict: ConflictId(Uuid::from_u128(9)),
        units: vec!["content".to_owned()],
    };
    mirror.push(|_| verdict.clone());
    assert_eq!(mark(&mirror, id), "Needs you");
    assert_eq!(mirror.page(id).content.0, "Wait an hour.");
    pull(&mirror, entry, verdict, at_rev(server_sop("refunds", "refunds", "Wait a week."), 8));
    assert_eq!(mirror.page(id).content.0, "Wait a week.");
    assert_eq!(mirror.line(entry).state, EntryState::Conflict);

    let conflict = from_server(
        cells(
            SyncConflict::TABLE,
            [
                ("entry_id", Value::Id(entry.0)),
                ("target_table", Value::text("sops")),
                ("target_id", Value::Id(id)),
                ("kind", Value::text("text")),
            ],
        ),
        "conflict",
    );
    mirror.serve(SyncConflict::TABLE, &conflict);
    assert_eq!(mark(&mirror, id), "Needs you");
    let open = mirror.store.read(|connection| standing::list_conflicts(connection, Sop::TABLE, id));
    assert_eq!(open.expect("the conflicts").len(), 1);
}

#[test]
fn a_refused_page_takes_along_what_was_written_on_it_and_nothing_else() {
    let mirror = Mirror::new();
    let other = mirror.serve_sop("opening", "Switch on the lights.");
    let page = mirror.store.write(|write| write.insert(Sop::TABLE, sop("refunds", "Refunds", "one")));
    let page = page.expect("a page");
    let born = only_entry(&page);
    let sent = mirror.push(|_| deferred(60_000));
    assert_eq!(sent, [born]);
    let follower = mirror.edit(page.value, [("content", "two")]);
    let bystander = mirror.edit(other, [("content", "Switch on the heating.")]);
    assert_eq!(sequence(&mirror, NOW), [3], "what depends on a deferred entry waits with it");

    let later = NOW.plus_ms(60_000);
    assert_eq!(sequence(&mirror, later), [1, 2, 3]);
    let refusal = answer(&mirror.line(born), rejected(RejectCode::Invalid));
    let touched = mirror.store.record(|connection| outbox::record_verdicts(connection, &[refusal], later));
    assert_eq!(touched.expect("stored").len(), 1);
    assert_eq!(mirror.line(follower).state, EntryState::Rejected);
    assert_eq!(mirror.line(follower).refused_with, Some(born));
    assert_eq!(mirror.line(bystander).state, EntryState::Pending);
    assert_eq!(mirror.find_page(page.value), None, "a page that the server does not want is not shown");
    assert_eq!(mirror.count("select count(*) from fts_sops('two')"), 0);
    assert_eq!(mirror.page(other).content.0, "Switch on the heating.");
}

#[test]
fn a_refused_group_is_one_item() {
    let mirror = Mirror::new();
    let (a, b) = (mirror.serve_sop("a", "one"), mirror.serve_sop("b", "one"));
    let change = |write: &mut Write<'_>, id| {
        let changes = cells(Sop::TABLE, [("content", Value::text("two"))]);
        write.update(Sop::TABLE, id, changes, Why::default())
    };
    let written = mirror.store.write(|write| {
        change(write, a)?;
        change(write, b)
    });
    let entries = written.expect("two edits").entries;
    mirror.push(|line| {
        let is_cause = line.entry.id == entries[1];
        rejected(if is_cause { RejectCode::Forbidden } else { RejectCode::GroupRefused })
    });
    assert_eq!(mirror.line(entries[0]).refused_with, Some(entries[1]));
    assert_eq!(mirror.line(entries[1]).refused_with, Some(entries[1]));
    assert_eq!((mirror.page(a).content.0.as_str(), mirror.page(b).content.0.as_str()), ("one", "one"));
    let counts = mirror.store.read(outbox::count).expect("the counts");
    assert_eq!((counts.refused, counts.unsent), (1, 0));
}

#[test]
fn a_push_takes_whole_groups_up_to_its_limits() {
    let mirror = Mirror::new();
    let id = mirror.serve_sop("refunds", "one");
    let many = |count: usize, text: &str| {
        mirror.store.write(|write| {
            for number in 0..count {
                let changes = cells(Sop::TABLE, [("content", Value::text(format!("{text}{number}")))]);
                write.update(Sop::TABLE, id, changes, Why::default())?;
            }
            Ok(())
        })
    };
    many(MAX_PUSH_ENTRIES + 1, "a").expect("a large group");
    many(2, "b").expect("a small group");
    let batch = mirror.push(|_| COMMITTED);
    assert_eq!(batch.len(), MAX_PUSH_ENTRIES, "a large group goes alone, and in parts");
    mirror.push(|_| COMMITTED);
    many(1, &"long ".repeat(MAX_PUSH_BYTES / 20)).expect("a long text");
    many(1, "c").expect("the way back");
    assert_eq!(sequence(&mirror, NOW).len(), 2);
    many(2, &"long ".repeat(MAX_PUSH_BYTES / 20)).expect("long texts");
    assert_eq!(sequence(&mirror, NOW).len(), 2, "the batch is full by its bytes");
}

#[test]
fn an_unanswered_push_is_sent_again_as_it_was() {
    let mirror = Mirror::new();
    let id = mirror.serve_sop("refunds", "one");
    let entry = mirror.edit(id, [("content", "two")]);
    let batch = mirror.store.read(|connection| outbox::next_batch(connection, NOW)).expect("a batch");
    mirror.store.record(|connection| outbox::mark_in_flight(connection, &batch, NOW)).expect("marked");
    let in_flight = mirror.store.read(outbox::count).expect("the counts");
    assert_eq!((in_flight.unsent, in_flight.in_flight), (1, 1));
    assert!(sequence(&mirror, NOW).is_empty(), "it is on its way");
    mirror.store.record(|connection| outbox::mark_unanswered(connection)).expect("no answer");
    assert_eq!(mirror.line(entry).state, EntryState::Unknown);
    let again = mirror.store.read(|connection| outbox::next_batch(connection, NOW)).expect("a batch");
    assert_eq!(again.groups[0].hashes, batch.groups[0].hashes);
    assert_eq!(again.groups[0].group, batch.groups[0].group);
}

#[test]
fn a_verdict_that_comes_with_the_pull_alone_settles_too() {
    let mirror = Mirror::new();
    let id = mirror.serve_sop("refunds", "one");
    let entry = mirror.edit(id, [("content", "two")]);
    assert_eq!(mirror.store.read(outbox::unsettled_from).expect("a number"), 1);
    pull(&mirror, entry, COMMITTED, at_rev(server_sop("refunds", "refunds", "two"), 8));
    assert_eq!(mirror.line(entry).state, EntryState::Settled);
    assert_eq!(mark(&mirror, id), "On server (v8)");
    assert_eq!(mirror.store.read(outbox::unsettled_from).expect("a number"), 2);
}

#[test]
fn taking_an_edit_back_keeps_what_others_wrote_since() {
    let mirror = Mirror::new();
    let id = mirror.serve_sop("refunds", "First.\n\nSecond.\n");
    let entry = mirror.edit(id, [("content", "First.\n\nSecond, by me.\n")]);
    mirror.push(|_| COMMITTED);
    let theirs = at_rev(server_sop("refunds", "refunds", "First, by Ana.\n\nSecond, by me.\n"), 9);
    pull(&mirror, entry, COMMITTED, theirs.clone());
    let undone = mirror.store.write(|write| write.undo(entry, None)).expect("taken back");
    assert_eq!(mirror.page(id).content.0, "First, by Ana.\n\nSecond.\n");
    let undoing = only_entry(&undone);
    assert_eq!(mirror.line(undoing).entry.undo_of, Some(entry));

    mirror.push(|_| COMMITTED);
    pull(&mirror, undoing, COMMITTED, theirs);
    assert_eq!(mirror.line(entry).state, EntryState::Undone);
}

#[test]
fn an_edit_that_others_wrote_over_is_not_taken_back() {
    let mirror = Mirror::new();
    let id = mirror.serve_sop("refunds", "Wait a day.");
    let entry = mirror.edit(id, [("content", "Wait an hour.")]);
    mirror.push(|_| COMMITTED);
    pull(&mirror, entry, COMMITTED, at_rev(server_sop("refunds", "refunds", "Wait a week."), 9));
    let refused = mirror.store.write(|write| write.undo(entry, None)).expect_err("it has changed since");
    assert!(refused.to_string().starts_with("Somebody has changed it since"), "{refused}");
    assert_eq!(mirror.page(id).content.0, "Wait a week.");
}

#[test]
fn the_marks_of_a_page_of_rows_are_those_of_each_row() {
    let mirror = Mirror::new();
    let served = |name: &str| mirror.serve(Sop::TABLE, &at_rev(server_sop(name, name, "one"), 7));
    let [calm, sent, refused, conflict, edited] =
        ["calm", "sent", "refused", "conflict", "edited"].map(served);
    for id in [sent, refused, conflict] {
        mirror.edit(id, [("content", "two")]);
    }
    let conflict_verdict =
        Verdict::Conflict { rev: 8, ord: 0, conflict: ConflictId(Uuid::from_u128(9)), units: vec![] };
    mirror.push(|line| match line.entry.row {
        row if row == refused => rejected(RejectCode::Forbidden),
        row if row == conflict => conflict_verdict.clone(),
        _ => COMMITTED,
    });
    mirror.edit(edited, [("content", "two")]);
    let nowhere = Uuid::from_u128(404);
    let ids = [edited, calm, nowhere, conflict, sent, refused, calm];
    let marks = mirror.store.read(|connection| standing::of_rows(connection, Sop::TABLE, &ids));
    let words: Vec<String> = marks.expect("the marks").iter().map(ToString::to_string).collect();
    let expected =
        ["Saved here", "On server (v7)", "On server", "Needs you", "Sent", "Refused", "On server (v7)"];
    assert_eq!(words, expected);
    assert_eq!(ids.map(|id| mark(&mirror, id)), expected);
    let none = mirror.store.read(|connection| standing::of_rows(connection, Sop::TABLE, &[]));
    assert_eq!(none.expect("no marks"), []);
}

#[test]
fn whether_something_can_be_sent_is_known_without_a_batch() {
    let mirror = Mirror::new();
    let can_send =
        |now| mirror.store.read(|connection| outbox::can_send(connection, now)).expect("an answer");
    assert!(!can_send(NOW));
    let id = mirror.serve_sop("refunds", "one");
    mirror.edit(id, [("content", "two")]);
    assert!(can_send(NOW));
    mirror.push(|_| deferred(60_000));
    assert!(!can_send(NOW), "it is deferred");
    mirror.edit(id, [("content", "three")]);
    assert!(!can_send(NOW), "it waits for what it was written on");
    let other = mirror.serve_sop("opening", "one");
    mirror.edit(other, [("content", "two")]);
    assert!(can_send(NOW));
    assert!(can_send(NOW.plus_ms(60_000)));
    for sequence in [NOW, NOW.plus_ms(60_000)] {
        let batch =
            mirror.store.read(|connection| outbox::next_batch(connection, sequence)).expect("a batch");
        assert!(!batch.is_empty());
    }
}

#[test]
fn what_was_put_off_is_sent_again_by_a_clock_that_was_set_back() {
    let mirror = Mirror::new();
    let page = mirror.serve_sop("opening", "Switch on the lights.");
    mirror.edit(page, [("content", "Switch on the heating.")]);
    let sent = mirror.push(|_| deferred(60_000));
    assert_eq!(sent.len(), 1);
    assert!(sequence(&mirror, NOW).is_empty(), "it waits as long as the server asked for");
    let years_ago = Timestamp(NOW.0 - 10 * 365 * 86_400_000_000);
    assert_eq!(sequence(&mirror, years_ago), [1]);
}

#[test]
fn what_depends_on_a_deferred_entry_is_looked_at_again_when_that_may_be_sent() {
    let mirror = Mirror::new();
    let page = mirror.serve_sop("opening", "Switch on the lights.");
    mirror.edit(page, [("content", "Switch on the heating.")]);
    let follower = mirror.edit(page, [("content", "Switch on the heating, then the lights.")]);
    mirror.push(|line| deferred(if line.entry.id == follower { 1_000 } else { 60_000 }));
    let retry_at =
        |now| mirror.store.read(|connection| outbox::batch::next_retry_at(connection, now)).expect("a time");
    assert_eq!(retry_at(NOW), Some(NOW.plus_ms(1_000)));
    let due = NOW.plus_ms(1_000);
    assert!(sequence(&mirror, due).is_empty(), "what it is written on waits");
    assert_eq!(retry_at(due), Some(NOW.plus_ms(60_000)));
    assert_eq!(retry_at(NOW.plus_ms(60_000)), None, "both can be sent");
}

#[test]
fn a_push_whose_end_could_not_be_stored_is_sent_again() {
    let mirror = Mirror::new();
    let marks = Marks::new(Uuid::from_u128(9), None, mirror.dir.path().to_owned());
    let id = mirror.serve_sop("refunds", "Money comes back.");
    let entry = mirror.edit(id, [("content", "one")]);
    let begin = || {
        let push = steps::begin_push(&mirror.store, &marks, DeviceId(Uuid::from_u128(4))).expect("begun");
        let groups = push.expect("something to send").groups;
        groups.iter().flat_map(|sent| &sent.group.entries).map(|entry| entry.id).collect::<Vec<_>>()
    };
    assert_eq!(begin(), [entry]);
    // The disk was full when the answer came: the entry is still noted as being on its way.
    assert_eq!(begin(), [entry]);
}

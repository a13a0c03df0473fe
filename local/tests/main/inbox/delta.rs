//! What changed since the cursor.

use super::{content, edit, sop_row};
use crate::answer::{
    DESK, EPOCH, begin, checkpoint, delta, delta_gone, gone, grants, names, pulled, settled,
};
use crate::fixture::{Mirror, cells, id_of, server_sop, sop};
use guildhall_local::entries::EntryState;
use guildhall_local::error::{Error, RemoteError};
use guildhall_local::inbox::checked::list_mismatches;
use guildhall_local::inbox::flags::{self, Flag};
use guildhall_local::link::steps;
use guildhall_local::{entries, fold, inbox, outbox};
use guildhall_sync::change::{RejectCode, Verdict};
use guildhall_sync::id::ConflictId;
use guildhall_sync::model::knowledge::Sop;
use guildhall_sync::protocol::{Effect, EntryVerdict, Frame, MAX_CHUNK_ROWS, PulledRow, PushAnswer};
use guildhall_sync::schema::{Row, common};
use guildhall_sync::value::Value;
use uuid::Uuid;

/// An SOP at a version, in the scopes at these places.
fn page(section: &str, version: i64, content: &str, scopes: &[u16]) -> PulledRow {
    let mut cells = server_sop(section, section, content);
    cells.set(common::REV, Value::Int(version));
    pulled(Sop::TABLE, &cells, scopes)
}

fn holding(rows: &[PulledRow]) -> Mirror {
    Mirror::filled(&[DESK, "managers"], rows)
}

const COMMITTED: Verdict = Verdict::Committed { rev: 8, ord: 1 };

#[test]
fn a_row_without_own_edits_is_written_with_its_scopes_hash_and_full_text() {
    let mirror = holding(&[page("a", 7, "old words", &[0])]);
    let row = page("a", 8, "new words", &[0, 1]);
    let outcome = mirror.take(delta(2, vec![row.clone()])).expect("a delta");
    assert_eq!((outcome.rows, outcome.changed, outcome.more), (1, 1, false));
    let stored = sop_row(&mirror, id_of("a")).expect("the row");
    assert_eq!(stored.own.scopes, format!(" {DESK} managers "));
    assert_eq!(stored.own.hash, Some(row.hash));
    assert!(!stored.own.dirty);
    assert_eq!(mirror.count("select count(*) from fts_sops('new')"), 1);
    assert_eq!(mirror.count("select count(*) from fts_sops('old')"), 0);
    let request = mirror.request();
    assert_eq!(request.cursor.map(|cursor| cursor.0).as_deref(), Some("at 2"));
    assert_eq!(request.live, names(&[DESK, "managers"]));
}

#[test]
fn an_older_version_is_ignored_and_its_scopes_too() {
    let mirror = holding(&[page("a", 7, "seven", &[0])]);
    let outcome = mirror.take(delta(2, vec![page("a", 6, "six", &[0, 1])])).expect("a delta");
    assert_eq!(outcome.changed, 0);
    assert_eq!(content(&mirror, id_of("a")).as_deref(), Some("seven"));
    assert_eq!(sop_row(&mirror, id_of("a")).expect("the row").own.scopes, format!(" {DESK} "));
    mirror.take(delta_gone(3, vec![gone(Sop::TABLE, id_of("a"), 6, Effect::Delete, &[0])])).expect("a delta");
    assert!(content(&mirror, id_of("a")).is_some(), "it was deleted before it came back");
}

#[test]
fn the_same_answer_twice_is_the_same_as_once() {
    let mirror = holding(&[]);
    let rows = || vec![page("a", 8, "eight", &[0]), page("b", 3, "three", &[0, 1])];
    assert_eq!(mirror.take(delta(2, rows())).expect("a delta").changed, 2);
    assert_eq!(mirror.take(delta(2, rows())).expect("a delta").changed, 0);
    let wider = page("a", 8, "eight", &[0, 1]);
    assert_eq!(mirror.take(delta(3, vec![wider])).expect("a delta").changed, 0);
    assert_eq!(sop_row(&mirror, id_of("a")).expect("the row").own.scopes, format!(" {DESK} managers "));
}

#[test]
fn under_an_own_edit_the_shadow_moves_and_the_edit_stays() {
    let mirror = holding(&[page("a", 7, "One.\n\nTwo.\n", &[0])]);
    edit(&mirror, id_of("a"), "One.\n\nTwo, mine.\n");
    mirror.take(delta(2, vec![page("a", 8, "One, theirs.\n\nTwo.\n", &[0])])).expect("a delta");
    assert_eq!(content(&mirror, id_of("a")).as_deref(), Some("One, theirs.\n\nTwo, mine.\n"));
    let shadow = mirror.store.read(|connection| fold::find_shadow(connection, Sop::TABLE, id_of("a")));
    let shadow = shadow.expect("a question").expect("a shadow");
    assert_eq!(*Sop::TABLE.value(&shadow.cells, "content"), Value::text("One, theirs.\n\nTwo.\n"));
    assert!(sop_row(&mirror, id_of("a")).expect("the row").own.dirty);
}

#[test]
fn an_entry_leaves_the_fold_with_its_row_and_not_at_the_verdict() {
    let mirror = holding(&[page("a", 7, "old", &[0])]);
    let id = edit(&mirror, id_of("a"), "mine");
    let verdict = [EntryVerdict { entry: id, device_seq: 1, verdict: COMMITTED }];
    let now = mirror.store.clock().now();
    mirror.store.record(|connection| outbox::record_verdicts(connection, &verdict, now)).expect("a verdict");
    assert!(sop_row(&mirror, id_of("a")).expect("the row").own.dirty, "the effect has not come back");
    assert_eq!(mirror.request().unsettled_from, 1);

    let mut frames = vec![settled(&[(id, COMMITTED)])];
    frames.extend(delta(2, vec![page("a", 8, "mine", &[0])]));
    let outcome = mirror.take(frames).expect("a delta");
    assert_eq!((outcome.settled, outcome.conflicts), (1, 0));
    let row = sop_row(&mirror, id_of("a")).expect("the row");
    assert!(!row.own.dirty);
    assert_eq!(*Sop::TABLE.value(&row.cells, "rev"), Value::Int(8));
    assert_eq!(mirror.line(id).state, EntryState::Settled);
    assert_eq!(mirror.count("select count(*) from sync_shadow"), 0);
    assert_eq!(mirror.request().unsettled_from, 2);
}

#[test]
fn an_answer_that_is_cut_before_its_checkpoint_changes_nothing() {
    let mirror = holding(&[page("a", 7, "old", &[0])]);
    let id = edit(&mirror, id_of("a"), "mine");
    let mut frames = vec![settled(&[(id, COMMITTED)])];
    frames.extend(delta(2, vec![page("a", 8, "mine", &[0]), page("b", 1, "b", &[0])]));
    for cut in 0..frames.len() {
        mirror.take_cut(&frames[..cut]);
        assert!(sop_row(&mirror, id_of("a")).expect("the row").own.dirty, "cut after {cut}");
        assert!(content(&mirror, id_of("b")).is_none(), "cut after {cut}");
        assert_eq!(mirror.request().unsettled_from, 1, "cut after {cut}");
    }
    let short = mirror.take(frames[..2].to_vec());
    assert!(matches!(short, Err(Error::Remote(RemoteError::Cut))), "{short:?}");
}

#[test]
fn an_accepted_edit_whose_row_was_not_sent_leaves_the_fold_too() {
    let mirror = holding(&[page("a", 7, "old", &[0])]);
    let id = edit(&mirror, id_of("a"), "old and back");
    let mut frames = vec![settled(&[(id, COMMITTED)])];
    frames.extend(delta(2, vec![]));
    mirror.take(frames).expect("a delta");
    assert_eq!(content(&mirror, id_of("a")).as_deref(), Some("old"));
    assert!(!sop_row(&mirror, id_of("a")).expect("the row").own.dirty);
}

#[test]
fn of_a_conflict_the_row_shows_theirs_and_the_entry_says_so() {
    let mirror = holding(&[page("a", 7, "old", &[0])]);
    let id = edit(&mirror, id_of("a"), "mine");
    let conflict = Verdict::Conflict {
        rev: 8,
        ord: 1,
        conflict: ConflictId(Uuid::from_u128(9)),
        units: vec!["content".into()],
    };
    let mut frames = vec![settled(&[(id, conflict)])];
    frames.extend(delta(2, vec![page("a", 8, "theirs", &[0])]));
    assert_eq!(mirror.take(frames).expect("a delta").conflicts, 1);
    assert_eq!(content(&mirror, id_of("a")).as_deref(), Some("theirs"));
    assert_eq!(mirror.line(id).state, EntryState::Conflict);
    assert_eq!(mirror.line(id).entry.after["content"], "mine");
}

#[test]
fn a_refusal_that_was_lost_on_the_way_is_heard_with_the_pull() {
    let mirror = holding(&[page("a", 7, "old", &[0])]);
    let id = edit(&mirror, id_of("a"), "mine");
    let refusal = Verdict::Rejected { code: RejectCode::Forbidden, reason: "no".into(), fixable: true };
    let mut frames = vec![settled(&[(id, refusal)])];
    frames.extend(delta(2, vec![]));
    mirror.take(frames).expect("a delta");
    assert_eq!(content(&mirror, id_of("a")).as_deref(), Some("old"));
    let line = mirror.line(id);
    assert_eq!((line.state, &line.entry.after["content"]), (EntryState::Rejected, &"mine".into()));
}

#[test]
fn a_row_born_here_becomes_the_servers() {
    let mirror = holding(&[]);
    let written =
        mirror.store.write(|write| write.insert(Sop::TABLE, sop("a", "A", "mine"))).expect("a page");
    let mut cells = server_sop("a", "A", "mine");
    cells.set(common::ID, Value::Id(written.value));
    let mut frames = vec![settled(&[(written.entries[0], COMMITTED)])];
    frames.extend(delta(2, vec![pulled(Sop::TABLE, &cells, &[0])]));
    mirror.take(frames).expect("a delta");
    let row = sop_row(&mirror, written.value).expect("the row");
    assert!(!row.own.dirty && row.own.hash.is_some());
    assert_eq!(mirror.count("select count(*) from fts_sops('mine')"), 1);
}

#[test]
fn a_large_delta_comes_in_pieces_and_says_that_it_catches_up() {
    let mirror = holding(&[page("p0", 7, "old", &[0])]);
    let id = edit(&mirror, id_of("p0"), "mine");
    let all = MAX_CHUNK_ROWS * 3;
    let rows: Vec<PulledRow> = (0..all).map(|at| page(&format!("p{at}"), 8, "new", &[0])).collect();
    let mut frames = vec![settled(&[(id, COMMITTED)]), begin(all)];
    frames.extend(rows.chunks(200).map(|rows| Frame::Rows(rows.to_vec())));
    frames.push(checkpoint(2));
    let is_catching_up =
        || mirror.store.read(|connection| flags::is_up(connection, Flag::CatchingUp)).expect("a flag");

    mirror.take_cut(&frames[..4]);
    assert!(is_catching_up());
    assert_eq!(mirror.request().cursor.map(|cursor| cursor.0).as_deref(), Some("at 1"));
    assert_eq!(content(&mirror, id_of("p0")).as_deref(), Some("new"), "settled with its row");
    assert_eq!(mirror.request().unsettled_from, 2);
    let finds = |word| mirror.count(&format!("select count(*) from fts_sops('{word}')"));
    assert_eq!(
        (finds("old"), finds("new")),
        (0, 1),
        "but for one's own, many at once become findable at the end"
    );
    inbox::make_findable(&mirror.store).expect("while the server does not answer");
    assert_eq!(finds("new"), mirror.count("select count(*) from sops where rev = 8"));

    let outcome = mirror.take(frames).expect("the whole delta");
    assert_eq!(finds("new"), i64::try_from(all).expect("small"));
    assert_eq!(outcome.rows, all as u64);
    assert!(!is_catching_up());
    assert_eq!(mirror.count("select count(*) from sops where rev = 8"), i64::try_from(all).expect("small"));
    assert_eq!(mirror.request().cursor.map(|cursor| cursor.0).as_deref(), Some("at 2"));
}

#[test]
fn a_row_that_left_one_scope_of_two_stays() {
    let mirror = holding(&[page("a", 7, "a", &[0, 1])]);
    mirror.take(delta_gone(2, vec![gone(Sop::TABLE, id_of("a"), 8, Effect::Leave, &[1])])).expect("a delta");
    assert_eq!(sop_row(&mirror, id_of("a")).expect("the row").own.scopes, format!(" {DESK} "));
    mirror.take(delta_gone(3, vec![gone(Sop::TABLE, id_of("a"), 9, Effect::Expire, &[0])])).expect("a delta");
    assert!(sop_row(&mirror, id_of("a")).is_none());
    assert_eq!(mirror.count("select count(*) from fts_sops_docsize"), 0);
}

#[test]
fn a_row_that_left_takes_its_old_text_out_of_the_edit_that_waits() {
    let mirror = holding(&[page("a", 7, "old text", &[0])]);
    let waits = edit(&mirror, id_of("a"), "old text and mine");
    mirror.take(delta_gone(2, vec![gone(Sop::TABLE, id_of("a"), 8, Effect::Leave, &[0])])).expect("a delta");
    assert!(sop_row(&mirror, id_of("a")).is_none());
    let line = mirror.line(waits);
    assert_eq!(line.state, EntryState::Pending);
    assert!(line.entry.before.is_empty());
    assert_eq!(line.entry.after["content"], "old text and mine");
    assert_eq!(line.content_hash, line.entry.content_hash());
    assert_eq!(mirror.count("select count(*) from sync_shadow"), 0);
}

#[test]
fn an_edit_on_its_way_is_sent_again_as_it_was_and_then_loses_the_old_text() {
    let mirror = holding(&[page("a", 7, "old text", &[0])]);
    let id = edit(&mirror, id_of("a"), "mine");
    let now = mirror.store.clock().now();
    let sent = mirror.store.record(|connection| {
        let batch = outbox::next_batch(connection, now)?;
        outbox::mark_in_flight(connection, &batch, now)
    });
    sent.expect("a push on its way");
    let hash = mirror.line(id).content_hash;
    mirror.take(delta_gone(2, vec![gone(Sop::TABLE, id_of("a"), 8, Effect::Leave, &[0])])).expect("a delta");
    assert_eq!(mirror.line(id).content_hash, hash);
    assert_eq!(mirror.line(id).entry.before["content"], "old text");

    let mut frames = vec![settled(&[(id, COMMITTED)])];
    frames.extend(delta(3, vec![]));
    mirror.take(frames).expect("a delta");
    let line = mirror.line(id);
    assert!(line.entry.before.is_empty() && line.entry.after.is_empty(), "{line:?}");
}

#[test]
fn an_edit_whose_row_left_loses_the_old_text_with_its_answer() {
    let mirror = holding(&[page("a", 7, "old text", &[0])]);
    let id = edit(&mirror, id_of("a"), "old text and mine");
    let now = mirror.store.clock().now();
    let sent = mirror.store.record(|connection| {
        let batch = outbox::next_batch(connection, now)?;
        outbox::mark_in_flight(connection, &batch, now)
    });
    sent.expect("a push on its way");
    mirror.take(delta_gone(2, vec![gone(Sop::TABLE, id_of("a"), 8, Effect::Leave, &[0])])).expect("a delta");
    let refused =
        Verdict::Rejected { code: RejectCode::Forbidden, reason: "not yours".to_owned(), fixable: false };
    let verdicts = vec![EntryVerdict { entry: id, device_seq: 1, verdict: refused }];
    steps::end_push(&mirror.store, &PushAnswer { verdicts, kept: None }).expect("the answer");
    let line = mirror.line(id);
    assert!(line.entry.before.is_empty(), "{line:?}");
    assert!(!line.entry.after["content"].to_string().contains("old text"), "only what was typed: {line:?}");
}

#[test]
fn an_edit_that_was_sent_after_its_row_had_left_keeps_what_was_typed_when_it_is_refused() {
    let mirror = holding(&[page("a", 7, "old text", &[0])]);
    let id = edit(&mirror, id_of("a"), "old text and mine");
    let left = |version| delta_gone(2, vec![gone(Sop::TABLE, id_of("a"), version, Effect::Leave, &[0])]);
    mirror.take(left(8)).expect("a delta");
    let refused =
        Verdict::Rejected { code: RejectCode::Forbidden, reason: "not yours".to_owned(), fixable: true };
    mirror.push(|_| refused.clone());
    mirror.take(delta(3, vec![page("a", 9, "old text", &[0])])).expect("it comes back");
    assert_eq!(mirror.line(id).entry.after["content"], "old text and mine", "it may be read");
    mirror.take(left(10)).expect("and leaves again");
    assert_eq!(mirror.line(id).entry.after["content"], "and mine");
    assert!(matches!(mirror.line(id).verdict, Some(Verdict::Rejected { fixable: false, .. })));
    assert_eq!(mirror.count("select count(*) from sync_left_entry"), 0);
}

#[test]
fn a_page_that_its_author_may_not_read_leaves_no_words_in_the_edits_that_made_it() {
    let mirror = holding(&[]);
    let made = mirror.store.write(|write| write.insert(Sop::TABLE, sop("mine", "Mine", "made here")));
    let row = made.expect("a page").value;
    let later = edit(&mirror, row, "made here, and more");
    let first = mirror.store.read(|connection| entries::list_latest(connection, 10)).expect("lines");
    let first = first.iter().map(|line| line.entry.id).find(|id| *id != later).expect("the insert");
    // The server has both and sends no row.
    let mut frames = vec![settled(&[(first, COMMITTED), (later, COMMITTED)])];
    frames.extend(delta(2, vec![]));
    mirror.take(frames).expect("a delta");
    assert!(sop_row(&mirror, row).is_none());
    for id in [first, later] {
        let line = mirror.line(id);
        assert_eq!(line.state, EntryState::Settled);
        assert!(line.entry.before.is_empty() && line.entry.after.is_empty(), "{line:?}");
    }
}

#[test]
fn a_row_deleted_for_all_goes() {
    let mirror = holding(&[page("a", 7, "a", &[0, 1]), page("b", 7, "b", &[0])]);
    let waits = edit(&mirror, id_of("a"), "mine");
    mirror
        .take(delta_gone(2, vec![gone(Sop::TABLE, id_of("a"), 8, Effect::Delete, &[0, 1])]))
        .expect("a delta");
    assert!(sop_row(&mirror, id_of("a")).is_none());
    assert!(sop_row(&mirror, id_of("b")).is_some());
    assert_eq!(mirror.line(waits).entry.before["content"], "a");
}

#[test]
fn bytes_that_do_not_fit_their_hash_are_not_applied_and_said() {
    let mirror = holding(&[page("a", 7, "old", &[0])]);
    let mut wrong_hash = page("a", 8, "flipped", &[0]);
    wrong_hash.hash[3] ^= 1;
    let mut other_guild = server_sop("b", "B", "b");
    other_guild.set(common::GUILD_ID, Value::Id(Uuid::from_u128(99)));
    let mut other_rev = page("c", 8, "c", &[0]);
    other_rev.version = 9;
    let mut no_title = server_sop("d", "D", "d");
    no_title.remove(Sop::TABLE.column("title").expect("a column").number);
    let no_word = cells(Sop::TABLE, [("status", Value::text("loud"))]);
    let mut unknown_word = server_sop("e", "E", "e");
    no_word.iter().for_each(|(number, value)| unknown_word.set(number, value.clone()));
    let rows = vec![
        wrong_hash,
        pulled(Sop::TABLE, &other_guild, &[0]),
        other_rev,
        pulled(Sop::TABLE, &no_title, &[0]),
        pulled(Sop::TABLE, &unknown_word, &[0]),
        page("f", 8, "whole", &[0]),
    ];
    let outcome = mirror.take(delta(2, rows)).expect("a delta");
    assert_eq!((outcome.mismatches, outcome.changed), (5, 1));
    assert_eq!(content(&mirror, id_of("a")).as_deref(), Some("old"));
    assert_eq!(mirror.count("select count(*) from sops"), 2);
    let told = mirror.store.read(list_mismatches).expect("a list");
    let mut what: Vec<_> = told.iter().map(|mismatch| mismatch.what.as_str()).collect();
    what.sort_unstable();
    insta::assert_snapshot!(what.join("\n"), @r"
    it is a row of another guild
    rev is not the version
    status holds something else than its type says
    the bytes have another hash
    title holds something else than its type says
    ");
    mirror.take(delta(3, vec![page("a", 8, "whole", &[0])])).expect("a delta");
    let told = mirror.store.read(list_mismatches).expect("a list");
    assert_eq!(told.len(), 4, "the row that came whole is forgotten");
}

#[test]
fn frames_out_of_order_are_refused_and_change_nothing() {
    let mirror = holding(&[page("a", 7, "old", &[0])]);
    let row = || Frame::Rows(vec![page("a", 8, "new", &[0])]);
    let wrong: [Vec<Frame>; 6] = [
        vec![row()],
        vec![checkpoint(2)],
        vec![begin(0), Frame::FillEnd],
        vec![begin(1), row(), begin(0)],
        vec![begin(1), row(), checkpoint(2), row()],
        vec![begin(1), Frame::Rows(vec![page("a", 8, "new", &[4])]), checkpoint(2)],
    ];
    for frames in wrong {
        let taken = mirror.take(frames);
        assert!(matches!(taken, Err(Error::Remote(RemoteError::Unreadable { .. }))), "{taken:?}");
        assert_eq!(content(&mirror, id_of("a")).as_deref(), Some("old"));
    }
}

#[test]
fn a_new_epoch_keeps_everything_and_is_filled_anew() {
    let mirror = holding(&[page("a", 7, "seven", &[0]), page("b", 7, "b", &[0]), page("c", 7, "c", &[0])]);
    let id = edit(&mirror, id_of("c"), "mine");
    let other = Frame::Begin { epoch: Uuid::from_u128(78), hi: 5, scopes: names(&[DESK]), rows: 0 };
    mirror.take_cut(std::slice::from_ref(&other));
    let request = mirror.request();
    assert_eq!((request.cursor, request.live.len()), (None, 0));
    assert_eq!(mirror.count("select count(*) from sops"), 3, "nothing is lost while it is filled");

    let scopes = [DESK, "managers"];
    let begin_fill = Frame::FillBegin {
        scopes: names(&scopes),
        since: guildhall_sync::protocol::Cursor("anew".into()),
        rows: 2,
    };
    let rows = Frame::Rows(vec![page("a", 3, "three", &[0]), page("c", 2, "two", &[0])]);
    let frames = vec![other, checkpoint(9), begin_fill, rows, Frame::FillEnd];
    mirror.take(frames).expect("a refill");
    assert_eq!(content(&mirror, id_of("a")).as_deref(), Some("three"), "older by number, and the server's");
    assert!(content(&mirror, id_of("b")).is_none(), "the server does not have it");
    assert_eq!(content(&mirror, id_of("c")).as_deref(), Some("mine"), "what is unsent stays");
    assert_eq!(mirror.line(id).state, EntryState::Pending);
    mirror.take(delta_of_epoch(Uuid::from_u128(78), vec![page("a", 2, "two", &[0])])).expect("a delta");
    assert_eq!(content(&mirror, id_of("a")).as_deref(), Some("three"), "versions count again");
    assert_ne!(EPOCH, Uuid::from_u128(78));
}

fn delta_of_epoch(epoch: Uuid, rows: Vec<PulledRow>) -> Vec<Frame> {
    let begin = Frame::Begin { epoch, hi: 6, scopes: names(&[DESK]), rows: rows.len() as u64 };
    vec![begin, Frame::Rows(rows), checkpoint(10)]
}

#[test]
fn grants_are_told_to_the_server_as_they_were_heard() {
    let mirror = holding(&[]);
    let before = mirror.request().grants_hash;
    let mut frames = vec![grants(&[DESK, "managers", "public"])];
    frames.extend(delta(2, vec![]));
    let outcome = mirror.take(frames).expect("a delta");
    assert!(outcome.more, "a scope waits to be filled");
    assert_ne!(mirror.request().grants_hash, before);
    assert_eq!(mirror.request().live, names(&[DESK, "managers"]));
}

//! What may not be read any more leaves the laptop, and what was typed does not.

use super::{edit, sop_row};
use crate::answer::{DESK, delta, delta_gone, fill, grants, key, names, pulled};
use crate::fixture::{GUILD, Mirror, PASSWORD, cells, id_of, server_sop, sop};
use guildhall_local::drafts::{self, Typed};
use guildhall_local::entries::EntryState;
use guildhall_local::keys::unlock_with_password;
use guildhall_local::outbox;
use guildhall_local::store::connection;
use guildhall_local::store::migrate::safety_copy_path;
use guildhall_local::subject::Subject;
use guildhall_local::write::Why;
use guildhall_sync::change::Verdict;
use guildhall_sync::id::SopId;
use guildhall_sync::model::knowledge::{KnowledgeItem, Sop};
use guildhall_sync::model::settlement::SyncConflict;
use guildhall_sync::model::strategy::Competitor;
use guildhall_sync::protocol::{Effect, Frame, GoneRow, PulledRow};
use guildhall_sync::schema::{Row, Table, common};
use guildhall_sync::value::{Cells, Type, Value};
use std::collections::BTreeSet;
use uuid::Uuid;

const MARKERS: usize = 40;
/// Rows of each secret table: enough that pages split, move and are given back.
const ROWS: usize = 60;
/// Both the secret scopes, and one that stays.
const ALL: [&str; 3] = [DESK, "managers", "guild"];

fn marker(number: usize) -> String {
    format!("zq{:x}marker{}end", number * 7919, number % MARKERS)
}

/// A row whose texts, sets and documents all hold markers.
fn secret(table: &'static Table, at: usize, scopes: &[u16]) -> PulledRow {
    let name = format!("{}-{at}", table.name);
    let mut cells = common_cells(&name);
    for column in table.own_columns() {
        let text = format!("{} {}", marker(at), marker(at + usize::from(column.number)));
        let long = format!("# {text}\n\n{}", format!("A secret paragraph, {text}.\n\n").repeat(1 + at % 40));
        let value = match column.kind {
            Type::Text => Value::text(text),
            Type::Markdown => Value::text(long),
            Type::Json => Value::Json(format!("{{\"{text}\": \"{text}\"}}")),
            Type::Set => Value::Set(BTreeSet::from([text])),
            Type::Id(_) => Value::Id(Uuid::from_u128(3)),
            Type::Enum(words) => Value::text(words[0]),
            Type::Bool | Type::Int | Type::Decimal(_) | Type::Time | Type::Date => Value::Int(1),
        };
        cells.set(column.number, value);
    }
    pulled(table, &cells, scopes)
}

fn common_cells(name: &str) -> Cells {
    let row = server_sop(name, name, "");
    row.iter().filter(|(number, _)| *number < common::FIRST_OWN).map(|(n, v)| (n, v.clone())).collect()
}

fn secrets() -> Vec<PulledRow> {
    let desk =
        (0..ROWS).flat_map(|at| [secret(Sop::TABLE, at, &[0]), secret(KnowledgeItem::TABLE, at, &[0])]);
    let managers = (0..ROWS)
        .flat_map(|at| [secret(Competitor::TABLE, at, &[1]), secret(SyncConflict::TABLE, at, &[0, 1])]);
    desk.chain(managers).collect()
}

/// A mirror full of secrets, with edits on some of them in every state.
fn full() -> Mirror {
    let mirror = Mirror::filled(&ALL, &secrets());
    for at in 0..6 {
        let id = id_of(&format!("sops-{at}"));
        let before = super::content(&mirror, id).expect("a page");
        edit(&mirror, id, &format!("{before}\n\nTyped by hand {at}.\n"));
    }
    mirror
}

/// Markers in any page of the file as SQLite sees it, free pages and those of the write-ahead file too.
fn markers_in(mirror: &Mirror) -> Vec<String> {
    let key = unlock_with_password(mirror.dir.path(), PASSWORD).expect("the key");
    let mut connection = connection::open(mirror.store.path(), &key).expect("the file");
    let pages = connection.serialize(c"main").expect("the pages").to_vec();
    assert!(pages.starts_with(b"SQLite format 3"), "they are not encrypted any more");
    // An index holds terms without the part that they share with the one before.
    let parts = ["marker".to_owned(), "secret".to_owned(), "paragraph".to_owned()];
    let pages = String::from_utf8_lossy(&pages);
    (0..ROWS + 40).map(marker).chain(parts).filter(|text| pages.contains(text)).collect()
}

fn purge(scopes: &[&str]) -> Vec<Frame> {
    [vec![grants(scopes)], delta(2, vec![])].concat()
}

#[test]
fn of_what_may_not_be_read_any_more_no_byte_is_left() {
    let mirror = full();
    let copy = safety_copy_path(mirror.store.path(), 3);
    std::fs::write(&copy, "a copy from before a migration").expect("a file");
    assert!(markers_in(&mirror).len() > MARKERS, "the markers can be found");

    let outcome = mirror.take(purge(&["guild"])).expect("a purge");
    assert_eq!(outcome.purged, 4 * ROWS as u64);
    assert!(!outcome.wipe_due);
    assert_eq!(markers_in(&mirror), Vec::<String>::new());
    assert!(!copy.exists());
    let log = mirror.store.path().with_extension("db-wal");
    let log_bytes = log.metadata().map_or(0, |metadata| metadata.len());
    assert!(log_bytes < 64 * 1024, "{log_bytes} bytes of write-ahead file");
    assert_eq!(mirror.count("select count(*) from sync_scope"), 1);
}

#[test]
fn what_was_typed_waits_in_quarantine_and_nothing_else_of_it() {
    let mirror = Mirror::filled(&ALL, &secrets());
    let id = id_of("sops-5");
    let before = super::content(&mirror, id).expect("a page");
    let typed = edit(&mirror, id, &before.replacen("A secret", "My remark, typed here. A secret", 1));
    let born = mirror
        .store
        .write(|write| write.insert(Sop::TABLE, sop("born", "Born", "All mine.")))
        .expect("a page");
    mirror.take(purge(&["guild"])).expect("a purge");

    let line = mirror.line(typed);
    assert_eq!(line.state, EntryState::Rejected);
    assert!(matches!(line.verdict, Some(Verdict::Rejected { fixable: false, .. })), "{:?}", line.verdict);
    assert!(line.entry.before.is_empty());
    let kept = line.entry.after["content"].as_str().expect("a text");
    assert!(kept.contains("My remark, typed here"), "{kept}");
    assert!(!kept.contains("secret") && !kept.contains("marker"), "{kept}");
    assert_eq!(mirror.count("select count(*) from sync_shadow"), 0);

    assert_eq!(mirror.line(born.entries[0]).state, EntryState::Pending);
    assert_eq!(super::content(&mirror, born.value).as_deref(), Some("All mine."), "what was made here stays");
}

/// Somebody types into a page that is secret, and into one of their own.
fn type_drafts(mirror: &Mirror) -> [Subject; 2] {
    let id = id_of("sops-5");
    let content = format!("{}\n\nTyped.", super::content(mirror, id).expect("a page"));
    let own = (Subject::NewSop(id), "All mine.");
    for (subject, content) in [(Subject::Sop(SopId(id)), content.as_str()), own] {
        let typed = Typed { subject, title: "A title", content, place: "", base_revision: None };
        mirror.store.keep_draft(&typed).expect("kept");
    }
    [Subject::Sop(SopId(id)), own.0]
}

fn has_draft(mirror: &Mirror, subject: Subject) -> bool {
    mirror.store.read(|connection| drafts::find(connection, subject)).expect("a question").is_some()
}

#[test]
fn of_a_draft_in_what_may_not_be_read_any_more_stays_what_was_typed() {
    let leave = |secret: &PulledRow| {
        let key = key(secret);
        GoneRow { table: key.table, id: key.id, version: 8, effect: Effect::Leave, scopes: vec![0, 1, 3] }
    };
    let left = delta_gone(2, secrets().iter().map(leave).collect());
    for answer in [purge(&["guild"]), left] {
        let mirror = Mirror::filled(&ALL, &secrets());
        let [of_secret, own] = type_drafts(&mirror);
        assert!(has_draft(&mirror, of_secret));
        mirror.take(answer).expect("a purge");
        assert!(!has_draft(&mirror, of_secret));
        assert!(has_draft(&mirror, own), "what is one's own stays");
        let kept = "select count(*) from drafts where row is null and content = 'Typed.'";
        assert_eq!(mirror.count(kept), 1, "as a page to be");
        assert_eq!(mirror.count("select count(*) from draft_bases"), 0);
        assert_eq!(markers_in(&mirror), Vec::<String>::new());
        let id = SopId(id_of("sops-5"));
        let typed =
            Typed { subject: Subject::Sop(id), title: "", content: "secret", place: "", base_revision: None };
        mirror.store.keep_draft(&typed).expect_err("a window that still shows it keeps nothing");
    }
}

#[test]
fn a_draft_in_a_page_that_is_deleted_for_all_stays() {
    let mirror = Mirror::filled(&ALL, &secrets());
    let [subject, _] = type_drafts(&mirror);
    let gone = GoneRow {
        table: Sop::TABLE.number,
        id: id_of("sops-5"),
        version: 8,
        effect: Effect::Delete,
        scopes: vec![0],
    };
    mirror.take(delta_gone(2, vec![gone])).expect("a delta");
    assert!(mirror.find_page(id_of("sops-5")).is_none());
    assert!(has_draft(&mirror, subject));
}

#[test]
fn history_keeps_its_lines_and_loses_its_texts() {
    let mirror = Mirror::filled(&ALL, &secrets());
    let id = id_of("sops-5");
    let typed = edit(&mirror, id, "settled words");
    let now = mirror.store.clock().now();
    let verdict = guildhall_sync::protocol::EntryVerdict {
        entry: typed,
        device_seq: 1,
        verdict: Verdict::Committed { rev: 8, ord: 1 },
    };
    mirror
        .store
        .record(|connection| outbox::record_verdicts(connection, &[verdict], now))
        .expect("a verdict");
    mirror.take(purge(&["guild"])).expect("a purge");
    let line = mirror.line(typed);
    assert_eq!(line.state, EntryState::Settled);
    assert!(line.entry.before.is_empty() && line.entry.after.is_empty());
    assert!(line.settled_at.is_some(), "it is not in the fold any more");
    assert_eq!(mirror.request().unsettled_from, 2);
}

#[test]
fn a_row_that_another_scope_holds_stays() {
    let row = |name: &str, scopes: &[u16]| pulled(Sop::TABLE, &server_sop(name, name, "text"), scopes);
    let mirror = Mirror::filled(&ALL, &[row("both", &[0, 3]), row("one", &[0])]);
    let id = edit(&mirror, id_of("both"), "mine");
    mirror.take(purge(&["guild", "managers"])).expect("a purge");
    assert!(sop_row(&mirror, id_of("one")).is_none());
    let both = sop_row(&mirror, id_of("both")).expect("the row");
    assert_eq!(both.own.scopes, " guild ");
    assert!(both.own.dirty);
    assert_eq!(mirror.line(id).state, EntryState::Pending);
    assert_eq!(mirror.request().live, names(&["guild", "managers"]));
}

#[test]
fn a_purge_waits_for_nothing_and_goes_before_the_rows_of_the_same_answer() {
    let mirror = full();
    mirror.take_cut(&[grants(&["guild"])]);
    assert_eq!(mirror.count("select count(*) from sops"), 0);
    assert_eq!(mirror.count("select count(*) from fts_sops_docsize"), 0);
    assert_eq!(mirror.count("select count(*) from wal_entries where state = 'rejected'"), 6);
    assert_eq!(mirror.count("select wipe_due from sync_state"), 1);
    assert!(!mirror.take(delta(2, vec![])).expect("a delta").wipe_due);
    assert_eq!(markers_in(&mirror), Vec::<String>::new());
}

#[test]
fn a_purge_that_was_cut_short_goes_on_with_the_next_pull() {
    let mirror = full();
    let lock = "update sync_scope set state = 'locked' where scope <> 'guild'";
    mirror.store.record(|connection| Ok(connection.execute(lock, [])?)).expect("locked, and then a crash");
    mirror.take(delta(2, vec![])).expect("a delta");
    assert_eq!(mirror.count("select count(*) from competitors"), 0);
    assert_eq!(markers_in(&mirror), Vec::<String>::new());
}

#[test]
fn a_reader_that_looks_on_delays_the_wiping_and_the_next_pull_does_it() {
    let mirror = full();
    let outcome = mirror.store.read(|connection| {
        let rows: i64 = connection.query_row("select count(*) from sops", [], |row| row.get(0))?;
        assert_eq!(rows, i64::try_from(ROWS).expect("few"));
        mirror.take(purge(&["guild"]))
    });
    assert!(outcome.expect("a purge").wipe_due);
    assert!(!mirror.take(delta(3, vec![])).expect("a delta").wipe_due);
    assert_eq!(markers_in(&mirror), Vec::<String>::new());
}

#[test]
fn of_rows_that_left_their_last_scope_no_byte_is_left_either() {
    let mirror = Mirror::filled(&ALL, &secrets());
    let keys: Vec<_> = secrets().iter().map(key).collect();
    let left = keys.iter().map(|key| GoneRow {
        table: key.table,
        id: key.id,
        version: 8,
        effect: Effect::Leave,
        scopes: vec![0, 1, 3],
    });
    let outcome = mirror.take(delta_gone(2, left.collect())).expect("a delta");
    assert!(!outcome.wipe_due);
    assert_eq!(markers_in(&mirror), Vec::<String>::new());
}

#[test]
fn a_scope_that_is_granted_again_is_filled_again() {
    let mirror = full();
    mirror.take(purge(&["guild"])).expect("a purge");
    let rows = secrets();
    let mut first = vec![grants(&ALL)];
    first.extend(delta(3, vec![]));
    assert!(mirror.take(first).expect("a delta").more);
    let frames = fill(&mirror.request(), &ALL, &rows, 50);
    mirror.take(frames).expect("a download");
    assert_eq!(mirror.count("select count(*) from competitors"), i64::try_from(ROWS).expect("few"));
    assert_eq!(mirror.request().live.len(), 3);
}

#[test]
fn an_entry_that_had_arrived_before_the_purge_is_not_refused() {
    let mirror = full();
    let now = mirror.store.clock().now();
    let sent = mirror.store.record(|connection| {
        let batch = outbox::next_batch(connection, now)?;
        outbox::mark_in_flight(connection, &batch, now)?;
        outbox::mark_unanswered(connection)?;
        Ok(batch.entries().map(|entry| entry.id).collect::<Vec<_>>())
    });
    let sent = sent.expect("a push without an answer");
    let verdicts: Vec<_> = sent.iter().map(|id| (*id, Verdict::Committed { rev: 8, ord: 1 })).collect();
    let frames = [vec![grants(&["guild"]), crate::answer::settled(&verdicts)], delta(2, vec![])].concat();
    mirror.take(frames).expect("a purge");
    assert_eq!(mirror.count("select count(*) from wal_entries where state = 'settled'"), 6);
    assert_eq!(mirror.count("select count(*) from wal_entries where state = 'rejected'"), 0);
    assert_eq!(markers_in(&mirror), Vec::<String>::new());
}

#[test]
fn a_title_that_was_edited_keeps_only_the_new_words() {
    let mirror = Mirror::filled(&ALL, &secrets());
    let changes = cells(Sop::TABLE, [("title", Value::text(format!("{} plus mine", marker(5))))]);
    let id = id_of("sops-5");
    let written = mirror.store.write(|write| write.update(Sop::TABLE, id, changes, Why::default()));
    let written = written.expect("an edit");
    mirror.take(purge(&["guild"])).expect("a purge");
    assert_eq!(mirror.line(written.entries[0]).entry.after["title"], "plus mine");
    assert_ne!(GUILD, id);
}

//! Scopes that are downloaded whole.

use super::{content, edit, sop_row};
use crate::answer::{DESK, begin, checkpoint, delta, fill, gone, grants, key, names, pulled, settled};
use crate::fixture::{Mirror, cells, id_of, server_sop, sop};
use guildhall_local::inbox::{Notice, Phase};
use guildhall_sync::change::Verdict;
use guildhall_sync::model::TABLES;
use guildhall_sync::model::desk::PublicInfo;
use guildhall_sync::model::knowledge::Sop;
use guildhall_sync::model::people::Location;
use guildhall_sync::protocol::{Cursor, Effect, Frame, MAX_CHUNK_ROWS, PulledRow};
use guildhall_sync::schema::{Row, Table, common};
use guildhall_sync::value::{Cells, Value};
use std::sync::mpsc;
use std::time::Duration;

const BOTH: [&str; 2] = [DESK, "public"];

fn page(at: usize) -> PulledRow {
    let name = format!("page-{at}");
    pulled(Sop::TABLE, &server_sop(&name, &name, &format!("findable text {at}")), &[0])
}

/// A row of another table, in the public scope.
fn public(table: &'static Table, name: &str, own: Cells) -> PulledRow {
    let mut row = server_sop(name, name, "");
    let common = row.iter().filter(|(number, _)| *number < common::FIRST_OWN);
    let mut cells: Cells = common.map(|(number, value)| (number, value.clone())).collect();
    own.iter().for_each(|(number, value)| cells.set(number, value.clone()));
    row = cells;
    pulled(table, &row, &[2])
}

/// Rows of three tables in two scopes.
fn everything() -> Vec<PulledRow> {
    let place = |at: usize| {
        let own = [("code", Value::text(format!("L{at}"))), ("name", Value::text(format!("Place {at}")))];
        public(Location::TABLE, &format!("place-{at}"), cells(Location::TABLE, own))
    };
    let info = |at: usize| {
        let own = [("category", Value::text("hours")), ("question", Value::text(format!("When, {at}?")))];
        public(PublicInfo::TABLE, &format!("info-{at}"), cells(PublicInfo::TABLE, own))
    };
    (0..14).map(page).chain((0..5).map(place)).chain((0..6).map(info)).collect()
}

/// Everything that a mirror holds, and how far it is.
fn dump(mirror: &Mirror) -> String {
    let mut lines = Vec::new();
    for table in TABLES {
        let select = format!(
            "select group_concat(hex(id) || rev || hex(sync_hash) || sync_scopes || sync_dirty, '; ')
             from (select * from {} order by id)",
            table.name
        );
        let rows: Option<String> = mirror
            .store
            .read(|connection| Ok(connection.query_row(&select, [], |row| row.get(0))?))
            .expect("rows");
        lines.extend(rows.map(|rows| format!("{}: {rows}", table.name)));
    }
    let found = mirror.count("select count(*) from fts_sops('findable')");
    let request = mirror.request();
    lines.push(format!("found {found}, {:?}, {:?}, {:?}", request.cursor, request.live, request.filling));
    lines.join("\n")
}

#[test]
fn a_first_download_is_live_and_findable() {
    let mirror = Mirror::new();
    assert_eq!(mirror.request().cursor, None);
    let mut phases = Vec::new();
    let frames = fill(&mirror.request(), &BOTH, &everything(), 10);
    let outcome = mirror.take_telling(frames, &mut |notice| {
        if let Notice::Progress(progress) = notice {
            phases.push((progress.phase, progress.done, progress.all));
        }
    });
    let outcome = outcome.expect("a download");
    assert_eq!((outcome.rows, outcome.changed, outcome.more), (25, 25, false));
    assert_eq!(phases.first(), Some(&(Phase::Filling, 10, 25)));
    assert!(phases.contains(&(Phase::Filling, 25, 25)));
    assert!(phases.iter().any(|(phase, ..)| *phase == Phase::Indexing));
    assert_eq!(mirror.request().live, names(&BOTH));
    assert_eq!(mirror.request().filling, None);
    assert_eq!(mirror.count("select count(*) from fts_sops('findable')"), 14);
    assert_eq!(mirror.count("select count(*) from fts_locations('place')"), 5);
}

#[test]
fn a_download_that_is_cut_anywhere_goes_on_and_ends_the_same() {
    let whole = dump(&Mirror::filled(&BOTH, &everything()));
    let frames = fill(&Mirror::new().request(), &BOTH, &everything(), 4);
    for cut in 0..=frames.len() {
        let mirror = Mirror::new();
        mirror.take_cut(&frames[..cut]);
        let request = mirror.request();
        let is_half = (5..frames.len()).contains(&cut);
        assert_eq!(request.filling.as_ref().is_some_and(|filling| filling.after.is_some()), is_half, "{cut}");
        let rest = fill(&request, &BOTH, &everything(), 4);
        let all: usize =
            rest.iter().map(|frame| if let Frame::Rows(rows) = frame { rows.len() } else { 0 }).sum();
        assert_eq!(all, if is_half { 25 - (4 * (cut - 4)).min(25) } else { 25 }, "cut after {cut}");
        // A fill that ended before the connection broke has nothing left to ask for.
        let rest = if request.live.is_empty() { rest } else { delta(1, vec![]) };
        mirror.take(rest).expect("the rest");
        assert_eq!(dump(&mirror), whole, "cut after {cut}");
    }
}

#[test]
fn a_download_that_is_cut_twice_in_one_place_goes_on_from_there() {
    let mirror = Mirror::new();
    let frames = fill(&mirror.request(), &BOTH, &everything(), 4);
    mirror.take_cut(&frames[..6]);
    let before = mirror.request().filling;
    mirror.take_cut(&fill(&mirror.request(), &BOTH, &everything(), 4)[..3]);
    assert_eq!(mirror.request().filling, before);
    mirror.take(fill(&mirror.request(), &BOTH, &everything(), 4)).expect("the rest");
    assert_eq!(dump(&mirror), dump(&Mirror::filled(&BOTH, &everything())));
}

#[test]
fn what_changed_meanwhile_comes_after_the_rest_and_does_not_move_the_place_back() {
    let mirror = Mirror::new();
    let frames = fill(&mirror.request(), &BOTH, &everything(), 20);
    mirror.take_cut(&frames[..5]);
    let filling = mirror.request().filling.expect("a fill");
    let mut changed = server_sop("page-0", "page-0", "changed meanwhile");
    changed.set(common::REV, Value::Int(8));
    let mut frames = fill(&mirror.request(), &BOTH, &everything(), 20);
    frames.insert(frames.len() - 1, Frame::Rows(vec![pulled(Sop::TABLE, &changed, &[0])]));
    mirror.take_cut(&frames[..frames.len() - 1]);
    let after = mirror.request().filling.and_then(|filling| filling.after);
    let last = everything()
        .iter()
        .map(key)
        .max_by_key(|key| (guildhall_sync::model::fill_position(key.table), key.id));
    assert_eq!(after, last);
    assert_ne!(after, filling.after);
    mirror.take(frames).expect("the rest");
    assert_eq!(content(&mirror, id_of("page-0")).as_deref(), Some("changed meanwhile"));
}

#[test]
fn a_refill_removes_what_the_server_names_no_more() {
    let rows = everything();
    let mirror = Mirror::filled(&BOTH, &rows);
    let unsent = edit(&mirror, id_of("page-2"), "mine");
    let born =
        mirror.store.write(|write| write.insert(Sop::TABLE, sop("born", "Born", "here"))).expect("a page");
    let since = Cursor("anew".to_owned());
    let refill = |rows: &[PulledRow]| {
        let begin_fill =
            Frame::FillBegin { scopes: names(&[DESK]), since: since.clone(), rows: rows.len() as u64 };
        vec![begin(0), checkpoint(5), begin_fill, Frame::Rows(rows.to_vec())]
    };
    // The first part names pages 3 to 8; a later pull's delta names page 1, its fill the others.
    mirror.take_cut(&refill(&rows[3..9]));
    assert_eq!(mirror.request().live, names(&["public"]));
    let begin_fill = Frame::FillBegin { scopes: names(&[DESK]), since: since.clone(), rows: 5 };
    let mut rest = vec![begin(1), Frame::Rows(rows[1..2].to_vec()), checkpoint(6), begin_fill];
    rest.extend([Frame::Rows(rows[9..14].to_vec()), Frame::FillEnd]);
    let outcome = mirror.take(rest).expect("the rest");
    assert!(!outcome.more);
    let is_here = |at: usize| sop_row(&mirror, id_of(&format!("page-{at}"))).is_some();
    let here: Vec<usize> = (0..14).filter(|at| is_here(*at)).collect();
    assert_eq!(here, [1, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13]);
    assert!(sop_row(&mirror, born.value).is_some(), "what was only made here stays");
    assert!(mirror.line(unsent).entry.before.is_empty(), "it waits, without the old text");
    assert_eq!(mirror.count("select count(*) from locations"), 5, "another scope is not touched");
    assert_eq!(mirror.count("select count(*) from sync_fill_row"), 0);
    assert_eq!(mirror.count("select count(*) from fts_sops_docsize"), 13);
}

#[test]
fn a_scope_that_was_never_here_needs_no_list_of_what_was_named() {
    let mirror = Mirror::new();
    let frames = fill(&mirror.request(), &BOTH, &everything(), 4);
    mirror.take_cut(&frames[..8]);
    assert_eq!(mirror.count("select count(*) from sync_fill_row"), 0);
}

#[test]
fn a_scope_that_the_server_sends_anew_is_never_taken_for_live() {
    let mirror = Mirror::filled(&BOTH, &everything());
    // The log was too short for the cursor: the delta is empty and everything is sent again.
    let begin_fill = Frame::FillBegin { scopes: names(&BOTH), since: Cursor("anew".into()), rows: 25 };
    let frames = [begin(0), checkpoint(9), begin_fill];
    mirror.take_cut(&frames[..2]);
    assert_eq!(mirror.request().cursor, Some(Cursor("at 1".into())), "the checkpoint alone is not enough");
    mirror.take_cut(&frames);
    assert_eq!(mirror.request().cursor, Some(Cursor("at 9".into())));
    assert_eq!(mirror.request().live, names(&[]));
}

#[test]
fn an_own_page_in_a_scope_that_is_filled_stays_until_the_fill_brings_it() {
    let mirror = Mirror::new();
    mirror.take_cut(&[grants(&BOTH)]);
    let born =
        mirror.store.write(|write| write.insert(Sop::TABLE, sop("born", "Born", "here"))).expect("a page");
    let mut cells = server_sop("born", "Born", "here");
    cells.set(common::ID, Value::Id(born.value));
    let rows = [everything(), vec![pulled(Sop::TABLE, &cells, &[0])]].concat();
    let verdict = settled(&[(born.entries[0], Verdict::Committed { rev: 7, ord: 1 })]);
    let frames = || [vec![verdict.clone()], fill(&mirror.request(), &BOTH, &rows, 4)].concat();
    for cut in 0..12 {
        let frames = frames();
        mirror.take_cut(&frames[..cut.min(frames.len() - 1)]);
        assert!(sop_row(&mirror, born.value).is_some(), "cut after {cut}");
    }
    mirror.take(frames()).expect("the rest");
    assert!(!sop_row(&mirror, born.value).expect("the page").own.dirty);
}

#[test]
fn what_was_downloaded_becomes_findable_after_a_crash_too() {
    let mirror = Mirror::new();
    let frames = fill(&mirror.request(), &BOTH, &everything(), 10);
    mirror.take_cut(&frames);
    assert_eq!(mirror.request().live, names(&BOTH));
    assert_eq!(mirror.count("select count(*) from fts_sops_docsize"), 0);
    mirror.take(delta(2, vec![])).expect("a delta");
    assert_eq!(mirror.count("select count(*) from fts_sops('findable')"), 14);
}

#[test]
fn a_local_write_fits_between_any_two_pieces_of_a_download() {
    let mirror = Mirror::filled(&["managers"], &[]);
    let rows: Vec<PulledRow> = (0..2_000).map(page).collect();
    let frames = fill(&mirror.request(), &["managers", DESK], &rows, MAX_CHUNK_ROWS);
    let (go, asked) = mpsc::channel::<u64>();
    let (done, answered) = mpsc::channel::<()>();
    let mut pieces = Vec::new();
    std::thread::scope(|scope| {
        let store = &mirror.store;
        scope.spawn(move || {
            for at in asked {
                let page = sop(&format!("mine-{at}"), "Mine", "written while rows come");
                store.write(|write| write.insert(Sop::TABLE, page)).expect("a local write");
                done.send(()).expect("the download goes on");
            }
        });
        let mut last = 0;
        let outcome = mirror.take_telling(frames, &mut |notice| {
            let Notice::Progress(progress) = notice else { return };
            if progress.phase == Phase::Filling {
                pieces.push(progress.done - last);
                last = progress.done;
                go.send(last).expect("the writer waits");
                answered.recv_timeout(Duration::from_secs(30)).expect("the local write was let in");
            }
        });
        drop(go);
        outcome.expect("a download");
    });
    assert!(pieces.len() >= 4, "{pieces:?}");
    assert!(pieces.iter().all(|rows| *rows <= MAX_CHUNK_ROWS as u64), "{pieces:?}");
    let mine = mirror.count("select count(*) from sops where section like 'mine-%'");
    assert_eq!(mine, i64::try_from(pieces.len()).expect("few"));
    assert_eq!(mirror.count("select count(*) from sops"), mine + 2_000);
}

#[test]
fn a_row_that_moved_into_a_scope_before_that_was_here_leaves_when_its_fill_does_not_name_it() {
    let mirror = Mirror::filled(&[DESK], &[page(0), page(1)]);
    mirror.take(vec![grants(&BOTH), begin(0), checkpoint(1)]).expect("another scope is granted");
    let mut moved = server_sop("page-0", "page-0", "elsewhere");
    moved.set(common::REV, Value::Int(9));
    mirror.take(delta(2, vec![pulled(Sop::TABLE, &moved, &[2])])).expect("a row moves there");
    assert!(content(&mirror, id_of("page-0")).is_some());
    // It is removed, and only then the scope comes, whole.
    let begin_fill =
        Frame::FillBegin { scopes: names(&["public"]), since: Cursor("at 3".to_owned()), rows: 0 };
    mirror.take(vec![begin(0), checkpoint(3), begin_fill, Frame::FillEnd]).expect("the scope");
    assert!(content(&mirror, id_of("page-0")).is_none());
    assert!(content(&mirror, id_of("page-1")).is_some());
}

#[test]
fn a_row_that_moved_and_went_while_its_scopes_are_sent_anew_is_left_in_neither() {
    let mirror = Mirror::filled(&BOTH, &[page(0), page(1)]);
    let begin_fill = || Frame::FillBegin { scopes: names(&BOTH), since: Cursor("anew".into()), rows: 1 };
    mirror.take_cut(&[begin(0), checkpoint(5), begin_fill(), Frame::Rows(vec![page(1)])]);
    // That it left its first scope was said in a part of the log that is not kept any more.
    let went = Frame::Gone(vec![gone(Sop::TABLE, id_of("page-0"), 9, Effect::Expire, &[2])]);
    mirror.take(vec![begin(0), checkpoint(6), begin_fill(), went, Frame::FillEnd]).expect("the rest");
    assert!(content(&mirror, id_of("page-0")).is_none());
    assert!(content(&mirror, id_of("page-1")).is_some());
}

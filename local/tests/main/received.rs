//! What is remembered of what came from others and what left.

use crate::answer::{DESK, delta, fill, grants, pulled, settled};
use crate::fixture::{Mirror, id_of, server_sop};
use guildhall_local::received::{self, Line, MAX_LINES, Way};
use guildhall_local::write::Touched;
use guildhall_sync::change::Verdict;
use guildhall_sync::model::knowledge::Sop;
use guildhall_sync::protocol::{Frame, PulledRow};
use guildhall_sync::schema::{Row, common};
use guildhall_sync::time::Timestamp;
use guildhall_sync::value::Value;
use uuid::Uuid;

fn page(name: &str, rev: i64) -> PulledRow {
    let mut cells = server_sop(name, name, &format!("The text {rev}."));
    cells.set(common::REV, Value::Int(rev));
    pulled(Sop::TABLE, &cells, &[0])
}

fn lines(mirror: &Mirror) -> Vec<(Way, String, Option<Uuid>, u64)> {
    let lines: Vec<Line> = mirror.store.read(received::list).expect("the lines");
    lines.into_iter().map(|line| (line.way, line.table, line.row, line.rows)).collect()
}

#[test]
fn a_download_is_one_line_and_a_change_names_its_page() {
    let pages: Vec<PulledRow> = (0..250).map(|at| page(&format!("page-{at}"), 7)).collect();
    let mirror = Mirror::new();
    mirror.take(fill(&mirror.request(), &[DESK], &pages, 10)).expect("a download");
    assert_eq!(lines(&mirror), [(Way::Received, "sops".to_owned(), None, 250)]);
    mirror.take(delta(2, vec![page("page-3", 8)])).expect("a change");
    assert_eq!(lines(&mirror)[0], (Way::Received, "sops".to_owned(), Some(id_of("page-3")), 1));
    mirror.take(delta(3, vec![page("page-3", 8)])).expect("nothing new");
    assert_eq!(lines(&mirror).len(), 2);
}

#[test]
fn own_work_that_comes_back_is_not_received() {
    let mirror = Mirror::filled(&[DESK], &[page("mine", 7), page("other", 7)]);
    let before = lines(&mirror).len();
    let entry = mirror.edit(id_of("mine"), [("content", "My text.")]);
    mirror.push(|_| Verdict::Committed { rev: 8, ord: 0 });
    let verdict = Verdict::Committed { rev: 8, ord: 0 };
    let frames: Vec<Frame> =
        [vec![settled(&[(entry, verdict)])], delta(2, vec![page("mine", 8), page("other", 8)])].concat();
    mirror.take(frames).expect("a pull");
    let after = lines(&mirror);
    assert_eq!(after[0], (Way::Received, "sops".to_owned(), Some(id_of("other")), 1));
    assert_eq!(after.len(), before + 1);
}

#[test]
fn what_may_not_be_read_any_more_is_said_to_have_left() {
    let mirror = Mirror::filled(&[DESK], &[page("one", 7), page("two", 7)]);
    mirror.take([vec![grants(&[])], delta(2, vec![])].concat()).expect("a purge");
    assert_eq!(lines(&mirror)[0], (Way::Removed, "sops".to_owned(), None, 2));
}

#[test]
fn only_the_last_lines_are_kept() {
    let mirror = Mirror::new();
    for at in 0..300_i64 {
        let row = Touched { table: "sops", id: id_of(&at.to_string()) };
        let rows = [row, Touched { table: "sop_versions", id: row.id }];
        let noted = mirror.store.apply(|connection| {
            received::note(connection, Way::Received, rows.iter(), Timestamp(at * 1_000_000))
        });
        noted.expect("a line");
    }
    let lines = mirror.store.read(received::list).expect("the lines");
    assert_eq!(lines.len(), MAX_LINES);
    assert_eq!(lines[0].at, Timestamp(299_000_000));
    assert_eq!(lines[MAX_LINES - 1].at, Timestamp(100_000_000));
}

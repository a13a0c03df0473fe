//! What a person has read, and what is news to them.

use crate::answer::{delta, pulled};
use crate::fixture::{AUTHOR, Mirror, cells, from_server, id_of, server_sop};
use guildhall_local::reading::{self, Change};
use guildhall_sync::id::SopId;
use guildhall_sync::model::knowledge::{Sop, SopRead, SopVersion};
use guildhall_sync::model::people::User;
use guildhall_sync::protocol::PulledRow;
use guildhall_sync::schema::{Row, common};
use guildhall_sync::value::{Cells, Value};
use uuid::Uuid;

const BEN: Uuid = Uuid::from_u128(20);
/// Long before a laptop of the tests began to receive, and long after.
const BEFORE: i64 = 1_000;
const AFTER: i64 = 4_000_000_000_000_000;

/// A page at a version, with the row of that version.
fn page(name: &str, version: i64, by: Uuid, at: i64) -> [PulledRow; 2] {
    let mut sop = server_sop(name, name, "Text.");
    let set = |cells: &mut Cells, named: [(&str, Value); 2]| {
        named.into_iter().for_each(|(column, value)| {
            cells.set(Sop::TABLE.column(column).expect("a column").number, value);
        });
    };
    set(&mut sop, [("version", Value::Int(version)), ("updated_by", Value::Id(by))]);
    let made = [
        ("sop_id", Value::Id(id_of(name))),
        ("version", Value::Int(version)),
        ("title", Value::text(name)),
        ("changed_by", Value::Id(by)),
        ("scope_key", Value::text(crate::answer::DESK)),
    ];
    let mut made = from_server(cells(SopVersion::TABLE, made), &format!("{name} {version}"));
    made.set(common::CREATED_AT, Value::Int(at));
    [pulled(Sop::TABLE, &sop, &[0]), pulled(SopVersion::TABLE, &made, &[0])]
}

fn ben() -> PulledRow {
    let named = [("name", Value::text("ben")), ("role", Value::text("operator"))];
    let mut cells = from_server(cells(User::TABLE, named), "ben");
    cells.set(common::ID, Value::Id(BEN));
    pulled(User::TABLE, &cells, &[3])
}

/// A laptop that has just downloaded `known` pages.
fn fresh(known: &[&str]) -> Mirror {
    let mut rows = vec![ben()];
    known.iter().for_each(|name| rows.extend(page(name, 3, BEN, BEFORE)));
    let user = format!("user:{AUTHOR}");
    Mirror::filled(&[crate::answer::DESK, "managers", "public", "guild", &user], &rows)
}

fn arrive(mirror: &Mirror, name: &str, version: i64, by: Uuid, at: i64) {
    mirror.take(delta(2, page(name, version, by, at).to_vec())).expect("a delta");
}

fn read(mirror: &Mirror, name: &str) -> bool {
    mirror.store.write(|write| reading::mark_read(write, SopId(id_of(name)))).expect("marked").value
}

fn changes(mirror: &Mirror) -> Vec<Change> {
    mirror.store.read(|connection| reading::list_changes(connection, 50)).expect("the changes")
}

/// Title and versions of what is unread.
fn unread(mirror: &Mirror) -> Vec<(String, Option<i64>, i64)> {
    changes(mirror).into_iter().map(|change| (change.title, change.from_version, change.to_version)).collect()
}

#[test]
fn on_a_fresh_laptop_nothing_is_unread() {
    let mirror = fresh(&["a", "b", "c"]);
    assert_eq!(unread(&mirror), []);
}

#[test]
fn what_others_change_after_the_first_download_is_unread_until_it_is_read() {
    let mirror = fresh(&["a", "b"]);
    arrive(&mirror, "a", 4, BEN, AFTER);
    arrive(&mirror, "new", 1, BEN, AFTER + 1);
    assert_eq!(unread(&mirror), [("new".into(), None, 1), ("a".into(), Some(3), 4)]);
    let change = changes(&mirror).remove(1);
    assert_eq!((change.changed_by.as_deref(), change.changed_at.0), (Some("ben"), AFTER));
    assert!(read(&mirror, "a"));
    assert!(!read(&mirror, "a"), "it is read already");
    assert_eq!(unread(&mirror), [("new".into(), None, 1)]);
    arrive(&mirror, "a", 6, BEN, AFTER + 2);
    assert_eq!(unread(&mirror)[0], ("a".into(), Some(4), 6));
}

#[test]
fn ones_own_changes_are_no_news() {
    let mirror = fresh(&["a"]);
    arrive(&mirror, "a", 4, AUTHOR, AFTER);
    assert_eq!(unread(&mirror), []);
    read(&mirror, "a");
    arrive(&mirror, "a", 5, AUTHOR, AFTER);
    assert_eq!(unread(&mirror), []);
    arrive(&mirror, "a", 6, BEN, AFTER);
    arrive(&mirror, "a", 7, AUTHOR, AFTER);
    assert_eq!(unread(&mirror), [("a".into(), Some(4), 7)], "another's lies between");
}

#[test]
fn what_was_read_on_another_laptop_counts_here() {
    let mirror = fresh(&["a"]);
    let mark = [
        ("user_id", Value::Id(AUTHOR)),
        ("sop_id", Value::Id(id_of("a"))),
        ("version", Value::Int(2)),
        ("read_at", Value::Int(BEFORE)),
    ];
    let mark = from_server(cells(SopRead::TABLE, mark), "mark");
    mirror.serve(SopRead::TABLE, &mark);
    assert_eq!(unread(&mirror), [("a".into(), Some(2), 3)], "changed since it was read");
    assert!(read(&mirror, "a"));
    assert_eq!(mirror.count("select count(*) from sop_reads"), 1, "the mark that is there moves on");
    assert_eq!(unread(&mirror), []);
}

#[test]
fn a_page_that_the_server_does_not_have_is_not_marked() {
    let mirror = Mirror::new();
    let page = crate::fixture::sop("born", "Born", "All mine.");
    let id = mirror.store.write(|write| write.insert(Sop::TABLE, page)).expect("a page").value;
    let marked = mirror.store.write(|write| reading::mark_read(write, SopId(id))).expect("no mark");
    assert!(!marked.value && marked.entries.is_empty());
}

#[test]
fn two_laptops_of_one_person_make_the_same_mark() {
    let mark = || {
        let mirror = fresh(&["a"]);
        read(&mirror, "a");
        let select = "select id from sop_reads";
        let id = mirror
            .store
            .read(|connection| Ok(connection.query_row(select, [], |row| row.get::<_, Uuid>(0))?));
        id.expect("a mark")
    };
    assert_eq!(mark(), mark());
}

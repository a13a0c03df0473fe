//! A process that is ended at any moment loses nothing that it had acknowledged.

use crate::child::{self, Worker};
use crate::fixture::{Mirror, PASSWORD, cells, id_of, open, sop};
use guildhall_local::Store;
use guildhall_local::doctor;
use guildhall_local::entries;
use guildhall_local::store::rows;
use guildhall_local::write::Why;
use guildhall_sync::model::knowledge::Sop;
use guildhall_sync::schema::{Row, common};
use guildhall_sync::value::Value;
use std::path::Path;

/// How often the child is killed; `GUILDHALL_KILLS` asks for more.
const KILLS: usize = 20;
/// The most edits that a child has acknowledged when it is killed.
const MOST_EDITS: u64 = 12;

/// Edits and adds pages for ever, and says after each transaction which number is on the disk.
fn work(folder: &Path) -> ! {
    let store = open(folder).expect("the mirror opens");
    let page = id_of("page");
    loop {
        let written = store.write(|write| {
            if !rows::exists(write.connection(), Sop::TABLE, page)? {
                let mut cells = sop("page", "Page", "");
                cells.set(common::ID, Value::Id(page));
                return write.insert(Sop::TABLE, cells).map(drop);
            }
            let number = rows::get_typed::<Sop>(write.connection(), page)?.title.len();
            let title = format!("Page {}", "x".repeat(number % 50));
            let content = format!("{number} and a long text. ").repeat(number % 400);
            let changes =
                cells(Sop::TABLE, [("title", Value::text(title)), ("content", Value::text(content))]);
            write.update(Sop::TABLE, page, changes, Why::default())?;
            let section = format!("page-{}", write.new_id());
            write.insert(Sop::TABLE, sop(&section, "Another", "Text.")).map(drop)
        });
        let last = *written.expect("a change").entries.last().expect("an entry");
        let line = store.read(|connection| entries::find(connection, last)).expect("a question");
        child::acknowledge(line.expect("the entry").entry.device_seq);
    }
}

/// Everything up to `acknowledged` is there, whole groups only, and nothing is damaged.
fn check(store: &Store, acknowledged: u64) {
    let count = |select: &str| {
        let count =
            store.read(|connection| Ok(connection.query_row(select, [], |row| row.get::<_, u64>(0))?));
        count.expect("a count")
    };
    let (entries, highest) = (
        count("select count(*) from wal_entries"),
        count("select coalesce(max(device_seq), 0) from wal_entries"),
    );
    assert!(highest >= acknowledged, "{acknowledged} was acknowledged, {highest} is there");
    assert_eq!(entries, highest, "no number is missing");
    let unpaired = "select count(*) from (select group_id, count(*) as entries from wal_entries
        group by group_id having entries <> 2 and min(device_seq) > 1)";
    assert_eq!(count(unpaired), 0, "a group is there whole or not at all");
    for check in doctor::examine(store) {
        assert!(check.is_well, "{}: {}", check.name, check.found);
    }
    let Some(page) =
        store.read(|connection| rows::find_typed::<Sop>(connection, id_of("page"))).expect("a row")
    else {
        return assert_eq!(highest, 0);
    };
    let select = "target_id = ? and operation = 'update' order by device_seq desc limit 1";
    let last = store.read(|connection| {
        Ok(connection.query_row(
            &format!("select after_state from wal_entries where {select}"),
            [page.id.0],
            |row| row.get::<_, String>(0),
        )?)
    });
    if let Ok(last) = last {
        let after: serde_json::Value = serde_json::from_str(&last).expect("an entry");
        assert_eq!(after["title"], page.title, "the row is what the last entry made of it");
    }
}

#[test]
fn no_acknowledged_edit_is_lost_when_the_process_is_killed() {
    if let Some(folder) = child::folder() {
        work(&folder);
    }
    let mirror = Mirror::new();
    let kills = std::env::var("GUILDHALL_KILLS").ok().and_then(|kills| kills.parse().ok()).unwrap_or(KILLS);
    let mut acknowledged = 0;
    for kill in 0..kills {
        let mut worker = Worker::start(
            "kill::no_acknowledged_edit_is_lost_when_the_process_is_killed",
            mirror.dir.path(),
            "",
        );
        let [chance] = mirror.store.clock().random();
        for _ in 0..=u64::from(chance) % MOST_EDITS {
            acknowledged = worker.next().expect("the child works");
        }
        acknowledged = worker.kill().unwrap_or(acknowledged);
        let store = open(mirror.dir.path()).unwrap_or_else(|error| panic!("kill {kill}: {error}"));
        check(&store, acknowledged);
    }
    assert!(acknowledged > kills as u64);
}

#[test]
fn a_change_is_there_whole_or_not_at_all_on_either_side_of_the_commit() {
    const TEST: &str = "kill::a_change_is_there_whole_or_not_at_all_on_either_side_of_the_commit";
    if let Some(folder) = child::folder() {
        work(&folder);
    }
    for (fault, entries) in [("write.before_commit", 0_u32), ("write.after_commit", 1)] {
        let mirror = Mirror::new();
        let ended = Worker::start(TEST, mirror.dir.path(), fault).ended();
        assert!(!ended.success(), "the fault {fault} was met");
        let store = open(mirror.dir.path()).expect("the mirror opens");
        check(&store, entries.into());
        assert_eq!(mirror.count("select count(*) from wal_entries"), i64::from(entries));
        assert_eq!(mirror.count("select count(*) from sops"), i64::from(entries));
    }
}

#[test]
fn two_processes_work_on_one_mirror() {
    if let Some(folder) = child::folder() {
        work(&folder);
    }
    let mirror = Mirror::new();
    let before = mirror.store.data_version().expect("a number");
    let owner = mirror.store.own_link().expect("a lock").expect("nobody has it");
    let other = open(mirror.dir.path()).expect("the mirror opens twice");
    assert!(other.own_link().expect("a lock").is_none(), "one link owner for each file");
    drop(owner);
    assert!(other.own_link().expect("a lock").is_some());

    let mut worker = Worker::start("kill::two_processes_work_on_one_mirror", mirror.dir.path(), "");
    worker.next().expect("the child works");
    assert_ne!(mirror.store.data_version().expect("a number"), before, "the other process is noticed");
    for number in 0..20 {
        let page = sop(&format!("mine-{number}"), "Mine", PASSWORD);
        mirror.store.write(|write| write.insert(Sop::TABLE, page.clone())).expect("a page");
        worker.next().expect("the child works");
    }
    worker.kill();
    assert_eq!(mirror.count("select count(*) from sops where section like 'mine-%'"), 20);
    for check in doctor::examine(&mirror.store) {
        assert!(check.is_well, "{}: {}", check.name, check.found);
    }
}

//! A local change is row, shadow, entry and full text together, or nothing.

use crate::fixture::{Mirror, cells, server_sop, sop};
use guildhall_local::entries::{self, EntryState};
use guildhall_local::error::{Disagreement, Error};
use guildhall_local::fold;
use guildhall_local::outbox;
use guildhall_local::store::rows;
use guildhall_local::write::Why;
use guildhall_sync::change::Operation;
use guildhall_sync::model::knowledge::Sop;
use guildhall_sync::schema::Row;
use guildhall_sync::time::Timestamp;
use guildhall_sync::value::Value;

const FOUND: &str = "select count(*) from fts_sops('everything')";

#[test]
fn an_edit_is_row_shadow_entry_and_full_text() {
    let mirror = Mirror::new();
    let id = mirror.serve(Sop::TABLE, &server_sop("refunds", "Refunds", "Money comes back."));
    let changes = cells(Sop::TABLE, [("content", Value::text("Everything is refundable."))]);
    let why = Why { reason: Some("asked twice a day".to_owned()), ..Why::default() };
    let written = mirror.store.write(|write| write.update(Sop::TABLE, id, changes, why)).expect("an edit");
    assert_eq!((written.value, written.touched.len(), written.entries.len()), (true, 1, 1));

    let page: Sop = mirror.store.read(|connection| rows::get_typed(connection, id)).expect("the page");
    assert_eq!(page.content.0, "Everything is refundable.");
    assert_eq!(mirror.count(FOUND), 1);
    let shadow = mirror.store.read(|connection| fold::find_shadow(connection, Sop::TABLE, id));
    let shadow = shadow.expect("a question").expect("a shadow");
    assert_eq!(*Sop::TABLE.value(&shadow.cells, "content"), Value::text("Money comes back."));

    let line = mirror.store.read(|connection| entries::find(connection, written.entries[0]));
    let line = line.expect("a question").expect("an entry");
    assert_eq!(line.state, EntryState::Pending);
    assert_eq!((line.entry.operation, line.entry.base_rev), (Operation::Update, Some(7)));
    assert_eq!(line.entry.before["content"], "Money comes back.");
    assert_eq!(line.entry.after["content"], "Everything is refundable.");
    assert_eq!(line.entry.after.len(), 1);
    assert_eq!(line.content_hash, line.entry.content_hash());
}

#[test]
fn a_transaction_that_fails_leaves_nothing_behind() {
    let mirror = Mirror::new();
    let id = mirror.serve(Sop::TABLE, &server_sop("refunds", "Refunds", "Money comes back."));
    let failed = mirror.store.write(|write| {
        let changes = cells(Sop::TABLE, [("content", Value::text("Everything is refundable."))]);
        write.update(Sop::TABLE, id, changes, Why::default())?;
        write.insert(Sop::TABLE, sop("refunds", "Again", "The name is taken."))
    });
    assert!(matches!(failed, Err(Error::Disagreement(Disagreement::Duplicate { row, .. })) if row == id));
    assert_eq!(mirror.count("select count(*) from wal_entries"), 0);
    assert_eq!(mirror.count("select count(*) from sync_shadow"), 0);
    assert_eq!(mirror.count(FOUND), 0);
    assert_eq!(mirror.count("select next_device_seq from sync_state"), 1);
}

#[test]
fn the_folder_tells_of_an_edit_once_it_is_committed() {
    let mirror = Mirror::new();
    let told = mirror.dir.path().join("written");
    let insert = mirror.store.write(|write| {
        let id = write.insert(Sop::TABLE, sop("doors", "Doors", "They open."))?;
        assert!(!told.exists(), "nobody else sees the page yet");
        Ok(id)
    });
    insert.expect("a page");
    assert!(told.exists());
}

#[test]
fn an_edit_that_changes_nothing_writes_nothing() {
    let mirror = Mirror::new();
    let id = mirror.serve(Sop::TABLE, &server_sop("refunds", "Refunds", "Money comes back."));
    let changes = cells(Sop::TABLE, [("title", Value::text("Refunds"))]);
    let written = mirror.store.write(|write| write.update(Sop::TABLE, id, changes, Why::default()));
    let written = written.expect("no edit");
    assert_eq!((written.value, written.touched.len(), written.entries.len()), (false, 0, 0));
    assert_eq!(mirror.count("select count(*) from wal_entries"), 0);
}

#[test]
fn an_entry_waits_for_the_last_one_on_its_column_and_for_the_rows_it_names() {
    let mirror = Mirror::new();
    let first = mirror.store.write(|write| write.insert(Sop::TABLE, sop("refunds", "Refunds", "a")));
    let first = first.expect("a page");
    let edit = |name: &'static str, text: &str| {
        let changes = cells(Sop::TABLE, [(name, Value::text(text))]);
        let written =
            mirror.store.write(|write| write.update(Sop::TABLE, first.value, changes, Why::default()));
        written.expect("an edit").entries[0]
    };
    let title = edit("title", "Refunds and credit");
    let content = edit("content", "b");
    let again = edit("content", "c");
    let depends_on = |id| {
        let line = mirror.store.read(|connection| entries::find(connection, id)).expect("a question");
        line.expect("an entry").entry.depends_on
    };
    assert_eq!(depends_on(first.entries[0]), []);
    assert_eq!(depends_on(title), [first.entries[0]]);
    assert_eq!(depends_on(content), [first.entries[0]]);
    assert_eq!(depends_on(again), [content]);

    let batch =
        mirror.store.read(|connection| outbox::next_batch(connection, Timestamp(0))).expect("a batch");
    assert_eq!(batch.entries().map(|entry| entry.device_seq).collect::<Vec<_>>(), [1, 2, 3, 4]);
}

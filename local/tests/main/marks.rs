//! A restored or copied file is told from the one that last pushed.

use crate::fixture::{Mirror, NOW, open};
use guildhall_local::Store;
use guildhall_local::keys::marks::{Life, Mark, Marks};
use guildhall_local::outbox;
use guildhall_local::store::state::{self, State};
use std::path::Path;

fn state_of(store: &Store) -> State {
    store.read(state::read).expect("the state")
}

fn marks_of(store: &Store, folder: &Path) -> Marks {
    Marks::new(state_of(store).profile, None, folder.to_owned())
}

/// Notes the push in the file, then outside, as is done before every push.
fn push(store: &Store, marks: &Marks) {
    let batch = store.read(|connection| outbox::next_batch(connection, NOW)).expect("a batch");
    assert!(!batch.is_empty());
    store.record(|connection| outbox::mark_in_flight(connection, &batch, NOW)).expect("marked");
    let State { incarnation, pushed_seq, .. } = state_of(store);
    marks.record(Mark { incarnation, pushed_seq }).expect("a mark");
    store.record(outbox_unanswered).expect("no answer");
}

fn outbox_unanswered(connection: &rusqlite::Transaction<'_>) -> guildhall_local::Result<()> {
    outbox::mark_unanswered(connection)
}

/// The whole folder, as somebody who copies it by hand.
fn copy(from: &Mirror, to: &Path) {
    from.store.truncate_wal().expect("a checkpoint");
    for name in ["mirror.db", "keyslots"] {
        std::fs::copy(from.dir.path().join(name), to.join(name)).expect("copied");
    }
}

#[test]
fn a_file_that_went_on_is_the_same() {
    let (mirror, outside) = (Mirror::new(), tempfile::tempdir().expect("a folder"));
    let marks = marks_of(&mirror.store, outside.path());
    assert_eq!(marks.recognise(&mirror.store).expect("a life"), Life::Same);
    let id = mirror.serve_sop("refunds", "Money comes back.");
    mirror.edit(id, [("content", "Everything is refundable.")]);
    push(&mirror.store, &marks);
    assert_eq!(marks.recognise(&mirror.store).expect("a life"), Life::Same);
}

#[test]
fn a_restored_file_begins_a_new_life_and_keeps_its_unsent_work() {
    let (mirror, outside) = (Mirror::new(), tempfile::tempdir().expect("a folder"));
    let marks = marks_of(&mirror.store, outside.path());
    let id = mirror.serve_sop("refunds", "Money comes back.");
    let early = mirror.edit(id, [("content", "one")]);
    push(&mirror.store, &marks);
    let backup = tempfile::tempdir().expect("a folder");
    copy(&mirror, backup.path());
    mirror.edit(id, [("content", "two")]);
    mirror.edit(id, [("content", "three")]);
    push(&mirror.store, &marks);

    let restored = open(backup.path()).expect("the backup opens");
    let before = state_of(&restored);
    assert_eq!(marks.recognise(&restored).expect("a life"), Life::New { next_device_seq: 4 });
    let after = state_of(&restored);
    assert_ne!(before.incarnation, after.incarnation);
    assert_eq!(after.next_device_seq, 4, "numbers of the lost life are not given again");
    let batch = restored.read(|connection| outbox::next_batch(connection, NOW)).expect("a batch");
    assert_eq!(batch.entries().map(|entry| entry.id).collect::<Vec<_>>(), [early]);
    assert_eq!(marks.recognise(&restored).expect("a life"), Life::Same, "it is known from now on");
}

#[test]
fn a_file_on_another_laptop_begins_a_new_life() {
    let (mirror, outside) = (Mirror::new(), tempfile::tempdir().expect("a folder"));
    let id = mirror.serve_sop("refunds", "Money comes back.");
    mirror.edit(id, [("content", "one")]);
    push(&mirror.store, &marks_of(&mirror.store, outside.path()));
    let elsewhere = tempfile::tempdir().expect("a folder");
    let marks = marks_of(&mirror.store, elsewhere.path());
    assert_eq!(marks.recognise(&mirror.store).expect("a life"), Life::New { next_device_seq: 2 });
}

//! What is typed and not yet saved.

use crate::child::{self, Worker};
use crate::fixture::{Mirror, id_of, open};
use guildhall_local::drafts::{self, Draft, MAX_DRAFT_BYTES, MAX_DRAFTS, Typed};
use guildhall_local::error::{Disagreement, Error};
use guildhall_local::sops::{self, Changes};
use guildhall_local::subject::Subject;
use guildhall_local::write::Why;
use guildhall_local::{Store, editing};
use guildhall_sync::id::{SopId, TicketId};
use std::path::Path;
use uuid::Uuid;

const NEW: Subject = Subject::NewSop(Uuid::from_u128(9));
/// How often the child is killed.
const KILLS: usize = 10;
/// The most letters that a child has acknowledged when it is killed.
const MOST_LETTERS: u64 = 30;

fn typed(subject: Subject, content: &str) -> Typed<'_> {
    Typed { subject, title: "Refunds", content, place: "booking", base_revision: None }
}

fn find(store: &Store, subject: Subject) -> Option<Draft> {
    store.read(|connection| drafts::find(connection, subject)).expect("a question")
}

#[test]
fn what_is_typed_is_kept_in_place_of_what_was_kept_before() {
    let mirror = Mirror::new();
    let subject = Subject::Sop(SopId(mirror.serve_sop("refunds", "Money comes back.")));
    let kept = mirror.store.keep_draft(&typed(subject, "Money comes")).expect("kept");
    assert_eq!(kept.base_revision, Some(editing::revision("refunds", "Money comes back.")));
    mirror.store.keep_draft(&typed(NEW, "Another one")).expect("kept");
    let again = mirror.store.keep_draft(&typed(subject, "Money comes back late.\r\n\0")).expect("kept");
    assert_eq!(find(&mirror.store, subject).as_ref(), Some(&again));
    assert_eq!((again.content.as_str(), again.place.as_str()), ("Money comes back late.\r\n\0", "booking"));

    let lines = mirror.store.read(drafts::list).expect("the drafts");
    assert_eq!(lines.iter().map(|line| line.subject).collect::<Vec<_>>(), [subject, NEW]);
    mirror.store.drop_draft(subject).expect("dropped");
    mirror.store.drop_draft(subject).expect("nothing is left to drop");
    assert_eq!(find(&mirror.store, subject), None);
    assert!(find(&mirror.store, NEW).is_some());
    assert_eq!(mirror.count("select count(*) from draft_bases"), 0);
    assert_eq!(mirror.count("select count(*) from wal_entries"), 0, "a draft is nobody else's");
}

#[test]
fn a_save_takes_its_draft_along_and_one_that_fails_leaves_it() {
    let mirror = Mirror::new();
    let id = SopId(mirror.serve_sop("refunds", "Money comes back."));
    let subject = Subject::Sop(id);
    mirror.store.keep_draft(&typed(subject, "Money")).expect("kept");
    let save = |title: &str| {
        let changes = Changes { title: Some(title.to_owned()), ..Changes::default() };
        mirror.store.write(|write| {
            write.drop_draft(subject)?;
            sops::edit(write, id, &changes, Why::default())
        })
    };
    save(" ").expect_err("a page has a title");
    assert!(find(&mirror.store, subject).is_some());
    save("Money back").expect("saved");
    assert_eq!(find(&mirror.store, subject), None);
}

#[test]
fn drafts_have_limits_and_what_is_kept_stays() {
    let mirror = Mirror::new();
    let whole = "x".repeat(MAX_DRAFT_BYTES);
    mirror.store.keep_draft(&typed(NEW, &whole)).expect("as long as a page");
    let longer = format!("{whole}x");
    let refused = mirror.store.keep_draft(&typed(NEW, &longer)).expect_err("longer than a page");
    assert!(refused.to_string().starts_with("The text is longer than 512 KiB."), "{refused}");
    assert_eq!(find(&mirror.store, NEW).map(|draft| draft.content), Some(whole));

    let fill = "with recursive n (at) as (select 2 union all select at + 1 from n where at < ?)
        insert into drafts (subject, title, content, place, kept_at) select 'more:' || at, '', '', '', at from n";
    mirror.store.record(|connection| Ok(connection.execute(fill, [MAX_DRAFTS])?)).expect("many drafts");
    let refused = mirror.store.keep_draft(&typed(Subject::NewTicket, "Lost a glove"));
    assert!(matches!(refused, Err(Error::Disagreement(Disagreement::TooManyDrafts { most: MAX_DRAFTS }))));
    mirror.store.keep_draft(&typed(NEW, "The ones that are there go on.")).expect("kept");
}

#[test]
fn of_a_row_that_is_not_here_nothing_is_kept() {
    let mirror = Mirror::new();
    for subject in [Subject::Sop(SopId(id_of("gone"))), Subject::Ticket(TicketId(id_of("gone")))] {
        let refused = mirror.store.keep_draft(&typed(subject, "As it is still on the screen"));
        assert!(matches!(refused, Err(Error::Disagreement(Disagreement::NoRow { .. }))), "{refused:?}");
    }
    assert_eq!(mirror.count("select count(*) from drafts"), 0);
}

/// Types for ever, and says after each letter how many are on the disk.
fn type_on(folder: &Path) -> ! {
    let store = open(folder).expect("the mirror opens");
    let subject = Subject::Sop(SopId(id_of("refunds")));
    let mut text = find(&store, subject).map(|draft| draft.content).unwrap_or_default();
    loop {
        text.push('é');
        store.keep_draft(&typed(subject, &text)).expect("kept");
        child::acknowledge(text.chars().count() as u64);
    }
}

#[test]
fn what_was_typed_is_there_after_the_process_is_killed() {
    if let Some(folder) = child::folder() {
        type_on(&folder);
    }
    let mirror = Mirror::new();
    let subject = Subject::Sop(SopId(mirror.serve_sop("refunds", "Money comes back.")));
    let mut acknowledged = 0;
    for kill in 0..KILLS {
        const TEST: &str = "drafts::what_was_typed_is_there_after_the_process_is_killed";
        let mut worker = Worker::start(TEST, mirror.dir.path(), "");
        let [chance] = mirror.store.clock().random();
        for _ in 0..=u64::from(chance) % MOST_LETTERS {
            acknowledged = worker.next().expect("the child types");
        }
        acknowledged = worker.kill().unwrap_or(acknowledged);
        let store = open(mirror.dir.path()).unwrap_or_else(|error| panic!("kill {kill}: {error}"));
        let kept = find(&store, subject).expect("a draft").content;
        let letters = kept.chars().count() as u64;
        assert!(letters >= acknowledged, "{acknowledged} letters were acknowledged, {letters} are there");
        assert_eq!(kept, "é".repeat(kept.chars().count()));
    }
}

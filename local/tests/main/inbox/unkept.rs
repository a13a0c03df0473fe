//! What the server had accepted and does not know any more is sent again, without anybody telling.

use super::{content, edit};
use crate::answer::{DESK, delta, pulled, settled};
use crate::fixture::{Mirror, NOW, id_of, server_sop};
use guildhall_local::entries::EntryState;
use guildhall_local::{inbox, outbox};
use guildhall_sync::change::Verdict;
use guildhall_sync::id::EntryId;
use guildhall_sync::model::knowledge::Sop;
use guildhall_sync::schema::Row;

const TAKEN: Verdict = Verdict::Committed { rev: 8, ord: 0 };

fn with_accepted_edit() -> (Mirror, EntryId) {
    let mirror = Mirror::filled(&[DESK], &[pulled(Sop::TABLE, &server_sop("a", "a", "seven"), &[0])]);
    let entry = edit(&mirror, id_of("a"), "mine");
    mirror.push(|_| TAKEN);
    assert_eq!(mirror.line(entry).state, EntryState::Committed);
    (mirror, entry)
}

fn is_sent_again(mirror: &Mirror, entry: EntryId) -> bool {
    let batch = mirror.store.read(|connection| outbox::next_batch(connection, NOW)).expect("a batch");
    batch.entries().any(|sent| sent.id == entry)
}

#[test]
fn what_two_answers_after_its_verdict_do_not_name_is_sent_again_and_stays_on_the_screen() {
    let (mirror, entry) = with_accepted_edit();
    mirror.take(delta(2, vec![])).expect("an answer that may have been asked for before the verdict");
    assert!(!is_sent_again(&mirror, entry));
    inbox::confirm(&mirror.store).expect("nothing new");
    assert_eq!(mirror.line(entry).state, EntryState::Unknown);
    assert!(is_sent_again(&mirror, entry));
    assert_eq!(content(&mirror, id_of("a")).as_deref(), Some("mine"));

    mirror.push(|_| TAKEN);
    mirror.take([vec![settled(&[(entry, TAKEN)])], delta(3, vec![])].concat()).expect("an answer");
    assert_eq!(mirror.line(entry).state, EntryState::Settled);
}

#[test]
fn an_answer_that_is_cut_says_nothing_about_it() {
    let (mirror, entry) = with_accepted_edit();
    for _ in 0..3 {
        mirror.take_cut(&delta(2, vec![]));
    }
    mirror.take(delta(2, vec![])).expect("an answer");
    assert!(!is_sent_again(&mirror, entry), "it is the first one that is whole");
    mirror.take([vec![settled(&[(entry, TAKEN)])], delta(3, vec![])].concat()).expect("an answer");
    assert_eq!(mirror.line(entry).state, EntryState::Settled);
    inbox::confirm(&mirror.store).expect("nothing new");
    assert!(!is_sent_again(&mirror, entry));
}

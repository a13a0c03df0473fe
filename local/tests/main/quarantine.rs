//! A refusal keeps the clerk's text until the clerk has decided.

use crate::fixture::{Mirror, cells, only_entry, sop};
use guildhall_local::entries::EntryState;
use guildhall_local::error::{Disagreement, Error};
use guildhall_local::outbox;
use guildhall_local::quarantine::{self, Item};
use guildhall_sync::change::{RejectCode, Verdict};
use guildhall_sync::model::knowledge::Sop;
use guildhall_sync::schema::Row;
use guildhall_sync::value::{Cells, Value};

fn refuse(mirror: &Mirror) {
    mirror.push(|line| {
        let is_cause = line.entry.depends_on.is_empty();
        let code = if is_cause { RejectCode::Invalid } else { RejectCode::DependsOnRefused };
        Verdict::Rejected { code, reason: "the title is taken".to_owned(), fixable: true }
    });
}

fn items(mirror: &Mirror) -> Vec<Item> {
    mirror.store.read(quarantine::list).expect("the items")
}

#[test]
fn a_refused_edit_keeps_the_clerks_text() {
    let mirror = Mirror::new();
    let id = mirror.serve_sop("refunds", "one");
    let entry = mirror.edit(id, [("content", "two"), ("title", "Refunds")]);
    refuse(&mirror);
    assert_eq!(mirror.page(id).content.0, "one");
    let [item] = &items(&mirror)[..] else { panic!("one item") };
    assert_eq!(item.root.entry.id, entry);
    assert_eq!(item.refusal(), Some((RejectCode::Invalid, "the title is taken", true)));
    let typed = quarantine::typed(&item.root);
    let typed: Vec<_> = typed.iter().map(|typed| (typed.column.as_str(), typed.after.as_str())).collect();
    assert_eq!(typed, [("content", "two"), ("title", "Refunds")]);
}

#[test]
fn what_was_typed_is_sent_again_on_todays_row_with_a_correction() {
    let mirror = Mirror::new();
    let id = mirror.serve_sop("refunds", "one");
    let entry = mirror.edit(id, [("content", "two"), ("title", "Refunds")]);
    refuse(&mirror);
    let corrected = cells(Sop::TABLE, [("title", Value::text("Refunds and credit"))]);
    let written = mirror.store.write(|write| quarantine::send_again(write, entry, corrected.clone()));
    let again = only_entry(&written.expect("sent again"));
    let page = mirror.page(id);
    assert_eq!((page.title.as_str(), page.content.0.as_str()), ("Refunds and credit", "two"));
    assert!(items(&mirror).is_empty());
    assert_eq!(mirror.line(entry).state, EntryState::Discarded);
    assert_eq!(mirror.line(entry).entry.after["title"], "Refunds", "history keeps it");
    assert_eq!(mirror.push(|_| Verdict::Committed { rev: 8, ord: 0 }), [again]);
}

#[test]
fn a_refused_page_comes_back_with_all_that_was_written_on_it() {
    let mirror = Mirror::new();
    let page = mirror.store.write(|write| write.insert(Sop::TABLE, sop("refunds", "Refunds", "one")));
    let page = page.expect("a page");
    mirror.edit(page.value, [("content", "two")]);
    refuse(&mirror);
    assert_eq!(mirror.find_page(page.value), None);
    let [item] = &items(&mirror)[..] else { panic!("one item") };
    assert_eq!(item.followers.len(), 1);
    let root = item.root.entry.id;
    let written = mirror.store.write(|write| quarantine::send_again(write, root, Cells::default()));
    assert_eq!(written.expect("sent again").entries.len(), 2);
    assert_eq!(mirror.page(page.value).content.0, "two");
}

#[test]
fn a_discarded_item_is_out_of_the_way_and_in_history() {
    let mirror = Mirror::new();
    let id = mirror.serve_sop("refunds", "one");
    let entry = mirror.edit(id, [("content", "two")]);
    refuse(&mirror);
    mirror.store.record(|connection| quarantine::discard(connection, entry)).expect("discarded");
    assert!(items(&mirror).is_empty());
    assert_eq!(mirror.store.read(outbox::count).expect("the counts").refused, 0);
    assert_eq!(mirror.line(entry).entry.after["content"], "two");
}

#[test]
fn what_cannot_be_put_right_is_not_sent_again() {
    let mirror = Mirror::new();
    let id = mirror.serve_sop("refunds", "one");
    let entry = mirror.edit(id, [("content", "two")]);
    mirror.push(|_| Verdict::Rejected {
        code: RejectCode::Forbidden,
        reason: "not yours".to_owned(),
        fixable: false,
    });
    let refused = mirror.store.write(|write| quarantine::send_again(write, entry, Cells::default()));
    assert!(matches!(refused, Err(Error::Disagreement(Disagreement::NotFixable))));
    assert_eq!(items(&mirror).len(), 1);
}

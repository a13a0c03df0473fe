//! Taking a change back: one's own and another's, whole or what is left of it, and what is said
//! before anything is written.

use crate::fixture::{Mirror, cells, from_server, id_of, server_sop};
use guildhall_local::Error;
use guildhall_local::error::Disagreement;
use guildhall_local::history::{self, Span, Which};
use guildhall_local::write::Why;
use guildhall_local::write::undo::{Change, Extent};
use guildhall_sync::change::{Operation, RejectCode, Verdict};
use guildhall_sync::id::{DeviceId, EntryId};
use guildhall_sync::model::desk::Ticket;
use guildhall_sync::model::knowledge::Sop;
use guildhall_sync::protocol::history::{ChangeKind, HistoryFilter, LineStatus, TextFilter};
use guildhall_sync::schema::{Row, common};
use guildhall_sync::value::Value;
use serde_json::{Map, Value as Json, json};
use uuid::Uuid;

fn named(json: Json) -> Map<String, Json> {
    json.as_object().cloned().expect("an object")
}

/// What Ben did to a page, as the server's history tells it: also what follows from it.
fn by_ben(row: Uuid, before: Json, after: Json) -> Change {
    let (mut before, mut after) = (named(before), named(after));
    before.insert("version".to_owned(), json!(6));
    after.insert("version".to_owned(), json!(7));
    let id = EntryId(id_of("by ben"));
    Change::of_named(id, "sops", row, Operation::Update, &before, &after).expect("a change")
}

fn entries(mirror: &Mirror) -> i64 {
    mirror.count("select count(*) from wal_entries")
}

#[test]
fn anothers_change_is_taken_back_and_what_came_since_stays() {
    let mirror = Mirror::new();
    let id = mirror.serve_sop("refunds", "First.\n\nSecond, by Ben.\n\nThird, by Ana.\n");
    let ben = by_ben(
        id,
        json!({"content": "First.\n\nSecond.\n\nThird.\n"}),
        json!({"content": "First.\n\nSecond, by Ben.\n\nThird.\n"}),
    );
    let undone = mirror.store.rehearse_undo(&ben, Extent::Whole).expect("it can be");
    assert_eq!(
        Sop::TABLE.value(&undone.then, "content").as_text(),
        Some("First.\n\nSecond.\n\nThird, by Ana.\n")
    );
    assert_eq!(entries(&mirror), 0, "a rehearsal writes nothing");
    assert!(mirror.page(id).content.0.contains("by Ben"));

    let why = Some("Ben asked for it".to_owned());
    let written =
        mirror.store.write(|write| write.undo_change(&ben, Extent::Whole, why.clone())).expect("undone");
    assert!(written.value);
    assert_eq!(mirror.page(id).content.0, "First.\n\nSecond.\n\nThird, by Ana.\n");
    let line = mirror.line(written.entries[0]);
    assert_eq!((line.entry.undo_of, line.entry.reason), (Some(ben.id), why));
    assert!(mirror.store.read(|connection| history::is_taken_back(connection, ben.id)).expect("asked"));
    // A second time there is nothing left of it.
    let again = mirror.store.write(|write| write.undo_change(&ben, Extent::Whole, None)).expect("asked");
    assert!(!again.value && again.entries.is_empty());
}

#[test]
fn what_others_changed_since_is_said_and_the_rest_can_be_taken_back() {
    let mirror = Mirror::new();
    let id = mirror.serve(Sop::TABLE, &server_sop("refunds", "Refunds, by Ana", "Ben’s text."));
    let ben = by_ben(
        id,
        json!({"content": "The old text.", "title": "Refunds"}),
        json!({"content": "Ben’s text.", "title": "Refunds, by Ben"}),
    );
    let refused =
        mirror.store.write(|write| write.undo_change(&ben, Extent::Whole, None)).expect_err("it clashes");
    let Error::Disagreement(Disagreement::ChangedSince { columns }) = refused else { panic!("{refused}") };
    assert_eq!(columns, ["title"]);
    assert_eq!(entries(&mirror), 0);
    let rest = mirror.store.write(|write| write.undo_change(&ben, Extent::Rest, None)).expect("the rest");
    assert!(rest.value);
    let page = mirror.page(id);
    assert_eq!((page.title.as_str(), page.content.0.as_str()), ("Refunds, by Ana", "The old text."));
    let clash = by_ben(id, json!({"title": "Old"}), json!({"title": "Refunds, by Ben"}));
    mirror.store.write(|write| write.undo_change(&clash, Extent::Rest, None)).expect_err("there is no rest");
}

#[test]
fn a_row_that_was_added_is_deleted_unless_others_wrote_in_it() {
    let mirror = Mirror::new();
    let row = cells(
        Ticket::TABLE,
        [
            ("local_ref", Value::text("D1-1")),
            ("subject", Value::text("Door")),
            ("location_id", Value::Id(id_of("harbour"))),
            ("opened_at", Value::Int(1)),
        ],
    );
    let written = mirror.store.write(|write| write.insert(Ticket::TABLE, row.clone())).expect("a ticket");
    let (id, entry) = (written.value, written.entries[0]);
    assert!(mirror.store.write(|write| write.undo(entry, None)).expect("undone").value);
    let deleted =
        mirror.store.read(|connection| guildhall_local::store::rows::get(connection, Ticket::TABLE, id));
    assert!(!deleted.expect("it is there").cells.value(common::DELETED_AT).is_null());

    let mut theirs = from_server(row.clone(), "theirs");
    theirs.set(Ticket::TABLE.column("subject").expect("a column").number, Value::text("Door, since Monday"));
    let theirs = mirror.serve(Ticket::TABLE, &theirs);
    let after = guildhall_sync::value::json::to_json(Ticket::TABLE, &row);
    let born =
        Change::of_named(EntryId(id_of("born")), "tickets", theirs, Operation::Insert, &Map::new(), &after);
    let refused = mirror
        .store
        .write(|write| write.undo_change(&born.expect("a change"), Extent::Whole, None))
        .expect_err("somebody wrote in it");
    assert!(refused.to_string().starts_with("Somebody has changed it since"), "{refused}");
}

#[test]
fn what_was_refused_never_happened_and_is_not_taken_back() {
    let mirror = Mirror::new();
    let id = mirror.serve_sop("refunds", "one");
    let entry = mirror.edit(id, [("content", "two")]);
    mirror.push(|_| Verdict::Rejected {
        code: RejectCode::Forbidden,
        reason: "No.".to_owned(),
        fixable: true,
    });
    let refused = mirror.store.write(|write| write.undo(entry, None)).expect_err("it was refused");
    assert!(matches!(refused, Error::Disagreement(Disagreement::NeverHappened)), "{refused}");
}

#[test]
fn own_history_is_filtered_and_read_in_pages() {
    let mirror = Mirror::new();
    let (one, other) = (mirror.serve_sop("refunds", "zero"), mirror.serve_sop("opening", "zero"));
    for number in 0..7 {
        mirror.edit(one, [("content", &format!("refund {number}"))]);
        mirror.edit(other, [("content", &format!("opening {number}"))]);
    }
    let delete = cells(Sop::TABLE, [("deleted_at", Value::Int(5))]);
    mirror
        .store
        .write(|write| write.update(Sop::TABLE, one, delete.clone(), Why::default()))
        .expect("deleted");
    let list = |filter: &HistoryFilter, before_seq| {
        let span = Span { before_seq, ..Span::default() };
        mirror
            .store
            .read(|connection| history::list(connection, filter, Which::All, span, 3))
            .expect("a page")
    };
    let of_one = HistoryFilter { rows: vec![one], ..HistoryFilter::default() };
    let first = list(&of_one, None);
    assert_eq!(history::kind(&first.lines[0]), ChangeKind::Deleted);
    let (mut seen, mut next) = (first.lines.len(), first.next);
    while next.is_some() {
        let page = list(&of_one, next);
        assert!(page.lines.iter().all(|line| line.entry.row == one));
        (seen, next) = (seen + page.lines.len(), page.next);
    }
    assert_eq!(seen, 8);
    let text = TextFilter { text: "OPENING 3".to_owned(), titled: Vec::new() };
    let found = list(&HistoryFilter { text: Some(text), ..HistoryFilter::default() }, None);
    assert_eq!(found.lines.len(), 2, "as it became, and as it was before the next");
    let stands = |status| list(&HistoryFilter { status: Some(status), ..of_one.clone() }, None).lines.len();
    assert_eq!(LineStatus::ALL.map(stands), [3, 0, 0], "a full page waits to be sent");
    let elsewhere = HistoryFilter { devices: vec![DeviceId(id_of("elsewhere"))], ..of_one };
    assert_eq!(list(&elsewhere, None).lines, []);
}

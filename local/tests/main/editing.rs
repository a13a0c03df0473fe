//! Saving a page that others changed while somebody typed.

use crate::fixture::{Mirror, cells, from_server, id_of, server_sop};
use guildhall_local::Result;
use guildhall_local::drafts::{self, Typed};
use guildhall_local::editing::{self, Seen};
use guildhall_local::entries::EntryState;
use guildhall_local::error::{Disagreement, Error};
use guildhall_local::subject::Subject;
use guildhall_local::write::{Why, Written};
use guildhall_sync::change::Verdict;
use guildhall_sync::id::SopId;
use guildhall_sync::model::knowledge::{Sop, SopVersion};
use guildhall_sync::schema::{Row, common};
use guildhall_sync::value::Value;

const BASE: &str = "# Refunds\n\nMoney comes back to the card.\n\nAsk for the receipt.\n";
const ANAS: &str = "# Refunds\n\nMoney comes back to the card within five days.\n\nAsk for the receipt.\n";
const BENS: &str = "# Refunds\n\nMoney comes back to the card.\n\nAsk for the receipt and the name.\n";
const BOTH: &str =
    "# Refunds\n\nMoney comes back to the card within five days.\n\nAsk for the receipt and the name.\n";

fn mirror() -> (Mirror, SopId) {
    let mirror = Mirror::new();
    let id = SopId(mirror.serve_sop("refunds", BASE));
    (mirror, id)
}

/// Somebody else's edit comes with a pull.
fn arrive(mirror: &Mirror, title: &str, content: &str) {
    let mut cells = server_sop("refunds", title, content);
    cells.set(common::REV, Value::Int(8));
    mirror.serve(Sop::TABLE, &cells);
}

fn type_in(mirror: &Mirror, id: SopId, content: &str, base_revision: Option<i64>) {
    let subject = Subject::Sop(id);
    let typed = Typed { subject, title: "refunds", content, place: "", base_revision };
    mirror.store.keep_draft(&typed).expect("kept");
}

/// As an editor saves: over what its draft says that its author saw.
fn save(mirror: &Mirror, id: SopId, content: &str) -> Result<Written<bool>> {
    mirror.store.write(|write| {
        let seen = drafts::find_base(write.connection(), Subject::Sop(id))?.expect("a draft");
        editing::save(write, id, &seen, "refunds", content, Why::default())
    })
}

#[test]
fn ana_types_bens_edit_arrives_ana_saves_and_both_are_there() {
    let (mirror, id) = mirror();
    type_in(&mirror, id, &ANAS[..40], None);
    arrive(&mirror, "refunds", BENS);
    type_in(&mirror, id, ANAS, Some(editing::revision("refunds", BASE)));
    let saved = save(&mirror, id, ANAS).expect("saved");
    assert_eq!(mirror.page(id.0).content.0, BOTH);
    let entry = mirror.line(saved.entries[0]).entry;
    assert_eq!(entry.before["content"], BENS, "it is an edit of what the server has");
    assert_eq!(entry.base_rev, Some(8));
}

#[test]
fn nothing_of_another_persons_edit_is_taken_back_by_a_save_of_what_was_seen() {
    let (mirror, id) = mirror();
    type_in(&mirror, id, BASE, None);
    arrive(&mirror, "Money back", BENS);
    assert!(!save(&mirror, id, BASE).expect("nothing to save").value);
    let page = mirror.page(id.0);
    assert_eq!((page.title.as_str(), page.content.0.as_str()), ("Money back", BENS));
    save(&mirror, id, ANAS).expect("saved");
    let page = mirror.page(id.0);
    assert_eq!((page.title.as_str(), page.content.0.as_str()), ("Money back", BOTH));
}

#[test]
fn of_two_edits_of_one_place_both_are_kept_until_a_person_decides() {
    let (mirror, id) = mirror();
    type_in(&mirror, id, ANAS, None);
    let theirs = BASE.replace("to the card.", "in cash only.");
    arrive(&mirror, "refunds", &theirs);
    let saved = save(&mirror, id, ANAS).expect("saved");
    assert_eq!(mirror.page(id.0).content.0, ANAS, "one's own words stay on the screen");
    let entry = mirror.line(saved.entries[0]).entry;
    assert_eq!((&entry.before["content"], entry.base_rev), (&BASE.into(), Some(7)));

    arrive(&mirror, "refunds", &theirs);
    assert_eq!(mirror.page(id.0).content.0, ANAS);
    let conflict = guildhall_sync::id::ConflictId(id_of("conflict"));
    mirror.push(|_| Verdict::Conflict { rev: 9, ord: 1, conflict, units: vec!["content".to_owned()] });
    assert_eq!(mirror.line(saved.entries[0]).state, EntryState::Conflict);
}

#[test]
fn a_page_that_was_deleted_meanwhile_is_kept_with_what_was_typed() {
    let (mirror, id) = mirror();
    type_in(&mirror, id, ANAS, None);
    let mut gone = server_sop("refunds", "refunds", BASE);
    gone.set(common::REV, Value::Int(8));
    gone.set(common::DELETED_AT, Value::Int(3_000));
    mirror.serve(Sop::TABLE, &gone);
    save(&mirror, id, ANAS).expect("saved");
    let page = mirror.page(id.0);
    assert_eq!((page.content.0.as_str(), page.deleted_at), (ANAS, None));
}

#[test]
fn what_cannot_be_a_page_is_refused_also_over_another_edit() {
    let (mirror, id) = mirror();
    type_in(&mirror, id, "a\0b", None);
    arrive(&mirror, "refunds", BENS);
    let refused = save(&mirror, id, "a\0b");
    assert!(matches!(refused, Err(Error::Disagreement(Disagreement::Invalid(_)))), "{refused:?}");
    assert_eq!(mirror.page(id.0).content.0, BENS);
}

/// What a revision is found to name.
fn seen(mirror: &Mirror, id: SopId, title: &str, content: &str) -> Seen {
    let revision = editing::revision(title, content);
    mirror.store.read(|connection| editing::find_seen(connection, id, Some(revision))).expect("a question")
}

#[test]
fn what_was_seen_is_found_among_versions_and_own_edits() {
    let (mirror, id) = mirror();
    assert_eq!(seen(&mirror, id, "refunds", BASE).rev, 7);
    mirror.edit(id.0, [("content", ANAS)]);
    mirror.edit(id.0, [("title", "Money back")]);
    for (title, content) in [("refunds", BASE), ("refunds", ANAS), ("Money back", ANAS)] {
        assert_eq!(
            seen(&mirror, id, title, content),
            Seen { rev: 7, title: title.into(), content: content.into() }
        );
    }
    let version = [
        ("sop_id", Value::Id(id.0)),
        ("version", Value::Int(3)),
        ("title", Value::text("Before")),
        ("content", Value::text("As it was.")),
    ];
    mirror.serve(SopVersion::TABLE, &from_server(cells(SopVersion::TABLE, version), "version"));
    assert_eq!(seen(&mirror, id, "Before", "As it was.").content, "As it was.");
}

#[test]
fn where_nobody_knows_what_was_seen_both_sides_are_kept() {
    let (mirror, id) = mirror();
    type_in(&mirror, id, ANAS, Some(editing::revision("refunds", "a text that is not here any more")));
    let saved = save(&mirror, id, ANAS).expect("saved");
    assert_eq!(mirror.page(id.0).content.0, ANAS);
    let entry = mirror.line(saved.entries[0]).entry;
    assert_eq!((&entry.before["content"], entry.base_rev), (&"".into(), Some(0)));
}

#[test]
fn a_person_who_has_looked_again_saves_over_what_they_saw_then() {
    let (mirror, id) = mirror();
    type_in(&mirror, id, ANAS, None);
    let theirs = BASE.replace("to the card.", "in cash only.");
    arrive(&mirror, "refunds", &theirs);
    type_in(&mirror, id, ANAS, Some(editing::revision("refunds", &theirs)));
    let saved = save(&mirror, id, ANAS).expect("saved");
    assert_eq!(mirror.line(saved.entries[0]).entry.before["content"], theirs);
}

#[test]
fn texts_come_back_byte_for_byte_after_an_edit_of_one_word() {
    let long: String =
        (0..6_000).map(|at| format!("Line {at} of a very long page, with words.\n\n")).collect();
    let texts = [
        long.as_str(),
        "الفتح: أدر المفتاح.\n\nفقرة word أخرى.\n",
        "👩‍👩‍👧‍👦 word 🏌🏽‍♀️\u{200d}\n",
        "one\r\ntwo word\r\n\r\nthree\r",
        "no line ends here, not after the last word",
        "\u{feff}---\ntitle: x\n---\n\n| a | word |\n|---|---|\n",
        "  trailing blanks word  \n\t\n\n\n",
    ];
    for (at, text) in texts.into_iter().enumerate() {
        let mirror = Mirror::new();
        let id = SopId(mirror.serve_sop("page", text));
        let other = text.replacen("word", "wort", 1);
        for wanted in [text, &other, text] {
            let typed = Typed {
                subject: Subject::Sop(id),
                title: "page",
                content: wanted,
                place: "",
                base_revision: None,
            };
            mirror.store.keep_draft(&typed).expect("kept");
            let written = mirror.store.write(|write| {
                let seen = drafts::find_base(write.connection(), Subject::Sop(id))?.expect("a draft");
                write.drop_draft(Subject::Sop(id))?;
                editing::save(write, id, &seen, "page", wanted, Why::default())
            });
            written.expect("saved");
            assert!(mirror.page(id.0).content.0 == wanted, "text {at}");
        }
        let sent = mirror.count("select count(*) from wal_entries");
        assert_eq!(sent, 2, "saving what is there already is no change");
    }
}

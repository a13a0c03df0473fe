//! Settling a conflict column by column, and a name that was taken.

use crate::fixture::{AUTHOR, Mirror, cells, from_server, id_of, server_sop};
use guildhall_local::conflicts::{self, Chosen, Settlement, Take};
use guildhall_local::store::rows;
use guildhall_sync::id::ConflictId;
use guildhall_sync::model::knowledge::Sop;
use guildhall_sync::model::settlement::SyncConflict;
use guildhall_sync::schema::Row;
use guildhall_sync::value::Value;
use serde_json::{Value as Json, json};
use uuid::Uuid;

/// A conflict of the person of the mirror, as the server sends it.
pub fn serve(
    mirror: &Mirror,
    row: Uuid,
    kind: &str,
    units: &[&str],
    (base, mine, theirs): (Json, Json, Json),
) -> Uuid {
    let named = cells(
        SyncConflict::TABLE,
        [
            ("entry_id", Value::Id(id_of("entry"))),
            ("target_table", Value::text("sops")),
            ("target_id", Value::Id(row)),
            ("kind", Value::text(kind)),
            ("units", Value::Set(units.iter().map(|unit| (*unit).to_owned()).collect())),
            ("base", Value::Json(base.to_string())),
            ("mine", Value::Json(mine.to_string())),
            ("theirs", Value::Json(theirs.to_string())),
            ("author_id", Value::Id(AUTHOR)),
        ],
    );
    mirror.serve(SyncConflict::TABLE, &from_server(named, "conflict"))
}

fn chosen(column: &str, take: Take) -> Chosen {
    Chosen { column: column.to_owned(), take }
}

#[test]
fn each_column_of_a_conflict_is_settled_by_itself_in_one_change() {
    let mirror = Mirror::new();
    let page = mirror.serve(Sop::TABLE, &server_sop("refunds", "By Ben", "Ben’s text."));
    let sides = (
        json!({"title": "Refunds", "content": "Text."}),
        json!({"title": "By me", "content": "My text."}),
        json!({"title": "By Ben", "content": "Ben’s text."}),
    );
    let id = serve(&mirror, page, "text", &["content", "title"], sides);
    let wanted = Settlement::Each(vec![
        chosen("title", Take::Mine),
        chosen("content", Take::Text("Of both.".to_owned())),
    ]);
    let written = mirror.store.write(|write| conflicts::settle(write, id, &wanted)).expect("settled");
    let stands = mirror.page(page);
    assert_eq!((stands.title.as_str(), stands.content.0.as_str()), ("By me", "Of both."));
    assert_eq!(mirror.line(written.entries[0]).entry.settles, Some(ConflictId(id)));
    assert!(mirror.store.read(conflicts::list).expect("a list").is_empty());
}

#[test]
fn what_is_not_in_conflict_is_not_settled() {
    let mirror = Mirror::new();
    let page = mirror.serve_sop("refunds", "Ben’s text.");
    let sides =
        (json!({"content": "Text."}), json!({"content": "My text."}), json!({"content": "Ben’s text."}));
    let id = serve(&mirror, page, "text", &["content"], sides);
    for wrong in [Settlement::Each(vec![chosen("title", Take::Mine)]), Settlement::Rename("other".to_owned())]
    {
        mirror.store.write(|write| conflicts::settle(write, id, &wrong)).expect_err("it is about the text");
    }
    assert_eq!(mirror.page(page).content.0, "Ben’s text.");
    assert_eq!(mirror.store.read(conflicts::list).expect("a list").len(), 1, "it can be decided later");
}

#[test]
fn a_row_whose_name_was_taken_is_made_under_another() {
    let mirror = Mirror::new();
    let page = mirror.serve_sop("refunds", "Ben’s text.");
    let draft = id_of("my draft");
    let mine = json!({"id": draft, "assistant_id": crate::fixture::ASSISTANT, "category": "booking", "section": "refunds",
                      "title": "Refunds, mine", "content": "My text.", "created_at": "2026-05-01T09:30:00Z"});
    let id = serve(
        &mirror,
        page,
        "duplicate",
        &["category", "section"],
        (json!({}), mine, json!({"section": "refunds"})),
    );
    let taken = Settlement::Rename("refunds".to_owned());
    let refused = mirror.store.write(|write| conflicts::settle(write, id, &taken)).expect_err("it is taken");
    assert!(refused.to_string().starts_with("There is one already"), "{refused}");
    let free = Settlement::Rename("refunds-mine".to_owned());
    mirror.store.write(|write| conflicts::settle(write, id, &free)).expect("another name");
    let made: Sop = mirror.store.read(|connection| rows::get_typed(connection, draft)).expect("it is there");
    assert_eq!((made.section.as_str(), made.content.0.as_str()), ("refunds-mine", "My text."));
    assert_eq!(mirror.page(page).content.0, "Ben’s text.");
    assert!(mirror.store.read(conflicts::list).expect("a list").is_empty());
}

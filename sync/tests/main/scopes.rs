//! The scopes of rows, by their exact names.

use guildhall_sync::model::find_table;
use guildhall_sync::scope::scopes_of_row;
use guildhall_sync::value::{Cells, Value};
use uuid::Uuid;

const ID: &str = "00000000-0000-0000-0000-00000000002a";

fn check(table: &str, row: &[(&str, Value)], expected: &[&str]) {
    let table = find_table(table).expect("the table is one of the registry");
    let number = |name: &str| table.column(name).expect("the column is one of the table").number;
    let cells: Cells = row.iter().map(|(name, value)| (number(name), value.clone())).collect();
    let expected: Vec<String> = expected.iter().map(|scope| scope.replace("{}", ID)).collect();
    assert_eq!(scopes_of_row(table, &cells).into_iter().collect::<Vec<_>>(), expected);
}

#[test]
fn scopes_have_the_names_that_grants_have() {
    let id = || Value::Id(Uuid::from_u128(42));
    check("locations", &[], &["public"]);
    check("guilds", &[], &["guild"]);
    check("competitors", &[], &["managers"]);
    check("user_contacts", &[("user_id", id())], &["managers", "user:{}"]);
    check("tickets", &[("location_id", id())], &["location:{}"]);
    check("ticket_messages", &[("scope_key", Value::text("location:1"))], &["location:1"]);
    check("assistants", &[("id", id())], &["assistant:{}"]);
    check("objectives", &[("rank_id", id())], &["rank:{}"]);
    check("sop_reads", &[("user_id", id())], &["user:{}"]);
    check("sync_conflicts", &[("scope_key", Value::text("guild user:1 guild"))], &["guild", "user:1"]);
}

#[test]
fn a_page_is_public_while_it_is_published_and_not_sensitive() {
    let page = |status: Option<&str>, sensitivity: &str| {
        let mut row = vec![("assistant_id", Value::Id(Uuid::from_u128(42)))];
        row.push(("sensitivity", Value::text(sensitivity)));
        row.extend(status.map(|status| ("status", Value::text(status))));
        row
    };
    check("sops", &page(None, "public"), &["assistant:{}", "public"]);
    check("sops", &page(Some("published"), "public"), &["assistant:{}", "public"]);
    check("sops", &page(Some("draft"), "public"), &["assistant:{}"]);
    check("sops", &page(None, "internal"), &["assistant:{}"]);
    let mut deleted = page(None, "public");
    deleted.push(("deleted_at", Value::Int(1)));
    check("knowledge_items", &deleted, &["assistant:{}", "public"]);
}

#[test]
fn sections_stand_behind_the_clearance_of_their_parent() {
    for (section, expected) in
        [("brief", "rank:1"), ("tactical", "tactical/rank:1"), ("classified", "classified/rank:1")]
    {
        let row = [("section", Value::text(section)), ("scope_key", Value::text("rank:1"))];
        check("objective_sections", &row, &[expected]);
    }
    check("objective_sections", &[("section", Value::text("brief"))], &[]);
}

#[test]
fn a_version_outside_its_window_is_in_no_scope() {
    let version = |on_devices| {
        [("scope_key", Value::text("assistant:1 public")), ("on_devices", Value::bool(on_devices))]
    };
    check("sop_versions", &version(true), &["assistant:1", "public"]);
    check("sop_versions", &version(false), &[]);
}

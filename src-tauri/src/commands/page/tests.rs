//! What a window gets back for what it sends: each answer goes through JSON as it would.

use super::*;
use crate::commands::drafts::{DraftRequest, KeepDraftRequest, draft, keep_draft};
use crate::commands::home::home;
use crate::commands::pages::{SopFilter, SopOrder, SopsRequest, knowledge_tree, list_sops};
use crate::commands::versions::{CompareRequest, SopVersionRequest, compare_sop, restore_version};
use crate::failure::Code;
use crate::views::Nothing;
use guildhall_local::clock::Clock;
use guildhall_local::fold::{self, Shadow};
use guildhall_local::keys::Cost;
use guildhall_local::profile;
use guildhall_local::search::fulltext::Indexing;
use guildhall_local::store::state::Account;
use guildhall_sync::id::{DeviceId, GuildId, UserId};
use guildhall_sync::model::desk::{Assistant, PublicInfo};
use guildhall_sync::model::people::Role;
use guildhall_sync::schema::{Table, common};
use guildhall_sync::value::{Cells, Value};
use serde_json::Value as Json;
use std::sync::Arc;
use tempfile::TempDir;

const GENERAL: Uuid = Uuid::from_u128(3);

/// A mirror with the general assistant in it.
fn app() -> (App, TempDir) {
    let dir = tempfile::tempdir().expect("a folder");
    let account = Account {
        server_url: None,
        device: DeviceId(Uuid::from_u128(4)),
        device_name: "Desk-2".to_owned(),
        guild: GuildId(Uuid::from_u128(1)),
        guild_name: "Harbour".to_owned(),
        user: UserId(Uuid::from_u128(2)),
        user_name: "ana".to_owned(),
        role: Role::Operator,
    };
    let password = "nine grey herons over the pier";
    let store = profile::create(dir.path(), &account, password, Cost::Least, Clock::system());
    let app = App { dir: dir.path().to_owned(), store: Arc::new(store.expect("a profile")) };
    let named = [("slug", Value::text("general")), ("name", Value::text("General"))];
    serve(&app, Assistant::TABLE, GENERAL, 1, named.into_iter());
    (app, dir)
}

/// Stores a row as a pull would.
fn serve(
    app: &App,
    table: &'static Table,
    id: Uuid,
    rev: i64,
    named: impl Iterator<Item = (&'static str, Value)>,
) {
    let mut cells = Cells::from_iter([
        (common::ID, Value::Id(id)),
        (common::GUILD_ID, Value::Id(Uuid::from_u128(1))),
        (common::REV, Value::Int(rev)),
        (common::CREATED_AT, Value::Int(1_000)),
        (common::UPDATED_AT, Value::Int(2_000)),
    ]);
    named.for_each(|(name, value)| cells.set(table.column(name).expect(name).number, value));
    table.fill_defaults(&mut cells);
    let shadow = Shadow { hash: rows::hash_of(table, &cells), cells, scopes: " guild ".to_owned() };
    let put = |connection: &_| fold::put_server_row(connection, table, id, shadow, Indexing::Now);
    app.store.apply(|transaction| put(transaction)).expect("stored");
}

fn serve_page(app: &App, rev: i64, content: &str) -> Uuid {
    let id = Uuid::from_u128(77);
    let named = [
        ("assistant_id", Value::Id(GENERAL)),
        ("category", Value::text("booking")),
        ("section", Value::text("refunds")),
        ("title", Value::text("Refunds")),
        ("content", Value::text(content)),
        ("front_matter", Value::text("---\r\nowner: desk\r\n---\r\n")),
        ("version", Value::Int(rev)),
    ];
    serve(app, Sop::TABLE, id, rev, named.into_iter());
    id
}

fn edit(app: &App, id: Uuid, content: &str) -> Result<SopPage, Failure> {
    let request = serde_json::json!({ "id": id, "title": "Refunds", "content": content, "reason": null });
    edit_sop(app, serde_json::from_value(request).expect("a request"))
}

fn keep(app: &App, id: Uuid, content: &str, base_revision: Option<i64>) {
    let (subject, title) = (format!("sop:{id}"), "Refunds".to_owned());
    let (content, place) = (content.to_owned(), String::new());
    keep_draft(app, KeepDraftRequest { subject, title, content, place, base_revision }).expect("kept");
}

fn content(page: &SopPage) -> String {
    let sent: Json = serde_json::to_value(page).expect("an answer");
    sent["content"].as_str().expect("a text").to_owned()
}

#[test]
fn texts_come_back_byte_for_byte_as_they_are_and_with_one_word_changed() {
    let long: String =
        (0..5_000).map(|at| format!("Line {at} of a very long page, with a word.\n\n")).collect();
    assert!(long.len() > 200_000);
    let letters = "long ".repeat(60_000);
    for text in [
        long.as_str(),
        letters.as_str(),
        "الفتح: أدر المفتاح.\n\nفقرة word أخرى.\u{200f}\n",
        "👩‍👩‍👧‍👦 word 🏌🏽‍♀️\u{200d} 🇨🇦\n",
        "one\r\ntwo word\r\n\r\nthree\r",
        "no line ends here, not after the last word",
        "\u{feff}---\ntitle: x\n---\n\n| a | word |\n|---|---|\n",
        "",
    ] {
        let (app, _dir) = app();
        let id = serve_page(&app, 1, text);
        assert_eq!(content(&edit(&app, id, text).expect("nothing to save")), text);
        let other = text.replacen("word", "wort", 1);
        keep(&app, id, &other, None);
        let page = edit(&app, id, &other).expect("saved");
        assert!(content(&page) == other);
        assert_eq!(page.front_matter, "---\r\nowner: desk\r\n---\r\n");
        assert!(content(&edit(&app, id, text).expect("saved")) == text);
    }
}

#[test]
fn a_page_is_saved_over_what_came_meanwhile_and_its_draft_goes() {
    let (app, _dir) = app();
    let id = serve_page(&app, 1, "First.\n\nSecond.\n");
    let shown = sop(&app, SopRequest { id }).expect("a page");
    keep(&app, id, "First, by Ana.\n\nSecond.\n", Some(shown.revision));
    serve_page(&app, 2, "First.\n\nSecond, by Ben.\n");
    assert_ne!(sop(&app, SopRequest { id }).expect("a page").revision, shown.revision);
    let page = edit(&app, id, "First, by Ana.\n\nSecond.\n").expect("saved");
    assert_eq!(content(&page), "First, by Ana.\n\nSecond, by Ben.\n");
    assert_eq!((page.draft, page.line.has_draft), (None, false));
    let subject = format!("sop:{id}");
    assert_eq!(draft(&app, DraftRequest { subject }).expect("a question"), None);
}

#[test]
fn an_edit_without_a_draft_says_what_its_author_saw() {
    let (app, _dir) = app();
    let id = serve_page(&app, 1, "First.\n\nSecond.\n");
    let seen = sop(&app, SopRequest { id }).expect("a page").revision;
    edit(&app, id, "First.\n\nSecond, by Ana.\n").expect("saved");
    let (title, content) = ("Refunds".to_owned(), "First, again by Ana.\n\nSecond.\n".to_owned());
    let request = EditSopRequest { id, title, content, reason: None, base_revision: Some(seen) };
    let page = edit_sop(&app, request).expect("saved");
    assert_eq!(page.content, "First, again by Ana.\n\nSecond, by Ana.\n");
}

#[test]
fn a_page_is_made_from_its_draft_moved_deleted_and_brought_back() {
    let (app, _dir) = app();
    let subject = format!("new-sop:{}", Uuid::from_u128(9));
    let (title, place) = ("Lost balls".to_owned(), "desk".to_owned());
    let kept = KeepDraftRequest {
        subject: subject.clone(),
        title: title.clone(),
        content: "# Lost".to_owned(),
        place,
        base_revision: None,
    };
    keep_draft(&app, kept).expect("kept");
    let new = CreateSopRequest {
        assistant: None,
        category: " /desk/ ".to_owned(),
        section: "lost-balls".to_owned(),
        title,
        content: "# Lost\n".to_owned(),
        draft: Some(subject.clone()),
    };
    let page = create_sop(&app, new).expect("a page");
    assert_eq!((page.line.path.as_str(), page.line.assistant.as_str()), ("desk/lost-balls", "General"));
    assert_eq!((page.line.mark.words.as_str(), page.line.version), ("Saved here", None));
    assert_eq!((page.outline.len(), page.may_write), (1, true));
    assert_eq!(draft(&app, DraftRequest { subject }).expect("a question"), None);
    let id = page.line.id;
    let to = MoveSopRequest {
        id,
        category: "desk/found".to_owned(),
        section: "balls".to_owned(),
        title: "Balls".to_owned(),
    };
    assert_eq!(move_sop(&app, to).expect("moved").line.path, "desk/found/balls");
    let tree = knowledge_tree(&app, Nothing {}).expect("the tree");
    assert_eq!((tree.total, tree.assistants[0].folders[0].folders[0].path.as_str()), (1, "desk/found"));

    assert!(delete_sop(&app, SopRequest { id }).expect("deleted").is_deleted);
    let list = |filter| {
        let (order, text) = (SopOrder::Path, "ball".to_owned());
        let request =
            SopsRequest { assistant: None, folder: None, filter, order, text, offset: 0, limit: 10 };
        list_sops(&app, request).expect("a list").total
    };
    assert_eq!((list(SopFilter::All), list(SopFilter::Deleted)), (0, 1));
    assert!(!undelete_sop(&app, SopRequest { id }).expect("back").line.is_deleted);
    assert_eq!((list(SopFilter::All), list(SopFilter::Unsent)), (1, 1));
}

#[test]
fn versions_are_compared_with_what_is_there_and_what_is_typed() {
    let (app, _dir) = app();
    let id = serve_page(&app, 1, "First.\n\nSecond.\n");
    keep(&app, id, "First.\n\nSecond, typed.\n", None);
    let compare = |from: &str, to: &str| {
        compare_sop(&app, CompareRequest { id, from: from.to_owned(), to: to.to_owned() })
    };
    assert_eq!(compare("now", "draft").expect("a comparison").changed, 1);
    assert_eq!(compare("now", "now").expect("a comparison").changed, 0);
    assert_eq!(compare("7", "now").expect_err("no such version").code, Code::Disagreement);
    assert_eq!(compare("first", "now").expect_err("no version").code, Code::BadRequest);
    let missing = restore_version(&app, SopVersionRequest { id, version: 7 });
    assert_eq!(missing.expect_err("no such version").code, Code::Disagreement);
    let gone = sop(&app, SopRequest { id: Uuid::from_u128(1) });
    assert_eq!(gone.expect_err("no such page").code, Code::NotFound);
}

#[test]
fn the_first_screen_says_what_waits_and_what_can_be_asked() {
    let (app, _dir) = app();
    let id = serve_page(&app, 1, "First.\n");
    keep(&app, id, "First, typed.\n", None);
    let question = [
        ("category", Value::text("hours")),
        ("question", Value::text("When do you open?")),
        ("answer", Value::text("At nine.")),
    ];
    serve(&app, PublicInfo::TABLE, Uuid::from_u128(78), 1, question.into_iter());
    let first = home(&app, Nothing {}).expect("the first screen");
    assert_eq!((first.user.as_str(), first.as_of, first.refused), ("ana", None, 0));
    assert!(first.changed.is_empty() && first.needs_you.is_empty() && first.tickets.is_empty());
    assert_eq!(
        first.suggestions,
        ["When do you open?", "Refunds"],
        "titles where there are too few questions"
    );
    let draft = &first.drafts[0];
    assert_eq!(
        (draft.subject.clone(), draft.path.as_deref()),
        (format!("sop:{id}"), Some("booking/refunds"))
    );
    let pin = Cells::from_iter([(Sop::TABLE.column("is_pinned").expect("a column").number, Value::Int(1))]);
    app.store.write(|write| write.update(Sop::TABLE, id, pin, Why::default())).expect("pinned");
    let pinned = home(&app, Nothing {}).expect("the first screen").pinned;
    assert_eq!((pinned[0].title.as_str(), pinned[0].mark.words.as_str()), ("Refunds", "Saved here"));
}

//! Pages between file and row, there and back.

use super::*;
use guildhall_sync::id::{GuildId, SopId};
use guildhall_sync::schema::{Row, common};
use guildhall_sync::time::Timestamp;
use guildhall_sync::value::{Cells, Value};
use uuid::Uuid;

fn assistant(number: u128, slug: &str, name: &str) -> Assistant {
    let column = |name| Assistant::TABLE.column(name).expect("a column").number;
    let cells = [
        (common::ID, Value::Id(Uuid::from_u128(number))),
        (common::GUILD_ID, Value::Id(Uuid::nil())),
        (common::REV, Value::Int(1)),
        (common::CREATED_AT, Value::Int(0)),
        (common::UPDATED_AT, Value::Int(0)),
        (column("slug"), Value::text(slug)),
        (column("name"), Value::text(name)),
    ];
    Assistant::from_cells(Cells::from_iter(cells)).expect("a row")
}

fn assistants() -> Vec<Assistant> {
    vec![assistant(1, "general", "General"), assistant(2, "tech_support", "Tech Support")]
}

fn meaning(front_matter: &str, content: &str, category: &str) -> Result<Meaning, Refusal> {
    read(front_matter, content, Place { category, section: "pin-failures", assistants: &assistants() })
}

fn sop(front_matter: &str, content: &str) -> Sop {
    let meaning = meaning(front_matter, content, "booking").expect("a page");
    Sop {
        id: SopId(Uuid::nil()),
        guild_id: GuildId(Uuid::nil()),
        rev: 0,
        created_at: Timestamp(0),
        created_by: None,
        updated_at: Timestamp(0),
        updated_by: None,
        deleted_at: None,
        assistant_id: meaning.assistant_id,
        category: "booking".to_owned(),
        section: "pin-failures".to_owned(),
        title: meaning.title,
        content: guildhall_sync::value::Markdown(content.to_owned()),
        front_matter: front_matter.to_owned(),
        status: meaning.status,
        sensitivity: meaning.sensitivity,
        is_pinned: meaning.is_pinned,
        verified_by: None,
        verified_at: None,
        review_due_at: None,
        location_id: None,
        version: 0,
        sha256: String::new(),
    }
}

#[test]
fn the_title_is_said_or_the_first_heading_or_the_name() {
    for (front_matter, content, title) in [
        ("---\ntitle: Said\n---\n", "# Heading", "Said"),
        ("---\ntitle:\n---\n", "# Heading", "Heading"),
        ("", "text\n\n## A heading ##\n", "A heading"),
        ("", "```\n# no\n```\n~~~\n# no\n```\n~~~\n# yes #1\n", "yes #1"),
        ("", "    # code\n#no\n####### no\n#\n", "pin-failures"),
        ("", "Underlined\n===\n", "Underlined"),
        ("", "", "pin-failures"),
    ] {
        assert_eq!(meaning(front_matter, content, "").expect("a page").title, title, "{content}");
    }
}

#[test]
fn the_assistant_is_named_or_has_the_folder_or_is_the_general_one() {
    for (front_matter, category, number) in [
        ("---\nassistant: tech_support\n---\n", "", 2),
        ("---\nassistant: tech support\n---\n", "", 2),
        ("---\nassistant: general\n---\n", "tech-support", 1),
        ("", "tech-support/display", 2),
        ("", "booking", 1),
        ("", "", 1),
    ] {
        let found = meaning(front_matter, "", category).expect("a page").assistant_id;
        assert_eq!(found.0, Uuid::from_u128(number), "{front_matter} {category}");
    }
    let refused = meaning("---\nassistant: Nobody\n---\n", "", "").expect_err("there is none");
    assert_eq!(refused.to_string(), "there is no assistant \"Nobody\"");
    let place = Place { category: "", section: "a", assistants: &[] };
    assert_eq!(read("", "", place).expect_err("none at all"), Refusal::NoAssistant(GENERAL.to_owned()));
}

#[test]
fn a_page_is_written_as_it_came() {
    for (front_matter, content) in [
        ("", ""),
        ("", "# Heading\r\n\r\ntext"),
        ("\u{feff}", "# Heading"),
        ("---\ntitle: 'Said' # once\nkeywords: [a]\n---\n\n\n", "text\n"),
        ("---\nassistant: Tech Support\npinned: true\nstatus: draft\n---", ""),
    ] {
        assert_eq!(text_of(&sop(front_matter, content), &assistants()), format!("{front_matter}{content}"));
    }
}

#[test]
fn what_was_changed_in_guildhall_is_said_in_the_front_matter() {
    let mut page = sop("---\nkeywords: [a]\n---\n", "# Old\n");
    page.title = "New: and \"better\"".to_owned();
    page.assistant_id = AssistantId(Uuid::from_u128(2));
    page.is_pinned = true;
    insta::assert_snapshot!(text_of(&page, &assistants()), @r##"
    ---
    keywords: [a]
    title: "New: and \"better\""
    assistant: tech_support
    pinned: true
    ---
    # Old
    "##);
    let mut page = sop("", "Text.\n");
    page.sensitivity = Sensitivity::Confidential;
    page.status = PageStatus::Draft;
    insta::assert_snapshot!(text_of(&page, &assistants()), @r"
    ---
    sensitivity: confidential
    status: draft
    ---

    Text.
    ");
}

#[test]
fn what_is_written_is_read_again_as_the_same_page() {
    let titles = [
        "Plain",
        "a: b",
        "# no",
        "'",
        "\"",
        "true",
        "ünï 日本",
        "- x",
        "null",
        "2026",
        "a #b",
        "[x]",
        "\u{feff}",
    ];
    let contents =
        ["", "text", "---\ntitle: no\n---\n", "---\nnot: closed\n", "\n\ntext", "---\n", "\u{feff}text"];
    let before = [
        "",
        "\u{feff}",
        "---\ntitle: x\n---\n",
        "---\nx: 1\n---\n\n",
        "---\ntitle: >\n  x\n  y\nz: 1\n---\n",
    ];
    for content in contents {
        for (front_matter, title) in before.iter().flat_map(|before| titles.map(|title| (before, title))) {
            let mut page = sop(front_matter, "");
            page.content.0 = content.to_owned();
            page.title = title.to_owned();
            page.is_pinned = true;
            let text = text_of(&page, &assistants());
            let (said, rest) = front_matter::part(&text).expect("it can be parted");
            assert_eq!(without_blank_lines(rest), without_blank_lines(content), "{text:?}");
            assert_eq!(meaning(said, rest, "booking").expect("a page"), Meaning::of(&page), "{text:?}");
        }
    }
}

//! From files to pages.

use super::{files, folder, import, look, mirror, numbers, page, put, told, write_out};
use crate::fixture::{account, id_of, server_sop};
use guildhall_local::folder::export::Existing;
use guildhall_local::folder::import::{apply, plan};
use guildhall_local::sops;
use guildhall_local::store::state::{self, Account};
use guildhall_local::write::Why;
use guildhall_sync::model::knowledge::{PageStatus, Sensitivity, Sop};
use guildhall_sync::model::people::Role;
use guildhall_sync::schema::Row;
use proptest::prelude::*;

#[test]
fn a_plan_says_what_would_happen_and_writes_nothing() {
    let mirror = mirror();
    let folder = folder([("booking/pin.md", "# PIN"), ("about.md", "# About"), ("plan.png", "x")]);
    assert_eq!(numbers(&look(&mirror, &folder)), [2, 0, 0, 0, 1]);
    assert_eq!(mirror.count("select count(*) from sops"), 0);
    assert_eq!(mirror.count("select count(*) from wal_entries"), 0);
}

#[test]
fn a_file_is_a_page_with_what_its_front_matter_says() {
    let mirror = mirror();
    let text = "---\ntitle: PIN failures\nassistant: Booking\nsensitivity: private\npinned: true\nstatus: draft\n---\n\nText.\n";
    let folder = folder([
        ("access/doors/pin.md", text),
        ("booking/refunds.md", "# Refunds\n"),
        ("about.md", "No heading."),
    ]);
    let mut steps = Vec::new();
    let plan = look(&mirror, &folder);
    let report = apply(&mirror.store, &plan, Some("imported"), &mut |step| steps.push((step.done, step.all)));
    assert_eq!(report.expect("an import").added, 3);
    assert_eq!(steps, [(1, 3), (2, 3), (3, 3)]);
    let pin = page(&mirror, "access/doors/pin");
    assert_eq!(
        (pin.category.as_str(), pin.section.as_str(), pin.title.as_str()),
        ("access/doors", "pin", "PIN failures")
    );
    assert_eq!(
        (pin.assistant_id.0, pin.sensitivity, pin.is_pinned, pin.status),
        (id_of("booking"), Sensitivity::Private, true, PageStatus::Draft)
    );
    assert_eq!(format!("{}{}", pin.front_matter, pin.content.0), text);
    assert_eq!(pin.content.0, "Text.\n");
    assert_eq!(page(&mirror, "booking/refunds").assistant_id.0, id_of("booking"));
    let about = page(&mirror, "about");
    assert_eq!((about.title.as_str(), about.assistant_id.0), ("about", id_of("general")));
    assert_eq!(mirror.count("select count(distinct group_id) from wal_entries"), 3, "a page is a group");
}

#[test]
fn the_same_folder_again_changes_nothing() {
    let mirror = mirror();
    let folder = folder([("booking/pin.md", "# PIN\r\n"), ("about.md", "\u{feff}# About")]);
    import(&mirror, &folder);
    assert_eq!(numbers(&look(&mirror, &folder)), [0, 0, 2, 0, 0]);
    let report = import(&mirror, &folder);
    assert_eq!((report.added, report.changed), (0, 0));
    assert_eq!(mirror.count("select count(*) from wal_entries"), 2);
}

#[test]
fn of_a_changed_file_only_what_it_says_anew_is_taken() {
    let mirror = mirror();
    let folder = folder([("booking/pin.md", "---\ntitle: PIN\n---\nOld text.\n")]);
    import(&mirror, &folder);
    let pin = page(&mirror, "booking/pin");
    mirror.edit(pin.id.0, [("title", "PIN, better")]);
    assert_eq!(numbers(&look(&mirror, &folder)), [0, 0, 1, 0, 0], "the file has nothing new");

    put(&folder, "booking/pin.md", "---\ntitle: PIN\n---\nNew text.\n");
    let plan = look(&mirror, &folder);
    assert_eq!(plan.changed[0].columns, ["content"]);
    assert_eq!(import(&mirror, &folder).changed, 1);
    let pin = page(&mirror, "booking/pin");
    assert_eq!((pin.title.as_str(), pin.content.0.as_str()), ("PIN, better", "New text.\n"));

    put(&folder, "booking/pin.md", "---\ntitle: PIN, best\n---\nNew text.\n");
    assert_eq!(look(&mirror, &folder).changed[0].columns, ["title", "front_matter"]);
    import(&mirror, &folder);
    assert_eq!(page(&mirror, "booking/pin").title, "PIN, best");
}

#[test]
fn a_file_that_is_gone_leaves_its_page_and_a_deleted_page_may_come_again() {
    let mirror = mirror();
    let folder = folder([("a.md", "# A"), ("b.md", "# B")]);
    import(&mirror, &folder);
    std::fs::remove_file(folder.path().join("a.md")).expect("the file goes");
    assert_eq!(numbers(&look(&mirror, &folder)), [0, 0, 1, 0, 0]);
    let b = page(&mirror, "b").id;
    mirror.store.write(|write| sops::delete(write, b, Why::default())).expect("deleted");
    assert_eq!(numbers(&look(&mirror, &folder)), [1, 0, 0, 0, 0]);
    import(&mirror, &folder);
    assert_ne!(page(&mirror, "b").id, b);
    assert_eq!(page(&mirror, "a").title, "A");
}

#[test]
fn refused_files_are_said_and_the_others_go_in() {
    let mirror = mirror();
    mirror.serve(Sop::TABLE, &server_sop("pin", "PIN", "there already"));
    let folder = folder([
        ("good.md", "# Good"),
        ("broken.md", "---\ntitle: [\n---\n"),
        ("open.md", "---\ntitle: x\n\n# X"),
        ("nobody.md", "---\nassistant: nobody\n---\n"),
        ("booking/PIN.md", "the mirror has pin"),
        ("long-title.md", &format!("# {}", "x".repeat(500))),
    ]);
    let name = format!("{}.md", "s".repeat(201));
    put(&folder, &name, "a name too long for a page");
    let plan = look(&mirror, &folder);
    insta::assert_snapshot!(told(&plan).replace(&name, "sss.md"), @r#"
    booking/PIN.md: the mirror has a page booking/pin.md, and some laptops cannot tell the names apart; rename one of them
    broken.md: line 3: the front matter is not YAML: while parsing a node, did not find expected node content
    long-title.md: The title is longer than 400 characters.
    nobody.md: there is no assistant "nobody"
    open.md: line 1: the front matter that begins here has no closing `---`
    sss.md: The section is longer than 200 characters.
    "#);
    assert_eq!(import(&mirror, &folder).added, 1);
    assert_eq!(page(&mirror, "good").title, "Good");
}

#[test]
fn what_the_person_may_not_write_is_refused_before_anything_is_written() {
    let mirror = mirror();
    let kiosk = Account { role: Role::Kiosk, ..account() };
    let granted =
        "insert into sync_scope (scope, state, granted_at, confirmed_at) values ('public', 'live', 0, 0)";
    let set = mirror.store.record(|connection| {
        connection.execute(granted, [])?;
        state::set_account(connection, &kiosk)
    });
    set.expect("a kiosk");
    let folder = folder([("a.md", "# A")]);
    let plan = look(&mirror, &folder);
    assert_eq!(numbers(&plan), [0, 0, 0, 1, 0]);
    assert!(told(&plan).starts_with("a.md: "), "{}", told(&plan));
}

#[test]
fn a_page_that_changed_since_the_plan_is_left_alone() {
    let mirror = mirror();
    let folder = folder([("a.md", "# A"), ("b.md", "# B")]);
    import(&mirror, &folder);
    put(&folder, "a.md", "# A, from the file");
    put(&folder, "c.md", "# C");
    let plan = look(&mirror, &folder);
    mirror.edit(page(&mirror, "a").id.0, [("content", "# A, by hand")]);
    mirror.store.write(|write| sops::create(write, &new_page("c"), Why::default())).expect("a page");
    let report = apply(&mirror.store, &plan, None, &mut |_| {}).expect("an import");
    assert_eq!((report.added, report.changed, report.refused.len()), (0, 0, 2));
    let told: Vec<_> =
        report.refused.iter().map(|refused| format!("{}: {}", refused.path, refused.why)).collect();
    insta::assert_snapshot!(told.join("\n"), @r#"
    c.md: There is one already with the category "" and section "c".
    a.md: the page was changed in Guildhall since the list was made; look at the list again
    "#);
    assert_eq!(page(&mirror, "a").content.0, "# A, by hand");
}

fn new_page(section: &str) -> sops::NewSop {
    sops::NewSop {
        assistant: None,
        category: String::new(),
        section: section.to_owned(),
        title: section.to_owned(),
        content: String::new(),
        front_matter: String::new(),
    }
}

#[test]
fn a_folder_that_is_not_there_is_an_error_with_its_name() {
    let error = plan(&mirror().store, std::path::Path::new("/nowhere/at all")).expect_err("there is none");
    assert!(error.to_string().starts_with("/nowhere/at all: "), "{error}");
}

/// Texts that look like pages more often than chance would have it, and bytes that do not.
fn any_page() -> impl Strategy<Value = Vec<u8>> {
    let piece = prop_oneof![
        Just("---\n"),
        Just("---\r\n"),
        Just("--- \n"),
        Just("---"),
        Just("\n"),
        Just("\r\n"),
        Just("\r"),
        Just("title: A page\n"),
        Just("title: 'it''s'\r\n"),
        Just("title:\n"),
        Just("pinned: true\n"),
        Just("status: draft\n"),
        Just("assistant: booking\n"),
        Just("keywords: [a, b]\n"),
        Just("# Heading\n"),
        Just("```\n"),
        Just("text\n"),
        Just("  indented\n"),
        Just("\u{feff}"),
        Just("ünï 日本\n"),
        Just("\t"),
    ];
    let page = prop::collection::vec(piece, 0..14).prop_map(|pieces| pieces.concat().into_bytes());
    prop_oneof![8 => page, 1 => any::<String>().prop_map(String::into_bytes), 1 => any::<Vec<u8>>()]
}

/// Every file that is taken comes out as it went in, and again it is the same.
#[test]
fn any_pages_go_in_and_out_byte_for_byte() {
    let config = ProptestConfig { cases: 12, failure_persistence: None, ..ProptestConfig::default() };
    let taken = std::cell::Cell::new(0);
    proptest!(config, |(pages in prop::collection::vec(any_page(), 40))| {
        let (mirror, folder, out) = (mirror(), tempfile::tempdir().expect("in"), tempfile::tempdir().expect("out"));
        pages.iter().enumerate().for_each(|(at, page)| put(&folder, &format!("any/page-{at}.md"), page));
        let plan = look(&mirror, &folder);
        let refused: Vec<_> = plan.refused.iter().map(|refused| refused.path.clone()).collect();
        let report = import(&mirror, &folder);
        prop_assert_eq!(report.added + refused.len(), pages.len());
        write_out(&mirror, &out, Existing::Keep);
        let mut wanted = files(folder.path());
        wanted.retain(|path, _| !refused.contains(path));
        prop_assert_eq!(files(out.path()), wanted);
        prop_assert_eq!(numbers(&look(&mirror, &out)), [0, 0, report.added, 0, 0]);
        taken.set(taken.get() + report.added);
    });
    assert!(taken.get() > 100, "many of them are pages: {}", taken.get());
}

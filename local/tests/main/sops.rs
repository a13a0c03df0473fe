//! What people do with SOPs, by the names that people use.

use crate::fixture::{ASSISTANT, Mirror, cells, from_server, id_of};
use guildhall_local::error::{Disagreement, Error};
use guildhall_local::sops::{self, Changes, NewSop, Which};
use guildhall_local::write::Why;
use guildhall_sync::id::SopId;
use guildhall_sync::model::desk::Assistant;
use guildhall_sync::model::knowledge::{Sop, SopVersion};
use guildhall_sync::schema::Row;
use guildhall_sync::value::Value;

fn new(category: &str, section: &str, title: &str) -> NewSop {
    NewSop {
        assistant: None,
        category: category.to_owned(),
        section: section.to_owned(),
        title: title.to_owned(),
        content: format!("# {title}\n"),
        front_matter: String::new(),
    }
}

fn with_assistants() -> Mirror {
    let mirror = Mirror::new();
    for slug in ["general", "tech_support"] {
        let named = [("slug", Value::text(slug)), ("name", Value::text(slug))];
        mirror.serve(Assistant::TABLE, &from_server(cells(Assistant::TABLE, named), slug));
    }
    mirror
}

fn create(mirror: &Mirror, new: &NewSop) -> SopId {
    mirror.store.write(|write| sops::create(write, new, Why::default())).expect("a page").value
}

fn get(mirror: &Mirror, name: &str, which: Which) -> guildhall_local::Result<Sop> {
    mirror.store.read(|connection| sops::get(connection, name, which))
}

#[test]
fn a_page_belongs_to_the_assistant_of_its_folder_or_to_the_general_one() {
    let mirror = with_assistants();
    create(&mirror, &new("tech-support/display", "projector", "Projector black"));
    create(&mirror, &new("kitchen", "coffee", "Coffee"));
    let assistant = |name| get(&mirror, name, Which::Live).expect("the page").assistant_id.0;
    assert_eq!(assistant("tech-support/display/projector"), id_of("tech_support"));
    assert_eq!(assistant("kitchen/coffee.md"), id_of("general"));
}

#[test]
fn a_page_is_found_by_path_id_and_a_title_of_its_own() {
    let mirror = with_assistants();
    let id = create(&mirror, &new("booking", "refunds", "Refunds"));
    let other = create(&mirror, &new("booking", "credit", "Club credit"));
    for name in ["booking/refunds", "/booking/refunds.md", "refunds", &id.to_string()] {
        assert_eq!(get(&mirror, name, Which::Live).expect(name).id, id);
    }
    let changes = Changes { title: Some("Refunds".to_owned()), ..Changes::default() };
    mirror.store.write(|write| sops::edit(write, other, &changes, Why::default())).expect("an edit");
    let ambiguous = get(&mirror, "Refunds", Which::Live);
    assert!(matches!(ambiguous, Err(Error::Disagreement(Disagreement::Ambiguous { count: 2, .. }))));
    let missing = get(&mirror, "booking", Which::Live);
    assert!(matches!(missing, Err(Error::Disagreement(Disagreement::NoName { .. }))));
}

#[test]
fn a_folder_lists_its_pages_and_those_below_it() {
    let mirror = with_assistants();
    for (category, section) in [("booking", "b"), ("booking/money", "a"), ("bookings", "c"), ("", "d")] {
        create(&mirror, &new(category, section, section));
    }
    let list = |folder| mirror.store.read(|connection| sops::list(connection, folder)).expect("the pages");
    let paths: Vec<_> = list(Some("booking/")).iter().map(sops::path).collect();
    assert_eq!(paths, ["booking/b", "booking/money/a"]);
    assert_eq!(list(None).len(), 4);
}

#[test]
fn a_taken_path_is_refused_until_its_page_is_deleted() {
    let mirror = with_assistants();
    let first = create(&mirror, &new("booking", "refunds", "Refunds"));
    let taken =
        mirror.store.write(|write| sops::create(write, &new("booking", "refunds", "Again"), Why::default()));
    let sentence = taken.expect_err("the path is taken").to_string();
    assert_eq!(sentence, "There is one already with the category \"booking\" and section \"refunds\".");
    mirror.store.write(|write| sops::delete(write, first, Why::default())).expect("deleted");
    let second = create(&mirror, &new("booking", "refunds", "Again"));
    let back = mirror.store.write(|write| sops::undelete(write, first, Why::default()));
    assert!(matches!(back, Err(Error::Disagreement(Disagreement::Duplicate { row, .. })) if row == second.0));
    mirror.store.write(|write| sops::delete(write, second, Why::default())).expect("deleted");
    mirror.store.write(|write| sops::undelete(write, first, Why::default())).expect("back");
    assert_eq!(get(&mirror, "booking/refunds", Which::Live).expect("the page").id, first);
    assert_eq!(get(&mirror, "booking/refunds", Which::Deleted).expect("the page").id, second);
}

#[test]
fn an_earlier_version_is_written_again() {
    let mirror = with_assistants();
    let id = create(&mirror, &new("booking", "refunds", "Refunds"));
    let version = cells(
        SopVersion::TABLE,
        [
            ("sop_id", Value::Id(id.0)),
            ("version", Value::Int(3)),
            ("title", Value::text("Money back")),
            ("content", Value::text("As it was.")),
        ],
    );
    mirror.serve(SopVersion::TABLE, &from_server(version, "version"));
    let restore =
        |version| mirror.store.write(|write| sops::restore_version(write, id, version, Why::default()));
    assert!(restore(3).expect("restored").value);
    let page = mirror.page(id.0);
    assert_eq!((page.title.as_str(), page.content.0.as_str()), ("Money back", "As it was."));
    assert!(matches!(restore(2), Err(Error::Disagreement(Disagreement::NoVersion { version: 2 }))));
}

#[test]
fn what_the_shared_rules_refuse_is_not_stored() {
    let mirror = with_assistants();
    let id = mirror.serve_sop("opening", "Switch on the lights.");
    let refused = mirror.store.write(|write| {
        write.update(Sop::TABLE, id, cells(Sop::TABLE, [("title", Value::text("  "))]), Why::default())
    });
    assert!(matches!(refused, Err(Error::Disagreement(Disagreement::Invalid(_)))), "{refused:?}");
    let escape =
        mirror.store.write(|write| sops::create(write, &new("../etc", "passwd", "x"), Why::default()));
    assert!(matches!(escape, Err(Error::Disagreement(Disagreement::Invalid(_)))), "{escape:?}");
    let read_only = mirror.store.write(|write| {
        let named = [("slug", Value::text("other")), ("name", Value::text("other"))];
        write.update(Assistant::TABLE, id_of("general"), cells(Assistant::TABLE, named), Why::default())
    });
    assert!(matches!(read_only, Err(Error::Disagreement(Disagreement::Refused { column: "slug", .. }))));
    assert_eq!(mirror.count("select count(*) from wal_entries"), 0);
    assert_eq!(mirror.page(id).assistant_id.0, ASSISTANT);
}

//! Lists and trees of pages.

use crate::fixture::{AUTHOR, Mirror, cells, from_server, id_of, server_sop};
use guildhall_local::drafts::Typed;
use guildhall_local::pages::{self, Filter, MAX_LINES, Order, Wanted, Window};
use guildhall_local::sops;
use guildhall_local::subject::Subject;
use guildhall_local::write::Why;
use guildhall_sync::change::{RejectCode, Verdict};
use guildhall_sync::id::{AssistantId, SopId};
use guildhall_sync::model::desk::Assistant;
use guildhall_sync::model::knowledge::Sop;
use guildhall_sync::schema::{Row, common};
use guildhall_sync::value::Value;

const ALL: Wanted<'_> = Wanted {
    assistant: None,
    folder: None,
    filter: Filter::All,
    order: Order::Path,
    text: "",
    offset: 0,
    limit: 100,
};

/// Pages at `category/section`, each a second younger than the one before.
fn guild(paths: &[&str]) -> Mirror {
    let mirror = Mirror::new();
    for slug in ["booking", "emergency"] {
        let named = [("slug", Value::text(slug)), ("name", Value::text(slug.to_uppercase()))];
        mirror.serve(Assistant::TABLE, &from_server(cells(Assistant::TABLE, named), slug));
    }
    for (at, path) in paths.iter().enumerate() {
        let (category, section) = path.rsplit_once('/').unwrap_or(("", path));
        let assistant = if category.starts_with("emergency") { "emergency" } else { "booking" };
        let mut cells = server_sop(section, &format!("Title of {section}"), &"Text. ".repeat(2_000));
        let named = [
            ("assistant_id", Value::Id(id_of(assistant))),
            ("category", Value::text(category)),
            ("version", Value::Int(2)),
        ];
        for (column, value) in named {
            cells.set(Sop::TABLE.column(column).expect("a column").number, value);
        }
        cells.set(common::UPDATED_AT, Value::Int(1_000_000 * at as i64));
        mirror.serve(Sop::TABLE, &cells);
    }
    mirror
}

fn list(mirror: &Mirror, wanted: &Wanted<'_>) -> Window {
    mirror.store.read(|connection| pages::list(connection, wanted)).expect("a list")
}

fn sections(mirror: &Mirror, wanted: &Wanted<'_>) -> Vec<String> {
    let window = list(mirror, wanted);
    assert_eq!(window.total as usize, window.lines.len());
    window.lines.into_iter().map(|line| line.section).collect()
}

const PATHS: [&str; 6] =
    ["emergency/fire", "booking/refunds", "booking/money/card", "bookings/other", "lone", "booking/a"];

#[test]
fn a_list_is_ordered_narrowed_and_cut_into_windows() {
    let mirror = guild(&PATHS);
    assert_eq!(sections(&mirror, &ALL), ["lone", "a", "refunds", "card", "other", "fire"]);
    let changed = Wanted { order: Order::Changed, ..ALL };
    assert_eq!(sections(&mirror, &changed), ["a", "lone", "other", "card", "refunds", "fire"]);
    let titled = Wanted { order: Order::Title, ..ALL };
    assert_eq!(sections(&mirror, &titled), ["a", "card", "fire", "lone", "other", "refunds"]);

    assert_eq!(sections(&mirror, &Wanted { folder: Some("booking"), ..ALL }), ["a", "refunds", "card"]);
    assert_eq!(sections(&mirror, &Wanted { folder: Some("booking/money/"), ..ALL }), ["card"]);
    assert_eq!(sections(&mirror, &Wanted { folder: Some(""), ..ALL }), ["lone"]);
    let emergency = Some(AssistantId(id_of("emergency")));
    assert_eq!(sections(&mirror, &Wanted { assistant: emergency, ..ALL }), ["fire"]);
    assert_eq!(sections(&mirror, &Wanted { text: "MONEY title", ..ALL }), ["card"]);
    assert_eq!(sections(&mirror, &Wanted { text: "Text.", ..ALL }), Vec::<String>::new());

    let window = list(&mirror, &Wanted { offset: 2, limit: 2, ..ALL });
    assert_eq!(window.total, 6);
    let line = &window.lines[0];
    assert_eq!((line.section.as_str(), line.title.as_str()), ("refunds", "Title of refunds"));
    assert_eq!((line.assistant.as_str(), line.version), ("BOOKING", Some(2)));
    assert_eq!(window.lines[1].section, "card");
    assert_eq!(list(&mirror, &Wanted { offset: 6, ..ALL }).lines, []);
}

#[test]
fn what_asks_for_its_author_is_found_by_its_filter() {
    let mirror = guild(&PATHS);
    let filtered = |filter| sections(&mirror, &Wanted { filter, ..ALL });
    for filter in [Filter::Unsent, Filter::Mine, Filter::Unread, Filter::NeedsYou, Filter::Deleted] {
        assert_eq!(filtered(filter), Vec::<String>::new(), "{filter:?}");
    }
    mirror.edit(id_of("card"), [("content", "Changed.")]);
    let subject = Subject::Sop(SopId(id_of("refunds")));
    let typed = Typed { subject, title: "", content: "Typed.", place: "", base_revision: None };
    mirror.store.keep_draft(&typed).expect("kept");
    assert_eq!(filtered(Filter::Unsent), ["card"]);
    assert_eq!(filtered(Filter::Mine), ["refunds", "card"]);
    let refunds = mirror.store.read(|connection| pages::find(connection, SopId(id_of("refunds"))));
    assert!(refunds.expect("a question").expect("the page").has_draft);

    mirror.push(|_| Verdict::Rejected { code: RejectCode::Forbidden, reason: String::new(), fixable: false });
    assert_eq!(filtered(Filter::Unsent), Vec::<String>::new());
    assert_eq!(filtered(Filter::NeedsYou), ["card"]);

    let delete = mirror.store.write(|write| sops::delete(write, SopId(id_of("a")), Why::default()));
    delete.expect("deleted");
    assert_eq!(filtered(Filter::Deleted), ["a"]);
    assert_eq!(filtered(Filter::Unsent), ["a"], "that it is deleted is still to be sent");
    assert!(!filtered(Filter::All).contains(&"a".to_owned()));
    let line = mirror.store.read(|connection| pages::find(connection, SopId(id_of("a"))));
    let line = line.expect("a question").expect("the page");
    assert!(line.is_deleted && line.changed_by.is_none());
    assert_ne!(AUTHOR, line.id.0);
}

#[test]
fn folders_are_counted_and_what_is_shown_first_begins_with_emergencies() {
    let mirror = guild(&PATHS);
    mirror.edit(id_of("lone"), [("content", "Changed.")]);
    let pin = cells(Sop::TABLE, [("is_pinned", Value::Int(1))]);
    mirror.store.write(|write| write.update(Sop::TABLE, id_of("a"), pin, Why::default())).expect("pinned");
    mirror.store.write(|write| sops::delete(write, SopId(id_of("other")), Why::default())).expect("deleted");

    let counts = mirror.store.read(pages::count_by_folder).expect("the folders");
    let mut counts: Vec<_> = counts.into_iter().map(|count| (count.category, count.rows)).collect();
    counts.sort();
    let expected = [("", 1), ("booking", 2), ("booking/money", 1), ("emergency", 1)];
    assert_eq!(counts, expected.map(|(category, rows)| (category.to_owned(), rows)));
    let totals = mirror.store.read(pages::count).expect("the numbers");
    assert_eq!((totals.live, totals.deleted, totals.drafts), (5, 1, 0));
    let pinned = mirror.store.read(|connection| pages::list_pinned(connection, 5)).expect("the pinned");
    assert_eq!(pinned.iter().map(|line| line.section.as_str()).collect::<Vec<_>>(), ["fire", "a"]);
}

#[test]
fn a_list_of_many_pages_reads_none_of_their_texts() {
    let mirror = guild(&PATHS);
    assert!(list(&mirror, &Wanted { limit: usize::MAX, ..ALL }).lines.len() <= MAX_LINES);
    let uses_no_row = |select: &str| {
        let plan = format!("explain query plan {select}");
        let plan = mirror.store.read(|connection| {
            let mut plan = connection.prepare(&plan)?;
            let steps = plan.query_map([], |row| row.get::<_, String>(3))?;
            Ok(steps.collect::<Result<Vec<_>, _>>()?)
        });
        let plan = plan.expect("a plan");
        let of_pages: Vec<_> =
            plan.iter().filter(|step| step.contains(" s ") || step.ends_with(" s")).collect();
        assert!(!of_pages.is_empty(), "{plan:?}");
        assert!(of_pages.iter().all(|step| step.contains("COVERING INDEX sops_in_lists")), "{plan:?}");
    };
    uses_no_row("select s.id from sops s indexed by sops_in_lists where s.title > '' order by s.category");
    uses_no_row("select id from unread_pages");
    uses_no_row("select 1 from unread_pages where id = x'00'");
}

//! From pages to files.

use super::{files, folder, import, look, mirror, numbers, page, put, write_out};
use crate::fixture::{cells, from_server, id_of, server_sop};
use guildhall_local::folder::export::{Existing, ExportReport, export};
use guildhall_sync::id::AssistantId;
use guildhall_sync::model::knowledge::Sop;
use guildhall_sync::schema::Row;
use guildhall_sync::value::Value;
use tempfile::tempdir;

fn told(report: &ExportReport) -> String {
    let lines = report.refused.iter().map(|refused| format!("{}: {}", refused.path, refused.why));
    lines.collect::<Vec<_>>().join("\n")
}

#[test]
fn every_live_page_is_a_file() {
    let (mirror, out) = (mirror(), tempdir().expect("a folder"));
    import(&mirror, &folder([("booking/access/pin.md", "# PIN\n"), ("about.md", "# About")]));
    let report = write_out(&mirror, &out, Existing::Keep);
    assert_eq!((report.written, report.same), (2, 0));
    let found: Vec<String> = files(out.path()).into_keys().collect();
    assert_eq!(found, ["about.md", "booking/access/pin.md"]);
    let report = write_out(&mirror, &out, Existing::Keep);
    assert_eq!((report.written, report.same), (0, 2));
}

#[test]
fn the_pages_of_one_assistant_can_be_written_alone() {
    let (mirror, out) = (mirror(), tempdir().expect("a folder"));
    import(&mirror, &folder([("booking/pin.md", "# PIN\n"), ("about.md", "# About")]));
    let booking = Some(AssistantId(id_of("booking")));
    export(&mirror.store, out.path(), booking, Existing::Keep, &mut |_| {}).expect("an export");
    assert_eq!(files(out.path()).into_keys().collect::<Vec<_>>(), ["booking/pin.md"]);
}

#[test]
fn a_file_that_says_something_else_is_replaced_only_when_told() {
    let (mirror, out) = (mirror(), tempdir().expect("a folder"));
    import(&mirror, &folder([("a.md", "from the mirror"), ("b.md", "b")]));
    put(&out, "a.md", "by hand");
    put(&out, "other.md", "not a page here");
    let report = write_out(&mirror, &out, Existing::Keep);
    assert_eq!(told(&report), "a: the file says something else; it was left as it is");
    assert_eq!(files(out.path())["a.md"], b"by hand");
    assert_eq!(write_out(&mirror, &out, Existing::Replace).written, 1);
    assert_eq!(files(out.path())["a.md"], b"from the mirror");
    assert_eq!(files(out.path()).len(), 3, "nothing is left over and nothing is taken away");
}

#[test]
fn what_was_changed_in_guildhall_comes_back_from_the_file_elsewhere() {
    let (first, second, out) = (mirror(), mirror(), tempdir().expect("a folder"));
    import(&first, &folder([("booking/pin.md", "# PIN\n")]));
    let id = page(&first, "booking/pin").id.0;
    first.edit(id, [("title", "Doors: when a PIN fails"), ("sensitivity", "confidential")]);
    write_out(&first, &out, Existing::Keep);
    assert_eq!(numbers(&look(&first, &out)), [0, 0, 1, 0, 0], "here it is the same");
    import(&second, &out);
    let pin = page(&second, "booking/pin");
    assert_eq!(pin.title, "Doors: when a PIN fails");
    assert_eq!(pin.sensitivity.word(), "confidential");
    assert_eq!(pin.content.0, "# PIN\n");
}

#[test]
fn names_from_elsewhere_never_lead_out_of_the_folder() {
    let (mirror, out) = (mirror(), tempdir().expect("a folder"));
    let names = [
        ("..", "up"),
        ("a", "../../up"),
        ("/etc", "cron"),
        ("a//b", "c"),
        ("con", "x"),
        ("a", "b:c"),
        ("ok", "fine"),
    ];
    for (at, (category, section)) in names.into_iter().enumerate() {
        let named = [("category", Value::text(category)), ("section", Value::text(section))];
        let mut row = server_sop("x", "X", "text");
        cells(Sop::TABLE, named).iter().for_each(|(number, value)| row.set(number, value.clone()));
        mirror.serve(Sop::TABLE, &from_server(row, &format!("hostile-{at}")));
    }
    let inside = out.path().join("export");
    std::fs::create_dir(&inside).expect("a folder");
    let report = export(&mirror.store, &inside, None, Existing::Replace, &mut |_| {}).expect("an export");
    assert_eq!((report.written, report.refused.len()), (1, 6), "{}", told(&report));
    assert_eq!(files(out.path()).into_keys().collect::<Vec<_>>(), ["export/ok/fine.md"]);
}

#[test]
fn pages_that_a_laptop_cannot_tell_apart_are_not_written_over_each_other() {
    let (mirror, out) = (mirror(), tempdir().expect("a folder"));
    mirror.serve(Sop::TABLE, &server_sop("PIN", "one", "one"));
    mirror.serve(Sop::TABLE, &server_sop("pin", "two", "two"));
    let report = write_out(&mirror, &out, Existing::Replace);
    assert_eq!(
        told(&report),
        "booking/pin: some laptops cannot tell its name from booking/PIN; rename one of them"
    );
    assert_eq!(files(out.path()).len(), 1);
}

#[cfg(unix)]
#[test]
fn links_in_the_folder_are_not_written_through() {
    use std::os::unix::fs::symlink;
    let (mirror, out, outside) = (mirror(), tempdir().expect("a folder"), tempdir().expect("a folder"));
    put(&outside, "target.md", "precious");
    import(&mirror, &folder([("away/a.md", "a"), ("b.md", "b"), ("c.md", "c")]));
    symlink(outside.path(), out.path().join("away")).expect("a link");
    symlink(outside.path().join("target.md"), out.path().join("b.md")).expect("a link");
    let unfinished = format!(".guildhall-{}.unfinished", std::process::id());
    symlink(outside.path().join("target.md"), out.path().join(unfinished)).expect("a link");
    let report = write_out(&mirror, &out, Existing::Replace);
    assert_eq!(told(&report), "b: it is not a file\naway/a: it is a link that leads out of the folder");
    assert_eq!(report.written, 1);
    assert_eq!(files(outside.path()), [("target.md".to_owned(), b"precious".to_vec())].into());
}

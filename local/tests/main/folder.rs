//! Folders of Markdown go in and out.

mod export;
mod handbook;
mod import;

use crate::fixture::{Mirror, from_server};
use guildhall_local::folder::export::{Existing, ExportReport, export};
use guildhall_local::folder::import::{ImportPlan, ImportReport, apply, plan};
use guildhall_sync::model::desk::Assistant;
use guildhall_sync::model::knowledge::Sop;
use guildhall_sync::schema::Row;
use guildhall_sync::value::Value;
use std::collections::BTreeMap;
use std::path::Path;
use tempfile::TempDir;

/// A mirror with the two assistants that pages go to.
fn mirror() -> Mirror {
    let mirror = Mirror::new();
    for (slug, name) in [("general", "General"), ("booking", "Booking")] {
        let named = [("slug", Value::text(slug)), ("name", Value::text(name))];
        mirror.serve(Assistant::TABLE, &from_server(crate::fixture::cells(Assistant::TABLE, named), slug));
    }
    mirror
}

fn put(folder: &TempDir, path: &str, bytes: impl AsRef<[u8]>) {
    let path = folder.path().join(path);
    std::fs::create_dir_all(path.parent().expect("a file is in a folder")).expect("a folder");
    std::fs::write(path, bytes).expect("a file");
}

fn folder<const N: usize>(files: [(&str, &str); N]) -> TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    files.iter().for_each(|(path, text)| put(&folder, path, text));
    folder
}

fn look(mirror: &Mirror, folder: &TempDir) -> ImportPlan {
    plan(&mirror.store, folder.path()).expect("a plan")
}

fn import(mirror: &Mirror, folder: &TempDir) -> ImportReport {
    apply(&mirror.store, &look(mirror, folder), Some("imported"), &mut |_| {}).expect("an import")
}

fn write_out(mirror: &Mirror, folder: &TempDir, existing: Existing) -> ExportReport {
    export(&mirror.store, folder.path(), None, existing, &mut |_| {}).expect("an export")
}

/// All files below a folder, by path.
fn files(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut found = BTreeMap::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(next) = folders.pop() {
        for entry in std::fs::read_dir(next).expect("a folder") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                folders.push(path);
            } else {
                let name = path.strip_prefix(folder).expect("below it").to_string_lossy().into_owned();
                found.insert(name, std::fs::read(path).expect("a file"));
            }
        }
    }
    found
}

fn numbers(plan: &ImportPlan) -> [usize; 5] {
    [plan.new.len(), plan.changed.len(), plan.same, plan.refused.len(), plan.skipped]
}

fn told(plan: &ImportPlan) -> String {
    let lines = plan.refused.iter().map(|refused| format!("{}: {}", refused.path, refused.why));
    lines.collect::<Vec<_>>().join("\n")
}

fn page(mirror: &Mirror, path: &str) -> Sop {
    let which = guildhall_local::sops::Which::Live;
    mirror.store.read(|connection| guildhall_local::sops::get(connection, path, which)).expect("a page")
}

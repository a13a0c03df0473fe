//! The commands for folders of Markdown pages.

use super::output::Output;
use super::{Export, Import};
use crate::app::App;
use crate::commands::folder::{self, Exported, Imported, RefusedFile};
use crate::failure::{Code, Failure};
use crate::words::count;
use guildhall_local::folder::export::Existing;
use guildhall_local::folder::import::Progress;
use std::fmt::Write;

/// Paths that are printed one by one; of more only the number is said.
const SHOWN: usize = 20;

pub fn import(app: &App, wish: &Import, out: Output) -> Result<(), Failure> {
    let mut tell = |progress: Progress| out.progress(&format!("{} of {} pages", progress.done, progress.all));
    let imported = folder::import(app, &wish.folder, wish.apply, &mut tell)?;
    out.progress_done();
    out.answer(&imported, print_import)?;
    refused(imported.refused.len(), "file", "files")
}

pub fn export(app: &App, wish: &Export, out: Output) -> Result<(), Failure> {
    let mut tell = |progress: Progress| out.progress(&format!("{} of {} pages", progress.done, progress.all));
    let existing = if wish.overwrite { Existing::Replace } else { Existing::Keep };
    let exported = folder::export(app, &wish.folder, existing, &mut tell)?;
    out.progress_done();
    out.answer(&exported, print_export)?;
    refused(exported.refused.len(), "page", "pages")
}

/// What was left out is said in the answer; the exit code says that there was something.
fn refused(number: usize, one: &str, many: &str) -> Result<(), Failure> {
    if number == 0 {
        return Ok(());
    }
    let what = count(number as u64, one, many);
    Err(Failure::new(Code::Disagreement, format!("{what} left out; the rest is as the list says.")))
}

fn print_import(imported: &Imported) -> String {
    let mut out = String::new();
    let (new, changed) = if imported.is_applied { ("added", "changed") } else { ("new", "would change") };
    list(&mut out, new, imported.added.iter().map(String::as_str));
    list(&mut out, changed, imported.changed.iter().map(String::as_str));
    list_refused(&mut out, &imported.refused);
    writeln!(
        out,
        "{} {new}, {} {changed}, {} the same, {} refused, {} skipped.",
        imported.added.len(),
        imported.changed.len(),
        imported.same,
        imported.refused.len(),
        imported.skipped
    )
    .ok();
    if !imported.is_applied && imported.added.len() + imported.changed.len() > 0 {
        out.push_str("Nothing was written. Do it with --apply.\n");
    }
    out
}

fn print_export(exported: &Exported) -> String {
    let mut out = String::new();
    list_refused(&mut out, &exported.refused);
    writeln!(
        out,
        "{} written, {} the same, {} refused.",
        exported.written,
        exported.same,
        exported.refused.len()
    )
    .ok();
    out
}

fn list<'a>(out: &mut String, word: &str, paths: impl ExactSizeIterator<Item = &'a str>) {
    let left = paths.len().saturating_sub(SHOWN);
    for path in paths.take(SHOWN) {
        writeln!(out, "  {word:14} {path}").ok();
    }
    if left > 0 {
        writeln!(out, "  {word:14} and {left} more").ok();
    }
}

fn list_refused(out: &mut String, refused: &[RefusedFile]) {
    for RefusedFile { path, why } in refused {
        writeln!(out, "  {:14} {path}: {why}", "refused").ok();
    }
}

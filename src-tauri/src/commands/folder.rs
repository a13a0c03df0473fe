//! Folders of Markdown pages: in and out.

use crate::app::App;
use crate::failure::Failure;
use guildhall_local::folder::export::{self, Existing, ExportReport};
use guildhall_local::folder::import::{self, ImportPlan, ImportReport, Progress};
use guildhall_local::folder::walk::Refused;
use serde::Serialize;
use std::path::Path;

/// What an import would do, or did.
#[derive(Debug, Serialize)]
pub struct Imported {
    /// Whether it was done; else it is only said.
    pub is_applied: bool,
    pub added: Vec<String>,
    pub changed: Vec<String>,
    pub same: usize,
    pub refused: Vec<RefusedFile>,
    /// Files that are no pages.
    pub skipped: usize,
}

#[derive(Debug, Serialize)]
pub struct Exported {
    pub written: usize,
    pub same: usize,
    pub refused: Vec<RefusedFile>,
}

/// A file that is not taken, or a page that got no file.
#[derive(Debug, Serialize)]
pub struct RefusedFile {
    pub path: String,
    pub why: String,
}

/// Looks at the folder; writes only where `is_applied`.
pub fn import(
    app: &App,
    folder: &Path,
    is_applied: bool,
    tell: &mut dyn FnMut(Progress),
) -> Result<Imported, Failure> {
    let plan = import::plan(&app.store, folder)?;
    let report = if is_applied {
        let reason = format!("Import of {}", folder.file_name().unwrap_or(folder.as_os_str()).display());
        import::apply(&app.store, &plan, Some(&reason), tell)?
    } else {
        ImportReport::default()
    };
    Ok(imported(plan, report, is_applied))
}

fn imported(plan: ImportPlan, report: ImportReport, is_applied: bool) -> Imported {
    let late: Vec<RefusedFile> = refused(report.refused);
    let is_late = |path: &String| late.iter().any(|refused| refused.path == *path);
    let added = plan.new.into_iter().map(|page| page.path).filter(|path| !is_late(path)).collect();
    let changed = plan.changed.into_iter().map(|page| page.path).filter(|path| !is_late(path)).collect();
    let mut refused = refused(plan.refused);
    refused.extend(late);
    Imported { is_applied, added, changed, same: plan.same, refused, skipped: plan.skipped }
}

pub fn export(
    app: &App,
    folder: &Path,
    existing: Existing,
    tell: &mut dyn FnMut(Progress),
) -> Result<Exported, Failure> {
    let ExportReport { written, same, refused: left } =
        export::export(&app.store, folder, None, existing, tell)?;
    Ok(Exported { written, same, refused: refused(left) })
}

fn refused(refused: Vec<Refused>) -> Vec<RefusedFile> {
    refused.into_iter().map(|Refused { path, why }| RefusedFile { path, why: why.to_string() }).collect()
}

//! SOPs become files: `category/section.md` for every live page. A file is whole or not there,
//! nothing is written outside the folder, and a file that says something else is left alone
//! unless a person said that it may be replaced. No file is taken away.

use super::import::Progress;
use super::names::PageName;
use super::page;
use super::refusal::Refusal;
use super::walk::Refused;
use crate::error::{Error, Result};
use crate::sops;
use crate::store::{Store, rows};
use guildhall_sync::id::AssistantId;
use guildhall_sync::model::knowledge::MAX_PAGE_BYTES;
use std::collections::HashMap;
use std::fs::{File, Metadata, OpenOptions};
use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};

/// What happens to a file that says something else than its page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Existing {
    Keep,
    Replace,
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ExportReport {
    pub written: usize,
    /// Files that said the same already.
    pub same: usize,
    /// Pages that have no file now, or not this one.
    pub refused: Vec<Refused>,
}

/// Writes the live pages, or those of one assistant, into `folder`.
pub fn export(
    store: &Store,
    folder: &Path,
    assistant: Option<AssistantId>,
    existing: Existing,
    tell: &mut dyn FnMut(Progress),
) -> Result<ExportReport> {
    let pages = store.read(|connection| {
        let assistants = rows::list_typed(connection, "deleted_at is null", [])?;
        let mut sops = sops::list(connection, None)?;
        sops.retain(|sop| assistant.is_none_or(|assistant| sop.assistant_id == assistant));
        let page = |sop| (sops::path(&sop), PageName::of_sop(&sop), page::text_of(&sop, &assistants));
        Ok(sops.into_iter().map(page).collect::<Vec<_>>())
    })?;
    std::fs::create_dir_all(folder).map_err(|error| Error::io(folder, error))?;
    let root = folder.canonicalize().map_err(|error| Error::io(folder, error))?;
    let mut report = ExportReport::default();
    let mut taken = HashMap::new();
    let all = pages.len();
    for (at, (path, name, text)) in pages.into_iter().enumerate() {
        let twin = taken.insert(name.folded(), path.clone());
        match twin {
            Some(other) => report.refuse(path, Refusal::Twin { other }),
            None => report.add(path, write_page(&root, &name, &text, existing)?),
        }
        tell(Progress { done: at + 1, all });
    }
    Ok(report)
}

impl ExportReport {
    fn add(&mut self, path: String, written: Outcome) {
        match written {
            Outcome::Written => self.written += 1,
            Outcome::Same => self.same += 1,
            Outcome::Refused(why) => self.refuse(path, why),
        }
    }

    fn refuse(&mut self, path: String, why: Refusal) {
        self.refused.push(Refused { path, why });
    }
}

enum Outcome {
    Written,
    Same,
    Refused(Refusal),
}

fn write_page(root: &Path, name: &PageName, text: &str, existing: Existing) -> Result<Outcome> {
    let path = match name.path() {
        Ok(path) => path,
        Err(fault) => return Ok(Outcome::Refused(fault.into())),
    };
    let (folders, file) = path.rsplit_once('/').unwrap_or(("", &path));
    let Some(folder) = make_folders(root, folders)? else {
        return Ok(Outcome::Refused(Refusal::LeadsOut));
    };
    let file = folder.join(file);
    match look(&file)? {
        None => {}
        Some(there) if !there.is_file() => return Ok(Outcome::Refused(Refusal::NotAFile)),
        Some(there) if says(&file, &there, text)? => return Ok(Outcome::Same),
        Some(_) if existing == Existing::Keep => return Ok(Outcome::Refused(Refusal::Differs)),
        Some(_) => {}
    }
    write_whole(&folder, &file, text).map_err(|error| Error::io(&file, error))?;
    Ok(Outcome::Written)
}

/// The folder of a page, made where it is not there. None where a link stands in the way: it may
/// lead anywhere.
fn make_folders(root: &Path, folders: &str) -> Result<Option<PathBuf>> {
    let mut folder = root.to_owned();
    for name in folders.split('/').filter(|name| !name.is_empty()) {
        folder.push(name);
        match std::fs::create_dir(&folder) {
            Err(error) if error.kind() != ErrorKind::AlreadyExists => return Err(Error::io(folder, error)),
            _ => {}
        }
        if !look(&folder)?.is_some_and(|there| there.is_dir()) {
            return Ok(None);
        }
    }
    Ok(Some(folder))
}

/// What is there itself, not what it links to.
fn look(path: &Path) -> Result<Option<Metadata>> {
    match path.symlink_metadata() {
        Ok(metadata) => Ok(Some(metadata)),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(Error::io(path, error)),
    }
}

fn says(file: &Path, there: &Metadata, text: &str) -> Result<bool> {
    if there.len() != text.len() as u64 || text.len() > 2 * MAX_PAGE_BYTES {
        return Ok(false);
    }
    Ok(std::fs::read(file).map_err(|error| Error::io(file, error))? == text.as_bytes())
}

/// Beside the file first, under a name that no page has, and then in its place.
fn write_whole(folder: &Path, file: &Path, text: &str) -> std::io::Result<()> {
    let unfinished = folder.join(format!(".guildhall-{}.unfinished", std::process::id()));
    match std::fs::remove_file(&unfinished) {
        Err(error) if error.kind() != ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let written = fill_new(&unfinished, text).and_then(|()| std::fs::rename(&unfinished, file));
    if written.is_err() {
        std::fs::remove_file(&unfinished).ok();
    }
    written
}

/// A new file: a link of that name is not followed.
fn fill_new(path: &Path, text: &str) -> std::io::Result<()> {
    let mut file: File = OpenOptions::new().write(true).create_new(true).open(path)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()
}

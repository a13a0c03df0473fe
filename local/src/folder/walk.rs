//! Reads a folder of Markdown files: what is a page, what is refused and why, what is no page.
//! Nothing outside the folder is read, and no file further than a page may be long.

use super::names::{ENDING, PageName};
use super::refusal::Refusal;
use crate::error::{Disagreement, Error, Result};
use guildhall_sync::model::knowledge::MAX_PAGE_BYTES;
use std::collections::HashMap;
use std::fs::{DirEntry, File};
use std::io::Read;
use std::path::{Path, PathBuf};

/// Folders further down are not looked into.
const MAX_DEPTH: usize = 32;
/// A folder with more pages, or with more text, is not a handbook.
const MAX_PAGES: usize = 20_000;
const MAX_FOLDER_BYTES: usize = 256 * 1024 * 1024;

#[derive(Debug, Default)]
pub struct Found {
    pub pages: Vec<FoundPage>,
    pub refused: Vec<Refused>,
    /// Files that are no pages, and hidden folders.
    pub skipped: usize,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FoundPage {
    /// Relative to the folder, parted by `/`.
    pub path: String,
    pub name: PageName,
    pub text: String,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refused {
    /// Relative to the folder, parted by `/`.
    pub path: String,
    pub why: Refusal,
}

/// Reads all pages below `folder`, in the order of their paths.
pub fn read(folder: &Path) -> Result<Found> {
    let root = folder.canonicalize().map_err(|error| Error::io(folder, error))?;
    let mut walk = Walk { root, found: Found::default(), bytes: 0 };
    walk.folder(&walk.root.clone(), "", 0)?;
    walk.found.pages.sort_by(|a, b| a.path.cmp(&b.path));
    refuse_twins(&mut walk.found);
    walk.found.refused.sort_by(|a, b| a.path.cmp(&b.path));
    Ok(walk.found)
}

struct Walk {
    root: PathBuf,
    found: Found,
    bytes: usize,
}

impl Walk {
    fn folder(&mut self, folder: &Path, prefix: &str, depth: usize) -> Result<()> {
        let entries = std::fs::read_dir(folder).map_err(|error| Error::io(folder, error))?;
        for entry in entries {
            let entry = entry.map_err(|error| Error::io(folder, error))?;
            let name = entry.file_name();
            let path = format!("{prefix}{}", name.to_string_lossy());
            match self.entry(&entry, &path, name.to_str().is_none()) {
                Ok(Step::Into(folder)) if depth < MAX_DEPTH => {
                    self.folder(&folder, &format!("{path}/"), depth + 1)?;
                }
                Ok(Step::Into(_) | Step::Skip) => self.found.skipped += 1,
                Ok(Step::Page(page)) => self.add(page)?,
                Err(why) => self.found.refused.push(Refused { path, why }),
            }
        }
        Ok(())
    }

    fn add(&mut self, page: FoundPage) -> Result<()> {
        self.bytes += page.text.len();
        self.found.pages.push(page);
        if self.found.pages.len() > MAX_PAGES || self.bytes > MAX_FOLDER_BYTES {
            let mib = MAX_FOLDER_BYTES / 1024 / 1024;
            return Err(Disagreement::FolderTooLarge { pages: MAX_PAGES, mib }.into());
        }
        Ok(())
    }

    fn entry(
        &self,
        entry: &DirEntry,
        path: &str,
        name_is_broken: bool,
    ) -> std::result::Result<Step, Refusal> {
        let unreadable = |error: std::io::Error| Refusal::Unreadable(error.to_string());
        let kind = entry.file_type().map_err(unreadable)?;
        let name = path.rsplit('/').next().unwrap_or(path);
        if kind.is_dir() {
            return Ok(if name.starts_with('.') { Step::Skip } else { Step::Into(entry.path()) });
        }
        if name.starts_with('.') || !is_markdown(name) {
            return Ok(Step::Skip);
        }
        if name_is_broken {
            return Err(Refusal::NameNotUnicode);
        }
        if !name.ends_with(ENDING) {
            return Err(Refusal::Ending);
        }
        let page_name = PageName::of_path(path)?;
        let file = self.follow(entry, kind.is_symlink())?;
        Ok(Step::Page(FoundPage { path: path.to_owned(), name: page_name, text: read_text(&file)? }))
    }

    /// The file itself, where the entry is a link to one inside the folder.
    fn follow(&self, entry: &DirEntry, is_link: bool) -> std::result::Result<PathBuf, Refusal> {
        if !is_link {
            return Ok(entry.path());
        }
        let target = entry.path().canonicalize().map_err(|error| Refusal::Unreadable(error.to_string()))?;
        if !target.starts_with(&self.root) {
            return Err(Refusal::LeadsOut);
        }
        if target.is_dir() { Err(Refusal::LinkedFolder) } else { Ok(target) }
    }
}

enum Step {
    Into(PathBuf),
    Page(FoundPage),
    Skip,
}

/// Also endings that are then refused: a page is not left out in silence.
fn is_markdown(name: &str) -> bool {
    let ending = name.rsplit('.').next().unwrap_or_default().to_ascii_lowercase();
    name.contains('.') && matches!(ending.as_str(), "md" | "markdown" | "mdown" | "mkd")
}

fn read_text(path: &Path) -> std::result::Result<String, Refusal> {
    let unreadable = |error: std::io::Error| Refusal::Unreadable(error.to_string());
    let metadata = path.metadata().map_err(unreadable)?;
    if !metadata.is_file() {
        return Err(Refusal::NotAFile);
    }
    let too_large = |bytes| Refusal::TooLarge { bytes, most: MAX_PAGE_BYTES };
    if metadata.len() > MAX_PAGE_BYTES as u64 {
        return Err(too_large(metadata.len()));
    }
    let mut bytes = Vec::new();
    let file = File::open(path).map_err(unreadable)?;
    file.take(MAX_PAGE_BYTES as u64 + 1).read_to_end(&mut bytes).map_err(unreadable)?;
    if bytes.len() > MAX_PAGE_BYTES {
        return Err(too_large(bytes.len() as u64));
    }
    text_of(bytes)
}

/// The text of a page, from its bytes as they are.
pub fn text_of(bytes: Vec<u8>) -> std::result::Result<String, Refusal> {
    if let Some(at) = bytes.iter().position(|byte| *byte == 0) {
        return Err(Refusal::NotText { at });
    }
    String::from_utf8(bytes).map_err(|error| Refusal::NotUtf8 { at: error.utf8_error().valid_up_to() })
}

/// Of files that a laptop cannot tell apart none is taken: which one is meant is not known here.
fn refuse_twins(found: &mut Found) {
    let mut by_name: HashMap<String, Vec<String>> = HashMap::new();
    for page in &found.pages {
        by_name.entry(page.name.folded()).or_default().push(page.path.clone());
    }
    let (pages, twins): (Vec<_>, Vec<_>) = std::mem::take(&mut found.pages)
        .into_iter()
        .partition(|page| by_name[&page.name.folded()].len() == 1);
    found.pages = pages;
    found.refused.extend(twins.into_iter().map(|page| {
        let others = by_name[&page.name.folded()].iter().filter(|path| **path != page.path);
        let other = others.cloned().collect::<Vec<_>>().join(", ");
        Refused { path: page.path, why: Refusal::Twin { other } }
    }));
}

#[cfg(test)]
mod tests;

//! The SOPs of the sample: Markdown files whose path says assistant, category and section.

use super::SampleError;
use guildhall_local::folder::front_matter;
use include_dir::{Dir, DirEntry, File};
use serde_json::{Map, Value as Json, json};

/// Each page as an object of named values.
pub fn objects(sample: &Dir<'_>) -> Result<Vec<Map<String, Json>>, SampleError> {
    let mut files = Vec::new();
    collect(sample.get_dir("sops"), &mut files);
    files.into_iter().map(object).collect()
}

fn collect<'a>(folder: Option<&'a Dir<'a>>, files: &mut Vec<&'a File<'a>>) {
    for entry in folder.into_iter().flat_map(Dir::entries) {
        match entry {
            DirEntry::Dir(below) => collect(Some(below), files),
            DirEntry::File(file) => files.push(file),
        }
    }
}

fn object(file: &File<'_>) -> Result<Map<String, Json>, SampleError> {
    let name = file.path().to_string_lossy();
    let broken = |what: &str| SampleError(format!("{name}: {what}"));
    let text = file.contents_utf8().ok_or_else(|| broken("not UTF-8"))?;
    let path = name.strip_prefix("sops/").and_then(|path| path.strip_suffix(".md"));
    let (category, section) =
        path.and_then(|path| path.rsplit_once('/')).ok_or_else(|| broken("its path"))?;
    let assistant = category.split('/').next().unwrap_or(category);
    let (front, content) = front_matter::part(text).map_err(|_| broken("its front matter"))?;
    let facts = front_matter::read(front).map_err(|_| broken("its front matter"))?;
    let optional = [
        ("sensitivity", facts.sensitivity.map(|sensitivity| sensitivity.word())),
        ("status", facts.status.map(|status| status.word())),
    ];
    let mut object = Map::from_iter([
        ("ref".to_owned(), json!(format!("{category}/{section}"))),
        ("assistant_id".to_owned(), json!(format!("assistants/{assistant}"))),
        ("category".to_owned(), json!(category)),
        ("section".to_owned(), json!(section)),
        ("title".to_owned(), json!(facts.title.as_deref().unwrap_or(section))),
        ("content".to_owned(), json!(content)),
        ("front_matter".to_owned(), json!(front)),
        ("is_pinned".to_owned(), json!(facts.pinned.unwrap_or(false))),
    ]);
    for (column, word) in optional {
        if let Some(word) = word {
            object.insert(column.to_owned(), json!(word));
        }
    }
    Ok(object)
}

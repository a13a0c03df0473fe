//! Folders from the paths of pages: a folder is there because a page lies in it or below it.

use serde::Serialize;
use ts_rs::TS;

#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
pub struct FolderNode {
    /// The whole path, as in `booking/money`.
    pub path: String,
    /// Its last part.
    pub name: String,
    /// Live pages in it and below it.
    pub rows: u64,
    pub folders: Vec<FolderNode>,
}

/// The outermost folders. Pages of no folder are in none.
pub fn build<'a>(counts: impl IntoIterator<Item = (&'a str, u64)>) -> Vec<FolderNode> {
    let mut folders = Vec::new();
    for (path, rows) in counts {
        add(&mut folders, "", path, rows);
    }
    sort(&mut folders);
    folders
}

fn add(folders: &mut Vec<FolderNode>, above: &str, rest: &str, rows: u64) {
    let (name, below) = rest.split_once('/').unwrap_or((rest, ""));
    if name.is_empty() {
        return;
    }
    let at = folders.iter().position(|folder| folder.name == name).unwrap_or_else(|| {
        let path = if above.is_empty() { name.to_owned() } else { format!("{above}/{name}") };
        folders.push(FolderNode { path, name: name.to_owned(), rows: 0, folders: Vec::new() });
        folders.len() - 1
    });
    let folder = &mut folders[at];
    folder.rows += rows;
    add(&mut folder.folders, &folder.path, below, rows);
}

fn sort(folders: &mut [FolderNode]) {
    folders.sort_by_cached_key(|folder| (folder.name.to_lowercase(), folder.name.clone()));
    folders.iter_mut().for_each(|folder| sort(&mut folder.folders));
}

#[cfg(test)]
mod tests {
    use super::*;

    fn print(folders: &[FolderNode]) -> Vec<String> {
        let below = |folder: &FolderNode| {
            std::iter::once(format!("{} {}", folder.path, folder.rows)).chain(print(&folder.folders))
        };
        folders.iter().flat_map(|folder| below(folder).collect::<Vec<_>>()).collect()
    }

    #[test]
    fn a_folder_counts_what_lies_below_it() {
        let counts = [("till/opening", 2), ("", 5), ("Booking/money/cards", 1), ("till", 3), ("Booking", 4)];
        let expected = ["Booking 5", "Booking/money 1", "Booking/money/cards 1", "till 5", "till/opening 2"];
        assert_eq!(print(&build(counts)), expected);
        assert_eq!(print(&build([("a/c", 1), ("ab", 1), ("a/b", 1)])), ["a 2", "a/b 1", "a/c 1", "ab 1"]);
    }
}

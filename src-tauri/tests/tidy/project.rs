//! Which files belong to the project, and what a broken rule looks like.

use std::fmt;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::source::Source;

#[derive(Debug, PartialEq, Eq)]
pub struct Violation {
    pub path: String,
    /// Counted from 1.
    pub line: usize,
    pub advice: String,
}

impl fmt::Display for Violation {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}:{}: {}", self.path, self.line, self.advice)
    }
}

pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the workspace holds this crate").to_path_buf()
}

/// Every file that is in git or about to be, relative to the root.
pub fn list_files() -> Vec<String> {
    let output = Command::new("git")
        .args(["ls-files", "-z", "--cached", "--others", "--exclude-standard"])
        .current_dir(root())
        .output()
        .expect("git runs");
    assert!(output.status.success(), "git: {}", String::from_utf8_lossy(&output.stderr));
    let listing = String::from_utf8(output.stdout).expect("file names are UTF-8");
    // Deleted files stay listed until that is committed.
    listing.split_terminator('\0').filter(|path| root().join(path).is_file()).map(str::to_owned).collect()
}

pub fn read_rust_sources() -> Vec<Source> {
    list_files()
        .iter()
        .filter(|path| path.ends_with(".rs"))
        .map(|path| {
            Source::new(path, std::fs::read_to_string(root().join(path)).expect("Rust files are UTF-8"))
        })
        .collect()
}

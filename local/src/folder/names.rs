//! Which names a page may have, so that every laptop can write it as a file and no name leads out
//! of the folder. Pure: nothing here looks at a disk.

use guildhall_sync::model::knowledge::Sop;
use unicode_normalization::UnicodeNormalization;

/// What the name of a page's file ends in.
pub const ENDING: &str = ".md";
/// The longest name of a file or folder, in bytes: the smallest limit among the systems.
const MAX_NAME_BYTES: usize = 255;

/// Where a page stands: the folders above it, parted by `/`, and its name in the last one.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PageName {
    pub category: String,
    pub section: String,
}

/// Why a name is not taken.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NameFault {
    #[error("a part of the name is empty")]
    Empty,
    #[error("{0:?} begins with a dot")]
    Dot(String),
    #[error("{0:?} ends with a dot or a space, which Windows drops")]
    Ending(String),
    #[error("{name:?} holds {found:?}, which not every system can write")]
    Character { name: String, found: char },
    #[error("{0:?} is a device on Windows")]
    Device(String),
    #[error("a name of {0} bytes is too long for a file")]
    TooLong(usize),
}

impl PageName {
    pub fn of_sop(sop: &Sop) -> Self {
        Self { category: sop.category.clone(), section: sop.section.clone() }
    }

    /// The page of the file at `path`, which is relative and parted by `/`. Names are kept in
    /// composed form, so that laptops which write `é` in two ways mean the same page.
    pub fn of_path(path: &str) -> Result<Self, NameFault> {
        let path: String = path.nfc().collect();
        let stem = path.strip_suffix(ENDING).unwrap_or(&path);
        let (category, section) = stem.rsplit_once('/').unwrap_or(("", stem));
        let name = Self { category: category.to_owned(), section: section.to_owned() };
        name.path().map(|_| name)
    }

    /// The file of the page, relative and parted by `/`.
    pub fn path(&self) -> Result<String, NameFault> {
        let folders = self.category.split('/').filter(|_| !self.category.is_empty());
        folders.clone().try_for_each(check)?;
        check(&self.section)?;
        let file = format!("{}{ENDING}", self.section);
        if file.len() > MAX_NAME_BYTES {
            return Err(NameFault::TooLong(file.len()));
        }
        Ok(if self.category.is_empty() { file } else { format!("{}/{file}", self.category) })
    }

    /// Equal for names that some laptop cannot tell apart.
    pub fn folded(&self) -> String {
        format!("{}/{}", self.category, self.section).to_lowercase().nfc().collect()
    }
}

fn check(name: &str) -> Result<(), NameFault> {
    if name.is_empty() {
        return Err(NameFault::Empty);
    }
    if name.starts_with('.') {
        return Err(NameFault::Dot(name.to_owned()));
    }
    if name.ends_with(['.', ' ']) {
        return Err(NameFault::Ending(name.to_owned()));
    }
    if let Some(found) = name.chars().find(|found| is_foreign(*found)) {
        return Err(NameFault::Character { name: name.to_owned(), found });
    }
    if is_device(name) {
        return Err(NameFault::Device(name.to_owned()));
    }
    if name.len() > MAX_NAME_BYTES { Err(NameFault::TooLong(name.len())) } else { Ok(()) }
}

/// Control characters, those that turn the direction of writing, and what Windows forbids.
fn is_foreign(found: char) -> bool {
    found.is_control()
        || matches!(found, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
        || "/\\:*?\"<>|".contains(found)
}

/// `con`, `nul.txt`, `LPT1` and their like, whatever follows the first dot.
fn is_device(name: &str) -> bool {
    let stem = name.split('.').next().unwrap_or(name).trim_end().to_ascii_lowercase();
    if matches!(stem.as_str(), "con" | "prn" | "aux" | "nul" | "conin$" | "conout$") {
        return true;
    }
    let number = stem.strip_prefix("com").or_else(|| stem.strip_prefix("lpt"));
    number.is_some_and(|number| {
        matches!(number, "1" | "2" | "3" | "4" | "5" | "6" | "7" | "8" | "9" | "¹" | "²" | "³")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_category_and_section() {
        for (path, category, section) in [
            ("booking/access/pin-failures.md", "booking/access", "pin-failures"),
            ("about.md", "", "about"),
            ("a/b.md.md", "a", "b.md"),
            ("Café/Ünï 日本.md", "Café", "Ünï 日本"),
        ] {
            let name = PageName::of_path(path).expect("a good name");
            assert_eq!((name.category.as_str(), name.section.as_str()), (category, section));
            assert_eq!(name.path().as_deref(), Ok(path));
        }
    }

    #[test]
    fn names_that_lead_out_or_that_a_laptop_cannot_write_are_refused() {
        for path in [
            "../secret.md",
            "a/../../b.md",
            "/etc/passwd.md",
            "a//b.md",
            "./a.md",
            ".git/a.md",
            "a/.md",
            "C:/a.md",
            "a\\b.md",
            "con.md",
            "a/NUL.md",
            "lpt1.notes.md",
            "com²/a.md",
            "a /b.md",
            "a./b.md",
            "a\0b.md",
            "a\nb.md",
            "a\u{202e}dm.md",
            "what?.md",
            "\u{7f}.md",
            "",
        ] {
            assert!(PageName::of_path(path).is_err(), "{path:?}");
        }
        let long = format!("{}.md", "x".repeat(253));
        assert_eq!(PageName::of_path(&long), Err(NameFault::TooLong(256)));
        let hostile = PageName { category: "..".into(), section: "a".into() };
        assert_eq!(hostile.path(), Err(NameFault::Dot("..".into())));
        let hostile = PageName { category: "a".into(), section: "../b".into() };
        assert_eq!(hostile.path(), Err(NameFault::Dot("../b".into())));
    }

    #[test]
    fn names_that_differ_by_case_or_by_accents_written_in_two_ways_are_one() {
        let name = |path| PageName::of_path(path).expect("a good name");
        assert_eq!(name("Cafe\u{301}/a.md"), name("Café/a.md"));
        assert_ne!(name("Booking/A.md"), name("booking/a.md"));
        assert_eq!(name("Booking/A.md").folded(), name("booking/a.md").folded());
        assert_ne!(name("a/b.md").folded(), name("a/c.md").folded());
    }
}

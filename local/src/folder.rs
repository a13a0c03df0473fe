//! A folder of Markdown files as SOPs, and SOPs as a folder: `category/section.md`. A page that
//! goes in and out again is the same, byte for byte.
//!
//! Absent on purpose: watching a folder, and deleting. A file that is gone from the folder leaves
//! its page alone, and an export takes no file away.

pub mod export;
pub mod front_matter;
pub mod import;
pub mod names;
pub mod page;
pub mod refusal;
pub mod walk;

//! Why a file of a folder is not taken as a page.

use super::front_matter::Broken;
use super::names::NameFault;
use guildhall_sync::validate::Invalid;

#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    #[error("the name cannot be taken: {0}")]
    Name(#[from] NameFault),
    #[error("the name is not Unicode")]
    NameNotUnicode,
    #[error("the ending must be `.md`, in small letters")]
    Ending,
    #[error("it is a link that leads out of the folder")]
    LeadsOut,
    #[error("it is a link to a folder; only the folder itself is read")]
    LinkedFolder,
    #[error("it is not a file")]
    NotAFile,
    #[error("it cannot be read: {0}")]
    Unreadable(String),
    #[error("it has {bytes} bytes; a page has {most} at most")]
    TooLarge { bytes: u64, most: usize },
    #[error("it is not UTF-8 text: see byte {at}; save it as UTF-8")]
    NotUtf8 { at: usize },
    #[error("it is not text: byte {at} is zero")]
    NotText { at: usize },
    #[error(transparent)]
    FrontMatter(#[from] Broken),
    #[error("some laptops cannot tell its name from {other}; rename one of them")]
    Twin { other: String },
    #[error(
        "the mirror has a page {other}, and some laptops cannot tell the names apart; rename one of them"
    )]
    TwinInMirror { other: String },
    #[error("the mirror has {count} pages of this name; settle that first")]
    Several { count: usize },
    #[error("there is no assistant {0:?}")]
    NoAssistant(String),
    #[error("the file says something else; it was left as it is")]
    Differs,
    #[error(transparent)]
    Invalid(#[from] Invalid),
    #[error("{0}")]
    NotTaken(String),
    #[error("the page was changed in Guildhall since the list was made; look at the list again")]
    ChangedMeanwhile,
}

//! What a person asked for and cannot have, in words for that person.

use guildhall_sync::merge::Refusal;
use guildhall_sync::permission::Forbidden;
use guildhall_sync::validate::Invalid;
use guildhall_sync::value::json::ValueError;
use uuid::Uuid;

#[derive(Debug, thiserror::Error)]
pub enum Disagreement {
    #[error("There is no entry with the id {id} in {table}.")]
    NoRow { table: &'static str, id: Uuid },
    #[error("This laptop holds nothing called {name:?}.")]
    NoScope { name: String },
    #[error("There is nothing named {name:?} in {table}.")]
    NoName { table: &'static str, name: String },
    #[error("{name:?} names {count} entries of {table}. Say which by its path or id.")]
    Ambiguous { table: &'static str, name: String, count: usize },
    #[error("There is one already with the {}.", named(.columns, .values))]
    Duplicate { table: &'static str, columns: &'static [&'static str], values: Vec<String>, row: Uuid },
    #[error("The id {id} is taken in {table}.")]
    RowExists { table: &'static str, id: Uuid },
    #[error("The {} are changed on the server only.", spoken(.table))]
    ServerDecides { table: &'static str },
    #[error("{refusal} ({})", spoken(.column))]
    Refused { column: &'static str, refusal: Refusal },
    #[error("There is no way from what it is to what was asked for: {}.", .columns.join(", "))]
    NoWay { columns: Vec<&'static str> },
    #[error("Somebody has changed it since, so it cannot be taken back: {}.", .columns.join(", "))]
    ChangedSince { columns: Vec<&'static str> },
    #[error("There is no change with the id {id} to take back.")]
    NoEntry { id: Uuid },
    #[error("The server refused this change, so there is nothing to take back. Send it again or discard it.")]
    NeverHappened,
    #[error("Somebody has to say first which side of this change shall stand.")]
    NotSettled,
    #[error("This cannot be sent again. Copy what you need of it, then discard it.")]
    NotFixable,
    #[error("There is no version {version} of it on this laptop.")]
    NoVersion { version: i64 },
    #[error("The conflict {id} is not about one text; keep one of its sides.")]
    NotOneText { id: Uuid },
    #[error("The conflict {id} is not about a name that was taken.")]
    NotADuplicate { id: Uuid },
    #[error("The folder has more than {pages} pages or {mib} MiB of text. Import a part of it.")]
    FolderTooLarge { pages: usize, mib: usize },
    #[error("These are more than {most} changes at once, or too much text. Make them in several steps.")]
    TooMuchAtOnce { most: usize },
    #[error("The text is longer than {kib} KiB. What was kept before is still there; make two texts of it.")]
    DraftTooLong { kib: usize },
    #[error("There are {most} drafts on this laptop already. Save or discard one of them.")]
    TooManyDrafts { most: usize },
    #[error(transparent)]
    Forbidden(Forbidden),
    #[error(transparent)]
    Invalid(Invalid),
    #[error(transparent)]
    Value(#[from] ValueError),
}

/// `category "booking" and section "refunds"`
fn named(columns: &[&str], values: &[String]) -> String {
    let pairs = columns.iter().zip(values).map(|(column, value)| format!("{} {value:?}", spoken(column)));
    pairs.collect::<Vec<_>>().join(" and ")
}

fn spoken(name: &str) -> String {
    name.replace('_', " ")
}

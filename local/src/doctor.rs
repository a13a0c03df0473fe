//! Looks the whole profile over: the file, its keys, its full text, its rows, its outbox. Says what
//! is wrong and what to do; repairs nothing.

use crate::error::Result;
use crate::inbox::checked;
use crate::keys::{self, SlotKind};
use crate::search::fulltext;
use crate::store::Store;
use crate::store::state;
use guildhall_sync::model::TABLES;
use rusqlite::Connection;

pub mod outbox;
mod rows;
pub mod server;

/// One thing that was looked at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Check {
    pub name: &'static str,
    pub is_well: bool,
    /// What was found, in a sentence.
    pub found: String,
    /// What to do, in a sentence, where something is not well.
    pub advice: Option<&'static str>,
}

const DAMAGED: &str = "Copy the profile folder somewhere safe, then sign in again in a new folder.";
const REINDEX: &str =
    "Search may miss something; nothing else is affected. A new folder, signed in again, has it whole.";
const REPAIR: &str = "Send what is unsent with `guildhall sync`, then sign in again in a new folder.";
const OUTBOX: &str = "Copy the profile folder somewhere safe and report it: unsent work may be concerned.";
const KEYS: &str =
    "Sign in again while the keyring still opens this profile, or restore the file from a backup.";

pub fn examine(store: &Store) -> Vec<Check> {
    let read = |question: fn(&Connection) -> Result<Option<String>>| store.read(question);
    // The check of the encryption looks at the file alone, without the write-ahead file beside it.
    // Where a reader still needs that one, the check sees what has been there for longer.
    store.truncate_wal().ok();
    vec![
        check("file", "Every page can be read.", DAMAGED, store.read_anew(find_bad_pages)),
        check("encryption", "Every page is as it was written.", DAMAGED, read(find_forged_pages)),
        check("full text", "Every row can be found.", REINDEX, store.record(|writer| find_unindexed(writer))),
        check("rows", "Every row is as the server sent it.", REPAIR, read(rows::find_different)),
        check("arrivals", "Every row that came from the server was whole.", REPAIR, read(find_mismatch)),
        check("outbox", "Every change is accounted for.", OUTBOX, read(outbox::find_flaw)),
        check("keys", "The slots open this mirror.", KEYS, find_slot_flaw(store)),
        store.read(server::examine).unwrap_or_else(|error| unread("server", &error)),
    ]
}

fn unread(name: &'static str, error: &crate::error::Error) -> Check {
    Check { name, is_well: false, found: error.to_string(), advice: Some(DAMAGED) }
}

/// `flaw` is what is wrong, none where nothing is.
fn check(
    name: &'static str,
    well: &'static str,
    advice: &'static str,
    flaw: Result<Option<String>>,
) -> Check {
    match flaw.unwrap_or_else(|error| Some(error.to_string())) {
        None => Check { name, is_well: true, found: well.to_owned(), advice: None },
        Some(found) => Check { name, is_well: false, found, advice: Some(advice) },
    }
}

/// FTS5 takes what it remembers of an index for damage when somebody else has written meanwhile:
/// to be asked by a connection that remembers nothing.
fn find_bad_pages(connection: &Connection) -> Result<Option<String>> {
    let found: String = connection.query_row("pragma integrity_check(1)", [], |row| row.get(0))?;
    Ok((found != "ok").then_some(found))
}

fn find_forged_pages(connection: &Connection) -> Result<Option<String>> {
    let mut pragma = connection.prepare("pragma cipher_integrity_check")?;
    let mut rows = pragma.query([])?;
    Ok(rows.next()?.map(|row| row.get(0)).transpose()?)
}

/// The indexes are checked by a statement that writes nothing but counts as one that does.
fn find_unindexed(writer: &Connection) -> Result<Option<String>> {
    for table in TABLES.iter().filter(|table| fulltext::is_searched(table)) {
        let name = table.name;
        let (rows, indexed) = fulltext::count(writer, table)?;
        if rows != indexed {
            return Ok(Some(format!("{indexed} of {rows} rows of {name} can be found.")));
        }
        writer.execute(&format!("insert into fts_{name} (fts_{name}) values ('integrity-check')"), [])?;
    }
    Ok(None)
}

fn find_mismatch(connection: &Connection) -> Result<Option<String>> {
    let found = checked::list_mismatches(connection)?;
    Ok(found
        .first()
        .map(|first| format!("{} rows were not stored; of the first, {}.", found.len(), first.what)))
}

fn find_slot_flaw(store: &Store) -> Result<Option<String>> {
    let folder = store.path().parent().expect("the mirror lies in its folder");
    let slots = keys::read_slots(folder)?;
    let profile = store.read(state::read)?.profile;
    if slots.owner().profile != profile {
        return Ok(Some("The key slots belong to another profile.".to_owned()));
    }
    Ok((!slots.has(SlotKind::Password)).then(|| "There is no slot for the password.".to_owned()))
}

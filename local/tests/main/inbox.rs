//! Answers of the server against a real mirror.

mod delta;
mod fill;
mod lease;
mod new_history;
mod purge;
mod unheard;
mod unkept;

use crate::fixture::Mirror;
use guildhall_local::store::rows::{self, Stored};
use guildhall_sync::id::EntryId;
use guildhall_sync::model::knowledge::Sop;
use guildhall_sync::schema::Row;
use uuid::Uuid;

/// Writes another text into an SOP, as a person would.
fn edit(mirror: &Mirror, id: Uuid, content: &str) -> EntryId {
    mirror.edit(id, [("content", content)])
}

/// The row with what the mirror knows about it.
fn sop_row(mirror: &Mirror, id: Uuid) -> Option<Stored> {
    mirror.store.read(|connection| rows::find(connection, Sop::TABLE, id)).expect("a question")
}

fn content(mirror: &Mirror, id: Uuid) -> Option<String> {
    mirror.find_page(id).map(|page| page.content.0)
}

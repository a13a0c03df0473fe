//! Saving a page over what others may have written meanwhile. Whoever edits hands in the whole
//! text; what they changed is what differs from the text that they saw, and only that is written.
//!
//! Where both changed one place the edit is written as one of the text that was seen: the server
//! keeps both sides, and a person settles it. Nothing is taken back unnoticed.

use crate::entries;
use crate::error::Result;
use crate::fold;
use crate::store::{rows, state};
use crate::write::{Why, Write};
use guildhall_sync::change::Entry;
use guildhall_sync::id::SopId;
use guildhall_sync::model::knowledge::{Sop, SopVersion};
use guildhall_sync::schema::{Row, common};
use guildhall_sync::value::cells::hash;
use guildhall_sync::value::{Cells, Value};
use rusqlite::Connection;

/// A revision is a whole number that every screen can hold exactly.
const REVISION_BITS: u32 = 52;
/// Of a text whose place among the server's revisions is not known.
const NO_REV: i64 = 0;

/// A page as somebody saw it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Seen {
    /// The server's revision of the row; 0 where it is not known.
    pub rev: i64,
    pub title: String,
    pub content: String,
}

impl Seen {
    pub fn of(sop: &Sop) -> Self {
        Self { rev: sop.rev, title: sop.title.clone(), content: sop.content.0.clone() }
    }

    pub fn revision(&self) -> i64 {
        revision(&self.title, &self.content)
    }

    fn of_cells(cells: &Cells) -> Self {
        let text = |name| Sop::TABLE.value(cells, name).as_text().unwrap_or_default().to_owned();
        let rev = cells.value(common::REV).as_int().unwrap_or(NO_REV);
        Self { rev, title: text("title"), content: text("content") }
    }

    fn cells(title: &str, content: &str) -> Cells {
        let named = [("title", title), ("content", content)];
        let column = |name| Sop::TABLE.column(name).expect("the registry has this column").number;
        named.into_iter().map(|(name, text)| (column(name), Value::text(text))).collect()
    }
}

/// Names a title and a text: equal for equal ones, whatever else of the page has changed.
pub fn revision(title: &str, content: &str) -> i64 {
    let mut bytes = (title.len() as u64).to_le_bytes().to_vec();
    bytes.extend(title.as_bytes());
    bytes.extend(content.as_bytes());
    let [a, b, c, d, e, f, g, h, ..] = hash(&bytes);
    i64::from_le_bytes([a, b, c, d, e, f, g, h]) & ((1 << REVISION_BITS) - 1)
}

/// The title and text that the revision names, as long as they are on this laptop: as the page is
/// shown, as the server had it, as own entries made it, or as one of its versions. The page as it
/// is shown where no revision is given. Where it is not known any more nothing is taken to be as
/// it was seen, so both sides are kept.
pub fn find_seen(connection: &Connection, id: SopId, wanted: Option<i64>) -> Result<Seen> {
    let shown = Seen::of(&rows::get_typed::<Sop>(connection, id.0)?);
    let Some(wanted) = wanted else { return Ok(shown) };
    if shown.revision() == wanted {
        return Ok(shown);
    }
    let mut known = list_folded(connection, id)?;
    for version in rows::list_typed::<SopVersion>(connection, "sop_id = ?", [id.0])? {
        known.push(Seen { rev: NO_REV, title: version.title, content: version.content.0 });
    }
    let unknown = Seen { rev: NO_REV, title: String::new(), content: String::new() };
    Ok(known.into_iter().find(|seen| seen.revision() == wanted).unwrap_or(unknown))
}

/// What the page was before and between the own edits that are folded into it.
fn list_folded(connection: &Connection, id: SopId) -> Result<Vec<Seen>> {
    let author = state::account(connection)?;
    let shadow = fold::find_shadow(connection, Sop::TABLE, id.0)?.map(|shadow| shadow.cells);
    let open: Vec<Entry> =
        entries::list_open(connection, Sop::TABLE.name, id.0)?.into_iter().map(|line| line.entry).collect();
    let mut folded = Vec::new();
    for count in 0..=open.len() {
        let cells = fold::compute(Sop::TABLE, shadow.as_ref(), &open[..count], &author)?;
        folded.extend(cells.map(|cells| Seen::of_cells(&cells)));
    }
    Ok(folded)
}

/// Writes what somebody made of a page that they saw. False where nothing is left to write.
pub fn save(
    write: &mut Write<'_>,
    id: SopId,
    seen: &Seen,
    title: &str,
    content: &str,
    why: Why,
) -> Result<bool> {
    let before = Seen::cells(&seen.title, &seen.content);
    write.update_from(Sop::TABLE, id.0, seen.rev, &before, Seen::cells(title, content), why)
}

//! Answers to a pull, as a server would give them, from rows in memory.

use crate::fixture::Mirror;
use guildhall_local::Result;
use guildhall_local::inbox::{self, Applying, Notice, Outcome};
use guildhall_sync::change::Verdict;
use guildhall_sync::id::EntryId;
use guildhall_sync::model::{fill_position, find_table_by_number};
use guildhall_sync::protocol::{
    Cursor, Effect, EntryVerdict, Frame, GoneRow, Pull, PulledRow, RowKey, grants_hash,
};
use guildhall_sync::schema::{Table, common};
use guildhall_sync::value::Cells;
use guildhall_sync::value::cells::hash;
use uuid::Uuid;

pub const EPOCH: Uuid = Uuid::from_u128(77);

/// Names of scopes; a row says its own by place.
pub const SCOPES: [&str; 4] = [DESK, "managers", "public", "guild"];
/// The scope of what [`crate::fixture::ASSISTANT`] knows.
pub const DESK: &str = "assistant:00000000-0000-0000-0000-000000000003";

/// A row as it travels, in the scopes at these places.
pub fn pulled(table: &Table, cells: &Cells, scopes: &[u16]) -> PulledRow {
    let version = cells.value(common::REV).as_int().expect("a row of the server has a rev");
    let cells = cells.encode(table);
    PulledRow { table: table.number, version, hash: hash(&cells), scopes: scopes.to_vec(), cells }
}

pub fn gone(table: &Table, id: Uuid, version: i64, effect: Effect, scopes: &[u16]) -> GoneRow {
    GoneRow { table: table.number, id, version, effect, scopes: scopes.to_vec() }
}

pub fn key(row: &PulledRow) -> RowKey {
    let table = find_table_by_number(row.table).expect("a table of the registry");
    let cells = Cells::decode(&row.cells, table).expect("canonical bytes");
    RowKey { table: row.table, id: cells.value(common::ID).as_id().expect("an id") }
}

pub fn names(scopes: &[&str]) -> Vec<String> {
    scopes.iter().map(|scope| (*scope).to_owned()).collect()
}

pub fn grants(scopes: &[&str]) -> Frame {
    Frame::Grants { epoch: EPOCH, scopes: names(scopes) }
}

pub fn settled(verdicts: &[(EntryId, Verdict)]) -> Frame {
    let verdicts = verdicts.iter().map(|(entry, verdict)| EntryVerdict {
        entry: *entry,
        device_seq: 0,
        verdict: verdict.clone(),
    });
    Frame::Settled(verdicts.collect())
}

pub fn begin(rows: usize) -> Frame {
    Frame::Begin { epoch: EPOCH, hi: 1, scopes: names(&SCOPES), rows: rows as u64 }
}

pub fn checkpoint(hi: u64) -> Frame {
    Frame::Checkpoint { cursor: Cursor(format!("at {hi}")) }
}

/// Changes of live scopes, all in one frame.
pub fn delta(hi: u64, rows: Vec<PulledRow>) -> Vec<Frame> {
    vec![begin(rows.len()), Frame::Rows(rows), checkpoint(hi)]
}

pub fn delta_gone(hi: u64, rows: Vec<GoneRow>) -> Vec<Frame> {
    vec![begin(rows.len()), Frame::Gone(rows), checkpoint(hi)]
}

/// The first download of everything in `scopes`, or the rest of one.
pub fn fill(request: &Pull, scopes: &[&str], rows: &[PulledRow], rows_in_frame: usize) -> Vec<Frame> {
    let place = |key: RowKey| (fill_position(key.table), key.id);
    let filling = request.filling.as_ref().filter(|filling| filling.scopes == names(scopes));
    let after = filling.and_then(|filling| filling.after).map(place);
    let mut rows: Vec<PulledRow> = rows.to_vec();
    rows.sort_by_key(|row| place(key(row)));
    rows.retain(|row| Some(place(key(row))) > after);
    let since = filling.map_or_else(|| Cursor("at 1".to_owned()), |filling| filling.since.clone());
    let granted = grants_hash(&names(scopes).into_iter().collect());
    let told = request.grants_hash.as_ref() == Some(&granted);
    let first = (!told).then(|| grants(scopes));
    let begin_fill = Frame::FillBegin { scopes: names(scopes), since, rows: rows.len() as u64 };
    let rows = rows.chunks(rows_in_frame).map(|rows| Frame::Rows(rows.to_vec()));
    let before = first.into_iter().chain([begin(0), checkpoint(1), begin_fill]);
    before.chain(rows).chain([Frame::FillEnd]).collect()
}

impl Mirror {
    pub fn take(&self, frames: Vec<Frame>) -> Result<Outcome> {
        self.take_telling(frames, &mut |_| {})
    }

    pub fn take_telling(&self, frames: Vec<Frame>, notify: &mut dyn FnMut(Notice)) -> Result<Outcome> {
        let mut applying = Applying::begin(&self.store, notify)?;
        frames.into_iter().try_for_each(|frame| applying.frame(frame))?;
        applying.finish()
    }

    /// Takes frames in and loses the connection.
    pub fn take_cut(&self, frames: &[Frame]) {
        let mut notify = |_| {};
        let mut applying = Applying::begin(&self.store, &mut notify).expect("an inbox");
        frames.iter().for_each(|frame| applying.frame(frame.clone()).expect("a frame"));
    }

    pub fn request(&self) -> Pull {
        inbox::request(&self.store).expect("a request")
    }

    /// A mirror that holds these rows, live.
    pub fn filled(scopes: &[&str], rows: &[PulledRow]) -> Self {
        let mirror = Self::new();
        let outcome = mirror.take(fill(&mirror.request(), scopes, rows, 100)).expect("a download");
        assert!(!outcome.more);
        mirror
    }
}

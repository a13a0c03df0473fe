//! The frames of a pull, one after the other, read from the snapshot as they go out.

use super::cursor::CursorKey;
use super::packing::Frames;
use super::plan::{Fill, Plan};
use super::snapshot::Snapshot;
use crate::db::GuildTx;
use crate::db::changes::{self, Change, MemberRow};
use crate::error::Error;
use futures_util::TryStreamExt;
use guildhall_sync::model::{TABLES, fill_position};
use guildhall_sync::protocol::{Frame, GoneRow, PulledRow, RowKey};
use guildhall_sync::schema::Table;
use std::collections::HashMap;
use uuid::Uuid;

/// Rows of one frame …
const FRAME_ROWS: usize = 200;
/// … and the bytes from which it takes no more.
const FRAME_BYTES: usize = 256 * 1024;
/// Rows that are looked up at once.
const LOOK_UP_ROWS: usize = 1000;

/// Writes the whole answer, and gives the transaction back.
pub async fn answer(
    transaction: GuildTx,
    snapshot: &Snapshot,
    plan: Plan,
    key: &CursorKey,
    frames: &Frames,
) -> Result<GuildTx, Error> {
    let mut writer = Writer::new(transaction, &plan.granted, frames);
    if plan.has_new_grants {
        frames.send(Frame::Grants { epoch: snapshot.place.epoch, scopes: plan.granted.clone() }).await?;
    }
    for settled in plan.settled.chunks(FRAME_ROWS) {
        frames.send(Frame::Settled(settled.to_vec())).await?;
    }
    if !plan.errands.is_empty() {
        frames.send(Frame::Errands(plan.errands)).await?;
    }
    let (epoch, hi, scopes) = (snapshot.place.epoch, snapshot.place.hi, plan.granted.clone());
    frames.send(Frame::Begin { epoch, hi, scopes, rows: plan.delta.len() as u64 }).await?;
    writer.log(plan.delta).await?;
    frames.send(Frame::Checkpoint { cursor: key.write(&snapshot.place) }).await?;
    if let Some(fill) = plan.fill {
        writer.fill(fill, key).await?;
    }
    if let Some(check) = plan.check {
        writer.check(check).await?;
    }
    frames.end().await;
    Ok(writer.transaction)
}

pub(super) struct Writer<'a> {
    pub transaction: GuildTx,
    pub granted: &'a [String],
    /// Where each scope stands in `granted`.
    pub places: HashMap<&'a str, u16>,
    pub frames: &'a Frames,
}

impl<'a> Writer<'a> {
    fn new(transaction: GuildTx, granted: &'a [String], frames: &'a Frames) -> Self {
        let place = |(at, scope): (usize, &'a String)| Some((scope.as_str(), u16::try_from(at).ok()?));
        let places = granted.iter().enumerate().filter_map(place).collect();
        Self { transaction, granted, places, frames }
    }

    /// Rows that changed, each in its last state, or the way in which it went.
    async fn log(&mut self, changes: Vec<Change>) -> Result<(), Error> {
        let mut by_table: HashMap<u16, Vec<Change>> = HashMap::new();
        for change in changes {
            by_table.entry(change.table).or_default().push(change);
        }
        for table in TABLES {
            let changes = by_table.remove(&table.number).unwrap_or_default();
            for changes in changes.chunks(LOOK_UP_ROWS) {
                self.log_of(table, changes).await?;
            }
        }
        Ok(())
    }

    async fn log_of(&mut self, table: &'static Table, changes: &[Change]) -> Result<(), Error> {
        let ids: Vec<Uuid> = changes.iter().map(|change| change.id).collect();
        let guild = self.transaction.guild;
        let connection = self.transaction.connection();
        let members = changes::read_members(connection, guild, table, self.granted, &ids).await?;
        let mut there: HashMap<Uuid, MemberRow> = members.into_iter().map(|row| (row.id, row)).collect();
        let (mut rows, mut gone) = (Batch::default(), Vec::new());
        for change in changes {
            match there.remove(&change.id) {
                Some(member) => {
                    if let Some(full) = rows.add(self.pulled(table, member)) {
                        self.frames.send(Frame::Rows(full)).await?;
                    }
                }
                None => gone.push(self.gone(change)),
            }
        }
        self.send_rows(rows).await?;
        if !gone.is_empty() {
            self.frames.send(Frame::Gone(gone)).await?;
        }
        Ok(())
    }

    /// These rows, as far as they may be read.
    pub async fn send_members(&mut self, table: &'static Table, ids: &[Uuid]) -> Result<(), Error> {
        for ids in ids.chunks(LOOK_UP_ROWS) {
            let (guild, connection) = (self.transaction.guild, self.transaction.connection());
            let members = changes::read_members(connection, guild, table, self.granted, ids).await?;
            let mut batch = Batch::default();
            for member in members {
                if let Some(full) = batch.add(self.pulled(table, member)) {
                    self.frames.send(Frame::Rows(full)).await?;
                }
            }
            self.send_rows(batch).await?;
        }
        Ok(())
    }

    /// Scopes as a whole, then what happened to them since their fill began.
    async fn fill(&mut self, fill: Fill, key: &CursorKey) -> Result<(), Error> {
        let after = fill.after.filter(|after| fill_position(after.table).is_some());
        let first = after.and_then(|after| fill_position(after.table)).unwrap_or(0);
        let (cut, whole) = TABLES[first..].split_at(usize::from(after.is_some()));
        let (guild, connection) = (self.transaction.guild, self.transaction.connection());
        let rows = changes::count_members(connection, guild, &fill.scopes, whole, after).await?;
        let rows = rows + fill.delta.len() as u64;
        let since = key.write(&fill.since);
        self.frames.send(Frame::FillBegin { scopes: fill.scopes.clone(), since, rows }).await?;
        for table in cut {
            self.fill_table(table, after.map(|RowKey { id, .. }| id), &fill.scopes).await?;
        }
        for table in whole {
            self.fill_table(table, None, &fill.scopes).await?;
        }
        self.log(fill.delta).await?;
        self.frames.send(Frame::FillEnd).await
    }

    async fn fill_table(
        &mut self,
        table: &'static Table,
        after: Option<Uuid>,
        scopes: &[String],
    ) -> Result<(), Error> {
        let mut batch = Batch::default();
        let (guild, places) = (self.transaction.guild, Places(&self.places));
        {
            let connection = self.transaction.connection();
            let stream = changes::stream_members(connection, guild, table, self.granted, scopes, after);
            let mut stream = std::pin::pin!(stream);
            while let Some(member) = stream.try_next().await? {
                if let Some(full) = batch.add(places.pulled(table, member)) {
                    self.frames.send(Frame::Rows(full)).await?;
                }
            }
        }
        self.send_rows(batch).await
    }

    async fn send_rows(&self, batch: Batch) -> Result<(), Error> {
        if batch.rows.is_empty() { Ok(()) } else { self.frames.send(Frame::Rows(batch.rows)).await }
    }

    fn pulled(&self, table: &Table, member: MemberRow) -> PulledRow {
        Places(&self.places).pulled(table, member)
    }

    fn gone(&self, change: &Change) -> GoneRow {
        let Change { table, id, version, effect, .. } = *change;
        GoneRow { table, id, version, effect, scopes: Places(&self.places).of(&change.scopes) }
    }
}

/// Scopes as the numbers that frames name them by.
#[derive(Clone, Copy)]
struct Places<'a>(&'a HashMap<&'a str, u16>);

impl Places<'_> {
    fn of(self, scopes: &[String]) -> Vec<u16> {
        let mut places: Vec<u16> =
            scopes.iter().filter_map(|scope| self.0.get(scope.as_str()).copied()).collect();
        places.sort_unstable();
        places
    }

    fn pulled(self, table: &Table, member: MemberRow) -> PulledRow {
        PulledRow {
            table: table.number,
            version: member.version,
            hash: member.hash,
            scopes: self.of(&member.scopes),
            cells: member.cells,
        }
    }
}

/// Rows that go out together.
#[derive(Default)]
struct Batch {
    rows: Vec<PulledRow>,
    bytes: usize,
}

impl Batch {
    /// The rows to send, once there are enough.
    fn add(&mut self, row: PulledRow) -> Option<Vec<PulledRow>> {
        self.bytes += row.cells.len();
        self.rows.push(row);
        if self.rows.len() < FRAME_ROWS && self.bytes < FRAME_BYTES {
            return None;
        }
        self.bytes = 0;
        Some(std::mem::take(&mut self.rows))
    }
}

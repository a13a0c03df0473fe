//! What a device holds, in memory: it pulls, takes frames in as the protocol says, and can be
//! compared with the database.

use std::collections::{BTreeMap, BTreeSet};

use guildhall_sync::change::SCHEMA;
use guildhall_sync::model::{TABLES, fill_position, find_table_by_number};
use guildhall_sync::protocol::frame::FrameReader;
use guildhall_sync::protocol::{
    self, Cursor, Effect, EntryVerdict, Filling, Frame, GoneRow, Pull, PulledRow, RowKey, grants_hash,
};
use guildhall_sync::schema::common;
use guildhall_sync::value::{Cells, cells};
use serde_json::{Value as Json, json};
use uuid::Uuid;

use crate::desk::{Desk, Device};
use crate::world::Answer;

type Key = (u16, Uuid);

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Held {
    pub version: i64,
    pub hash: [u8; 16],
    pub scopes: BTreeSet<String>,
    pub cells: Cells,
}

#[derive(Clone, Debug, Default)]
pub struct Mirror {
    pub rows: BTreeMap<Key, Held>,
    pub live: BTreeSet<String>,
    pub granted: BTreeSet<String>,
    pub cursor: Option<Cursor>,
    pub filling: Option<Filling>,
    pub settled: Vec<EntryVerdict>,
    pub unsettled_from: u64,
    /// Scopes by the places that rows name.
    pub names: Vec<String>,
    pub is_filling: bool,
}

/// What came of a pull.
#[derive(Debug)]
pub enum Pulled {
    Nothing,
    Frames(Vec<Frame>),
}

impl Pulled {
    pub fn frames(self) -> Vec<Frame> {
        match self {
            Self::Nothing => Vec::new(),
            Self::Frames(frames) => frames,
        }
    }
}

impl Mirror {
    pub fn new() -> Self {
        Self { unsettled_from: 1, ..Self::default() }
    }

    pub fn request(&self, device: &Device) -> Pull {
        Pull {
            device: device.signed.device,
            incarnation: device.incarnation,
            schema: SCHEMA,
            cursor: self.cursor.clone(),
            grants_hash: (!self.granted.is_empty()).then(|| grants_hash(&self.granted)),
            unsettled_from: self.unsettled_from,
            live: self.live.iter().cloned().collect(),
            holds_all: false,
            filling: self.filling.clone(),
            check: None,
        }
    }

    /// One pull, taken in whole.
    pub async fn pull(&mut self, desk: &Desk, device: &Device) -> Pulled {
        let bytes = match desk.pull(device, &self.request(device)).await {
            Ok(bytes) => bytes,
            Err(answer) if answer.status == 204 => return Pulled::Nothing,
            Err(answer) => panic!("{answer:?}"),
        };
        let (frames, is_whole) = read_frames(&bytes);
        assert!(is_whole, "the stream has come to its end");
        frames.iter().for_each(|frame| self.take(frame));
        assert!(!self.is_filling, "every fill that began has ended");
        Pulled::Frames(frames)
    }

    /// Pulls until there is nothing left.
    pub async fn catch_up(&mut self, desk: &Desk, device: &Device) {
        while let Pulled::Frames(_) = self.pull(desk, device).await {}
    }

    /// Takes in what arrived of an answer that was cut.
    pub fn take_cut(&mut self, bytes: &[u8]) {
        let (frames, _) = read_frames(bytes);
        let is_whole = frames.iter().any(|frame| matches!(frame, Frame::Checkpoint { .. }));
        let mut held = self.clone();
        frames.iter().for_each(|frame| held.take(frame));
        if is_whole {
            held.is_filling = false;
            *self = held;
        }
    }

    pub fn take(&mut self, frame: &Frame) {
        match frame {
            Frame::Grants { scopes, .. } => self.take_grants(scopes),
            Frame::Settled(verdicts) => self.settled.extend(verdicts.iter().cloned()),
            Frame::Begin { scopes, .. } => self.names.clone_from(scopes),
            Frame::Rows(rows) => rows.iter().for_each(|row| self.take_row(row)),
            Frame::Gone(rows) => rows.iter().for_each(|row| self.take_gone(row)),
            Frame::Checkpoint { cursor } => self.cursor = Some(cursor.clone()),
            Frame::FillBegin { scopes, since, .. } => self.begin_fill(scopes, since),
            Frame::FillEnd => {
                let filling = self.filling.take().expect("a fill has begun");
                self.live.extend(filling.scopes);
                self.is_filling = false;
            }
            Frame::Digests(_)
            | Frame::Buckets { .. }
            | Frame::RepairBegin { .. }
            | Frame::RepairEnd
            | Frame::Errands(_) => {}
        }
    }

    fn take_grants(&mut self, scopes: &[String]) {
        self.granted = scopes.iter().cloned().collect();
        let granted = &self.granted;
        self.live.retain(|scope| granted.contains(scope));
        if let Some(filling) = &mut self.filling {
            filling.scopes.retain(|scope| granted.contains(scope));
        }
        self.rows.retain(|_, row| {
            row.scopes.retain(|scope| granted.contains(scope));
            !row.scopes.is_empty()
        });
    }

    fn begin_fill(&mut self, scopes: &[String], since: &Cursor) {
        let goes_on = self.filling.as_ref().filter(|filling| filling.since == *since);
        let after = goes_on.and_then(|filling| filling.after);
        self.live.retain(|scope| !scopes.contains(scope));
        self.filling = Some(Filling { scopes: scopes.to_vec(), after, since: since.clone() });
        self.is_filling = true;
    }

    fn take_row(&mut self, row: &PulledRow) {
        let table = find_table_by_number(row.table).expect("a table");
        assert_eq!(cells::hash(&row.cells), row.hash, "a row of {} is what its hash says", table.name);
        let cells = Cells::decode(&row.cells, table).expect("canonical bytes");
        let id = cells.value(common::ID).as_id().expect("an id");
        assert_eq!(cells.value(common::REV).as_int(), Some(row.version));
        assert!(!row.scopes.is_empty(), "a row comes with its scopes");
        let scopes = self.named(&row.scopes);
        let key = (row.table, id);
        if self.rows.get(&key).is_none_or(|held| held.version <= row.version) {
            self.rows.insert(key, Held { version: row.version, hash: row.hash, scopes, cells });
        }
        if let Some(filling) = self.filling.as_mut().filter(|_| self.is_filling) {
            let position = |key: RowKey| (fill_position(key.table), key.id);
            let here = RowKey { table: row.table, id };
            filling.after = filling.after.into_iter().chain([here]).max_by_key(|key| position(*key));
        }
    }

    fn take_gone(&mut self, gone: &GoneRow) {
        let key = (gone.table, gone.id);
        let scopes = self.named(&gone.scopes);
        let Some(held) = self.rows.get_mut(&key).filter(|held| held.version <= gone.version) else { return };
        held.scopes.retain(|scope| !scopes.contains(scope));
        if held.scopes.is_empty() || gone.effect == Effect::Delete {
            self.rows.remove(&key);
        }
    }

    fn named(&self, places: &[u16]) -> BTreeSet<String> {
        places.iter().map(|place| self.names[usize::from(*place)].clone()).collect()
    }

    /// The rows as the projection would say them, for [`Desk::list_projected`].
    pub fn list(&self) -> Vec<Json> {
        self.rows
            .iter()
            .map(|((table, id), row)| {
                let hash: String = row.hash.iter().map(|byte| format!("{byte:02x}")).collect();
                json!({"tbl": table, "pk": id, "version": row.version, "hash": hash, "scopes": row.scopes})
            })
            .collect()
    }

    /// Fails where the mirror is not what the database holds for the person.
    pub async fn check(&self, desk: &Desk, person: Uuid) {
        let expected = desk.list_projected(person).await;
        let held = self.list();
        for row in &expected {
            assert!(held.contains(row), "missing or stale: {row}\nheld: {:?}", self.find(row));
        }
        for row in &held {
            assert!(expected.contains(row), "too much: {row}");
        }
    }

    fn find(&self, row: &Json) -> Option<Json> {
        self.list().into_iter().find(|held| held["pk"] == row["pk"])
    }

    pub fn count(&self, table: &str) -> usize {
        let number = TABLES.iter().find(|known| known.name == table).expect("a table").number;
        self.rows.keys().filter(|(table, _)| *table == number).count()
    }

    pub fn find_row(&self, id: Uuid) -> Option<&Held> {
        self.rows.iter().find(|((_, held), _)| *held == id).map(|(_, row)| row)
    }
}

impl Desk {
    /// The bytes of a pull's answer, or what came instead of one.
    pub async fn pull(&self, device: &Device, request: &Pull) -> Result<Vec<u8>, Answer> {
        let server = &self.world.server;
        let sent = server.client.post(server.url(protocol::PULL)).bearer_auth(&device.signed.tokens.access);
        let response = sent.json(request).send().await.expect("an answer");
        if response.status() != 200 {
            return Err(crate::world::read(response).await);
        }
        Ok(response.bytes().await.expect("a whole body").to_vec())
    }

    /// What the projection has for a person: every row of their scopes once, with all of these.
    pub async fn list_projected(&self, person: Uuid) -> Vec<Json> {
        let guild = self.world.guild;
        self.list(&format!(
            "select m.tbl, m.pk, max(m.version) as version, encode((array_agg(m.hash))[1], 'hex') as hash,
                    array_agg(m.scope order by m.scope) as scopes
               from sync.member m
              where m.stream = '{guild}' and m.scope in (select sync.scopes_of('{guild}', '{person}'))
              group by m.tbl, m.pk"
        ))
        .await
    }
}

/// The whole frames in what arrived, and whether the stream has come to its end.
pub fn read_frames(bytes: &[u8]) -> (Vec<Frame>, bool) {
    let mut plain = Vec::new();
    let is_whole = match zstd::stream::read::Decoder::new(bytes) {
        Ok(mut decoder) => std::io::copy(&mut decoder, &mut plain).is_ok() && !bytes.is_empty(),
        Err(_) => false,
    };
    let mut reader = FrameReader::default();
    reader.push(&plain);
    let mut frames = Vec::new();
    while let Some(frame) = reader.next_frame().expect("frames") {
        frames.push(frame);
    }
    (frames, is_whole && !reader.is_cut())
}

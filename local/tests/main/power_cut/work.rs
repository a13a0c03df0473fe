//! What a laptop does while its disk is watched: people write, pushes are answered, rows come in and
//! settle what was sent. What was promised on the way is kept beside it.

use crate::answer::{DESK, delta, fill, key, pulled, settled};
use crate::chance::Chance;
use crate::disk::{Disk, Image};
use crate::fixture::{Mirror, PASSWORD, account, cells, server_sop, sop};
use guildhall_local::clock::Clock;
use guildhall_local::error::Result;
use guildhall_local::keys::{Cost, Key};
use guildhall_local::store::FILE_NAME;
use guildhall_local::store::{rows, state};
use guildhall_local::write::{Why, Write};
use guildhall_local::{Connection, Store, drafts, profile, subject};
use guildhall_sync::change::Verdict;
use guildhall_sync::id::EntryId;
use guildhall_sync::model::knowledge::Sop;
use guildhall_sync::protocol::{PulledRow, RowKey};
use guildhall_sync::schema::{Row, common};
use guildhall_sync::value::{Cells, Value};
use std::collections::BTreeMap;
use std::sync::Arc;
use uuid::Uuid;

/// Pages that the first download brings.
const FILLED: usize = 24;
const ROWS_IN_FRAME: usize = 5;
const MOST_IN_GROUP: usize = 4;
const MOST_IN_DELTA: usize = 5;

/// The server's versions of its pages.
type Versions = BTreeMap<Uuid, i64>;

/// What must hold of whatever is found on the disk.
#[derive(Clone, Debug, Default)]
pub struct Promises {
    /// The entries of each local transaction, by the number under which it was said to be there.
    pub groups: Vec<Vec<EntryId>>,
    /// The server's pages at each place in its order.
    pub server: Vec<Versions>,
    /// The entries that each of its answers settles.
    pub settled: Vec<Vec<EntryId>>,
    /// The pages of the first download, in its order.
    pub filled: Vec<RowKey>,
    /// The text that was typed last and not saved.
    pub drafts: Vec<(u64, String)>,
}

/// A laptop at work.
#[derive(Debug)]
pub struct Work {
    pub mirror: Mirror,
    pub disk: Arc<Disk>,
    pub promises: Promises,
    story: Story,
}

/// What has happened so far.
#[derive(Clone, Debug)]
struct Story {
    chance: Chance,
    /// The server's pages, and all that it has answered.
    server: BTreeMap<Uuid, Cells>,
    answered: Vec<EntryId>,
    steps: usize,
}

/// A laptop that is closed, to be opened at this moment again and again.
#[derive(Debug)]
pub struct Closed {
    pub key: Key,
    pub disk: Arc<Disk>,
    image: Image,
    promises: Promises,
    story: Story,
}

impl Work {
    /// Begins with an empty mirror on a new disk.
    pub fn begin(seed: u64) -> Self {
        let disk = Disk::mount();
        let store = profile::create(disk.folder(), &account(), PASSWORD, Cost::Least, Clock::system());
        disk.show(FILE_NAME);
        let mirror =
            Mirror { store: store.expect("a new profile"), dir: tempfile::tempdir().expect("a folder") };
        let promises = Promises {
            server: vec![Versions::new(), Versions::new()],
            settled: vec![Vec::new(), Vec::new()],
            ..Promises::default()
        };
        let (server, answered, chance) = (BTreeMap::new(), Vec::new(), Chance::new(seed));
        Self { mirror, disk, promises, story: Story { chance, server, answered, steps: 0 } }
    }

    pub fn close(self) -> Closed {
        let Self { mirror, disk, promises, story } = self;
        let key = mirror.store.key().clone();
        drop(mirror);
        Closed { key, image: disk.image(), disk, promises, story }
    }

    /// The first download, in one answer.
    pub fn download(&mut self) -> Result<()> {
        let page = |at: usize| server_sop(&format!("page-{at}"), &format!("Page {at}"), &text(at, 300));
        let rows: Vec<PulledRow> = (0..FILLED).map(|at| pulled(Sop::TABLE, &page(at), &[0])).collect();
        let frames = fill(&self.mirror.request(), &[DESK], &rows, ROWS_IN_FRAME);
        self.promises.filled = rows.iter().map(key).collect();
        self.promises.filled.sort_by_key(|key| key.id);
        for row in &rows {
            let cells = Cells::decode(&row.cells, Sop::TABLE).expect("canonical bytes");
            self.promises.server[1].insert(key(row).id, row.version);
            self.story.server.insert(key(row).id, cells);
        }
        self.mirror.take(frames).map(drop)
    }

    /// Entries that are promised.
    pub fn entries(&self) -> usize {
        self.promises.groups.iter().map(Vec::len).sum()
    }

    pub fn said(&self) -> u64 {
        self.promises.groups.len() as u64
    }

    /// One thing that happens on a laptop.
    pub fn step(&mut self) -> Result<()> {
        self.story.steps += 1;
        match self.story.chance.below(10) {
            0..5 => self.write(),
            5 => self.type_on(),
            6 => self.push(),
            _ => self.receive(),
        }
    }

    fn write(&mut self) -> Result<()> {
        let (mut chance, steps) = (self.story.chance.clone(), self.story.steps);
        let written = self.mirror.store.write(|write| {
            (0..=chance.below(MOST_IN_GROUP)).try_for_each(|nth| change(write, &mut chance, steps * 10 + nth))
        });
        self.story.chance = chance;
        let entries = written?.entries;
        if !entries.is_empty() {
            self.promises.groups.push(entries);
            self.say();
        }
        Ok(())
    }

    fn say(&self) {
        self.disk.say(self.said());
    }

    fn type_on(&mut self) -> Result<()> {
        let content = format!("Typed and not saved, {}. {}", self.story.steps, text(self.story.steps, 200));
        let typed = drafts::Typed {
            subject: subject::Subject::NewTicket,
            title: "Typed",
            content: &content,
            place: "",
            base_revision: None,
        };
        self.mirror.store.keep_draft(&typed)?;
        self.promises.drafts.push((self.said(), content));
        Ok(())
    }

    /// All that is unsent is answered: the server has taken it.
    fn push(&mut self) -> Result<()> {
        let server = &mut self.story.server;
        let mut taken = Vec::new();
        let pushed = self.mirror.try_push(|line| {
            let row = server.entry(line.entry.row).or_default();
            let after = guildhall_sync::value::json::from_json(Sop::TABLE, &line.entry.after);
            after.expect("an entry").iter().for_each(|(number, value)| row.set(number, value.clone()));
            let rev = version(row) + 1;
            row.set(common::REV, Value::Int(rev));
            taken.push(line.entry.id);
            Verdict::Committed { rev, ord: 0 }
        });
        // Also where the answer could not be stored.
        self.story.answered.extend(taken);
        pushed.map(drop)
    }

    /// What was sent comes back, and with it what others have changed: all that is new since the
    /// place that the mirror has come to.
    fn receive(&mut self) -> Result<()> {
        let known = self.mirror.store.read(place)?;
        let pages: Vec<Uuid> = self.story.server.keys().copied().collect();
        for _ in 0..=self.story.chance.below(MOST_IN_DELTA) {
            let row = self.story.server.get_mut(&self.story.chance.pick(&pages)).expect("it is one of them");
            let rev = version(row) + 1;
            row.set(common::REV, Value::Int(rev));
            let title = Sop::TABLE.column("title").expect("a title").number;
            row.set(title, Value::text(format!("By another, {}", self.story.steps)));
        }
        let versions: Versions = self.story.server.iter().map(|(id, row)| (*id, version(row))).collect();
        let new =
            versions.iter().filter(|(id, version)| self.promises.server[known].get(id) != Some(version));
        let rows: Vec<PulledRow> = new.map(|(id, _)| pulled(Sop::TABLE, &self.whole(*id), &[0])).collect();
        let settled_before = self.promises.settled[..=known].concat();
        let settles: Vec<EntryId> =
            self.story.answered.iter().filter(|id| !settled_before.contains(id)).copied().collect();
        let verdicts: Vec<_> =
            settles.iter().map(|id| (*id, Verdict::Committed { rev: 1, ord: 0 })).collect();
        let mut frames = vec![settled(&verdicts)];
        frames.extend(delta(self.promises.server.len() as u64, rows));
        self.promises.server.push(versions);
        self.promises.settled.push(settles);
        self.mirror.take(frames).map(drop)
    }

    /// A page as the server has it, with what it adds to a row.
    fn whole(&self, id: Uuid) -> Cells {
        let mut row = self.story.server[&id].clone();
        row.set(common::ID, Value::Id(id));
        row.set(common::GUILD_ID, Value::Id(crate::fixture::GUILD));
        row.set(common::CREATED_AT, Value::Int(1_000));
        row.set(common::UPDATED_AT, Value::Int(2_000));
        row
    }
}

impl Closed {
    pub fn open(&self) -> Work {
        self.disk.load(&self.image);
        let store = Store::open(self.disk.folder(), self.key.clone(), Clock::system()).expect("it opens");
        let mirror = Mirror { store, dir: tempfile::tempdir().expect("a folder") };
        let (disk, promises) = (Arc::clone(&self.disk), self.promises.clone());
        Work { mirror, disk, promises, story: self.story.clone() }
    }
}

/// A new page, or another text for one that is there.
fn change(write: &mut Write<'_>, chance: &mut Chance, number: usize) -> Result<()> {
    let length = chance.pick(&[30, 30, 300, 300, 2_000, 9_000]);
    let pages = list_pages(write.connection())?;
    if pages.is_empty() || chance.per_cent(30) {
        let section = format!("mine-{number}-{}", write.number());
        return write.insert(Sop::TABLE, sop(&section, "Mine", &text(number, length))).map(drop);
    }
    let named = [("content", Value::text(text(number, length)))];
    write.update(Sop::TABLE, chance.pick(&pages), cells(Sop::TABLE, named), Why::default()).map(drop)
}

fn list_pages(connection: &Connection) -> Result<Vec<Uuid>> {
    let stored = rows::list(connection, Sop::TABLE, "true order by section", [])?;
    Ok(stored.iter().filter_map(|row| row.cells.value(common::ID).as_id()).collect())
}

fn text(number: usize, length: usize) -> String {
    format!("Words of {number}. ").repeat(length / 14 + 1)
}

/// How far a mirror says that it is in the server's order; 0 before it has heard anything.
pub fn place(connection: &Connection) -> Result<usize> {
    let cursor = state::read(connection)?.cursor;
    Ok(cursor.map_or(0, |cursor| cursor.0.trim_start_matches("at ").parse().expect("a number")))
}

fn version(row: &Cells) -> i64 {
    row.value(common::REV).as_int().unwrap_or(0)
}

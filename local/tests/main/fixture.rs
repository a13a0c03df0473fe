//! Mirrors in folders of their own, and rows as the server would send them.

use guildhall_local::clock::Clock;
use guildhall_local::entries::{self, Line};
use guildhall_local::fold::{self, Shadow};
use guildhall_local::keys::Cost;
use guildhall_local::outbox;
use guildhall_local::profile;
use guildhall_local::search::fulltext::Indexing;
use guildhall_local::store::rows;
use guildhall_local::store::state::Account;
use guildhall_local::write::{Why, Written};
use guildhall_local::{Result, Store};
use guildhall_sync::change::Verdict;
use guildhall_sync::id::{DeviceId, EntryId, GuildId, UserId};
use guildhall_sync::model::knowledge::Sop;
use guildhall_sync::model::people::Role;
use guildhall_sync::protocol::EntryVerdict;
use guildhall_sync::schema::{Row, Table, common};
use guildhall_sync::time::Timestamp;
use guildhall_sync::value::{Cells, Value};
use std::path::Path;
use tempfile::TempDir;
use uuid::Uuid;

pub const GUILD: Uuid = Uuid::from_u128(1);
pub const AUTHOR: Uuid = Uuid::from_u128(2);
pub const ASSISTANT: Uuid = Uuid::from_u128(3);
pub const PASSWORD: &str = "nine grey herons over the pier";
pub const NOW: Timestamp = Timestamp(1_800_000_000_000_000);

/// A mirror that somebody has signed in to.
#[derive(Debug)]
pub struct Mirror {
    pub store: Store,
    pub dir: TempDir,
}

impl Mirror {
    pub fn new() -> Self {
        let dir = tempfile::tempdir().expect("a folder");
        let store = profile::create(dir.path(), &account(), PASSWORD, Cost::Least, Clock::system());
        Self { store: store.expect("a new profile"), dir }
    }

    /// Stores a row as a pull would.
    pub fn serve(&self, table: &'static Table, cells: &Cells) -> Uuid {
        let mut cells = cells.clone();
        table.fill_defaults(&mut cells);
        let id = cells.value(common::ID).as_id().expect("an id");
        let shadow = Shadow { hash: rows::hash_of(table, &cells), cells, scopes: " guild ".to_owned() };
        self.store
            .apply(|connection| fold::put_server_row(connection, table, id, shadow, Indexing::Now))
            .expect("the row is stored");
        id
    }

    pub fn serve_sop(&self, section: &str, content: &str) -> Uuid {
        self.serve(Sop::TABLE, &server_sop(section, section, content))
    }

    /// An edit of columns of an SOP, as a local transaction of its own.
    pub fn edit<const N: usize>(&self, id: Uuid, named: [(&str, &str); N]) -> EntryId {
        let changes = named.map(|(name, text)| (name, Value::text(text)));
        let written = self
            .store
            .write(|write| write.update(Sop::TABLE, id, cells(Sop::TABLE, changes.clone()), Why::default()));
        only_entry(&written.expect("an edit"))
    }

    pub fn page(&self, id: Uuid) -> Sop {
        self.find_page(id).expect("the page")
    }

    pub fn find_page(&self, id: Uuid) -> Option<Sop> {
        self.store.read(|connection| rows::find_typed(connection, id)).expect("a question")
    }

    pub fn line(&self, id: EntryId) -> Line {
        self.store.read(|connection| entries::find(connection, id)).expect("a question").expect("an entry")
    }

    /// Sends all that can be sent, and stores what the server says to each entry.
    pub fn push(&self, verdict: impl FnMut(&Line) -> Verdict) -> Vec<EntryId> {
        self.try_push(verdict).expect("a push that is answered")
    }

    pub fn try_push(&self, mut verdict: impl FnMut(&Line) -> Verdict) -> Result<Vec<EntryId>> {
        let batch = self.store.read(|connection| outbox::next_batch(connection, NOW))?;
        self.store.record(|connection| outbox::mark_in_flight(connection, &batch, NOW))?;
        let sent: Vec<EntryId> = batch.entries().map(|entry| entry.id).collect();
        let lines = sent.iter().map(|id| self.line(*id));
        let verdicts: Vec<EntryVerdict> = lines.map(|line| answer(&line, verdict(&line))).collect();
        self.store.record(|connection| outbox::record_verdicts(connection, &verdicts, NOW))?;
        Ok(sent)
    }

    pub fn count(&self, select: &str) -> i64 {
        self.store
            .read(|connection| Ok(connection.query_row(select, [], |row| row.get(0))?))
            .expect("a count")
    }
}

pub fn answer(line: &Line, verdict: Verdict) -> EntryVerdict {
    EntryVerdict { entry: line.entry.id, device_seq: line.entry.device_seq, verdict }
}

pub fn only_entry<T>(written: &Written<T>) -> EntryId {
    let [entry] = written.entries[..] else { panic!("{} entries", written.entries.len()) };
    entry
}

pub fn open(dir: &Path) -> Result<Store> {
    profile::open_with_password(dir, PASSWORD, Clock::system())
}

pub fn account() -> Account {
    Account {
        server_url: None,
        device: DeviceId(Uuid::from_u128(4)),
        device_name: "Desk-2".to_owned(),
        guild: GuildId(GUILD),
        guild_name: "Harbour".to_owned(),
        user: UserId(AUTHOR),
        user_name: "ana".to_owned(),
        role: Role::Manager,
    }
}

/// Cells by column name.
pub fn cells<const N: usize>(table: &Table, named: [(&str, Value); N]) -> Cells {
    named.into_iter().map(|(name, value)| (table.column(name).expect(name).number, value)).collect()
}

/// An SOP as the server has it.
pub fn server_sop(section: &str, title: &str, content: &str) -> Cells {
    from_server(sop(section, title, content), section)
}

/// What the server adds to a row.
pub fn from_server(mut cells: Cells, name: &str) -> Cells {
    cells.set(common::ID, Value::Id(id_of(name)));
    cells.set(common::GUILD_ID, Value::Id(GUILD));
    cells.set(common::REV, Value::Int(7));
    cells.set(common::CREATED_AT, Value::Int(1_000));
    cells.set(common::UPDATED_AT, Value::Int(2_000));
    cells
}

/// An SOP as somebody writes it.
pub fn sop(section: &str, title: &str, content: &str) -> Cells {
    cells(
        Sop::TABLE,
        [
            ("assistant_id", Value::Id(ASSISTANT)),
            ("category", Value::text("booking")),
            ("section", Value::text(section)),
            ("title", Value::text(title)),
            ("content", Value::text(content)),
        ],
    )
}

/// An id that is the same in every run.
pub fn id_of(name: &str) -> Uuid {
    Uuid::from_bytes(guildhall_sync::value::cells::hash(name.as_bytes()))
}

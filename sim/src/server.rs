//! A server in memory that speaks the protocol: the second opinion on what devices do with it.
//! Written from the specification and not from the real server; the rules that both sides share
//! (merge, validity, rights, scopes of a row) are the real ones.
//!
//! A guild is one value. Copying it is a snapshot, putting an old copy back is a restore, and what
//! had not become durable is gone after a crash.

use crate::bugs::{self, ServerBug};
use crate::random::Random;
use guildhall_sync::change::Verdict;
use guildhall_sync::id::{DeviceId, EntryId};
use guildhall_sync::model::{TABLES, find_table, find_table_by_number};
use guildhall_sync::protocol::Effect;
use guildhall_sync::schema::{Table, WINDOW, common};
use guildhall_sync::scope::scopes_of_row;
use guildhall_sync::value::cells::hash;
use guildhall_sync::value::{Cells, Hash, Value};
use restore::{Aftermath, Outside};
use sha2::{Digest, Sha256};
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;
use uuid::Uuid;

mod check;
mod conflict;
pub mod decide;
mod grants;
mod parts;
pub mod pull;
mod push;
pub mod restore;
mod view;

/// A row, by the number of its table and its id.
pub type Key = (u16, Uuid);

#[derive(Clone, Debug)]
pub struct Row {
    pub table: &'static Table,
    pub cells: Cells,
    pub version: i64,
    pub hash: Hash,
    pub bytes: Vec<u8>,
    pub scopes: BTreeSet<String>,
}

/// What happened to a row in one scope.
#[derive(Clone, Debug)]
pub struct Change {
    pub key: Key,
    pub scope: String,
    /// None for a row that was put there.
    pub gone: Option<Effect>,
    pub version: i64,
}

#[derive(Clone, Debug)]
pub struct Commit {
    /// Not the order in which commits became visible.
    pub order: u64,
    pub number: Option<u64>,
    pub tag: u64,
    pub changes: Vec<Change>,
}

/// An entry with its verdict, kept for ever.
#[derive(Clone, Debug)]
pub struct Decided {
    pub device: DeviceId,
    /// The life of its file.
    pub incarnation: Uuid,
    pub device_seq: u64,
    pub hash: String,
    pub verdict: Verdict,
    /// How many were decided before it.
    pub place: usize,
    /// Whether it came from before a restore.
    pub is_back: bool,
}

/// A line of history: what one write did to a row.
#[derive(Clone, Debug)]
pub struct Line {
    pub entry: Option<EntryId>,
    pub key: Key,
    pub version: i64,
    /// The columns that changed, as they became; none for a removal.
    pub after: Option<Cells>,
}

#[derive(Clone, Debug)]
pub struct Guild {
    pub id: Uuid,
    pub epoch: Uuid,
    pub rows: BTreeMap<Key, Rc<Row>>,
    pub tombs: BTreeMap<Key, i64>,
    pub commits: Vec<Rc<Commit>>,
    pub last_no: u64,
    pub last_tag: u64,
    pub kept_from: u64,
    pub inbox: BTreeMap<EntryId, Rc<Decided>>,
    pub history: Vec<Rc<Line>>,
    /// Of groups in parts: each entry with its hash, and how it is offered again.
    pub parts: BTreeMap<parts::Name, parts::Held>,
    /// Each entry that had an effect, each time that it had one.
    pub accepted: Vec<EntryId>,
    /// Rows that were removed and made again on purpose.
    pub brought_back: BTreeSet<Key>,
    pub aftermath: Aftermath,
    /// Edits that came back to earlier histories.
    pub superseded: Vec<(Key, Cells)>,
    /// Whether it stands still until somebody begins a new history.
    pub is_set_back: bool,
    /// The lines of history that were there when it was last set back.
    pub restored_lines: usize,
    pub outside: Outside,
    pub random: Random,
    /// Changes of the transaction that is open.
    open: Vec<Change>,
    /// As it is on the disk, where something is not there yet.
    durable: Option<Box<Guild>>,
}

/// Who writes, and why.
#[derive(Clone, Copy, Debug)]
pub struct By {
    pub user: Option<Uuid>,
    pub entry: Option<EntryId>,
    pub now: i64,
}

impl Guild {
    pub fn new(id: Uuid, mut random: Random) -> Self {
        let epoch = random.id();
        Self {
            id,
            epoch,
            rows: BTreeMap::new(),
            tombs: BTreeMap::new(),
            commits: Vec::new(),
            last_no: 0,
            last_tag: 0,
            kept_from: 1,
            inbox: BTreeMap::new(),
            history: Vec::new(),
            parts: BTreeMap::new(),
            accepted: Vec::new(),
            brought_back: BTreeSet::new(),
            aftermath: Aftermath::default(),
            superseded: Vec::new(),
            is_set_back: false,
            restored_lines: 0,
            outside: Outside::default(),
            random,
            open: Vec::new(),
            durable: None,
        }
    }

    pub fn row(&self, key: Key) -> Option<&Rc<Row>> {
        self.rows.get(&key)
    }

    pub fn find(&self, table: &str, id: Uuid) -> Option<&Rc<Row>> {
        self.rows.get(&(find_table(table)?.number, id))
    }

    pub fn rows_of(&self, table: &str) -> impl Iterator<Item = &Rc<Row>> {
        let number = find_table(table).expect("a table of the registry").number;
        self.rows.range((number, Uuid::nil())..=(number, Uuid::max())).map(|(_, row)| row)
    }

    /// Writes a whole row, as triggers complete it. What changes nothing is swallowed.
    pub fn put(&mut self, table: &'static Table, mut cells: Cells, by: By) {
        let key = (table.number, cells.value(common::ID).as_id().expect("a row has an id"));
        let old = self.rows.get(&key).cloned();
        cells.set(common::GUILD_ID, Value::Id(self.id));
        table.fill_defaults(&mut cells);
        self.copy_scope(table, &mut cells);
        let is_new_version = number_version(table, &mut cells, old.as_deref());
        if old.as_ref().is_some_and(|old| is_same(table, &old.cells, &cells)) {
            return;
        }
        let version = match &old {
            Some(old) => old.version + 1,
            None => self.first_version(key),
        };
        stamp(&mut cells, old.as_deref(), version, by);
        let after = changed(table, old.as_deref(), &cells);
        self.history.push(Rc::new(Line { entry: by.entry, key, version, after: Some(after) }));
        let bytes = cells.encode(table);
        let scopes = scopes_of_row(table, &cells);
        let row = Row { table, version, hash: hash(&bytes), bytes, scopes, cells };
        self.log(key, old.as_deref(), &row);
        // One that was removed and comes back may be elsewhere.
        let moved = old.map_or(version > 1, |old| old.scopes != row.scopes);
        let row = Rc::new(row);
        self.rows.insert(key, Rc::clone(&row));
        if moved {
            self.move_children(key, by);
        }
        if is_new_version {
            self.keep_version(&row, by);
        }
    }

    fn first_version(&self, key: Key) -> i64 {
        if bugs::server_has(ServerBug::TombForgotten) {
            return 1;
        }
        self.tombs.get(&key).copied().unwrap_or(0) + 1
    }

    /// Removes a row for good, as jobs do. False where others refer to it.
    pub fn remove(&mut self, key: Key, by: By) -> bool {
        let Some(row) = self.rows.get(&key).cloned() else { return false };
        let refers = |other: &Rc<Row>| {
            let cells = other.cells.iter().filter(|(number, _)| *number != common::ID);
            other.table.name != "sync_conflicts"
                && cells.map(|(_, value)| value.as_id()).any(|id| id == Some(key.1))
        };
        if self.rows.values().any(refers) {
            return false;
        }
        let version = row.version + 1;
        self.tombs.insert(key, version);
        for scope in &row.scopes {
            let gone = Some(Effect::Delete);
            self.open.push(Change { key, scope: scope.clone(), gone, version });
        }
        self.rows.remove(&key);
        self.history.push(Rc::new(Line { entry: by.entry, key, version, after: None }));
        self.move_children(key, by);
        true
    }

    /// Ends the transaction. What is not `durable` is lost by a crash that comes before something
    /// that is.
    pub fn commit(&mut self, durable: Durability, before: Option<Guild>) {
        let changes = std::mem::take(&mut self.open);
        if !changes.is_empty() {
            let order = self.random.number();
            self.commits.push(Rc::new(Commit { order, number: None, tag: 0, changes }));
        }
        match durable {
            Durability::OnDisk => self.durable = None,
            Durability::Later if self.durable.is_none() => {
                self.durable = before.map(|mut before| {
                    before.durable = None;
                    Box::new(before)
                });
            }
            Durability::Later => {}
        }
    }

    /// Whether something had to be forgotten.
    pub fn crash(&mut self) -> bool {
        match self.durable.take() {
            Some(durable) => {
                // Chance goes on: what is made later is not what was lost.
                let (random, outside) = (self.random.clone(), self.outside.clone());
                let is_set_back = self.is_set_back;
                *self = Self { random, outside, is_set_back, ..*durable };
                true
            }
            None => false,
        }
    }

    pub fn needs_seal(&self) -> bool {
        self.commits.iter().any(|commit| commit.number.is_none())
    }

    /// Numbers all commits that are visible.
    pub fn seal(&mut self) {
        let mut waiting: Vec<usize> =
            (0..self.commits.len()).filter(|at| self.commits[*at].number.is_none()).collect();
        waiting.sort_by_key(|at| self.commits[*at].order);
        for at in waiting {
            self.last_no += 1;
            self.last_tag = self.random.number();
            let commit = Rc::make_mut(&mut self.commits[at]);
            commit.number = Some(self.last_no);
            commit.tag = self.last_tag;
        }
        self.durable = None;
    }

    /// Forgets the log up to a commit.
    pub fn trim(&mut self, up_to: u64) {
        self.commits.retain(|commit| commit.number.is_none_or(|number| number > up_to));
        self.kept_from = self.kept_from.max(up_to + 1);
    }

    fn log(&mut self, key: Key, old: Option<&Row>, row: &Row) {
        let version = row.version;
        let left = old.into_iter().flat_map(|old| old.scopes.difference(&row.scopes));
        let is_out =
            row.table.column(WINDOW).is_some_and(|window| window.value_in(&row.cells).as_int() == Some(0));
        let effect = if is_out { Effect::Expire } else { Effect::Leave };
        let left = left.map(|scope| Change { key, scope: scope.clone(), gone: Some(effect), version });
        self.open.extend(left.filter(|_| !bugs::server_has(ServerBug::LeaveNotLogged)));
        let put = row.scopes.iter().map(|scope| Change { key, scope: scope.clone(), gone: None, version });
        self.open.extend(put);
    }

    /// The scopes of the parent, where the table has a copy of them.
    fn copy_scope(&self, table: &Table, cells: &mut Cells) {
        let Some(column) = table.column("scope_key") else { return };
        let parent = parent_of(table, cells).and_then(|key| self.rows.get(&key));
        let scopes = parent.map(|row| row.scopes.iter().cloned().collect::<Vec<_>>().join(" "));
        cells.set(column.number, Value::Text(scopes.unwrap_or_default()));
    }

    fn move_children(&mut self, parent: Key, by: By) {
        let is_child = |row: &&Rc<Row>| {
            row.table.column("scope_key").is_some() && parent_of(row.table, &row.cells) == Some(parent)
        };
        let children: Vec<Rc<Row>> = self.rows.values().filter(is_child).cloned().collect();
        for child in children {
            self.put(child.table, child.cells.clone(), By { entry: None, ..by });
        }
    }

    /// A version of a page, as it stands now.
    fn keep_version(&mut self, row: &Row, by: By) {
        let (name, parent) = match row.table.name {
            "sops" => ("sop_versions", "sop_id"),
            "knowledge_items" => ("knowledge_versions", "item_id"),
            _ => return,
        };
        let table = find_table(name).expect("a table of the registry");
        let mut cells = Cells::default();
        let mut set = |name: &str, value: Value| {
            if let Some(column) = table.column(name) {
                cells.set(column.number, value);
            }
        };
        set("id", Value::Id(self.random.id()));
        set(parent, row.cells.value(common::ID).clone());
        set("version", row.table.value(&row.cells, "version").into_owned());
        set("title", row.table.value(&row.cells, "title").into_owned());
        set("content", row.table.value(&row.cells, "content").into_owned());
        set("sha256", row.table.value(&row.cells, "sha256").into_owned());
        self.put(table, cells, By { entry: None, ..by });
    }
}

/// Whether a commit is on the disk when the writer hears of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Durability {
    OnDisk,
    Later,
}

/// The row whose scopes are copied: the one that the first own column leads to; of a conflict,
/// the one that it is about.
fn parent_of(table: &Table, cells: &Cells) -> Option<Key> {
    if table.name == "sync_conflicts" {
        let target = table.value(cells, "target_table");
        let target = find_table(target.as_text()?)?;
        return Some((target.number, table.value(cells, "target_id").as_id()?));
    }
    let first = table.own_columns().next()?;
    let guildhall_sync::value::Type::Id(parent) = first.kind else { return None };
    Some((find_table(parent)?.number, first.value_in(cells).as_id()?))
}

/// Columns that say what a row is; the others say who wrote it and when.
fn is_content(number: u16) -> bool {
    !matches!(
        number,
        common::REV | common::CREATED_AT | common::CREATED_BY | common::UPDATED_AT | common::UPDATED_BY
    )
}

fn is_same(table: &Table, left: &Cells, right: &Cells) -> bool {
    let columns = table.columns.iter().filter(|column| is_content(column.number));
    columns.into_iter().all(|column| column.value_in(left) == column.value_in(right))
}

fn changed(table: &Table, old: Option<&Row>, cells: &Cells) -> Cells {
    let differs = |number: u16, value: &Value| {
        let column = table.column_by_number(number).expect("a column of the table");
        old.is_none_or(|old| *column.value_in(&old.cells) != *value)
    };
    let cells = cells.iter().filter(|(number, value)| differs(*number, value));
    cells.map(|(number, value)| (number, value.clone())).collect()
}

fn stamp(cells: &mut Cells, old: Option<&Row>, version: i64, by: By) {
    let user = by.user.map_or(Value::Null, Value::Id);
    match old {
        Some(old) => {
            for number in [common::CREATED_AT, common::CREATED_BY] {
                cells.set(number, old.cells.value(number).clone());
            }
        }
        None => {
            cells.set(common::CREATED_AT, Value::Int(by.now));
            cells.set(common::CREATED_BY, user.clone());
        }
    }
    cells.set(common::UPDATED_AT, Value::Int(by.now));
    cells.set(common::UPDATED_BY, user);
    cells.set(common::REV, Value::Int(version));
}

/// Pages and pieces of knowledge count the versions of what is read.
fn number_version(table: &'static Table, cells: &mut Cells, old: Option<&Row>) -> bool {
    let (text, read): (&str, &[&str]) = match table.name {
        "sops" => ("content", &["title", "content"]),
        "knowledge_items" => ("answer_md", &["title", "question", "answer_md"]),
        _ => return false,
    };
    let number = |name: &str| table.column(name).expect("pages have it").number;
    let last = old.map_or(0, |old| table.value(&old.cells, "version").as_int().unwrap_or(0));
    let differs =
        |name: &&str| old.is_none_or(|old| table.value(&old.cells, name) != table.value(cells, name));
    let is_new = read.iter().any(differs);
    cells.set(number("version"), Value::Int(last + i64::from(is_new)));
    let sha256 = Sha256::digest(table.value(cells, text).as_text().unwrap_or_default());
    let sha256: String = sha256.iter().map(|byte| format!("{byte:02x}")).collect();
    cells.set(number("sha256"), Value::Text(sha256));
    is_new
}

/// The table with the number of a key.
pub fn table_of(key: Key) -> &'static Table {
    find_table_by_number(key.0).expect("keys are made of tables of the registry")
}

/// Every synced table after those that it refers to, as far as there is such an order.
pub fn parents_first() -> Vec<&'static Table> {
    fn visit(table: &'static Table, order: &mut Vec<&'static Table>, seen: &mut BTreeSet<u16>) {
        if !seen.insert(table.number) {
            return;
        }
        for column in table.own_columns() {
            if let guildhall_sync::value::Type::Id(parent) = column.kind
                && let Some(parent) = find_table(parent)
            {
                visit(parent, order, seen);
            }
        }
        order.push(table);
    }
    let (mut order, mut seen) = (Vec::new(), BTreeSet::new());
    TABLES.iter().for_each(|table| visit(table, &mut order, &mut seen));
    order
}

//! A laptop at the level of the library: a real mirror, a real link, and what its screen would say.

use super::program::Laptop;
use super::{GUILD, PASSWORD, PATIENCE};
use guildhall_local::clock::Clock;
use guildhall_local::conflicts::{self, Settlement};
use guildhall_local::doctor;
use guildhall_local::inbox::{self, Applying, Outcome};
use guildhall_local::keys::marks::Marks;
use guildhall_local::keys::{self, Cost};
use guildhall_local::link::asking::nobody;
use guildhall_local::link::sign_in::{self, Keeping, Wish};
use guildhall_local::link::wire::Wire;
use guildhall_local::link::{Link, Progress, Report};
use guildhall_local::sops::{self, Changes, Which};
use guildhall_local::standing;
use guildhall_local::store::{connection, rows, state};
use guildhall_local::write::{Why, Write, Written};
use guildhall_local::{Connection, Store, outbox, profile};
use guildhall_sync::model::knowledge::Sop;
use guildhall_sync::model::settlement::SyncConflict;
use guildhall_sync::schema::{Row, Table};
use guildhall_sync::value::Cells;
use serde_json::Value as Json;
use sha2::{Digest, Sha256};
use std::collections::{BTreeMap, HashSet};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use tempfile::TempDir;
use tokio::sync::{oneshot, watch};
use tokio::task::JoinHandle;
use uuid::Uuid;

pub struct Device {
    folder: TempDir,
    pub store: Arc<Store>,
}

impl Device {
    /// Signs in with a new profile; fetches nothing yet.
    pub async fn sign_in(server: &str, name: &str) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let wire = Wire::new(server, None).expect("an address");
        let store = sign_in_at(&folder.path().join(PROFILE), &wire, name).await;
        Self { folder, store: Arc::new(store.expect("signed in")) }
    }

    /// The same person again on the same profile, for a session that is over.
    pub async fn sign_in_again(&self) -> guildhall_local::Result<()> {
        let account = self.read(state::account);
        sign_in_at(&self.profile(), &self.wire(), &account.user_name).await.map(drop)
    }

    /// The same file once more, as a copied disk has it; with what is kept outside the profile, or
    /// without.
    pub fn copy(&self, with_state: bool) -> Self {
        self.store.truncate_wal().expect("a checkpoint");
        let folder = tempfile::tempdir().expect("a folder");
        copy_folder(&self.profile(), &folder.path().join(PROFILE));
        let state = self.folder.path().join(STATE);
        if with_state && state.exists() {
            copy_folder(&state, &folder.path().join(STATE));
        }
        let store = profile::open_with_password(&folder.path().join(PROFILE), PASSWORD, Clock::system());
        Self { folder, store: Arc::new(store.expect("the copy opens")) }
    }

    pub fn profile(&self) -> PathBuf {
        self.folder.path().join(PROFILE)
    }

    /// Everything that this laptop keeps: the profile, and the folder for state beside it.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    fn wire(&self) -> Wire {
        sign_in::wire_of(&self.profile(), &self.read(state::account)).expect("an address")
    }

    fn link(&self) -> Link {
        take_link(&self.store, &self.profile(), &state_folder(self.folder.path()))
    }

    /// Sends what is unsent and fetches what is new, until all is quiet.
    pub async fn sync(&self) -> Report {
        self.try_sync().await.expect("the server answers")
    }

    pub async fn try_sync(&self) -> guildhall_local::Result<Report> {
        self.link().sync_once(|_| {}).await
    }

    /// One pull, without a push before or after it.
    pub async fn pull(&self) -> Outcome {
        let tokens = self.read(state::find_tokens).expect("a session");
        let request = inbox::request(&self.store).expect("a request");
        let Some(mut stream) = self.wire().pull(&tokens.access, &request).await.expect("an answer") else {
            return Outcome::default();
        };
        let mut notify = |_| {};
        let mut applying = Applying::begin(&self.store, &mut notify).expect("an inbox");
        while let Some(frame) = stream.next_frame().await.expect("a frame") {
            applying.frame(frame).expect("a frame that fits");
        }
        applying.finish().expect("a whole answer")
    }

    /// Keeps in touch with the server until it is told to stop: `sync --watch`, with a mirror of its
    /// own beside the one in which the person works.
    pub fn watch(&self) -> Watching {
        let (happened, events) = watch::channel(0_u64);
        let (stop, stopped) = oneshot::channel::<()>();
        let log = Arc::new(Mutex::new(Vec::new()));
        let (profile, kept) = (self.profile(), Arc::clone(&log));
        let store = profile::open_with_password(&profile, PASSWORD, Clock::system()).expect("it opens twice");
        let link = take_link(&Arc::new(store), &profile, &state_folder(self.folder.path()));
        let tell = move |progress: Progress| {
            kept.lock().expect("nobody panics with it").push(format!("{progress:?}"));
            happened.send_modify(|number| *number += 1);
        };
        let stopping = async move { drop(stopped.await) };
        let task = tokio::spawn(async move { link.watch(&profile, tell, &mut nobody(), stopping).await });
        Watching { stop: Some(stop), task, events, log }
    }

    pub fn read<T>(&self, question: impl FnOnce(&Connection) -> guildhall_local::Result<T>) -> T {
        self.store.read(question).expect("an answer")
    }

    pub fn write<T>(&self, write: impl FnOnce(&mut Write<'_>) -> guildhall_local::Result<T>) -> Written<T> {
        self.store.write(write).expect("a change")
    }

    pub fn find_row(&self, table: &'static Table, id: Uuid) -> Option<Cells> {
        self.read(|connection| Ok(rows::find(connection, table, id)?.map(|stored| stored.cells)))
    }

    pub fn count(&self, select: &str) -> i64 {
        self.read(|connection| Ok(connection.query_row(select, [], |row| row.get(0))?))
    }

    pub fn find_page(&self, name: &str) -> Option<Sop> {
        self.store.read(|connection| sops::get(connection, name, Which::Live)).ok()
    }

    pub fn page(&self, name: &str) -> Sop {
        self.read(|connection| sops::get(connection, name, Which::Live))
    }

    pub fn text(&self, name: &str) -> String {
        self.page(name).content.0
    }

    /// Replaces a passage of a page, which must stand in it once.
    pub fn rewrite(&self, name: &str, passage: &str, with: &str) {
        let page = self.page(name);
        assert_eq!(page.content.0.matches(passage).count(), 1, "{passage:?} in {name}");
        self.edit(name, &page.content.0.replacen(passage, with, 1));
    }

    pub fn edit(&self, name: &str, content: &str) {
        let changes = Changes { content: Some(content.to_owned()), ..Changes::default() };
        let id = self.page(name).id;
        assert!(self.write(|write| sops::edit(write, id, &changes, Why::default())).value, "nothing changed");
    }

    /// The mark beside a page.
    pub fn mark(&self, id: Uuid) -> String {
        self.read(|connection| standing::of_row(connection, Sop::TABLE, id)).to_string()
    }

    pub fn conflicts(&self) -> Vec<SyncConflict> {
        self.read(conflicts::list)
    }

    pub fn settle(&self, conflict: Uuid, settlement: &Settlement) {
        self.write(|write| conflicts::settle(write, conflict, settlement));
    }

    /// Entries that the server has not answered.
    pub fn unsent(&self) -> u64 {
        self.read(outbox::count).unsent
    }

    /// What the program says about this laptop in another process.
    pub fn status(&self) -> Json {
        self.program(|laptop| laptop.run(&["status", "--json"]).json())
    }

    /// Calls the built program with this profile.
    pub fn program<T>(&self, call: impl FnOnce(Laptop<'_>) -> T) -> T {
        let (profile, state) = (self.profile(), self.folder.path().join(STATE));
        call(Laptop::new(&profile, &state))
    }

    /// Every page of the mirror as whoever has the key can read it: free ones and those that are
    /// still in the write-ahead file too, and the bytes of every other file of this laptop.
    pub fn bytes(&self) -> Vec<u8> {
        let key = keys::unlock_with_password(&self.profile(), PASSWORD).expect("the key");
        let mut connection = connection::open(self.store.path(), &key).expect("the file");
        let mut bytes = connection.serialize(c"main").expect("the pages").to_vec();
        assert!(bytes.starts_with(b"SQLite format 3"), "they are not encrypted any more");
        add_files(self.folder(), &mut bytes);
        bytes
    }

    /// All that the mirror says, as one hash for each table.
    pub fn contents(&self) -> BTreeMap<String, String> {
        self.read(|connection| {
            let list = "select name from pragma_table_list where type = 'table' and schema = 'main'";
            let mut tables = connection.prepare(list)?;
            let names = tables.query_map([], |row| row.get::<_, String>(0))?;
            let read = |name: rusqlite::Result<String>| {
                let name = name?;
                let rows = read_table(connection, &name)?;
                Ok((name, hex(&Sha256::digest(rows.join("\n")))))
            };
            names.map(read).collect()
        })
    }

    /// Which of these texts can be found on this laptop. One look at each byte for all of them:
    /// there are many of both.
    pub fn finds<'a>(&self, texts: &[&'a str]) -> Vec<&'a str> {
        let bytes = self.bytes();
        let mut begins = [false; 256];
        texts.iter().for_each(|text| begins[usize::from(text.as_bytes()[0])] = true);
        let mut found: HashSet<&str> = HashSet::new();
        for at in (0..bytes.len()).filter(|at| begins[usize::from(bytes[*at])]) {
            found.extend(texts.iter().filter(|text| bytes[at..].starts_with(text.as_bytes())));
        }
        texts.iter().copied().filter(|text| found.contains(text)).collect()
    }

    /// Nothing on this laptop is damaged, and every row is as the server sent it.
    #[track_caller]
    pub fn demand_well(&self) {
        demand_well(&self.store);
    }
}

const PROFILE: &str = "profile";
/// What the environment of a program names as the place for state.
const STATE: &str = "state";

/// Where the program keeps marks when its environment names `folder/state`.
pub fn state_folder(folder: &Path) -> PathBuf {
    folder.join(STATE).join("guildhall/marks")
}

pub fn take_link(store: &Arc<Store>, profile: &Path, marks: &Path) -> Link {
    let account = store.read(state::account).expect("somebody signed in");
    let wire = sign_in::wire_of(profile, &account).expect("an address");
    let id = store.read(state::read).expect("a state").profile;
    let marks = Marks::new(id, None, marks.to_owned());
    Link::take(Arc::clone(store), wire, marks, profile).expect("nobody else has the link")
}

async fn sign_in_at(profile: &Path, wire: &Wire, name: &str) -> guildhall_local::Result<Store> {
    let wish = Wish {
        guild: GUILD.to_owned(),
        login: name.to_owned(),
        password: PASSWORD.to_owned(),
        device_name: format!("{name}'s laptop"),
    };
    let keeping = Keeping { ring: None, cost: Cost::Least };
    sign_in::sign_in(profile, wire, wish, keeping, Clock::system()).await
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Every row of a table as text, sorted.
fn read_table(connection: &Connection, name: &str) -> guildhall_local::Result<Vec<String>> {
    let mut select = connection.prepare(&format!("select * from \"{name}\""))?;
    let columns = select.column_count();
    let row = |row: &rusqlite::Row<'_>| {
        let values = (0..columns).map(|at| Ok(format!("{:?}", row.get_ref(at)?)));
        Ok(values.collect::<rusqlite::Result<Vec<_>>>()?.join(" | "))
    };
    let mut rows = select.query_map([], row)?.collect::<rusqlite::Result<Vec<_>>>()?;
    rows.sort();
    Ok(rows)
}

fn copy_folder(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).expect("a folder");
    for file in std::fs::read_dir(from).expect("a folder") {
        let path = file.expect("a file").path();
        let to = to.join(path.file_name().expect("a name"));
        if path.is_dir() { copy_folder(&path, &to) } else { _ = std::fs::copy(&path, &to).expect("a copy") }
    }
}

fn add_files(folder: &Path, bytes: &mut Vec<u8>) {
    for file in std::fs::read_dir(folder).expect("a folder") {
        let path = file.expect("a file").path();
        if path.is_dir() {
            add_files(&path, bytes);
        } else {
            bytes.extend(std::fs::read(&path).expect("a file"));
        }
    }
}

#[track_caller]
pub fn demand_well(store: &Store) {
    for check in doctor::examine(store) {
        assert!(check.is_well, "{}: {}", check.name, check.found);
    }
}

/// A laptop that keeps in touch.
pub struct Watching {
    stop: Option<oneshot::Sender<()>>,
    task: JoinHandle<guildhall_local::Result<Report>>,
    events: watch::Receiver<u64>,
    log: Arc<Mutex<Vec<String>>>,
}

impl Watching {
    /// Waits for a state, looking again whenever something has happened on this laptop.
    pub async fn until<T>(&mut self, what: &str, mut look: impl FnMut() -> Option<T>) -> T {
        let waited = tokio::time::timeout(PATIENCE, async {
            loop {
                self.events.borrow_and_update();
                if let Some(found) = look() {
                    return found;
                }
                self.events.changed().await.expect("it watches");
            }
        });
        match waited.await {
            Ok(found) => found,
            Err(_) => panic!("waited in vain for {what}; it said {:#?}", self.log()),
        }
    }

    /// Waits until the link has said something with this word in it.
    pub async fn until_said(&mut self, word: &str) {
        let log = Arc::clone(&self.log);
        let is_said = || log.lock().ok()?.iter().any(|event| event.contains(word)).then_some(());
        self.until(word, is_said).await;
    }

    pub fn log(&self) -> Vec<String> {
        self.log.lock().expect("nobody panics with it").clone()
    }

    /// Ends it, and says what it did.
    pub async fn stop(mut self) -> Report {
        self.stop.take().map(|stop| stop.send(()).ok());
        self.task.await.expect("it does not panic").expect("it ends well")
    }
}

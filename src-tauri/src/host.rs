//! The backend of a window: one profile, its session, the link to the server, and events for
//! whoever shows it. It knows of no window; the shell, the bridge and the tests drive it alike.

use crate::app::App;
use crate::commands;
use crate::commands::session;
use crate::commands::status::Reach;
use crate::commands::window::About;
use crate::events::{Act, Event};
use crate::failure::{Code, Failure};
use crate::views::Origin;
use contact::Contact;
use guildhall_local::clock::Clock;
use guildhall_local::keys::{self, Ring, SlotKind};
use guildhall_local::profile;
use guildhall_local::store::FILE_NAME;
use guildhall_local::store::state::Account;
use guildhall_local::write::Touched;
use serde_json::Value as Json;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::sync::broadcast::error::RecvError;
use tokio::sync::{OnceCell, broadcast};

mod contact;
mod leases;

/// Events that a slow window may be behind; then it reads everything anew.
const MAX_UNHEARD: usize = 1024;
/// More rows than this at once are told as "many of this table".
const MAX_NAMED: usize = 500;
/// The folder of a profile without a server lies beside the one that will have one.
const SAMPLE_SUFFIX: &str = "-sample";

#[derive(Clone, Debug)]
pub struct Host(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    profile: PathBuf,
    events: broadcast::Sender<Event>,
    open: Mutex<Option<Open>>,
    /// Who was here last, for a lock screen that says whose work waits.
    known: Mutex<Option<Account>>,
    reach: Mutex<Reach>,
    about: Mutex<About>,
    /// Asked once: a keyring that does not answer takes its time.
    ring: OnceCell<Option<Ring>>,
}

/// An open profile and its way to the server.
#[derive(Debug)]
struct Open {
    app: App,
    /// None where the profile has no server, and between two contacts.
    contact: Option<Contact>,
}

impl Host {
    pub fn new(profile: PathBuf) -> Self {
        let (events, _) = broadcast::channel(MAX_UNHEARD);
        Self(Arc::new(Inner {
            profile,
            events,
            open: Mutex::default(),
            known: Mutex::default(),
            reach: Mutex::default(),
            about: Mutex::new(About::of_this_program()),
            ring: OnceCell::new(),
        }))
    }

    /// Opens the profile where it opens without asking anybody. To be called inside a runtime.
    pub async fn start(&self) {
        let dir = self.dir();
        if dir == self.sample_dir() {
            let opened = blocking(move || Ok(session::try_sample(&dir)?.0)).await;
            match opened {
                Ok(app) => drop(self.enter(app).await),
                Err(failure) => tracing::info!(%failure, "the sample does not open"),
            }
            return;
        }
        let by_keyring = keys::read_slots(&dir).is_ok_and(|slots| slots.has(SlotKind::Keyring));
        if !by_keyring {
            return;
        }
        let Some(ring) = self.ring().await else { return };
        let opened = blocking(move || {
            let store = profile::open_with_keyring(&dir, &ring, Clock::system())?;
            Ok(App { dir, store: Arc::new(store) })
        });
        match opened.await {
            Ok(app) => drop(self.enter(app).await),
            Err(failure) => tracing::info!(%failure, "the keyring does not open this profile"),
        }
    }

    /// The keyring of this machine, if it answers.
    pub async fn ring(&self) -> Option<Ring> {
        self.0.ring.get_or_init(session::answering_ring).await.clone()
    }

    /// Runs a command of the list in [`commands`].
    pub async fn run(&self, name: &str, request: Json) -> Result<Json, Failure> {
        commands::run(self, name, request).await
    }

    pub fn events(&self) -> broadcast::Receiver<Event> {
        self.0.events.subscribe()
    }

    pub fn tell(&self, event: Event) {
        // Nobody may be looking.
        self.0.events.send(event).ok();
    }

    pub fn act(&self, act: Act) {
        self.tell(Event::Act { act });
    }

    /// Ends the contact with the server and closes the mirror.
    pub async fn stop(&self) {
        self.leave().await;
    }

    /// The open profile.
    pub fn app(&self) -> Result<App, Failure> {
        match self.open().as_ref() {
            Some(open) => Ok(open.app.clone()),
            None => {
                Err(Failure::new(Code::Locked, "Guildhall is locked.").hint("Unlock it, then try again."))
            }
        }
    }

    /// The folder of the profile that is shown: the given one, or the sample beside it while only
    /// that exists.
    pub fn dir(&self) -> PathBuf {
        let sample = self.sample_dir();
        if !has_mirror(&self.0.profile) && has_mirror(&sample) { sample } else { self.0.profile.clone() }
    }

    /// The folder in which signing in makes a profile.
    pub fn own_dir(&self) -> &Path {
        &self.0.profile
    }

    pub fn sample_dir(&self) -> PathBuf {
        let mut name = self.0.profile.file_name().unwrap_or_default().to_owned();
        name.push(SAMPLE_SUFFIX);
        self.0.profile.with_file_name(name)
    }

    /// Goes on with a profile that was just opened.
    pub async fn enter(&self, app: App) -> Result<(), Failure> {
        self.leave().await;
        let account = app.account()?;
        *lock(&self.0.reach) = Reach::default();
        let contact = account.server_url.is_some().then(|| Contact::start(self.clone(), app.clone(), None));
        tokio::spawn(tell_written(self.clone(), app.store.listen()));
        *lock(&self.0.known) = Some(account);
        *self.open() = Some(Open { app, contact });
        self.tell(Event::SessionChanged);
        Ok(())
    }

    /// Closes the profile; what is unsent waits in it.
    pub async fn leave(&self) {
        let left = self.open().take();
        let Some(Open { contact, .. }) = left else { return };
        if let Some(contact) = contact {
            contact.end().await;
        }
        self.tell(Event::SessionChanged);
    }

    pub fn is_open(&self) -> bool {
        self.open().is_some()
    }

    /// Who is here, or was before it was locked.
    pub fn known(&self) -> Option<Account> {
        lock(&self.0.known).clone()
    }

    pub fn reach(&self) -> Reach {
        *lock(&self.0.reach)
    }

    fn set_reach(&self, change: impl FnOnce(&mut Reach)) {
        let before = self.reach();
        change(&mut lock(&self.0.reach));
        if self.reach() != before {
            self.tell(Event::StatusChanged);
        }
    }

    pub fn about(&self) -> About {
        lock(&self.0.about).clone()
    }

    /// What the shell found out about the desktop.
    pub fn set_about(&self, change: impl FnOnce(&mut About)) {
        change(&mut lock(&self.0.about));
    }

    /// Works without the server until told otherwise, or with it again.
    pub async fn work_offline(&self, on: bool) -> Result<(), Failure> {
        self.app()?;
        self.end_contact().await;
        if on {
            self.begin_listening()
        } else {
            self.begin_contact(None)
        }
        self.set_reach(|reach| (reach.works_offline, reach.is_reachable) = (on, reach.is_reachable && !on));
        Ok(())
    }

    /// Lets go of what is under way; it goes on by itself after a while, or when asked to.
    pub async fn pause_contact(&self, pause: Duration) {
        self.end_contact().await;
        self.begin_contact(Some(pause));
    }

    /// Asks for a sync and waits for what it did; None where no contact of ours can answer.
    pub async fn ask_contact(&self) -> Option<Result<guildhall_local::link::Report, guildhall_local::Error>> {
        let asks = self.open().as_ref()?.contact.as_ref()?.asks();
        Contact::ask(asks).await
    }

    async fn end_contact(&self) {
        let contact = self.open().as_mut().and_then(|open| open.contact.take());
        if let Some(contact) = contact {
            contact.end().await;
        }
    }

    fn begin_contact(&self, after: Option<Duration>) {
        let mut open = self.open();
        let Some(open) = open.as_mut().filter(|open| open.contact.is_none()) else { return };
        if open.app.account().is_ok_and(|account| account.server_url.is_some()) {
            open.contact = Some(Contact::start(self.clone(), open.app.clone(), after));
        }
    }

    fn begin_listening(&self) {
        if let Some(open) = self.open().as_mut() {
            open.contact = Some(Contact::listen_only(self.clone(), open.app.clone()));
        }
    }

    fn tell_touched(&self, touched: &[Touched], origin: Origin) {
        let mut tables: BTreeMap<&'static str, Vec<uuid::Uuid>> = BTreeMap::new();
        for row in touched {
            tables.entry(row.table).or_default().push(row.id);
        }
        for (table, ids) in tables {
            let ids = if ids.len() > MAX_NAMED { Vec::new() } else { ids };
            self.tell(Event::RowsTouched { table: table.to_owned(), ids, origin });
        }
    }

    fn open(&self) -> MutexGuard<'_, Option<Open>> {
        lock(&self.0.open)
    }
}

/// Tells what is written at this window, until the mirror is closed.
async fn tell_written(host: Host, mut written: broadcast::Receiver<Vec<Touched>>) {
    loop {
        match written.recv().await {
            Ok(touched) => host.tell_touched(&touched, Origin::Here),
            Err(RecvError::Lagged(_)) => host.tell(Event::anything(Origin::Here)),
            Err(RecvError::Closed) => return,
        }
        host.tell(Event::StatusChanged);
    }
}

pub async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, Failure> + Send + 'static,
) -> Result<T, Failure> {
    tokio::task::spawn_blocking(work).await.map_err(Failure::fault)?
}

fn has_mirror(dir: &Path) -> bool {
    dir.join(FILE_NAME).exists()
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

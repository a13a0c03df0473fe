//! Signing in, looking around without a server, and sending and fetching.

use crate::app::App;
use crate::failure::{Code, Failure};
use crate::sample::trial;
use guildhall_local::clock::Clock;
use guildhall_local::inbox::Applying;
use guildhall_local::inbox::scopes::{self, ScopeState};
use guildhall_local::keys::marks::{Marks, state_folder};
use guildhall_local::keys::{Cost, Ring};
use guildhall_local::link::asking::nobody;
use guildhall_local::link::sign_in::{self, Keeping, Wish};
use guildhall_local::link::wire::Wire;
use guildhall_local::link::{Link, Progress, Report, is_taken};
use guildhall_local::store::FILE_NAME;
use guildhall_local::store::state::{self, Account};
use guildhall_local::{outbox, profile};
use guildhall_sync::id::{DeviceId, GuildId};
use serde::Serialize;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;
use ts_rs::TS;

/// Looks at a process that sends for us: so many, and so far apart.
const PATIENCE: usize = 150;
const LOOK_EVERY: Duration = Duration::from_millis(100);

/// What `sign-in` is told.
#[allow(missing_debug_implementations, reason = "it holds a password")]
pub struct SignInWish {
    pub server: String,
    pub ca_file: Option<PathBuf>,
    pub wish: Wish,
    /// Whether the keyring shall open the profile from now on.
    pub use_keyring: bool,
}

#[derive(Debug, Serialize)]
pub struct SignedIn {
    pub guild: String,
    pub user: String,
    pub role: &'static str,
    pub profile: PathBuf,
    /// Whether the laptop's keyring opens the profile from now on.
    pub opens_by_keyring: bool,
}

pub async fn sign_in(dir: &Path, wish: SignInWish) -> Result<(App, SignedIn), Failure> {
    if let Some(ca_file) = &wish.ca_file {
        sign_in::keep_certificate(dir, ca_file)?;
    }
    let wire = Wire::new(&wish.server, sign_in::find_certificate(dir).as_deref())?;
    let ring = if wish.use_keyring { answering_ring().await } else { None };
    let opens_by_keyring = ring.is_some();
    let keeping = Keeping { ring, cost: Cost::Full };
    let store = sign_in::sign_in(dir, &wire, wish.wish, keeping, Clock::system()).await?;
    let app = App { dir: dir.to_owned(), store: Arc::new(store) };
    let signed_in = signed_in(&app, opens_by_keyring)?;
    Ok((app, signed_in))
}

fn signed_in(app: &App, opens_by_keyring: bool) -> Result<SignedIn, Failure> {
    let account = app.account()?;
    Ok(SignedIn {
        guild: account.guild_name,
        user: account.user_name,
        role: account.role.word(),
        profile: app.dir.clone(),
        opens_by_keyring,
    })
}

/// What opens a profile that somebody looks around in: there is nothing in it to keep.
pub const SAMPLE_PASSWORD: &str = "sample";

/// Makes a profile with the sample guild, as one of its people holds it, or opens the one that is
/// there. It has no server: what is written in it stays on this laptop.
pub fn try_sample(dir: &Path) -> Result<(App, SignedIn), Failure> {
    let store = if dir.join(FILE_NAME).exists() {
        profile::open_with_password(dir, SAMPLE_PASSWORD, Clock::system())?
    } else {
        let account = sample_account(&Clock::system())?;
        profile::create(dir, &account, SAMPLE_PASSWORD, Cost::Full, Clock::system())?
    };
    let app = App { dir: dir.to_owned(), store: Arc::new(store) };
    let account = app.account()?;
    if account.server_url.is_some() {
        return Err(Failure::new(Code::Disagreement, "This profile belongs to a guild with a server.")
            .hint("Name another folder with --profile."));
    }
    // Also where the program was stopped in the middle of it.
    if app.store.read(|connection| scopes::list(connection, ScopeState::Live))?.is_empty() {
        fill_sample(&app, &account)?;
    }
    let signed_in = signed_in(&app, false)?;
    Ok((app, signed_in))
}

fn sample_account(clock: &Clock) -> Result<Account, Failure> {
    let guild = GuildId(clock.new_id());
    let person = trial::person(guild).map_err(Failure::fault)?;
    Ok(Account {
        server_url: None,
        device: DeviceId(clock.new_id()),
        device_name: machine_name(),
        guild,
        guild_name: crate::sample::GUILD.to_owned(),
        user: person.id,
        user_name: person.name,
        role: person.role,
    })
}

fn fill_sample(app: &App, account: &Account) -> Result<(), Failure> {
    let now = app.store.clock().now();
    let frames = trial::frames(account.guild, account.user, now).map_err(Failure::fault)?;
    let mut notify = |_| {};
    let mut applying = Applying::begin(&app.store, &mut notify)?;
    frames.into_iter().try_for_each(|frame| applying.frame(frame))?;
    applying.finish()?;
    Ok(())
}

/// What `sync` answers.
#[derive(Clone, Copy, Debug, Default, Serialize, TS)]
pub struct Synced {
    pub sent: u64,
    pub merged: u64,
    pub conflicts: u64,
    pub refused: u64,
    pub received_rows: u64,
    pub purged_rows: u64,
    pub received_bytes: u64,
}

impl From<Report> for Synced {
    fn from(report: Report) -> Self {
        let Report { sent, merged, conflicts, refused, received_rows, purged_rows, received_bytes } = report;
        Self { sent, merged, conflicts, refused, received_rows, purged_rows, received_bytes }
    }
}

/// Sends what is unsent and fetches what is new. Where another process is in touch with the
/// server for this profile, it does that, and we wait for what is unsent here.
pub async fn sync(app: &App, tell: impl Fn(Progress) + Send + Sync + 'static) -> Result<Synced, Failure> {
    app.demand_server()?;
    if is_taken(&app.dir)? {
        return wait_for_other(app).await;
    }
    Ok(link(app).await?.sync_once(tell).await?.into())
}

async fn wait_for_other(app: &App) -> Result<Synced, Failure> {
    let count = || app.store.read(outbox::count);
    let before = count()?;
    for _ in 0..PATIENCE {
        let now = count()?;
        if now.unsent + now.sent == 0 {
            return Ok(Synced { sent: before.unsent, ..Synced::default() });
        }
        tokio::time::sleep(LOOK_EVERY).await;
    }
    let left = count()?.unsent;
    let message = format!("Another Guildhall process is sending for this profile; {left} to send are left.");
    Err(Failure::new(Code::Offline, message)
        .hint("What is written here is safe; `guildhall status` says how far it is."))
}

/// Keeps on until `stop`.
pub async fn watch(
    app: &App,
    tell: impl Fn(Progress) + Send + Sync + 'static,
    stop: impl Future<Output = ()>,
) -> Result<Synced, Failure> {
    Ok(link(app).await?.watch(&app.dir, tell, &mut nobody(), stop).await?.into())
}

/// Takes the link of the profile; an error where another process has it.
pub async fn link(app: &App) -> Result<Link, Failure> {
    app.demand_server()?;
    let profile = app.store.read(state::read)?.profile;
    let folder =
        state_folder().ok_or_else(|| Failure::fault("This user has no folder for the state of programs."))?;
    let marks = Marks::new(profile, answering_ring().await, folder.join("marks"));
    Ok(Link::take(Arc::clone(&app.store), app.wire()?, marks, &app.dir)?)
}

/// The system's keyring, if it answers now.
pub async fn answering_ring() -> Option<Ring> {
    let asked = tokio::task::spawn_blocking(|| {
        let ring = Ring::system();
        ring.read("probe").is_ok().then_some(ring)
    });
    asked.await.ok().flatten()
}

/// How this laptop is called where nobody says it.
pub fn machine_name() -> String {
    let known = || std::fs::read_to_string("/etc/hostname").ok();
    let name = std::env::var("COMPUTERNAME").ok().or_else(known);
    name.map_or_else(|| "laptop".to_owned(), |name| name.trim().to_owned())
}

//! Signing in, and sending and fetching.

use crate::app::App;
use crate::failure::{Code, Failure};
use guildhall_local::clock::Clock;
use guildhall_local::keys::marks::{Marks, state_folder};
use guildhall_local::keys::{Cost, Ring};
use guildhall_local::link::asking::nobody;
use guildhall_local::link::sign_in::{self, Keeping, Wish};
use guildhall_local::link::wire::Wire;
use guildhall_local::link::{Link, Progress, Report, is_taken};
use guildhall_local::outbox;
use guildhall_local::store::state;
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
    let account = app.account()?;
    let signed_in = SignedIn {
        guild: account.guild_name,
        user: account.user_name,
        role: account.role.word(),
        profile: dir.to_owned(),
        opens_by_keyring,
    };
    Ok((app, signed_in))
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

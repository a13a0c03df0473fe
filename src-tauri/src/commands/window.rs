//! What a window asks of the running program: whose profile is open, opening and locking it, the
//! chip, a sync now.

use super::session::{self, SignInWish, Synced};
use super::status::{self, Status};
use crate::app::App;
use crate::failure::{Code, Failure};
use crate::host::{Host, blocking};
use crate::views::{Flag, Nothing};
use guildhall_local::clock::Clock;
use guildhall_local::keys::{self, SlotKind};
use guildhall_local::link::sign_in::Wish;
use guildhall_local::profile;
use guildhall_local::store::FILE_NAME;
use serde::{Deserialize, Serialize};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;
use ts_rs::TS;

/// How long nothing is tried after somebody cancelled a sync.
const PAUSE: Duration = Duration::from_secs(60);

/// Whose profile this is, and whether it is open.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
pub struct Session {
    pub state: SessionState,
    /// The folder of the profile.
    pub profile: String,
    pub guild: Option<String>,
    pub user: Option<String>,
    #[ts(type = "string | null")]
    pub user_id: Option<uuid::Uuid>,
    pub role: Option<String>,
    pub device: Option<String>,
    pub server: Option<String>,
    /// Whether the profile has a key in the keyring.
    pub opens_by_keyring: bool,
    /// Whether this machine has a keyring that answers.
    pub keyring_answers: bool,
    /// Whether it is the sample, which has no server.
    pub is_sample: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum SessionState {
    /// Nobody has signed in on this laptop yet.
    None,
    Locked,
    Open,
}

#[derive(Clone, Deserialize, TS)]
#[allow(missing_debug_implementations, reason = "it holds a password")]
pub struct SignInRequest {
    pub server: String,
    pub guild: String,
    /// Name or e-mail address.
    pub name: String,
    pub password: String,
    /// How to call this laptop; the machine's own name where nothing is said.
    pub device: Option<String>,
    pub use_keyring: bool,
    /// A certificate that the server's is signed with, in PEM.
    pub ca_file: Option<String>,
}

#[derive(Clone, Deserialize, TS)]
#[allow(missing_debug_implementations, reason = "it holds a password")]
pub struct UnlockRequest {
    /// None asks the keyring.
    pub password: Option<String>,
    /// Whether the keyring shall open it from now on.
    pub remember: bool,
}

/// The program and what the desktop allows it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
pub struct About {
    pub version: String,
    pub platform: String,
    /// The keys that bring the window up from anywhere.
    pub hotkey: String,
    pub hotkey_works: bool,
    /// Why not.
    pub hotkey_note: Option<String>,
    /// Whether closing the window leaves it in the tray.
    pub in_tray: bool,
}

impl About {
    pub fn of_this_program() -> Self {
        Self {
            version: env!("CARGO_PKG_VERSION").to_owned(),
            platform: format!("{} {}", std::env::consts::OS, std::env::consts::ARCH),
            hotkey: "Ctrl+Shift+Space".to_owned(),
            hotkey_works: false,
            hotkey_note: None,
            in_tray: false,
        }
    }
}

pub async fn session(host: &Host, _: Nothing) -> Result<Session, Failure> {
    let dir = host.dir();
    let keyring_answers = host.ring().await.is_some();
    let state = match (host.is_open(), dir.join(FILE_NAME).exists()) {
        (true, _) => SessionState::Open,
        (false, true) => SessionState::Locked,
        (false, false) => SessionState::None,
    };
    let known = host.known();
    let of = |read: fn(&guildhall_local::store::state::Account) -> String| known.as_ref().map(read);
    Ok(Session {
        state,
        guild: of(|account| account.guild_name.clone()),
        user: of(|account| account.user_name.clone()),
        user_id: known.as_ref().map(|account| account.user.0),
        role: of(|account| account.role.word().to_owned()),
        device: of(|account| account.device_name.clone()),
        server: known.as_ref().and_then(|account| account.server_url.clone()),
        opens_by_keyring: keys::read_slots(&dir).is_ok_and(|slots| slots.has(SlotKind::Keyring)),
        keyring_answers,
        is_sample: dir == host.sample_dir(),
        profile: dir.display().to_string(),
    })
}

/// Signs in, again or for the first time. What is downloaded then comes by itself.
pub async fn sign_in(host: &Host, request: SignInRequest) -> Result<Session, Failure> {
    let device_name =
        request.device.filter(|name| !name.trim().is_empty()).unwrap_or_else(session::machine_name);
    let wish = SignInWish {
        server: request.server,
        ca_file: request.ca_file.map(PathBuf::from),
        wish: Wish { guild: request.guild, login: request.name, password: request.password, device_name },
        use_keyring: request.use_keyring,
    };
    let was_open = host.is_open();
    host.leave().await;
    match session::sign_in(host.own_dir(), wish).await {
        Ok((app, _)) => host.enter(app).await?,
        Err(failure) => {
            if was_open {
                host.start().await;
            }
            return Err(failure);
        }
    }
    session(host, Nothing {}).await
}

/// Looks around in the sample guild, beside the profile that will have a server.
pub async fn try_sample(host: &Host, _: Nothing) -> Result<Session, Failure> {
    let dir = host.sample_dir();
    host.leave().await;
    let app = blocking(move || Ok(session::try_sample(&dir)?.0)).await?;
    host.enter(app).await?;
    session(host, Nothing {}).await
}

pub async fn unlock(host: &Host, request: UnlockRequest) -> Result<Session, Failure> {
    let dir = host.dir();
    if !dir.join(FILE_NAME).exists() {
        return Err(Failure::new(Code::NoProfile, "Nobody has signed in on this laptop yet."));
    }
    if dir == host.sample_dir() && request.password.is_none() {
        return try_sample(host, Nothing {}).await;
    }
    let ring = host.ring().await;
    let opened = blocking(move || {
        let store = match (&request.password, &ring) {
            (Some(password), _) => profile::open_with_password(&dir, password, Clock::system())?,
            (None, Some(ring)) => profile::open_with_keyring(&dir, ring, Clock::system())?,
            (None, None) => {
                return Err(Failure::new(Code::Locked, "The keyring of this laptop does not answer.")
                    .hint("Unlock with your password."));
            }
        };
        if let (true, Some(ring)) = (request.remember, &ring) {
            store.stay_unlocked(ring)?;
        }
        Ok(App { dir, store: Arc::new(store) })
    });
    host.enter(opened.await?).await?;
    session(host, Nothing {}).await
}

pub async fn lock(host: &Host, _: Nothing) -> Result<Session, Failure> {
    host.leave().await;
    session(host, Nothing {}).await
}

pub async fn status(host: &Host, _: Nothing) -> Result<Status, Failure> {
    let (app, reach) = (host.app()?, host.reach());
    blocking(move || status::status_as(&app, reach)).await
}

/// Sends and fetches now; it ends the work without the server where somebody chose that.
pub async fn sync_now(host: &Host, _: Nothing) -> Result<Synced, Failure> {
    if host.reach().works_offline {
        host.work_offline(false).await?;
    }
    for _ in 0..2 {
        if let Some(answer) = host.ask_contact().await {
            return Ok(answer?.into());
        }
    }
    session::sync(&host.app()?, |_| {}).await
}

pub async fn cancel_sync(host: &Host, _: Nothing) -> Result<Nothing, Failure> {
    let app = host.app()?;
    host.pause_contact(PAUSE).await;
    blocking(move || Ok(guildhall_local::errands::cancel(&app.store)?)).await?;
    Ok(Nothing {})
}

pub async fn work_offline(host: &Host, request: Flag) -> Result<Status, Failure> {
    host.work_offline(request.on).await?;
    status(host, Nothing {}).await
}

pub async fn about(host: &Host, _: Nothing) -> Result<About, Failure> {
    Ok(host.about())
}

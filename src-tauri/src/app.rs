//! What a command works with: the profile's folder, its open mirror, and the runtime for what
//! needs the network. The command line makes one for each call.

use crate::cli::PasswordSource;
use crate::failure::{Code, Failure};
use guildhall_local::clock::Clock;
use guildhall_local::keys::Ring;
use guildhall_local::link::sign_in::wire_of;
use guildhall_local::link::wire::Wire;
use guildhall_local::store::state::{self, Account};
use guildhall_local::store::{FILE_NAME, Store};
use guildhall_local::{keys, profile};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// An open profile.
#[derive(Clone, Debug)]
pub struct App {
    pub dir: PathBuf,
    pub store: Arc<Store>,
}

impl App {
    /// Opens the profile with the keyring where it has a slot there, else with the password.
    pub fn open(dir: &Path, password: &PasswordSource) -> Result<Self, Failure> {
        if !dir.join(FILE_NAME).exists() {
            let message = format!("There is no profile in {}.", dir.display());
            return Err(Failure::new(Code::NoProfile, message)
                .hint("Make one with `guildhall sign-in SERVER --guild NAME`."));
        }
        let store = match open_with_keyring(dir, password)? {
            Some(store) => store,
            None => {
                let password = password.read(&format!("Password for {}: ", dir.display()))?;
                profile::open_with_password(dir, &password, Clock::system())?
            }
        };
        Ok(Self { dir: dir.to_owned(), store: Arc::new(store) })
    }

    pub fn account(&self) -> Result<Account, Failure> {
        Ok(self.store.read(state::account)?)
    }

    /// Whether somebody looks around in the sample guild, which has no server.
    pub fn is_sample(&self) -> Result<bool, Failure> {
        Ok(self.account()?.server_url.is_none())
    }

    pub fn demand_server(&self) -> Result<(), Failure> {
        if !self.is_sample()? {
            return Ok(());
        }
        Err(Failure::new(Code::BadRequest, "This is sample data; there is no server to send it to.")
            .hint("What you write stays on this laptop. Sign in to your guild's server to work with others."))
    }

    pub fn wire(&self) -> Result<Wire, Failure> {
        self.demand_server()?;
        Ok(wire_of(&self.dir, &self.account()?)?)
    }
}

/// None where a password was given, or where the keyring cannot open this profile.
fn open_with_keyring(dir: &Path, password: &PasswordSource) -> Result<Option<Store>, Failure> {
    if password.is_given() || !keys::read_slots(dir)?.has(keys::SlotKind::Keyring) {
        return Ok(None);
    }
    Ok(profile::open_with_keyring(dir, &Ring::system(), Clock::system()).ok())
}

/// Where a profile lies when nothing is said.
pub fn default_profile() -> Result<PathBuf, Failure> {
    let folder = |name| std::env::var_os(name).map(PathBuf::from).filter(|path| path.is_absolute());
    let home = || folder("HOME").map(|home| home.join(".local/share"));
    let base = folder("XDG_DATA_HOME").or_else(|| folder("APPDATA")).or_else(home);
    let missing =
        || Failure::new(Code::BadRequest, "It is not known where this user's programs keep their data.");
    Ok(base.ok_or_else(|| missing().hint("Name a folder with --profile."))?.join("guildhall/profile"))
}

/// For commands that talk to a network.
pub fn runtime() -> Result<tokio::runtime::Runtime, Failure> {
    tokio::runtime::Runtime::new().map_err(Failure::fault)
}

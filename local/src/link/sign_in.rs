//! Signing in: makes the profile at the first time, renews its session at each further one.

use super::wire::Wire;
use crate::atomic_file;
use crate::clock::Clock;
use crate::error::{Error, RemoteError, Result};
use crate::keys::{self, Cost, Ring};
use crate::profile;
use crate::store::state::{self, Account};
use crate::store::{FILE_NAME, Store};
use guildhall_sync::id::DeviceId;
use guildhall_sync::protocol::{SignIn, SignedIn};
use std::path::{Path, PathBuf};

/// A certificate authority of the guild's own, kept beside the mirror.
const CA_FILE: &str = "ca.pem";

/// What a person says to sign in.
#[derive(Clone)]
#[allow(missing_debug_implementations, reason = "it holds a password")]
pub struct Wish {
    pub guild: String,
    /// Name or e-mail address.
    pub login: String,
    pub password: String,
    pub device_name: String,
}

/// How this laptop keeps keys.
#[derive(Clone, Debug)]
pub struct Keeping {
    /// The keyring that shall open the mirror from now on, where one is wanted.
    pub ring: Option<Ring>,
    pub cost: Cost,
}

/// Signs in at the server that `wire` leads to. On a new folder this makes the profile; on a known
/// one the same person at the same guild gets a new session, and everything unsent stays.
pub async fn sign_in(dir: &Path, wire: &Wire, wish: Wish, keeping: Keeping, clock: Clock) -> Result<Store> {
    if dir.join(FILE_NAME).exists() {
        return renew(dir, wire, wish, keeping, clock).await;
    }
    let signed_in = wire.sign_in(&request(&wish, None)).await?;
    let account = account(wire, &wish, &signed_in);
    let store = profile::create(dir, &account, &wish.password, keeping.cost, clock)?;
    finish(store, &signed_in, keeping)
}

async fn renew(dir: &Path, wire: &Wire, wish: Wish, keeping: Keeping, clock: Clock) -> Result<Store> {
    let (store, is_old_password) = open(dir, &wish.password, &keeping, clock)?;
    // The slots know whose file it is, also where a crash kept the file from being told.
    let owner = *keys::read_slots(dir)?.owner();
    let signed_in = wire.sign_in(&request(&wish, Some(owner.device))).await?;
    if (signed_in.guild, signed_in.user) != (owner.guild, owner.user) {
        return Err(RemoteError::OtherAccount.into());
    }
    if is_old_password {
        store.change_password(&wish.password, keeping.cost)?;
    }
    let account = account(wire, &wish, &signed_in);
    store.record(|connection| state::set_account(connection, &account))?;
    finish(store, &signed_in, keeping)
}

/// With the password; where that was changed at the server meanwhile, with the keyring, and then
/// the file learns the new one.
fn open(dir: &Path, password: &str, keeping: &Keeping, clock: Clock) -> Result<(Store, bool)> {
    let Some(ring) = &keeping.ring else {
        return Ok((profile::open_with_password(dir, password, clock)?, false));
    };
    match keys::unlock_with_password(dir, password) {
        Ok(key) => Ok((profile::open(dir, &key, clock)?, false)),
        Err(wrong) => match profile::open_with_keyring(dir, ring, clock) {
            Ok(store) => Ok((store, true)),
            Err(_) => Err(wrong),
        },
    }
}

fn finish(store: Store, signed_in: &SignedIn, keeping: Keeping) -> Result<Store> {
    store.record(|connection| state::set_tokens(connection, Some(&signed_in.tokens)))?;
    if let Some(ring) = &keeping.ring {
        store.stay_unlocked(ring)?;
    }
    Ok(store)
}

fn request(wish: &Wish, device: Option<DeviceId>) -> SignIn {
    SignIn {
        guild: wish.guild.clone(),
        login: wish.login.clone(),
        password: wish.password.clone(),
        device,
        device_name: wish.device_name.clone(),
        platform: std::env::consts::OS.to_owned(),
        app_version: env!("CARGO_PKG_VERSION").to_owned(),
    }
}

fn account(wire: &Wire, wish: &Wish, signed_in: &SignedIn) -> Account {
    Account {
        server_url: Some(wire.server().to_owned()),
        device: signed_in.device,
        device_name: wish.device_name.clone(),
        guild: signed_in.guild,
        guild_name: signed_in.guild_name.clone(),
        user: signed_in.user,
        user_name: signed_in.user_name.clone(),
        role: signed_in.role,
    }
}

/// Keeps the guild's own certificate authority with the profile.
pub fn keep_certificate(dir: &Path, ca_file: &Path) -> Result<()> {
    let pem = std::fs::read(ca_file).map_err(|error| Error::io(ca_file, error))?;
    std::fs::create_dir_all(dir).map_err(|error| Error::io(dir, error))?;
    atomic_file::write(&dir.join(CA_FILE), &pem)
}

/// The certificate authority that was kept with the profile, where one was.
pub fn find_certificate(dir: &Path) -> Option<PathBuf> {
    Some(dir.join(CA_FILE)).filter(|path| path.exists())
}

/// The way to the server that the profile was signed in at.
pub fn wire_of(dir: &Path, account: &Account) -> Result<Wire> {
    let server = account.server_url.as_deref().ok_or(RemoteError::SignedOut)?;
    Wire::new(server, find_certificate(dir).as_deref())
}

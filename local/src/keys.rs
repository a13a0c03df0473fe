//! The mirror's key and the ways to it, as in LUKS: a random key, wrapped once for the password
//! and once for a secret in the laptop's keyring. Either opens the mirror alone.
//!
//! Nothing here opens the mirror, and no key is ever made where a mirror exists: a new key for an
//! old file would lose what it holds.

use crate::clock::Clock;
use crate::error::{KeyError, Result, StoreError};
use crate::store::FILE_NAME;
use std::path::{Path, PathBuf};

pub mod key;
pub mod marks;
pub mod password;
pub mod ring;
pub mod slots;

pub use key::Key;
pub use password::{Cost, demand_strong};
pub use ring::Ring;
pub use slots::{Owner, SlotKind, Slots};

const SLOTS_FILE: &str = "keyslots";

/// Makes the key of a new mirror and its password slot.
pub fn create(dir: &Path, owner: Owner, password: &str, cost: Cost, clock: &Clock) -> Result<Key> {
    let mirror = dir.join(FILE_NAME);
    if mirror.exists() {
        return Err(StoreError::MirrorExists { path: mirror }.into());
    }
    let key = Key::new(clock);
    let mut slots = Slots::of(owner);
    slots.wrap_with_password(&key, password, cost, clock);
    slots.save(&slots_path(dir))?;
    Ok(key)
}

/// The slots of a profile: whose it is, and which ways there are to its key.
pub fn read_slots(dir: &Path) -> Result<Slots> {
    Slots::load(&slots_path(dir))
}

pub fn unlock_with_password(dir: &Path, password: &str) -> Result<Key> {
    Ok(read_slots(dir)?.unwrap_with_password(password)?)
}

/// Blocks for as long as the keyring may take to answer.
pub fn unlock_with_keyring(dir: &Path, ring: &Ring) -> Result<Key> {
    let slots = read_slots(dir)?;
    slots.demand(SlotKind::Keyring)?;
    let secret = ring.read(&secret_name(slots.owner()))?.ok_or(KeyError::NotInKeyring)?;
    Ok(slots.unwrap_with_secret(&secret)?)
}

/// Wraps the key for another password; the old one opens the mirror no more.
pub fn change_password(dir: &Path, key: &Key, password: &str, cost: Cost, clock: &Clock) -> Result<()> {
    let mut slots = read_slots(dir)?;
    slots.wrap_with_password(key, password, cost, clock);
    slots.save(&slots_path(dir))
}

/// Lets the laptop's keyring open the mirror from now on. The slot is written only when the
/// keyring has said that it holds the secret.
pub fn add_keyring(dir: &Path, key: &Key, ring: &Ring, clock: &Clock) -> Result<()> {
    let mut slots = read_slots(dir)?;
    let secret = Key::new(clock);
    ring.write(&secret_name(slots.owner()), secret.bytes())?;
    slots.wrap_with_secret(key, secret.bytes(), clock);
    slots.save(&slots_path(dir))
}

/// Takes the keyring's way away; the password stays.
pub fn remove_keyring(dir: &Path, ring: &Ring) -> Result<()> {
    let mut slots = read_slots(dir)?;
    slots.remove(SlotKind::Keyring);
    slots.save(&slots_path(dir))?;
    Ok(ring.remove(&secret_name(slots.owner()))?)
}

/// Binds the slots to another device id, which the server gives when it has seen a fork.
pub fn change_owner(
    dir: &Path,
    key: &Key,
    owner: Owner,
    password: &str,
    cost: Cost,
    clock: &Clock,
) -> Result<()> {
    let mut slots = Slots::of(owner);
    slots.wrap_with_password(key, password, cost, clock);
    slots.save(&slots_path(dir))
}

fn slots_path(dir: &Path) -> PathBuf {
    dir.join(SLOTS_FILE)
}

fn secret_name(owner: &Owner) -> String {
    format!("{} key", owner.profile)
}

//! A profile: the folder of one person on this laptop, with the mirror and its key slots. Making
//! one and the two ways to open it.

use crate::clock::Clock;
use crate::error::Result;
use crate::inbox::lease;
use crate::keys::{self, Cost, Key, Owner, Ring};
use crate::store::Store;
use crate::store::state::{self, Account};
use std::path::Path;
use uuid::Uuid;

/// Makes a profile for somebody who has just signed in, or tries Guildhall out. The password was
/// judged before: see [`keys::demand_strong`].
pub fn create(dir: &Path, account: &Account, password: &str, cost: Cost, clock: Clock) -> Result<Store> {
    std::fs::create_dir_all(dir).map_err(|error| crate::Error::io(dir, error))?;
    let owner = owner(clock.new_id(), account);
    let key = keys::create(dir, owner, password, cost, &clock)?;
    let store = Store::create(dir, key, owner.profile, clock)?;
    store.record(|connection| state::set_account(connection, account))?;
    Ok(store)
}

pub fn open_with_password(dir: &Path, password: &str, clock: Clock) -> Result<Store> {
    open(dir, &keys::unlock_with_password(dir, password)?, clock)
}

/// Blocks for as long as the keyring may take to answer.
pub fn open_with_keyring(dir: &Path, ring: &Ring, clock: Clock) -> Result<Store> {
    open(dir, &keys::unlock_with_keyring(dir, ring)?, clock)
}

/// Before anybody sees it, what was held too long without a contact is put away.
pub(crate) fn open(dir: &Path, key: &Key, clock: Clock) -> Result<Store> {
    let store = Store::open(dir, key.clone(), clock)?;
    store.finish_making(keys::read_slots(dir)?.owner().profile)?;
    lease::enforce(&store)?;
    Ok(store)
}

impl Store {
    /// Lets the keyring open this mirror from now on.
    pub fn stay_unlocked(&self, ring: &Ring) -> Result<()> {
        keys::add_keyring(self.folder(), self.key(), ring, self.clock())
    }

    pub fn change_password(&self, password: &str, cost: Cost) -> Result<()> {
        keys::change_password(self.folder(), self.key(), password, cost, self.clock())
    }

    fn folder(&self) -> &Path {
        self.path().parent().expect("the mirror lies in its folder")
    }

    pub fn key(&self) -> &Key {
        &self.key
    }
}

fn owner(profile: Uuid, account: &Account) -> Owner {
    Owner { profile, guild: account.guild, user: account.user, device: account.device }
}

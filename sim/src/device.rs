//! A laptop: a real mirror in a file of its own, the real state machine, and a clock that may be
//! years away from everybody else's.

use crate::image;
use crate::random::Random;
use crate::server::Key;
use guildhall_local::Store;
use guildhall_local::clock::Clock;
use guildhall_local::keys::marks::Marks;
use guildhall_local::store::state::{self, Account};
use guildhall_sync::client::Client;
use guildhall_sync::id::{DeviceId, GuildId, UserId};
use guildhall_sync::time::Timestamp;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use uuid::Uuid;

/// What all devices of a simulation share: the true time, in microseconds.
pub type Time = Arc<AtomicI64>;

pub struct Device {
    /// The guild, by its place among those of the simulation.
    pub guild: usize,
    pub user: Uuid,
    pub id: DeviceId,
    pub dir: PathBuf,
    /// None while the device is off.
    pub store: Option<Arc<Store>>,
    pub marks: Marks,
    pub client: Client,
    /// How far its clock is from the true time.
    pub skew: Arc<AtomicI64>,
    /// Counts its starts: what belonged to an earlier one does not reach it any more.
    pub life: u32,
    /// Counts its wishes to be woken; only the latest counts.
    pub wake: u64,
    pub is_live: bool,
    /// The highest number of an entry that the simulation has heard of.
    pub known_seq: u64,
    /// Without a network until then.
    pub offline_until: i64,
    /// The versions that it held at its last checkpoint, and in which history.
    pub held: BTreeMap<Key, i64>,
    pub last: Option<(Uuid, i64)>,
    /// Rows born here.
    pub born: Vec<Key>,
    chance: Arc<Mutex<Random>>,
    time: Time,
}

/// What a device is made from.
pub struct Plan<'a> {
    pub guild: usize,
    pub guild_id: Uuid,
    pub user: Uuid,
    pub folder: &'a Path,
    pub name: String,
    pub skew: i64,
}

impl Device {
    pub fn new(plan: Plan<'_>, time: &Time, random: &mut Random) -> Result<Self, String> {
        let dir = plan.folder.join(&plan.name);
        let outside = plan.folder.join(format!("{}-outside", plan.name));
        for folder in [&dir, &outside] {
            std::fs::create_dir_all(folder).map_err(|error| error.to_string())?;
        }
        image::copy_to(&dir)?;
        let marks = Marks::new(random.id(), None, outside);
        let device = Self {
            guild: plan.guild,
            user: plan.user,
            id: DeviceId(random.id()),
            dir,
            store: None,
            marks,
            client: Client::default(),
            skew: Arc::new(AtomicI64::new(plan.skew)),
            life: 0,
            wake: 0,
            is_live: false,
            known_seq: 0,
            offline_until: 0,
            held: BTreeMap::new(),
            last: None,
            born: Vec::new(),
            chance: Arc::new(Mutex::new(random.fork())),
            time: Arc::clone(time),
        };
        device.sign_in(&plan).map_err(|error| error.to_string())?;
        Ok(device)
    }

    fn sign_in(&self, plan: &Plan<'_>) -> guildhall_local::Result<()> {
        let store = self.open()?;
        let incarnation = store.clock().new_id();
        let account = Account {
            server_url: None,
            device: self.id,
            device_name: plan.name.clone(),
            guild: GuildId(plan.guild_id),
            guild_name: "Harbour".to_owned(),
            user: UserId(plan.user),
            user_name: plan.name.clone(),
            role: guildhall_sync::model::people::Role::Member,
        };
        store.record(|connection| {
            state::set_incarnation(connection, incarnation, 1)?;
            state::set_account(connection, &account)
        })?;
        Ok(())
    }

    pub fn open(&self) -> guildhall_local::Result<Store> {
        Store::open(&self.dir, image::key(), self.clock())
    }

    fn clock(&self) -> Clock {
        let (time, skew) = (Arc::clone(&self.time), Arc::clone(&self.skew));
        let chance = Arc::clone(&self.chance);
        Clock {
            now: Box::new(move || Timestamp(time.load(Ordering::Relaxed) + skew.load(Ordering::Relaxed))),
            fill: Box::new(move |bytes| chance.lock().unwrap_or_else(PoisonError::into_inner).fill(bytes)),
        }
    }

    /// By its own clock.
    pub fn now(&self) -> Timestamp {
        Timestamp(self.time.load(Ordering::Relaxed) + self.skew.load(Ordering::Relaxed))
    }

    pub fn number(&self) -> u64 {
        self.chance.lock().unwrap_or_else(PoisonError::into_inner).number()
    }
}

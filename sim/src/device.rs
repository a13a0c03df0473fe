//! A device: a laptop with a real mirror, the real state machine, and a clock that may be years
//! away from everybody else's.

use crate::copies::Copy;
use crate::invariants::back::Testimony;
use crate::laptop::Laptop;
use crate::random::Random;
use crate::server::Key;
use guildhall_local::Store;
use guildhall_local::keys::marks::Marks;
use guildhall_local::store::state::{self, Account};
use guildhall_sync::client::Client;
use guildhall_sync::id::{DeviceId, GuildId, UserId};
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use uuid::Uuid;

pub struct Device {
    /// The guild, by its place among those of the simulation.
    pub guild: usize,
    pub user: Uuid,
    pub id: DeviceId,
    pub laptop: Laptop,
    /// None while the device is off.
    pub store: Option<Arc<Store>>,
    pub marks: Marks,
    pub client: Client,
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
    /// The tables of an older program, for which it writes.
    pub schema: Option<u32>,
    pub has_full_disk: bool,
    /// A copy of its file, for the day on which it takes its place.
    pub backup: Option<Copy>,
    /// Rows that comparisons set right.
    pub repaired: u64,
    /// Rows that the server sent.
    pub received: u64,
    /// What it has to tell of after a restore of the server.
    pub testimony: Testimony,
}

/// What a device is made from.
pub struct Plan<'a> {
    pub guild: usize,
    pub guild_id: Uuid,
    pub user: Uuid,
    pub folder: &'a Path,
    pub name: String,
    pub skew: i64,
    pub schema: Option<u32>,
}

impl Device {
    pub fn new(plan: Plan<'_>, random: &mut Random) -> Result<Self, String> {
        let outside = plan.folder.join(format!("{}-outside", plan.name));
        std::fs::create_dir_all(&outside).map_err(|error| error.to_string())?;
        let laptop = Laptop::take(random)?;
        laptop.skew.store(plan.skew, Ordering::Relaxed);
        let marks = Marks::new(random.id(), None, outside);
        let device = Self::on(laptop, marks, plan.guild, plan.user, DeviceId(random.id()));
        let mut device = Self { schema: plan.schema, ..device };
        device.sign_in(&plan).map_err(|error| error.to_string())?;
        Ok(device)
    }

    fn on(laptop: Laptop, marks: Marks, guild: usize, user: Uuid, id: DeviceId) -> Self {
        Self {
            guild,
            user,
            id,
            laptop,
            store: None,
            marks,
            client: Client::default(),
            life: 0,
            wake: 0,
            is_live: false,
            known_seq: 0,
            offline_until: 0,
            held: BTreeMap::new(),
            last: None,
            born: Vec::new(),
            schema: None,
            has_full_disk: false,
            backup: None,
            repaired: 0,
            received: 0,
            testimony: Testimony::default(),
        }
    }

    fn sign_in(&mut self, plan: &Plan<'_>) -> guildhall_local::Result<()> {
        let store = self.laptop.open(false)?;
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
        self.laptop.leave(Some(store));
        Ok(())
    }

    /// The same device on another laptop, as whoever copies a profile makes it.
    pub fn clone_of(other: &Self, copy: &Copy, outside: &Path, random: &mut Random) -> Result<Self, String> {
        std::fs::create_dir_all(outside).map_err(|error| error.to_string())?;
        let laptop = Laptop::with_file(&copy.file, &other.laptop, random)?;
        let marks = Marks::new(random.id(), None, outside.to_owned());
        let mut device =
            Self { schema: other.schema, ..Self::on(laptop, marks, other.guild, other.user, other.id) };
        device.go_on_from(copy);
        Ok(device)
    }

    /// What is known of the device is what was known when its file was copied.
    pub fn go_on_from(&mut self, copy: &Copy) {
        self.known_seq = copy.known_seq;
        self.born.clone_from(&copy.born);
        self.held.clear();
        self.testimony = Testimony::default();
        self.last = None;
    }

    /// The program ends, as kill -9 does it.
    pub fn end(&mut self) {
        self.laptop.leave(self.store.take());
        self.life += 1;
        self.is_live = false;
    }
}

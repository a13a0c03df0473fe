//! One simulation: guilds, devices and everything that is on its way, in one thread, in the order
//! of a clock that only moves when something happens.

use crate::device::{Device, Plan};
use crate::image;
use crate::laptop::{self, Time};
use crate::ledger::Ledger;
use crate::log::{Broken, Checked, Log};
use crate::oddities::Oddity;
use crate::random::Random;
use crate::server::{Guild, Key};
use crate::values::BEGINNING;
use crate::ways::Way;
use crate::weather::Weather;
use crate::{happenings, invariants, network::Event, people};
use guildhall_sync::change::SCHEMA;
use guildhall_sync::client::{LONGEST_WAIT_MS, PULL_EVERY_MS};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::path::PathBuf;
use std::sync::atomic::Ordering;
use tempfile::TempDir;
use uuid::Uuid;

/// So long faults go on, in seconds.
const FAULTY_SECONDS: i64 = 240;
/// After this everything must be where it belongs: the longest wait of either lane, and a few of
/// the pulls that come by themselves.
const HEALED_MS: u64 = 2 * LONGEST_WAIT_MS + 3 * PULL_EVERY_MS;
/// How often it is looked whether everything is there.
const LOOK_EVERY: i64 = 10_000_000;
/// More events than any simulation has that comes to an end.
const MOST_EVENTS: u64 = 60_000;
/// Makes another number of a seed.
const OWN: u64 = 0x7265_7374_6f72_6521;
/// Ten years, in microseconds.
pub const YEAR: i64 = 365 * 86_400 * 1_000_000;
const DECADE: i64 = 10 * YEAR;

pub struct World {
    pub random: Random,
    /// Chance for what was thought of later, so that it does not change the rest of a seed.
    pub own: Random,
    pub time: Time,
    pub weather: Weather,
    /// None for a way that takes everything.
    pub way: Option<Way>,
    pub had: BTreeSet<Oddity>,
    pub guilds: Vec<Guild>,
    /// Copies of their databases, and how often each was set back.
    pub dumps: BTreeMap<usize, Guild>,
    pub eras: Vec<u32>,
    /// Guilds that were set back, of which nobody has said so.
    pub silent: BTreeSet<usize>,
    pub devices: Vec<Device>,
    /// For each guild, two rows that always change together.
    pub twins: Vec<[Uuid; 2]>,
    /// For each guild, rows that everybody works on.
    pub hot: Vec<Vec<Key>>,
    pub ledger: Ledger,
    pub log: Log,
    /// Counts the words that are looked for later.
    pub markers: u64,
    pub is_healed: bool,
    /// Whether a value was flipped on purpose.
    pub is_damaged: bool,
    /// How many answers are being taken in around what happens now.
    pub depth: u32,
    queue: BTreeMap<(i64, u64), Event>,
    events: u64,
    folder: TempDir,
}

impl World {
    /// Makes a world from a seed, lets it run, and heals it. What it promises is looked at on the
    /// way and at the end.
    pub fn run(seed: u64) -> (Vec<String>, BTreeSet<Oddity>, Checked) {
        let mut world = match Self::new(seed) {
            Ok(world) => world,
            Err(broken) => return (Vec::new(), BTreeSet::new(), Err(broken)),
        };
        let checked = world.live();
        if checked.is_ok() {
            world.devices.drain(..).for_each(|mut device| {
                device.end();
                device.laptop.put_back();
            });
        }
        (world.log.into_lines(), world.had, checked)
    }

    fn new(seed: u64) -> Checked<Self> {
        let (mut random, mut own) = (Random::new(seed), Random::new(seed ^ OWN));
        let time = laptop::time();
        time.store(BEGINNING, Ordering::Relaxed);
        let folder = image::folder().map_err(|error| Broken::new("engine", error.to_string()))?;
        let mut world = Self {
            weather: Weather::draw(&mut random),
            random,
            way: Way::draw(&mut own),
            own,
            had: BTreeSet::new(),
            time,
            guilds: Vec::new(),
            dumps: BTreeMap::new(),
            eras: Vec::new(),
            silent: BTreeSet::new(),
            devices: Vec::new(),
            twins: Vec::new(),
            hot: Vec::new(),
            ledger: Ledger::default(),
            log: Log::default(),
            markers: 0,
            is_healed: false,
            is_damaged: false,
            depth: 0,
            queue: BTreeMap::new(),
            events: 0,
            folder,
        };
        world.populate()?;
        Ok(world)
    }

    /// Two or three guilds, and two to eight devices of their people.
    fn populate(&mut self) -> Checked {
        let guilds = 2 + usize::from(self.random.one_in(4));
        for _ in 0..guilds {
            let guild = people::found(self);
            self.twins.push(people::twins(&guild));
            self.hot.push(people::choose_hot(&guild, &mut self.random));
            self.guilds.push(guild);
            self.eras.push(0);
        }
        let crowd = if self.random.one_in(8) { self.random.below(5) } else { 0 };
        let devices = 2 + self.random.below(3) + crowd;
        for number in 0..devices {
            // Most are in one guild, so that they meet.
            let guild = if number < 2 || self.random.one_in(2) { 0 } else { self.random.below(guilds) };
            let user = people::choose_user(self, guild);
            let skew = match self.random.below(4) {
                0 => self.random.between(-DECADE, DECADE),
                1 => self.random.between(-3_600, 3_600) * 1_000_000,
                _ => 0,
            };
            if skew.abs() >= YEAR {
                self.had.insert(Oddity::WrongClock);
            }
            // One program back, or two.
            let schema = self.random.one_in(5).then(|| SCHEMA - 1 - u32::from(self.random.one_in(2)));
            let folder = self.folder();
            let (guild_id, name) = (self.guilds[guild].id, format!("D{number}"));
            let plan = Plan { guild, guild_id, user, folder: &folder, name, skew, schema };
            let device = Device::new(plan, &mut self.random);
            self.devices.push(device.map_err(|error| Broken::new("engine", error))?);
            self.note(format_args!("D{number} is of guild {guild}, skew {}s", skew / 1_000_000));
        }
        Ok(())
    }

    fn live(&mut self) -> Checked {
        for device in 0..self.devices.len() {
            self.later(0, 5_000_000, Event::Start { device });
        }
        happenings::plan(self, FAULTY_SECONDS * 1_000_000);
        self.plan_restores(FAULTY_SECONDS * 1_000_000);
        self.run_until(BEGINNING + FAULTY_SECONDS * 1_000_000)?;
        self.heal()?;
        self.settle()?;
        invariants::check_at_the_end(self)?;
        self.invariant_14_digest_sound()
    }

    /// Lets time go on until nothing is left to do.
    pub fn settle(&mut self) -> Checked {
        let end = self.now() + i64::try_from(HEALED_MS * 1_000).expect("minutes");
        while !self.is_settled()? {
            if self.now() >= end {
                return Err(self.what_is_left());
            }
            self.run_until(self.now() + LOOK_EVERY)?;
        }
        Ok(())
    }

    fn heal(&mut self) -> Checked {
        self.note(format_args!("all heals"));
        self.is_healed = true;
        self.weather = Weather::fine();
        self.way = self.way.filter(|way| way.is_kept);
        for device in 0..self.devices.len() {
            self.devices[device].offline_until = 0;
            self.devices[device].has_full_disk = false;
            if self.devices[device].store.is_none() {
                self.start(device)?;
            }
        }
        Ok(())
    }

    pub fn folder(&self) -> PathBuf {
        self.folder.path().to_owned()
    }

    pub fn now(&self) -> i64 {
        self.time.load(Ordering::Relaxed)
    }

    pub fn note(&mut self, line: fmt::Arguments<'_>) {
        self.log.note(self.now() - BEGINNING, line);
    }

    /// Lets something happen after a time between the two.
    pub fn later(&mut self, least: i64, most: i64, event: Event) {
        let at = self.now() + self.random.between(least, most.max(least));
        self.at(at, event);
    }

    pub fn at(&mut self, at: i64, event: Event) {
        self.events += 1;
        self.queue.insert((at.max(self.now()), self.events), event);
    }

    pub fn run_until(&mut self, end: i64) -> Checked {
        while let Some(entry) = self.queue.first_entry() {
            let (at, _) = *entry.key();
            if at > end {
                break;
            }
            let event = entry.remove();
            self.time.store(at.max(self.now()), Ordering::Relaxed);
            self.happen(event)?;
            if self.events > MOST_EVENTS {
                return Err(Broken::new("10_liveness", "there is no end to it"));
            }
        }
        self.time.store(end.max(self.now()), Ordering::Relaxed);
        Ok(())
    }
}

impl fmt::Debug for World {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("World")
            .field("guilds", &self.guilds.len())
            .field("devices", &self.devices.len())
            .finish()
    }
}

//! Laptops to simulate on: a folder with a mirror in it, a clock and a source of chance. A laptop
//! serves one simulation after the other on its thread, emptied in between: reading the tables of
//! a file and preparing statements for them would cost more than what happens in a simulation.

use crate::copies::MOST_DEVICES;
use crate::image;
use crate::random::Random;
use guildhall_local::Store;
use guildhall_local::clock::Clock;
use guildhall_local::store::FILE_NAME;
use guildhall_sync::time::Timestamp;
use std::cell::RefCell;
use std::path::Path;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use tempfile::TempDir;

/// What all devices of a simulation share: the true time, in microseconds.
pub type Time = Arc<AtomicI64>;

thread_local! {
    static TIME: Time = Time::default();
    static SHELF: RefCell<Vec<Laptop>> = const { RefCell::new(Vec::new()) };
}

pub struct Laptop {
    folder: TempDir,
    /// How far its clock is from the true time.
    pub skew: Arc<AtomicI64>,
    chance: Arc<Mutex<Random>>,
    /// The open file of a program that ended, for the next one to go on with.
    left: Option<Arc<Store>>,
}

/// The true time of this thread's simulations.
pub fn time() -> Time {
    TIME.with(Arc::clone)
}

impl Laptop {
    /// One with a mirror in it that nobody has used, or none of whose use is left.
    pub fn take(random: &mut Random) -> Result<Self, String> {
        let mut laptop = match SHELF.with_borrow_mut(Vec::pop) {
            Some(laptop) => laptop,
            None => Self::new(image::folder().map_err(|error| error.to_string())?),
        };
        *laptop.chance.lock().unwrap_or_else(PoisonError::into_inner) = random.fork();
        laptop.skew.store(0, Ordering::Relaxed);
        if laptop.left.is_none() {
            image::copy_to(laptop.dir())?;
        }
        // A new one is emptied as well: a seed draws the same numbers on either.
        let store = laptop.open(false).map_err(|error| error.to_string())?;
        store.empty(random.id()).map_err(|error| error.to_string())?;
        laptop.leave(Some(store));
        Ok(laptop)
    }

    fn new(folder: TempDir) -> Self {
        let chance = Arc::new(Mutex::new(Random::new(0)));
        Self { folder, skew: Arc::default(), chance, left: None }
    }

    /// Another one beside `like`, with a mirror that was copied.
    pub fn with_file(file: &[u8], like: &Self, random: &mut Random) -> Result<Self, String> {
        let laptop = Self::new(image::folder().map_err(|error| error.to_string())?);
        *laptop.chance.lock().unwrap_or_else(PoisonError::into_inner) = random.fork();
        laptop.skew.store(like.skew.load(Ordering::Relaxed), Ordering::Relaxed);
        std::fs::write(laptop.dir().join(FILE_NAME), file).map_err(|error| error.to_string())?;
        Ok(laptop)
    }

    /// For the next simulation, which needs no more of them than this one had.
    pub fn put_back(self) {
        SHELF.with_borrow_mut(|shelf| {
            if shelf.len() < MOST_DEVICES {
                shelf.push(self);
            }
        });
    }

    /// At the end of a thread, and not after it: whoever waits for the thread does not wait for that.
    pub fn empty_shelf() {
        SHELF.with_borrow_mut(Vec::clear);
    }

    pub fn dir(&self) -> &Path {
        self.folder.path()
    }

    /// The file as the last program left it, or opened anew.
    pub fn open(&mut self, is_anew: bool) -> guildhall_local::Result<Arc<Store>> {
        let left = self.left.take().filter(|_| !is_anew);
        left.map_or_else(|| Ok(Arc::new(Store::open(self.dir(), image::key(), self.clock())?)), Ok)
    }

    /// The program has ended: what it had committed is there, nothing else.
    pub fn leave(&mut self, store: Option<Arc<Store>>) {
        self.left = store.or(self.left.take());
    }

    fn clock(&self) -> Clock {
        let (time, skew) = (time(), Arc::clone(&self.skew));
        let chance = Arc::clone(&self.chance);
        Clock {
            now: Box::new(move || Timestamp(time.load(Ordering::Relaxed) + skew.load(Ordering::Relaxed))),
            fill: Box::new(move |bytes| chance.lock().unwrap_or_else(PoisonError::into_inner).fill(bytes)),
        }
    }

    /// By its own clock.
    pub fn now(&self) -> Timestamp {
        Timestamp(time().load(Ordering::Relaxed) + self.skew.load(Ordering::Relaxed))
    }

    pub fn number(&self) -> u64 {
        self.chance.lock().unwrap_or_else(PoisonError::into_inner).number()
    }
}

//! The power goes while a laptop works: at any moment, with any part of what was not flushed yet
//! on the disk. Whatever the program had said was on the disk is there.
//!
//! `GUILDHALL_LONG=1` cuts fifty times as often; `GUILDHALL_SEED=7` cuts through one piece of work.

pub mod look;
pub mod work;

use crate::chance::Chance;
use crate::child::say;
use crate::disk::replay::Replay;
use crate::disk::{Disk, Op};
use guildhall_local::store::FILE_NAME;
use look::Checked;
use work::{Promises, Work};

const SEEDS: std::ops::Range<u64> = 1..3;
const LONG_SEEDS: std::ops::Range<u64> = 1..101;
const CUTS: usize = 1_000;
const STEPS: usize = 80;
/// How much of what was not flushed has reached the disk.
const SURVIVES_PER_CENT: [u64; 4] = [0, 30, 70, 100];
/// One cut in so many is looked at by all that the program itself can check.
const EXAMINED: usize = 40;

/// A piece of work with everything that reached the disk.
struct Worked {
    log: Vec<Op>,
    /// Where in it the mirror was new and all of it flushed.
    from: usize,
    promises: Promises,
    disk: std::sync::Arc<Disk>,
    key: guildhall_local::keys::Key,
}

fn do_work(seed: u64) -> Worked {
    let mut work = Work::begin(seed);
    let from = work.disk.log().len();
    work.download().expect("a download");
    for _ in 0..STEPS {
        work.step().expect("a healthy disk");
    }
    let Work { mirror, disk, promises, .. } = work;
    let (log, key) = (disk.log(), mirror.store.key().clone());
    Worked { log, from, promises, disk, key }
}

/// Cuts the power at points in their order, and says of each cut that did harm what it was.
fn cut(worked: &Worked, seed: u64, cuts: usize, lies: bool) -> Vec<String> {
    let mut chance = Chance::new(seed);
    let after = worked.log.len() - worked.from;
    let mut points: Vec<usize> = (0..cuts).map(|_| worked.from + chance.below(after + 1)).collect();
    points.sort_unstable();
    let replay = Replay::new(&worked.log, worked.from);
    let mut replay = if lies { replay.on_a_disk_that_lies() } else { replay };
    let mut harm = Vec::new();
    for (at, point) in points.into_iter().enumerate() {
        replay.play_to(point, &mut chance);
        let survives = SURVIVES_PER_CENT[at % SURVIVES_PER_CENT.len()];
        worked.disk.load(&replay.cut(survives, &mut chance));
        let said = replay.said;
        let looked = look::look(worked.disk.folder(), &worked.key, &worked.promises, said);
        let examined = if at % EXAMINED == 0 { examine(worked) } else { Ok(()) };
        if let Err(what) = looked.and(examined) {
            let all = worked.log.len();
            harm.push(format!("seed {seed}, op {point} of {all}, {survives} % survived: {what}"));
        }
    }
    harm
}

fn examine(worked: &Worked) -> Checked {
    look::examine(worked.disk.folder(), &worked.key)
}

fn seeds() -> Vec<u64> {
    if let Some(seed) = std::env::var("GUILDHALL_SEED").ok().and_then(|seed| seed.parse().ok()) {
        return vec![seed];
    }
    let is_long = std::env::var_os("GUILDHALL_LONG").is_some();
    if is_long { LONG_SEEDS.collect() } else { SEEDS.collect() }
}

#[test]
fn what_was_said_to_be_on_the_disk_is_there_after_a_power_cut() {
    let seeds = seeds();
    let next = std::sync::Mutex::new(seeds.iter());
    let harm = std::sync::Mutex::new(Vec::new());
    std::thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                while let Some(seed) = { next.lock().expect("no panic").next() } {
                    let found = cut(&do_work(*seed), *seed, CUTS, false);
                    harm.lock().expect("no panic").extend(found);
                }
            });
        }
    });
    let harm = harm.into_inner().expect("no panic");
    say(&format!("{} cuts, {} did harm", seeds.len() * CUTS, harm.len()));
    assert!(harm.is_empty(), "{} cuts did harm:\n{}", harm.len(), harm.join("\n"));
}

/// The control: the same test on a disk that does not flush, as if SQLite did not ask it to.
#[test]
fn without_flushing_the_same_cuts_do_harm() {
    let harm = cut(&do_work(1), 1, 60, true);
    say(&format!("60 cuts without flushing, {} did harm", harm.len()));
    assert!(harm.len() > 10, "a disk that does not flush loses something: {harm:?}");
}

#[test]
fn a_mirror_on_the_disk_in_memory_is_a_mirror() {
    let mut work = Work::begin(5);
    work.download().expect("a download");
    (0..20).for_each(|_| work.step().expect("a healthy disk"));
    let said = work.promises.groups.len() as u64;
    look::look(work.disk.folder(), work.mirror.store.key(), &work.promises, said).expect("all is well");
    look::examine(work.disk.folder(), work.mirror.store.key()).expect("all is well");
    let real = std::fs::metadata(work.disk.folder().join(FILE_NAME)).expect("it is shown");
    assert_eq!(real.len(), 0, "nothing of it is on the system's disk");
}

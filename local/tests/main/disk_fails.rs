//! The disk is full, or does not flush: nothing that was said to be on the disk is lost, nothing
//! else is said, what is here can be read, and work goes on when the disk does.
//!
//! `GUILDHALL_LONG=1` tries each way of being full at each write.

use crate::chance::Chance;
use crate::disk::replay::Replay;
use crate::disk::{Full, Op, Trouble};
use crate::power_cut::look;
use crate::power_cut::work::{Closed, Work};
use guildhall_local::error::StoreError;
use guildhall_local::{Error, fault, outbox};
use std::sync::Arc;

const STEPS: usize = 6;
/// Steps that are taken when the disk is well again.
const STEPS_AFTER: usize = 3;
const WAYS: [Full; 3] = [Full::ForAMoment, Full::Nothing, Full::NoGrowth];
const WAL: &str = "mirror.db-wal";
/// Of a seed with which a laptop does a bit of everything.
const SEED: u64 = 4;
const SEEDS: std::ops::Range<u64> = 4..7;

fn some_work(seed: u64) -> Closed {
    let mut work = Work::begin(seed);
    work.download().expect("a download");
    for _ in 0..STEPS {
        work.step().expect("a healthy disk");
    }
    work.close()
}

/// Writes of the steps on a healthy disk.
fn count_writes(closed: &Closed) -> usize {
    let mut work = closed.open();
    work.disk.trouble(Trouble::default());
    for _ in 0..STEPS {
        work.step().expect("a healthy disk");
    }
    work.disk.counts().0
}

fn demand_readable(work: &Work) {
    assert!(work.mirror.count("select count(*) from sops") > 0);
}

fn demand_kept(work: Work, key: &guildhall_local::keys::Key, what: &str) {
    let entries = work.mirror.count("select count(*) from wal_entries");
    assert_eq!(usize::try_from(entries), Ok(work.entries()), "{what}: what was refused is not here");
    let (said, Work { mirror, disk, promises, .. }) = (work.said(), work);
    drop(mirror);
    let looked = look::look(disk.folder(), key, &promises, said);
    looked.unwrap_or_else(|harm| panic!("{what}: {harm}"));
}

#[test]
fn a_full_disk_loses_nothing_says_so_and_work_goes_on_when_there_is_space() {
    let closed = some_work(SEED);
    let is_long = std::env::var_os("GUILDHALL_LONG").is_some();
    let writes = count_writes(&closed);
    assert!(writes > 100, "{writes} writes");
    for write in 1..=writes {
        for (at, way) in WAYS.into_iter().enumerate() {
            if is_long || write % WAYS.len() == at {
                fill_at(&closed, write, way);
            }
        }
    }
}

fn fill_at(closed: &Closed, write: usize, way: Full) {
    let mut work = closed.open();
    work.disk.trouble(Trouble { full: Some((write, way)), ..Trouble::default() });
    let what = format!("write {write}, {way:?}");
    for _ in 0..STEPS {
        if let Err(error) = work.step() {
            assert!(matches!(error, Error::Store(StoreError::DiskFull)), "{what}: {error:?}");
            assert!(error.to_string().starts_with("The disk is full. Nothing was changed"), "{error}");
        }
        demand_readable(&work);
    }
    work.disk.trouble(Trouble::default());
    work.mirror.store.record(|connection| outbox::mark_unanswered(connection)).expect("there is space");
    for _ in 0..STEPS_AFTER {
        work.step().unwrap_or_else(|error| panic!("{what}: there is space, and {error}"));
    }
    demand_kept(work, &closed.key, &what);
}

/// Flushes of people's changes, of pulled rows that went along, and of the checkpoint in between.
#[test]
fn after_a_flush_that_failed_nothing_is_said_that_a_power_cut_would_take_back() {
    let mut flushes = 0;
    for seed in SEEDS {
        let closed = some_work(seed);
        flushes += (1..).take_while(|flush| fail_flush(&closed, *flush)).count();
    }
    assert!(flushes > 15, "{flushes} flushes");
}

/// False where there is no such flush.
fn fail_flush(closed: &Closed, flush: usize) -> bool {
    let mut work = closed.open();
    let from = work.disk.log().len();
    work.disk.trouble(Trouble { flush_fails_at: Some(flush), ..Trouble::default() });
    let heard = Arc::clone(&work.disk);
    fault::listen(move |point| {
        if point == "wal.written_again" {
            heard.written_again(WAL);
        }
    });
    let mut failed = 0;
    for step in 0..STEPS + STEPS_AFTER {
        failed += usize::from(work.step().is_err());
        demand_readable(&work);
        if step == STEPS / 2 {
            // A busy or broken one is tried again another time.
            work.mirror.store.truncate_wal().ok();
        }
    }
    let is_met = work.disk.counts().1 >= flush;
    let Work { mirror, disk, promises, .. } = work;
    let log = disk.log();
    drop(mirror);
    let mut chance = Chance::new(flush as u64);
    let mut replay = Replay::new(&log, from);
    for point in from..=log.len() {
        replay.play_to(point, &mut chance);
        if point > from && point < log.len() && !matches!(log[point - 1], Op::Said(_)) {
            continue;
        }
        for survives in [0, 50] {
            disk.load(&replay.cut(survives, &mut chance));
            let looked = look::look(disk.folder(), &closed.key, &promises, replay.said);
            let what = format!("flush {flush}, {failed} steps failed, op {point} of {}", log.len());
            looked.unwrap_or_else(|harm| panic!("{what}: {harm}"));
        }
    }
    is_met
}

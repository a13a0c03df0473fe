//! Seeds: running one, running many on several threads, and what is said of one that fails.

use crate::laptop::Laptop;
use crate::log::{Broken, Checked};
use crate::oddities::Oddity;
use crate::world::World;
use std::collections::{BTreeMap, BTreeSet};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};

/// One seed in so many is run twice, and must do the same twice.
const TWICE: u64 = 20;

/// Seeds that once failed, one in a line, each with what it was.
const CORPUS: &str = include_str!("../corpus.txt");

/// What a seed came to.
#[derive(Debug)]
pub struct Run {
    pub seed: u64,
    pub log: Vec<String>,
    pub had: BTreeSet<Oddity>,
    pub checked: Checked,
}

/// A seed that failed.
#[derive(Clone, Debug)]
pub struct Failed {
    pub seed: u64,
    pub broken: Broken,
}

impl std::fmt::Display for Failed {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { seed, broken } = self;
        writeln!(f, "seed {seed}: {broken}")?;
        write!(f, "  with its log: GUILDHALL_SEED={seed} cargo test --workspace --features faults,bridge ")?;
        write!(f, "--test simulation -- a_seed_with_its_log --nocapture")
    }
}

/// Runs a seed to its end.
pub fn run(seed: u64) -> Run {
    match catch_unwind(AssertUnwindSafe(|| World::run(seed))) {
        Ok((log, had, checked)) => Run { seed, log, had, checked },
        Err(payload) => {
            let text = payload.downcast_ref::<String>().cloned();
            let text = text.or_else(|| payload.downcast_ref::<&str>().map(|text| (*text).to_owned()));
            let what = format!("it panicked: {}", text.unwrap_or_default());
            let (log, had) = (Vec::new(), BTreeSet::new());
            Run { seed, log, had, checked: Err(Broken::new("engine", what)) }
        }
    }
}

/// The seeds that once failed.
pub fn corpus() -> Vec<u64> {
    let lines = CORPUS.lines().filter_map(|line| line.split('#').next()?.trim().parse().ok());
    lines.collect()
}

/// Runs one seed, and now and then the same once more. Says what was odd in it.
pub fn check(seed: u64) -> Result<BTreeSet<Oddity>, Failed> {
    let fail = |broken| Failed { seed, broken };
    let first = run(seed);
    first.checked.map_err(fail)?;
    if seed.is_multiple_of(TWICE) {
        let second = run(seed);
        if let Some(at) =
            (0..first.log.len().max(second.log.len())).find(|at| first.log.get(*at) != second.log.get(*at))
        {
            let what = format!("line {at} was {:?} and then {:?}", first.log.get(at), second.log.get(at));
            return Err(fail(Broken::new("determinism", what)));
        }
    }
    Ok(first.had)
}

/// Runs seeds on `threads` threads until `is_over` says so, which is asked with the number of
/// seeds that were begun. `tell` hears of each that failed. Says how many were run, and how many
/// had what.
pub fn run_many(
    first: u64,
    threads: usize,
    is_over: impl Fn(u64) -> bool + Sync,
    tell: impl Fn(&Failed) + Sync,
) -> (u64, Vec<Failed>, BTreeMap<Oddity, u64>) {
    let next = AtomicU64::new(0);
    let (failed, had) = (Mutex::new(Vec::new()), Mutex::new(BTreeMap::new()));
    std::thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                loop {
                    let number = next.fetch_add(1, Ordering::Relaxed);
                    if is_over(number) {
                        next.fetch_sub(1, Ordering::Relaxed);
                        return Laptop::empty_shelf();
                    }
                    match check(first + number) {
                        Ok(oddities) => {
                            let mut had = had.lock().unwrap_or_else(PoisonError::into_inner);
                            oddities.into_iter().for_each(|oddity| *had.entry(oddity).or_default() += 1);
                        }
                        Err(found) => {
                            tell(&found);
                            failed.lock().unwrap_or_else(PoisonError::into_inner).push(found);
                        }
                    }
                }
            });
        }
    });
    let failed = failed.into_inner().unwrap_or_else(PoisonError::into_inner);
    (next.into_inner(), failed, had.into_inner().unwrap_or_else(PoisonError::into_inner))
}

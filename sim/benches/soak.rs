//! Seeds by the hour: `make soak HOURS=2`. First every planted bug must be found, then seeds run
//! that nobody has run before. What fails is printed, kept in the corpus, and makes it fail.

#![allow(clippy::print_stdout, reason = "this is a program for a terminal")]

use guildhall_local::clock::{Clock, deadline, is_over};
use guildhall_sim::hunt::{Planted, hunt};
use guildhall_sim::seeds::{Failed, run_many};
use std::fs::OpenOptions;
use std::io::Write as _;
use std::path::Path;
use std::process::ExitCode;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;
use std::time::Duration;

/// Seeds within which each planted bug must be found, and how often it is looked for.
const MOST_HUNTED: u64 = 2_000;
const HUNTS: u64 = 5;
/// A line is printed after so many seeds.
const TELL_EVERY: u64 = 1_000;
const CORPUS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/corpus.txt");

fn main() -> ExitCode {
    let hours: f64 = std::env::var("HOURS").ok().and_then(|text| text.parse().ok()).unwrap_or(1.0);
    let end = deadline(Duration::from_secs_f64(hours * 3600.0));
    // Another part of all seeds each time.
    let first = u64::from_le_bytes(Clock::system().random()) >> 16;
    let threads = thread::available_parallelism().map_or(2, usize::from);
    println!("{hours} hours on {threads} threads, from seed {first}");
    let missed = hunt_all(first, threads);
    let told = AtomicU64::new(0);
    let is_over = |begun: u64| {
        if begun > 0 && begun.is_multiple_of(TELL_EVERY) && told.swap(begun, Ordering::Relaxed) < begun {
            println!("{begun} seeds");
        }
        is_over(end)
    };
    let (run, failed, _) = run_many(first, threads, is_over, |failed| println!("{failed}"));
    failed.iter().for_each(keep);
    println!("{run} seeds, {} failed; {missed} planted bugs not found", failed.len());
    if failed.is_empty() && missed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// Says for each bug how many seeds it takes, and how many bugs were not found.
fn hunt_all(first: u64, threads: usize) -> usize {
    let (bugs, next, missed) = (Planted::all(), AtomicU64::new(0), AtomicU64::new(0));
    thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                while let Some(bug) =
                    bugs.get(usize::try_from(next.fetch_add(1, Ordering::Relaxed)).unwrap_or(usize::MAX))
                {
                    let mut took: Vec<Option<u64>> = (0..HUNTS)
                        .map(|number| Some(hunt(*bug, first + number * MOST_HUNTED, MOST_HUNTED)?.0))
                        .collect();
                    took.sort_by_key(|seeds| seeds.unwrap_or(u64::MAX));
                    match took[took.len() / 2] {
                        Some(median) => println!("{bug:?}: {median} seeds (median of {HUNTS})"),
                        None => {
                            println!("{bug:?}: not found");
                            missed.fetch_add(1, Ordering::Relaxed);
                        }
                    }
                }
            });
        }
    });
    usize::try_from(missed.into_inner()).unwrap_or(usize::MAX)
}

fn keep(failed: &Failed) {
    let line = format!("{} # {}\n", failed.seed, failed.broken.promise);
    let opened = OpenOptions::new().append(true).create(true).open(Path::new(CORPUS));
    if let Err(error) = opened.and_then(|mut file| file.write_all(line.as_bytes())) {
        println!("the corpus could not be written: {error}");
    }
}

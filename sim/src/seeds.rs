//! Seeds: running one, running many, and what is said of one that fails.

use crate::log::{Broken, Checked};
use crate::world::World;
use std::panic::{AssertUnwindSafe, catch_unwind};

/// What a seed came to.
#[derive(Debug)]
pub struct Run {
    pub seed: u64,
    pub log: Vec<String>,
    pub checked: Checked,
}

pub fn run(seed: u64) -> Run {
    match catch_unwind(AssertUnwindSafe(|| World::run(seed))) {
        Ok((log, checked)) => Run { seed, log, checked },
        Err(payload) => {
            let what = payload
                .downcast_ref::<String>()
                .cloned()
                .or_else(|| payload.downcast_ref::<&str>().map(|text| (*text).to_owned()));
            let broken = Broken::new("engine", format!("it panicked: {}", what.unwrap_or_default()));
            Run { seed, log: Vec::new(), checked: Err(broken) }
        }
    }
}

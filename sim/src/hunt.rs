//! Bugs that are planted on purpose, and how many seeds it takes to find each.

use crate::bugs::{ServerBug, plant_in_server};
use crate::seeds::run;
use guildhall_local::fault::{self, Bug};

/// A bug of either side.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Planted {
    InDevice(Bug),
    InServer(ServerBug),
}

impl Planted {
    pub fn all() -> Vec<Self> {
        let devices = Bug::ALL.into_iter().map(Self::InDevice);
        devices.chain(ServerBug::ALL.into_iter().map(Self::InServer)).collect()
    }

    fn plant(self) {
        match self {
            Self::InDevice(bug) => fault::plant(Some(bug)),
            Self::InServer(bug) => plant_in_server(Some(bug)),
        }
    }
}

/// Runs seeds with the bug until one fails: how many it took and what was broken. None where so
/// many do not find it.
pub fn hunt(bug: Planted, first: u64, most: u64) -> Option<(u64, String)> {
    bug.plant();
    let found = (0..most).find_map(|number| {
        let broken = run(first + number).checked.err()?;
        Some((number + 1, broken.promise.to_owned()))
    });
    fault::plant(None);
    plant_in_server(None);
    found
}

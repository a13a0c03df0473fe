//! What must always hold, each promise with its number in its name. Some are looked at after every
//! transaction, some at every checkpoint, the rest when all has healed.
//!
//! A simulation does not see everything in the form in which it was promised: bytes of removed
//! rows in free pages (2), isolation levels of a database (5) and milliseconds (16) are for other
//! tests. Here a purged row must have left rows, shadows, entries and full text; a pull must leave
//! exactly its snapshot; and no transaction may store more rows than it should.

use crate::log::{Broken, Checked};
use crate::network::Stream;
use crate::world::World;
use guildhall_local::Store;
use guildhall_local::inbox::{Notice, Outcome};
use guildhall_sync::protocol::MAX_CHUNK_ROWS;
use uuid::Uuid;

mod atomic;
pub mod back;
mod digest;
mod held;
mod history;
pub mod leak;
pub mod own;
mod rest;
pub mod verdicts;

/// How many checkpoints are looked at closely.
const ONE_CHECKPOINT_IN: usize = 5;

/// After each transaction of an answer that is taken in.
pub fn watch(store: &Store, notice: &Notice, twins: [Uuid; 2]) -> Checked {
    let Notice::Touched(touched) = notice else { return Ok(()) };
    invariant_16_bounded(touched.len())?;
    if touched.iter().any(|row| twins.contains(&row.id)) {
        atomic::invariant_07_atomic(store, twins)?;
    }
    Ok(())
}

fn invariant_16_bounded(rows: usize) -> Checked {
    // Rows that own entries have left come on top of those of the chunk.
    if rows > 2 * MAX_CHUNK_ROWS {
        return Err(Broken::new("16_bounded", format!("{rows} rows in one transaction")));
    }
    Ok(())
}

/// An answer was taken in to its end.
pub fn check_after_pull(world: &mut World, device: usize, stream: &Stream, outcome: &Outcome) -> Checked {
    if outcome.mismatches > 0 {
        return Err(Broken::new("05_no_gap", format!("{} rows did not fit their hash", outcome.mismatches)));
    }
    digest::invariant_14_nothing_to_heal(world, device, outcome)?;
    if outcome.more || !world.is_healed && !world.random.one_in(ONE_CHECKPOINT_IN) {
        return Ok(());
    }
    let Some(store) = world.devices[device].store.clone() else { return Ok(()) };
    let held = held::read(&store)?;
    held::invariant_05_no_gap(device, &held, &stream.snapshot)?;
    held::invariant_06_monotone(world, device, &held, stream.hi)?;
    own::invariant_06_own_writes(device, &store)?;
    if !outcome.wipe_due {
        leak::invariant_02_no_leak(world, device, &store, &stream.secrets)?;
    }
    own::invariant_03_accounted(device, &store)
}

pub fn check_at_the_end(world: &mut World) -> Checked {
    invariant_12_epoch_clone_skew_schema(world)?;
    for device in 0..world.devices.len() {
        let Some(store) = world.devices[device].store.clone() else {
            return Err(Broken::new("10_liveness", format!("D{device} is off")));
        };
        own::invariant_06_own_writes(device, &store)?;
        let secrets = world.guilds[world.devices[device].guild].secrets(world.devices[device].user);
        leak::invariant_02_no_leak(world, device, &store, &secrets)?;
        back::invariant_12_told(world, device)?;
    }
    history::invariant_10_nothing_overtakes(world)?;
    history::invariant_09_no_resurrection(world)?;
    history::invariant_15_history_is_tables(world)
}

/// Whatever was odd in the seed: everything arrives everywhere (1), once (3), and nothing is lost (4).
fn invariant_12_epoch_clone_skew_schema(world: &World) -> Checked {
    let hold = || {
        for device in 0..world.devices.len() {
            let Some(store) = &world.devices[device].store else {
                return Err(Broken::new("10_liveness", format!("D{device} is off")));
            };
            held::invariant_01_convergence(world, device, &held::read(store)?)?;
            own::invariant_03_accounted(device, store)?;
        }
        history::invariant_03_exactly_once(world)?;
        history::invariant_04_nothing_lost(world)
    };
    hold().map_err(|broken| match world.had.is_empty() {
        true => broken,
        false => Broken { what: format!("{}; in the seed were {:?}", broken.what, world.had), ..broken },
    })
}

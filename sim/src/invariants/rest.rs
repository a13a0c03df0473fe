//! Whether everything has come to rest, and what has not.

use super::back;
use crate::log::{Broken, Checked};
use crate::world::World;
use guildhall_local::store::state;
use guildhall_local::{check, entries, outbox};

impl World {
    /// Nothing is unsent, unsettled, on its way or unknown anywhere.
    pub fn is_settled(&self) -> Checked<bool> {
        for device in 0..self.devices.len() {
            if self.what_lacks(device)?.is_some() {
                return Ok(false);
            }
        }
        Ok(self.silent.is_empty() && self.guilds.iter().all(|guild| !guild.needs_seal()))
    }

    fn what_lacks(&self, device: usize) -> Checked<Option<String>> {
        let at = &self.devices[device];
        let Some(store) = &at.store else { return Ok(Some("it is off".to_owned())) };
        if !at.client.is_quiet() {
            return Ok(Some(format!("it is {:?}", at.client.standing())));
        }
        let (counts, known) =
            store.read(|connection| Ok((outbox::count(connection)?, state::read(connection)?)))?;
        let (place, epoch) = (known.last_hi, self.guilds[at.guild].epoch);
        if known.epoch != Some(epoch) {
            return Ok(Some("it has not heard of the new history".to_owned()));
        }
        let last_no = i64::try_from(self.guilds[at.guild].last_no).unwrap_or(i64::MAX);
        if counts.unsent + counts.sent > 0 {
            return Ok(Some(format!("{} unsent, {} not settled", counts.unsent, counts.sent)));
        }
        let was_restored = self.guilds[at.guild].was_restored();
        if was_restored && !store.read(|connection| entries::list_undecided(connection, 1))?.is_empty() {
            return Ok(Some("something waits for what others bring back".to_owned()));
        }
        if was_restored && back::has_untold(store)? {
            return Ok(Some("the server has not been told what it holds".to_owned()));
        }
        let (from, next) = store.read(|connection| {
            Ok((outbox::unsettled_from(connection)?, state::read(connection)?.next_device_seq))
        })?;
        if from < next {
            return Ok(Some(format!("it waits for a word on #{from}")));
        }
        let now = at.laptop.now();
        if store.read(|connection| check::ask(connection, now))?.is_some() {
            return Ok(Some("it has not been compared".to_owned()));
        }
        Ok((place != Some(last_no)).then(|| format!("it is at {place:?} of {last_no}")))
    }

    /// Everything is well and still something waits.
    pub fn what_is_left(&self) -> Broken {
        for device in 0..self.devices.len() {
            if let Ok(Some(what)) = self.what_lacks(device) {
                return Broken::new("10_liveness", format!("D{device}: {what}"));
            }
        }
        Broken::new("10_liveness", "commits wait for their number")
    }
}

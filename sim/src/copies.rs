//! Copies of mirrors: kept and put back in place of what went on meanwhile, or taken to another
//! laptop, where they go on beside the first.

use crate::device::Device;
use crate::laptop::Laptop;
use crate::log::{Broken, Checked};
use crate::network::Event;
use crate::oddities::Oddity;
use crate::server::Key;
use crate::world::World;
use guildhall_local::keys::marks::Mark;

/// More devices than this are too slow.
pub const MOST_DEVICES: usize = 8;

/// A file as it was, and what the simulation knew of it then.
#[derive(Clone, Debug)]
pub struct Copy {
    pub file: Vec<u8>,
    pub known_seq: u64,
    pub born: Vec<Key>,
    /// The mark outside of the file.
    pub mark: Option<Mark>,
}

impl World {
    pub fn back_up(&mut self, device: usize) -> Checked {
        if let Some(copy) = self.copy_file(device)? {
            self.note(format_args!("D{device} is copied"));
            self.devices[device].backup = Some(copy);
        }
        Ok(())
    }

    /// None while the device is off.
    fn copy_file(&mut self, device: usize) -> Checked<Option<Copy>> {
        let Some(store) = self.devices[device].store.clone() else { return Ok(None) };
        self.learn(device)?;
        if !store.truncate_wal()? {
            return Ok(None);
        }
        let file = std::fs::read(store.path()).map_err(|error| Broken::new("engine", error.to_string()))?;
        let at = &self.devices[device];
        let mark = at.marks.find()?;
        Ok(Some(Copy { file, known_seq: at.known_seq, born: at.born.clone(), mark }))
    }

    /// What was written since the copy and did not reach the server is gone with its file.
    pub fn restore(&mut self, device: usize) -> Checked {
        if self.devices[device].store.is_none() {
            return Ok(());
        }
        let Some(copy) = self.devices[device].backup.take() else { return Ok(()) };
        self.learn(device)?;
        self.die(device)?;
        self.note(format_args!("D{device} is set back to its copy"));
        let authored = self.ledger.authored.values_mut();
        let gone =
            authored.filter(|authored| authored.device == device && authored.device_seq > copy.known_seq);
        gone.for_each(|authored| authored.is_gone = true);
        let at = &mut self.devices[device];
        self.had.insert(Oddity::CopiedFile);
        at.laptop = Laptop::with_file(&copy.file, &at.laptop, &mut self.random)
            .map_err(|error| Broken::new("engine", error))?;
        at.go_on_from(&copy);
        // Where a whole machine is set back, the mark is set back with it.
        if let Some(mark) = copy.mark.filter(|_| self.random.one_in(2)) {
            at.marks.record(mark)?;
        }
        Ok(())
    }

    pub fn clone_device(&mut self, device: usize) -> Checked {
        if self.devices.len() >= MOST_DEVICES {
            return Ok(());
        }
        let Some(copy) = self.copy_file(device)? else { return Ok(()) };
        let number = self.devices.len();
        self.note(format_args!("D{device} goes on as D{number}, too"));
        let folder = self.folder();
        let clone = Device::clone_of(
            &self.devices[device],
            &copy,
            &folder.join(format!("D{number}")),
            &mut self.random,
        );
        self.devices.push(clone.map_err(|error| Broken::new("engine", error))?);
        self.had.insert(Oddity::CopiedFile);
        self.later(0, 5_000_000, Event::Start { device: number });
        Ok(())
    }
}

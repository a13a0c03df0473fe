//! What SQLite asks of a file beside its bytes: locks between connections, and the memory that they
//! share for the write-ahead file. As `os_unix.c` does it among connections of one process.

use rusqlite::ffi;

/// The lock of a file: how many read, and who is about to write.
#[derive(Debug, Default)]
pub struct FileLock {
    readers: usize,
    is_reserved: bool,
    is_pending: bool,
    is_exclusive: bool,
}

impl FileLock {
    /// Goes up from `held` to `wanted`; what is held afterwards, and whether that is enough.
    pub fn raise(&mut self, held: i32, wanted: i32) -> (i32, bool) {
        if held >= wanted {
            return (held, true);
        }
        match wanted {
            ffi::SQLITE_LOCK_SHARED => {
                let is_free = !self.is_pending && !self.is_exclusive;
                self.readers += usize::from(is_free);
                (if is_free { wanted } else { held }, is_free)
            }
            ffi::SQLITE_LOCK_RESERVED => {
                let is_free = !self.is_reserved;
                self.is_reserved = true;
                (if is_free { wanted } else { held }, is_free)
            }
            _ => self.exclude(held),
        }
    }

    fn exclude(&mut self, held: i32) -> (i32, bool) {
        let others = (self.is_pending && held < ffi::SQLITE_LOCK_PENDING)
            || (self.is_reserved && held < ffi::SQLITE_LOCK_RESERVED);
        if others {
            return (held, false);
        }
        self.is_pending = true;
        self.is_reserved = true;
        self.is_exclusive = self.readers == 1;
        let level = if self.is_exclusive { ffi::SQLITE_LOCK_EXCLUSIVE } else { ffi::SQLITE_LOCK_PENDING };
        (level, self.is_exclusive)
    }

    pub fn lower(&mut self, held: i32, to: i32) -> i32 {
        if held <= to {
            return held;
        }
        if held >= ffi::SQLITE_LOCK_RESERVED {
            (self.is_reserved, self.is_pending, self.is_exclusive) = (false, false, false);
        }
        if to == ffi::SQLITE_LOCK_NONE {
            self.readers -= 1;
        }
        to
    }

    pub fn is_reserved(&self) -> bool {
        self.is_reserved
    }
}

const REGION_WORDS: usize = 32 * 1024 / size_of::<u64>();
const SLOTS: usize = ffi::SQLITE_SHM_NLOCK as usize;

/// The index of the write-ahead file.
#[derive(Debug, Default)]
pub struct SharedMemory {
    /// Each stays where it is for as long as somebody has it.
    regions: Vec<Box<[u64]>>,
    users: usize,
    /// Readers of a slot, or -1 for one who has it alone.
    slots: [i32; SLOTS],
}

/// What one connection holds of it, as bits by slot.
#[derive(Clone, Copy, Debug, Default)]
pub struct Holding {
    pub is_user: bool,
    shared: u8,
    exclusive: u8,
}

impl SharedMemory {
    /// A region of it; none where there is none and nobody wants it made.
    pub fn region(&mut self, holding: &mut Holding, number: usize, may_grow: bool) -> Option<*mut u64> {
        if !holding.is_user {
            holding.is_user = true;
            self.users += 1;
        }
        while may_grow && self.regions.len() <= number {
            self.regions.push(vec![0; REGION_WORDS].into_boxed_slice());
        }
        self.regions.get_mut(number).map(|region| region.as_mut_ptr())
    }

    /// Whoever comes after the last one finds nothing, and works it out from the file.
    pub fn leave(&mut self, holding: &mut Holding) {
        for slot in 0..SLOTS {
            self.unlock(holding, slot);
        }
        if std::mem::take(&mut holding.is_user) {
            self.users -= 1;
            if self.users == 0 {
                self.regions.clear();
            }
        }
    }

    /// False where somebody else is in the way.
    pub fn lock(&mut self, holding: &mut Holding, slots: std::ops::Range<usize>, alone: bool) -> bool {
        let bits = slots.clone().fold(0_u8, |bits, slot| bits | 1 << slot);
        let is_free = |slot: usize| if alone { self.slots[slot] == 0 } else { self.slots[slot] >= 0 };
        let has_it = if alone { holding.exclusive & bits == bits } else { holding.shared & bits == bits };
        if has_it {
            return true;
        }
        if !slots.clone().all(is_free) {
            return false;
        }
        for slot in slots {
            self.slots[slot] = if alone { -1 } else { self.slots[slot] + 1 };
        }
        if alone {
            holding.exclusive |= bits;
        } else {
            holding.shared |= bits;
        }
        true
    }

    pub fn unlock(&mut self, holding: &mut Holding, slot: usize) {
        let bit = 1_u8 << slot;
        if holding.exclusive & bit != 0 {
            self.slots[slot] = 0;
        } else if holding.shared & bit != 0 {
            self.slots[slot] -= 1;
        }
        holding.exclusive &= !bit;
        holding.shared &= !bit;
    }
}

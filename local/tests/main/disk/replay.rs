//! What is on the disk after the power went: all that was flushed, and of the rest any part, torn
//! at sectors and in any order.

use super::{FileId, Image, Op, put};
use crate::chance::Chance;
use std::collections::{BTreeMap, HashMap};

/// What a disk writes whole or not at all.
const SECTOR_BYTES: usize = 512;

/// A log, played as far as a point in it.
#[derive(Debug)]
pub struct Replay<'a> {
    log: &'a [Op],
    played: usize,
    /// Whether the disk says that it has flushed and has not, as SQLite without `synchronous`.
    lies: bool,
    names: BTreeMap<String, FileId>,
    files: HashMap<FileId, Vec<u8>>,
    /// Ops that were not flushed yet.
    pending: Vec<usize>,
    /// The last thing that the program said was on the disk.
    pub said: u64,
}

impl<'a> Replay<'a> {
    /// All of the log before `from` is on the disk.
    pub fn new(log: &'a [Op], from: usize) -> Self {
        let (mut names, mut files) = (BTreeMap::new(), HashMap::new());
        log[..from].iter().for_each(|op| apply(op, &mut names, &mut files, &mut |_| true));
        Self { log, played: from, lies: false, names, files, pending: Vec::new(), said: 0 }
    }

    pub fn on_a_disk_that_lies(mut self) -> Self {
        self.lies = true;
        self
    }

    /// Plays the log as far as before the op with this number.
    pub fn play_to(&mut self, point: usize, chance: &mut Chance) {
        while self.played < point {
            match &self.log[self.played] {
                Op::Said(number) => self.said = *number,
                Op::Sync { file } if !self.lies => self.flush(*file),
                Op::SyncFailed { file } => self.forget(*file, chance),
                Op::Sync { .. } => {}
                Op::WrittenAgain { file, bytes } => {
                    self.flush(*file);
                    self.files.insert(*file, bytes.clone());
                }
                Op::Create { .. } | Op::Write { .. } | Op::Truncate { .. } | Op::Delete { .. } => {
                    self.pending.push(self.played);
                }
            }
            self.played += 1;
        }
    }

    /// The bytes of a file, and with them, as journals of file systems do it, all names until then.
    fn flush(&mut self, flushed: FileId) {
        let log = self.log;
        let (done, left): (Vec<usize>, Vec<usize>) = self.pending.drain(..).partition(|at| match &log[*at] {
            Op::Write { file, .. } | Op::Truncate { file, .. } => *file == flushed,
            _ => true,
        });
        self.pending = left;
        for at in done {
            apply(&log[at], &mut self.names, &mut self.files, &mut |_| true);
        }
    }

    /// The system could not write the file's pages and takes them for clean: no later flush writes
    /// them. Some sectors may have come through.
    fn forget(&mut self, forgotten: FileId, chance: &mut Chance) {
        let log = self.log;
        let (lost, left): (Vec<usize>, Vec<usize>) = self
            .pending
            .drain(..)
            .partition(|at| matches!(&log[*at], Op::Write { file, .. } if *file == forgotten));
        self.pending = left;
        let per_cent = chance.pick(&[0, 0, 50]);
        for at in lost {
            apply(&log[at], &mut self.names, &mut self.files, &mut |_| chance.per_cent(per_cent));
        }
    }

    /// What is there when the power comes back; of what was not flushed, about so much has survived.
    pub fn cut(&self, survives_per_cent: u64, chance: &mut Chance) -> Image {
        let (mut names, mut files) = (self.names.clone(), self.files.clone());
        let is_name = |at: &&usize| matches!(self.log[**at], Op::Create { .. } | Op::Delete { .. });
        let of_names = self.pending.iter().filter(is_name).count();
        // Names come in order: a file system's own journal keeps it.
        let mut names_left = match survives_per_cent {
            0 => 0,
            100 => of_names,
            _ => chance.below(of_names + 1),
        };
        for at in &self.pending {
            if is_name(&at) {
                if names_left == 0 {
                    continue;
                }
                names_left -= 1;
            }
            apply(&self.log[*at], &mut names, &mut files, &mut |op| {
                matches!(op, Op::Create { .. } | Op::Delete { .. }) || chance.per_cent(survives_per_cent)
            });
        }
        let bytes = |file: &FileId| files.get(file).cloned().unwrap_or_default();
        names.iter().map(|(name, file)| (name.clone(), bytes(file))).collect()
    }
}

/// `survives` is asked for each sector.
fn apply(
    op: &Op,
    names: &mut BTreeMap<String, FileId>,
    files: &mut HashMap<FileId, Vec<u8>>,
    survives: &mut dyn FnMut(&Op) -> bool,
) {
    match op {
        Op::Create { file, name } => drop(names.insert(name.clone(), *file)),
        Op::Delete { name } => drop(names.remove(name)),
        Op::Truncate { file, size } => {
            if survives(op) {
                files.entry(*file).or_default().resize(*size, 0);
            }
        }
        Op::Write { file, at, bytes } => {
            let held = files.entry(*file).or_default();
            let mut from = *at;
            while from < at + bytes.len() {
                let to = ((from / SECTOR_BYTES + 1) * SECTOR_BYTES).min(at + bytes.len());
                if survives(op) {
                    put(held, from, &bytes[from - at..to - at]);
                }
                from = to;
            }
        }
        Op::Sync { .. } | Op::SyncFailed { .. } | Op::WrittenAgain { .. } | Op::Said(_) => {}
    }
}

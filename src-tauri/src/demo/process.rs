//! A process of this program that goes on after we end, and how to find and end it again.
//!
//! Each holds a lock for as long as it lives: its standard input is the locked file. A lock that
//! is free means that nothing runs, so no stranger's process is ever ended.

use crate::failure::Failure;
use std::fs::{File, OpenOptions, TryLockError};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

/// How long a process may take to end before it is killed.
const PATIENCE: Duration = Duration::from_secs(10);
const LOOK_EVERY: Duration = Duration::from_millis(20);

/// The place of one background process: its lock with its process id, and its log.
#[derive(Clone, Debug)]
pub struct Background {
    lock: PathBuf,
    log: PathBuf,
}

impl Background {
    pub fn new(folder: &Path, name: &str) -> Self {
        Self { lock: folder.join(format!("{name}.pid")), log: folder.join(format!("{name}.log")) }
    }

    pub fn log(&self) -> &Path {
        &self.log
    }

    pub fn is_running(&self) -> Result<bool, Failure> {
        Ok(self.find_id()?.is_some())
    }

    /// Starts this program with `arguments`; does nothing if it runs already.
    pub fn start(&self, arguments: &[&str]) -> Result<(), Failure> {
        let lock = self.open()?;
        if !try_lock(&lock)? {
            return Ok(());
        }
        let log = File::create(&self.log).map_err(Failure::fault)?;
        let program = std::env::current_exe().map_err(Failure::fault)?;
        let mut command = Command::new(program);
        command.args(arguments).stdin(Stdio::from(lock));
        command.stdout(log.try_clone().map_err(Failure::fault)?).stderr(log);
        detach(&mut command);
        let child = command.spawn().map_err(Failure::fault)?;
        std::fs::write(&self.lock, child.id().to_string()).map_err(Failure::fault)
    }

    /// Asks it to end, and ends it if it does not.
    pub fn stop(&self) -> Result<(), Failure> {
        let Some(id) = self.find_id()? else { return Ok(()) };
        ask_to_end(id);
        if !self.wait_for_end()? {
            end(id);
            self.wait_for_end()?;
        }
        Ok(())
    }

    fn wait_for_end(&self) -> Result<bool, Failure> {
        for _ in 0..PATIENCE.as_millis() / LOOK_EVERY.as_millis() {
            if !self.is_running()? {
                return Ok(true);
            }
            std::thread::sleep(LOOK_EVERY);
        }
        Ok(false)
    }

    /// The process id, if the process lives.
    fn find_id(&self) -> Result<Option<u32>, Failure> {
        if !self.lock.exists() || try_lock(&self.open()?)? {
            return Ok(None);
        }
        let text = std::fs::read_to_string(&self.lock).map_err(Failure::fault)?;
        Ok(text.trim().parse().ok())
    }

    fn open(&self) -> Result<File, Failure> {
        let mut options = OpenOptions::new();
        options.read(true).write(true).create(true).truncate(false);
        options
            .open(&self.lock)
            .map_err(|error| Failure::fault(format!("{} cannot be opened: {error}.", self.lock.display())))
    }
}

fn try_lock(file: &File) -> Result<bool, Failure> {
    match file.try_lock() {
        Ok(()) => Ok(true),
        Err(TryLockError::WouldBlock) => Ok(false),
        Err(TryLockError::Error(error)) => Err(Failure::fault(error)),
    }
}

/// The terminal's signals are not for it.
fn detach(command: &mut Command) {
    use std::os::unix::process::CommandExt;
    command.process_group(0);
}

fn ask_to_end(id: u32) {
    signal(id, rustix::process::Signal::TERM);
}

fn end(id: u32) {
    signal(id, rustix::process::Signal::KILL);
}

/// A process that is gone already is what was wanted.
fn signal(id: u32, signal: rustix::process::Signal) {
    if let Some(id) = i32::try_from(id).ok().and_then(rustix::process::Pid::from_raw) {
        rustix::process::kill_process(id, signal).ok();
    }
}

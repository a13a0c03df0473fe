//! This test program, started again as a child that works on a mirror until it is stopped.
//!
//! The child runs the same test and finds in its environment that it is the child.

use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, Stdio};

pub const FOLDER: &str = "GUILDHALL_TEST_CHILD";
const ACK: &str = "acknowledged ";

/// The mirror to work on, where this process is a child.
pub fn folder() -> Option<PathBuf> {
    std::env::var_os(FOLDER).map(PathBuf::from)
}

/// Says to the parent, over the pipe, what is on the disk.
pub fn acknowledge(number: u64) {
    let mut out = std::io::stdout().lock();
    writeln!(out, "\n{ACK}{number}").and_then(|()| out.flush()).expect("the parent listens");
}

/// A line for whoever reads the test's output.
pub fn say(sentence: &str) {
    writeln!(std::io::stdout().lock(), "{sentence}").expect("somebody listens");
}

pub struct Worker {
    process: Child,
    said: BufReader<ChildStdout>,
}

impl Worker {
    /// `test` is the test that calls this, by its full name.
    pub fn start(test: &str, folder: &Path, fault: &str) -> Self {
        let mut process = Command::new(std::env::current_exe().expect("this program"))
            .args([test, "--exact", "--nocapture", "--test-threads=1"])
            .env(FOLDER, folder)
            .env("GUILDHALL_FAULT", fault)
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("a child");
        let said = BufReader::new(process.stdout.take().expect("a pipe"));
        Self { process, said }
    }

    /// The next number that is on the disk; none when the child has ended.
    pub fn next(&mut self) -> Option<u64> {
        let mut line = String::new();
        while self.said.read_line(&mut line).expect("a pipe") > 0 {
            if let Some(number) = line.strip_prefix(ACK) {
                return Some(number.trim().parse().expect("a number"));
            }
            line.clear();
        }
        None
    }

    /// Ends the child as the system would: it gets no chance to say or write anything. Returns the
    /// last number that it had acknowledged, where there is one after those already taken.
    pub fn kill(mut self) -> Option<u64> {
        self.process.kill().expect("the child is ended");
        let mut last = None;
        while let Some(number) = self.next() {
            last = Some(number);
        }
        self.process.wait().expect("the child has ended");
        last
    }

    /// Waits for a child that ends by itself.
    pub fn ended(mut self) -> std::process::ExitStatus {
        while self.next().is_some() {}
        self.process.wait().expect("the child has ended")
    }
}

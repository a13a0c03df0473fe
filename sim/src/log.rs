//! What happened, line by line: the same for the same seed, and read when one fails.

use std::fmt;

#[derive(Debug, Default)]
pub struct Log {
    lines: Vec<String>,
}

impl Log {
    pub fn note(&mut self, micros: i64, line: fmt::Arguments<'_>) {
        self.lines.push(format!("{:>9}.{:03} {line}", micros / 1_000_000, micros / 1_000 % 1_000));
    }

    pub fn into_lines(self) -> Vec<String> {
        self.lines
    }
}

/// A promise that does not hold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Broken {
    /// As in `05_no_gap`, or what else went wrong.
    pub promise: &'static str,
    pub what: String,
}

impl Broken {
    pub fn new(promise: &'static str, what: impl Into<String>) -> Self {
        Self { promise, what: what.into() }
    }
}

impl fmt::Display for Broken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.promise, self.what)
    }
}

/// The device refused what it must not refuse.
impl From<guildhall_local::Error> for Broken {
    fn from(error: guildhall_local::Error) -> Self {
        Self::new("engine", format!("{error} ({error:?})"))
    }
}

pub type Checked<T = ()> = Result<T, Broken>;

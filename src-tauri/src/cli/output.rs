//! The one place that writes to the terminal: answers to standard output, everything else to
//! standard error, so that an answer can be piped.
#![allow(clippy::print_stdout, clippy::print_stderr, reason = "this is where printing happens")]

use crate::failure::Failure;
use serde::Serialize;
use std::io::{IsTerminal, Write};

#[derive(Clone, Copy, Debug)]
pub struct Output {
    json: bool,
}

impl Output {
    pub fn new(json: bool) -> Self {
        Self { json }
    }

    /// Prints an answer: as JSON where that was asked for, else as the text made from it.
    pub fn answer<T: Serialize + ?Sized>(
        self,
        answer: &T,
        text: impl FnOnce(&T) -> String,
    ) -> Result<(), Failure> {
        let mut printed = if self.json {
            serde_json::to_string_pretty(answer).map_err(Failure::fault)?
        } else {
            text(answer)
        };
        if !printed.ends_with('\n') {
            printed.push('\n');
        }
        write_all(&printed)
    }

    /// A line about work under way; not part of the answer.
    pub fn note(self, line: &str) {
        if !self.json {
            eprintln!("{line}");
        }
    }

    /// A line that replaces the one before it, where a person is looking.
    pub fn progress(self, line: &str) {
        if !self.json && std::io::stderr().is_terminal() {
            eprint!("\r\x1b[K{line}");
        }
    }

    /// Ends a line that was being replaced.
    pub fn progress_done(self) {
        self.progress("");
    }

    pub fn failure(self, failure: &Failure) {
        if self.json {
            let text = serde_json::to_string(failure).unwrap_or_else(|_| failure.message.clone());
            eprintln!("{text}");
        } else {
            eprintln!("{failure}");
        }
    }
}

/// A reader that closed the pipe has read enough: that is no failure.
fn write_all(text: &str) -> Result<(), Failure> {
    let mut out = std::io::stdout().lock();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Err(error) if error.kind() == std::io::ErrorKind::BrokenPipe => Ok(()),
        other => other.map_err(Failure::fault),
    }
}

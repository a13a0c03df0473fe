//! Anki, where Python has it (`pip install anki`; `GUILDHALL_PYTHON` names another Python): its own
//! sync server, two collections, a note for each page.

use std::collections::HashMap;
use std::io::Write;
use std::process::{Command, Stdio};
use std::sync::{Mutex, PoisonError};

use anyhow::{Context, ensure};
use serde::Deserialize;

use crate::work::Page;
use crate::{new_folder, say};

const SCRIPT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/benches/bench/peer/with_anki.py");

#[derive(Clone, Debug, Deserialize)]
pub struct Anki {
    version: String,
    /// Seconds: the whole file to a second laptop.
    pub download: f64,
    /// Seconds: 10,000 edits up, and down to the other laptop.
    pub sent: f64,
    pub taken_in: f64,
    pub quiet_ms: f64,
    pub way_ms: f64,
}

impl Anki {
    pub fn name(&self, what: &str) -> String {
        format!("Anki {}, {what}", self.version)
    }
}

/// None where it is not installed. Pages of the same number are measured once.
pub fn measure(pages: &[Page]) -> anyhow::Result<Option<Anki>> {
    static MEASURED: Mutex<Option<HashMap<usize, Anki>>> = Mutex::new(None);
    let mut measured = MEASURED.lock().unwrap_or_else(PoisonError::into_inner);
    let known = measured.get_or_insert_default();
    if let Some(anki) = known.get(&pages.len()) {
        return Ok(Some(anki.clone()));
    }
    let Some(anki) = run(pages)? else { return Ok(None) };
    known.insert(pages.len(), anki.clone());
    Ok(Some(anki))
}

fn run(pages: &[Page]) -> anyhow::Result<Option<Anki>> {
    let python = std::env::var("GUILDHALL_PYTHON").unwrap_or_else(|_| "python3".to_owned());
    let found = Command::new(&python).args(["-c", "import anki"]).stderr(Stdio::null()).status();
    if !found.is_ok_and(|status| status.success()) {
        say("  without Anki: `pip install anki` brings it");
        return Ok(None);
    }
    let folder = new_folder()?;
    let mut child = Command::new(&python)
        .arg(SCRIPT)
        .arg(folder.path())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()?;
    let mut input = child.stdin.take().context("an input")?;
    for page in pages {
        writeln!(input, "{}", serde_json::to_string(page)?)?;
    }
    drop(input);
    let output = child.wait_with_output()?;
    ensure!(output.status.success(), "Anki could not be measured: {}", output.status);
    Ok(Some(serde_json::from_slice(&output.stdout)?))
}

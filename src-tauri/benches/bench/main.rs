//! `make bench`: each figure beside its floor or its peer, measured in one run on one machine.
//!
//! Absolute times say little about another machine; the ratios do. A missed goal does not fail
//! the run, an error does. Nothing here is part of the tests.

mod cells;
mod counting;
mod device;
#[cfg(all(feature = "desktop", target_os = "linux"))]
#[allow(dead_code, reason = "the tests of the window use more of it")]
#[path = "../../tests/window/driver.rs"]
mod driver;
mod figure;
mod floor;
mod guild;
mod language;
mod measure;
mod mirror;
mod parts;
mod peer;
mod postgres;
mod process;
mod random;
mod receiver;
mod saving;
#[cfg(all(feature = "desktop", target_os = "linux"))]
#[allow(dead_code, reason = "the tests of the window use more of it")]
#[path = "../../tests/window/screen.rs"]
mod screen;
mod server;
mod watching;
mod work;

use std::io::Write;
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use figure::{Chapter, write_json, write_table};
use parts::PARTS;

fn main() -> anyhow::Result<()> {
    let mut arguments = std::env::args().skip(1).peekable();
    if arguments.next_if(|word| word == receiver::ROLE).is_some() {
        return receiver::run(arguments);
    }
    let wishes: Vec<String> = arguments.filter(|word| !word.starts_with("--")).collect();
    let chosen: Vec<_> = PARTS.iter().filter(|part| part.is_wished(&wishes)).collect();
    if chosen.is_empty() {
        let names: Vec<String> = PARTS.iter().map(|part| format!("{} ({})", part.name, part.group)).collect();
        bail!("there is no part {}; there are: {}", wishes.join(" "), names.join(", "));
    }
    let mut chapters = Vec::new();
    for part in chosen {
        say(&format!("measuring: {}", part.title));
        let figures = (part.run)().with_context(|| format!("{} could not be measured", part.title))?;
        chapters.push(Chapter { title: part.title.to_owned(), figures });
    }
    let json = target().join("bench.json");
    write_json(&chapters, &json).with_context(|| json.display().to_string())?;
    write_table(&chapters, &mut std::io::stdout().lock())?;
    Ok(())
}

/// What is being done, for who waits for the table.
fn say(what: &str) {
    // Nobody may be listening; that is no reason to stop.
    let _ = writeln!(std::io::stderr(), "{what}");
}

fn target() -> &'static Path {
    scratch().parent().expect("Cargo's folder for benchmarks lies in its target folder")
}

/// A folder on the disk that the project is on.
fn scratch() -> &'static Path {
    Path::new(env!("CARGO_TARGET_TMPDIR"))
}

fn new_folder() -> anyhow::Result<tempfile::TempDir> {
    std::fs::create_dir_all(scratch())?;
    Ok(tempfile::tempdir_in(scratch())?)
}

fn file_bytes(paths: &[PathBuf]) -> u64 {
    paths.iter().filter_map(|path| path.metadata().ok()).map(|file| file.len()).sum()
}

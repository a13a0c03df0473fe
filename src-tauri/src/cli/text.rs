//! Where a text comes from: a file, standard input, or a person's own editor.

use super::TextSource;
use crate::failure::{Code, Failure};
use std::io::{IsTerminal, Read};
use std::path::Path;
use std::process::Command;

/// More than a page may hold, so that a page that is too large is refused by its own rule.
const MAX_BYTES: u64 = 4 * 1024 * 1024;

impl TextSource {
    fn is_standard_input(&self) -> bool {
        self.file.as_deref() == Some(Path::new("-"))
    }
}

/// The text that was given; without one, `now` as a person changes it in `$EDITOR`.
pub fn read(source: &TextSource, now: &str) -> Result<String, Failure> {
    match &source.file {
        Some(_) if source.is_standard_input() => limited(std::io::stdin().lock(), "standard input"),
        Some(file) => read_file(file),
        None if std::io::stdin().is_terminal() => edit(now),
        None => {
            let failure =
                Failure::new(Code::BadRequest, "There is no text, and nobody is there to write one.");
            Err(failure.hint("Give it with --file FILE; `-` is standard input."))
        }
    }
}

pub fn read_file(file: &Path) -> Result<String, Failure> {
    if file == Path::new("-") {
        return limited(std::io::stdin().lock(), "standard input");
    }
    let name = file.display().to_string();
    let opened = std::fs::File::open(file)
        .map_err(|error| Failure::new(Code::BadRequest, format!("{name} cannot be read: {error}.")))?;
    limited(opened, &name)
}

fn limited(source: impl Read, name: &str) -> Result<String, Failure> {
    let mut bytes = Vec::new();
    source.take(MAX_BYTES + 1).read_to_end(&mut bytes).map_err(Failure::fault)?;
    if bytes.len() as u64 > MAX_BYTES {
        let message =
            format!("{name} holds more than {} MiB; a page holds at most 512 KiB.", MAX_BYTES >> 20);
        return Err(Failure::new(Code::BadRequest, message));
    }
    String::from_utf8(bytes).map_err(|error| {
        let at = error.utf8_error().valid_up_to();
        Failure::new(Code::BadRequest, format!("{name} is not UTF-8 text (byte {at})."))
    })
}

/// The draft stays where it is if the editor fails, and the answer says where.
fn edit(now: &str) -> Result<String, Failure> {
    let editor = std::env::var("VISUAL").or_else(|_| std::env::var("EDITOR")).map_err(|_| {
        Failure::new(Code::BadRequest, "No editor is named.")
            .hint("Set EDITOR, or give the text with --file.")
    })?;
    let draft = std::env::temp_dir().join(format!("guildhall-{}.md", std::process::id()));
    std::fs::write(&draft, now).map_err(Failure::fault)?;
    let mut words = editor.split_whitespace();
    let program = words.next().ok_or_else(|| Failure::new(Code::BadRequest, "EDITOR is empty."))?;
    let ended = Command::new(program).args(words).arg(&draft).status();
    if !ended.is_ok_and(|status| status.success()) {
        let message = format!("The editor did not end well; the draft is in {}.", draft.display());
        return Err(Failure::new(Code::Fault, message));
    }
    let text = read_file(&draft)?;
    std::fs::remove_file(&draft).ok();
    Ok(text)
}

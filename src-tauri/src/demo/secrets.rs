//! The passwords of the demo's people: made by chance, kept in files that only their owner reads.

use crate::failure::Failure;
use std::fs::OpenOptions;
use std::io::Write;
use std::path::Path;

/// Makes a password and keeps it; the one that is there stays.
pub fn make(file: &Path) -> Result<String, Failure> {
    if file.exists() {
        return read(file);
    }
    let password = guildhall_server::random::id().to_string();
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    for_owner_only(&mut options);
    let mut opened = options.open(file).map_err(Failure::fault)?;
    opened.write_all(password.as_bytes()).map_err(Failure::fault)?;
    Ok(password)
}

pub fn read(file: &Path) -> Result<String, Failure> {
    let text = std::fs::read_to_string(file)
        .map_err(|error| Failure::fault(format!("{} cannot be read: {error}.", file.display())))?;
    Ok(text.trim_end().to_owned())
}

fn for_owner_only(options: &mut OpenOptions) {
    use std::os::unix::fs::OpenOptionsExt;
    options.mode(0o600);
}

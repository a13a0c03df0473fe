//! Writing a small file so that after a power cut either the old or the new one is there, whole.

use crate::error::{Error, Result};
use std::fs::{File, OpenOptions};
use std::io::Write;
use std::path::Path;

/// Readable by the owner alone.
pub fn write(path: &Path, bytes: &[u8]) -> Result<()> {
    let folder = path.parent().expect("a file lies in a folder");
    std::fs::create_dir_all(folder).map_err(|error| Error::io(folder, error))?;
    let unfinished = path.with_extension("unfinished");
    write_through(&unfinished, bytes).map_err(|error| Error::io(&unfinished, error))?;
    std::fs::rename(&unfinished, path).map_err(|error| Error::io(path, error))?;
    flush_folder(folder).map_err(|error| Error::io(folder, error))
}

fn write_through(path: &Path, bytes: &[u8]) -> std::io::Result<()> {
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(path)?;
    file.write_all(bytes)?;
    file.sync_all()
}

/// The new name is on the disk only when the folder is.
#[cfg(unix)]
fn flush_folder(folder: &Path) -> std::io::Result<()> {
    File::open(folder)?.sync_all()
}

/// Windows has no such thing: renaming there is durable with the file.
#[cfg(not(unix))]
fn flush_folder(_folder: &Path) -> std::io::Result<()> {
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_new_content_takes_the_place_of_the_old() {
        let dir = tempfile::tempdir().expect("a folder");
        let path = dir.path().join("deep/slots.json");
        for content in ["first, and longer", "second"] {
            write(&path, content.as_bytes()).expect("the file is written");
            assert_eq!(std::fs::read_to_string(&path).expect("the file"), content);
        }
        assert_eq!(std::fs::read_dir(dir.path().join("deep")).expect("the folder").count(), 1);
    }
}

//! Where a password comes from: standard input, a file, or a person at the terminal.

use super::PasswordSource;
use crate::failure::{Code, Failure};
use std::io::{BufRead, IsTerminal};

/// The longest first line that is read as a password, in bytes.
const MAX_BYTES: u64 = 4096;

impl PasswordSource {
    /// Whether a password is given without asking a person.
    pub fn is_given(&self) -> bool {
        self.password_stdin || self.password_file.is_some()
    }

    pub fn read(&self, prompt: &str) -> Result<String, Failure> {
        if self.password_stdin {
            return first_line(std::io::stdin().lock(), "standard input");
        }
        match &self.password_file {
            Some(path) => {
                let name = path.display().to_string();
                let file = std::fs::File::open(path).map_err(|error| {
                    Failure::new(
                        Code::BadRequest,
                        format!("The password file {name} cannot be read: {error}."),
                    )
                })?;
                first_line(std::io::BufReader::new(file), &name)
            }
            None => ask(prompt),
        }
    }
}

fn ask(prompt: &str) -> Result<String, Failure> {
    if !std::io::stdin().is_terminal() {
        let failure = Failure::new(Code::Locked, "A password is needed, and nobody is there to be asked.");
        return Err(failure.hint("Give it with --password-stdin or --password-file."));
    }
    rpassword::prompt_password(prompt).map_err(Failure::fault)
}

fn first_line(source: impl BufRead, name: &str) -> Result<String, Failure> {
    let mut line = String::new();
    source.take(MAX_BYTES).read_line(&mut line).map_err(|error| {
        Failure::new(Code::BadRequest, format!("No password can be read from {name}: {error}."))
    })?;
    let password = line.trim_end_matches(['\r', '\n']);
    if password.is_empty() {
        return Err(Failure::new(Code::BadRequest, format!("The first line of {name} is empty.")));
    }
    Ok(password.to_owned())
}

#[cfg(test)]
mod tests {
    use super::first_line;

    #[test]
    fn the_first_line_is_the_password() {
        let read = |bytes: &'static [u8]| first_line(bytes, "test").ok();
        assert_eq!(read(b"correct horse\nmore"), Some("correct horse".into()));
        assert_eq!(read(b" with blanks \r\n"), Some(" with blanks ".into()));
        assert_eq!(read(b"\n"), None);
        assert_eq!(read(b""), None);
        assert_eq!(read(b"\xff\xfe"), None);
    }
}

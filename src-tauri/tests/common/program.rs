//! The built program, called as a person would call it in a terminal.

use super::PASSWORD;
use serde_json::Value as Json;
use std::ffi::OsStr;
use std::io::Write;
use std::path::Path;
use std::process::{Child, Command, Stdio};

/// What Rust says to programmers, and nothing of it to people.
const NOT_FOR_PEOPLE: [&str; 12] = [
    "panicked",
    "RUST_BACKTRACE",
    "unwrap",
    "::",
    "Error {",
    "Error(",
    "Err(",
    "Some(",
    "Os {",
    "kind:",
    "source:",
    "src/",
];

/// Where the built program lies.
pub const PROGRAM: &str = env!("CARGO_BIN_EXE_guildhall");

pub fn guildhall() -> Command {
    among_strangers(Command::new(PROGRAM))
}

/// Puts a program where nothing of this user is found: no profile, no keyring, no settings.
pub fn among_strangers(mut command: Command) -> Command {
    let strangers = [
        "GUILDHALL_PROFILE",
        "GUILDHALL_PASSWORD_FILE",
        "GUILDHALL_DEMO",
        "GUILDHALL_FAULT",
        "GUILDHALL_LOG",
        "DATABASE_URL",
        "VISUAL",
        "EDITOR",
        "HOME",
        "WAYLAND_DISPLAY",
        "DISPLAY",
        "XDG_CONFIG_HOME",
        "XDG_CACHE_HOME",
        "XDG_DATA_HOME",
        "XDG_STATE_HOME",
        "XDG_RUNTIME_DIR",
    ];
    for name in strangers {
        command.env_remove(name);
    }
    command.env("DBUS_SESSION_BUS_ADDRESS", "unix:path=/nonexistent").env("TZ", "UTC");
    command
}

/// A laptop: its profile, where programs keep their state on it, and its password.
#[derive(Clone, Copy, Debug)]
pub struct Laptop<'a> {
    pub profile: &'a Path,
    pub state: &'a Path,
    pub password: &'a str,
}

impl<'a> Laptop<'a> {
    pub fn new(profile: &'a Path, state: &'a Path) -> Self {
        Self { profile, state, password: PASSWORD }
    }

    /// Runs a command with the password on standard input.
    pub fn run<S: AsRef<OsStr>>(&self, arguments: &[S]) -> Said {
        self.run_with(arguments, "")
    }

    /// The same; `input` follows the password.
    pub fn run_with<S: AsRef<OsStr>>(&self, arguments: &[S], input: &str) -> Said {
        run(self.command(arguments), &format!("{}\n{input}", self.password))
    }

    /// Begins a command and lets it run: it can be killed.
    pub fn start<S: AsRef<OsStr>>(&self, arguments: &[S]) -> Child {
        self.start_with_fault(arguments, "")
    }

    /// `fault` is the named point at which the process shall end.
    pub fn start_with_fault<S: AsRef<OsStr>>(&self, arguments: &[S], fault: &str) -> Child {
        let mut command = self.command(arguments);
        command.env("GUILDHALL_FAULT", fault);
        command.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null());
        let mut process = command.spawn().expect("the program starts");
        let mut stdin = process.stdin.take().expect("a pipe");
        stdin.write_all(format!("{}\n", self.password).as_bytes()).expect("it reads");
        process
    }

    fn command<S: AsRef<OsStr>>(&self, arguments: &[S]) -> Command {
        let mut command = guildhall();
        command.arg("--profile").arg(self.profile).arg("--password-stdin").args(arguments);
        command.env("XDG_STATE_HOME", self.state);
        command
    }
}

/// What a command said, and how it ended.
#[derive(Debug)]
pub struct Said {
    line: String,
    pub code: Option<i32>,
    pub out: String,
    pub err: String,
}

pub fn run(mut command: Command, input: &str) -> Said {
    let line = format!("{:?}", command.get_args().collect::<Vec<_>>());
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut process = command.spawn().expect("the program starts");
    let mut stdin = process.stdin.take().expect("a pipe");
    // A program that has ended, or does not read, has what it needs.
    stdin.write_all(input.as_bytes()).ok();
    drop(stdin);
    let output = process.wait_with_output().expect("it ends");
    let text = |bytes| String::from_utf8(bytes).expect("it speaks UTF-8");
    Said { line, code: output.status.code(), out: text(output.stdout), err: text(output.stderr) }
}

impl Said {
    /// It did what was asked. Returns what it answered.
    #[track_caller]
    pub fn well(self) -> String {
        assert_eq!(self.code, Some(0), "{self:?}");
        self.demand_words();
        self.out
    }

    /// It did what was asked, and answered in JSON.
    #[track_caller]
    pub fn json(self) -> Json {
        assert_eq!(self.code, Some(0), "{self:?}");
        self.demand_words();
        serde_json::from_str(&self.out).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }

    /// It did not, ended with this code, and said why in sentences, `part` among them.
    #[track_caller]
    pub fn refuses(self, code: i32, part: &str) {
        assert_eq!(self.code, Some(code), "{self:?}");
        self.demand_words();
        assert!(self.err.contains(part), "{part:?} is not in {self:?}");
        assert_eq!(self.out, "", "an answer and a refusal: {self:?}");
        let last = self.err.trim_end().chars().last();
        assert!(matches!(last, Some('.' | '?' | '!' | '}')), "no sentence: {self:?}");
    }

    /// The same, said in JSON. Returns the failure.
    #[track_caller]
    pub fn refuses_in_json(self, code: i32) -> Json {
        assert_eq!(self.code, Some(code), "{self:?}");
        self.demand_words();
        let failure: Json =
            serde_json::from_str(&self.err).unwrap_or_else(|error| panic!("{error}: {self:?}"));
        assert!(failure["code"].is_string() && failure["message"].is_string(), "{self:?}");
        failure
    }

    #[track_caller]
    fn demand_words(&self) {
        for word in NOT_FOR_PEOPLE {
            assert!(!self.err.contains(word), "{word:?} is not for people: {self:?}");
        }
    }
}

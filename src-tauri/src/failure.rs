//! Why a command did not do what was asked: a code for programs, sentences for people, and an
//! exit code for shells.

use guildhall_local::error::{Disagreement, RemoteError, StoreError};
use serde::Serialize;
use ts_rs::TS;

/// A failure of a command, as the command line prints it and a screen shows it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
pub struct Failure {
    pub code: Code,
    /// What happened, in a sentence.
    pub message: String,
    /// What to do, in a sentence.
    pub hint: Option<String>,
}

/// The kinds of failures. Programs read these; they never read the sentences.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum Code {
    /// The request itself cannot be understood or is not legal.
    BadRequest,
    NotFound,
    /// There is no profile, or nobody signed in on it yet.
    NoProfile,
    /// The password, the key or the session is wrong or over.
    Locked,
    /// The server is away or does not serve this now.
    Offline,
    /// Another edit stands against this one, or the server refused it.
    Disagreement,
    /// The file, the disk or the program failed.
    Fault,
}

impl Code {
    /// What the process ends with. 2 is kept for a command line that cannot be read.
    pub const fn exit_code(self) -> u8 {
        match self {
            Self::Fault => 1,
            Self::BadRequest => 2,
            Self::NotFound => 3,
            Self::NoProfile | Self::Locked => 4,
            Self::Offline => 5,
            Self::Disagreement => 6,
        }
    }
}

impl Failure {
    pub fn new(code: Code, message: impl Into<String>) -> Self {
        Self { code, message: message.into(), hint: None }
    }

    pub fn fault(message: impl std::fmt::Display) -> Self {
        Self::new(Code::Fault, message.to_string())
    }

    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }
}

impl std::fmt::Display for Failure {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.message)?;
        match &self.hint {
            Some(hint) => write!(f, "\n{hint}"),
            None => Ok(()),
        }
    }
}

impl std::error::Error for Failure {}

impl From<guildhall_local::Error> for Failure {
    fn from(error: guildhall_local::Error) -> Self {
        let code = code_of(&error);
        Self { code, message: error.to_string(), hint: hint_for(&error).map(str::to_owned) }
    }
}

fn code_of(error: &guildhall_local::Error) -> Code {
    use guildhall_local::Error;
    match error {
        Error::Store(StoreError::NoMirror { .. } | StoreError::NotSetUp) => Code::NoProfile,
        Error::Store(StoreError::Key(_) | StoreError::WrongKey { .. }) => Code::Locked,
        Error::Store(_) => Code::Fault,
        Error::Remote(error) if error.needs_sign_in() => Code::Locked,
        Error::Remote(RemoteError::NotAnAddress { .. } | RemoteError::Insecure { .. }) => Code::BadRequest,
        Error::Remote(RemoteError::OtherAccount | RemoteError::Guarded { .. }) => Code::Disagreement,
        Error::Remote(error) if error.is_forbidden() => Code::Disagreement,
        Error::Remote(_) => Code::Offline,
        Error::Disagreement(Disagreement::NoRow { .. } | Disagreement::NoName { .. }) => Code::NotFound,
        Error::Disagreement(_) => Code::Disagreement,
    }
}

fn hint_for(error: &guildhall_local::Error) -> Option<&str> {
    use guildhall_local::Error;
    let Error::Remote(error) = error else { return None };
    match error {
        RemoteError::Unreachable { .. } | RemoteError::Cut => {
            Some("What you wrote is safe here, and is sent when the server answers again.")
        }
        RemoteError::Refused { refusal, .. } if refusal.hint.is_some() => refusal.hint.as_deref(),
        error if error.needs_sign_in() => {
            Some("Sign in again with `guildhall sign-in`; nothing here is lost.")
        }
        RemoteError::Guarded { .. } => Some(
            "Ask your administrator first. `guildhall sync --go-on` removes them; until then what you write is still sent, and a copy lies beside the file.",
        ),
        RemoteError::OtherAccount => Some("Use a folder of its own for each person: --profile DIR."),
        RemoteError::LinkTaken => Some("It sends and fetches by itself; there is nothing to do."),
        _ => None,
    }
}

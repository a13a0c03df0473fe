//! Errors of the server and of the way to it.

use guildhall_sync::protocol::frame::FrameError;
use guildhall_sync::protocol::{Refusal, RefusalCode};

#[derive(Debug, thiserror::Error)]
pub enum RemoteError {
    #[error("{url:?} is not the address of a server. One looks like https://guild.example.")]
    NotAnAddress { url: String },
    #[error("{url} would send the password in the open. Only https is used, or http on this machine.")]
    Insecure { url: String },
    #[error("The certificate file {path} cannot be used: {what}.")]
    Certificate { path: String, what: String },
    #[error("The server at {url} did not answer ({what}).")]
    Unreachable { url: String, what: String },
    #[error("What answers at {url} (status {status}) is not a Guildhall server.")]
    NotGuildhall { url: String, status: u16 },
    #[error("{}", .refusal.message)]
    Refused { refusal: Refusal, retry_after_ms: Option<u64> },
    #[error("The server's answer was cut off. What arrived is kept.")]
    Cut,
    #[error("The server sent something that cannot be read: {what}.")]
    Unreadable { what: String },
    #[error(
        "The server would have {removes} of {rows} rows removed from this laptop. Nothing is removed until you say so."
    )]
    Guarded { removes: u64, rows: u64 },
    #[error("This profile belongs to another person or guild.")]
    OtherAccount,
    #[error("This profile is signed out.")]
    SignedOut,
    #[error("Another Guildhall process is in touch with the server for this profile.")]
    LinkTaken,
}

impl RemoteError {
    /// Whether only signing in again can help.
    pub fn needs_sign_in(&self) -> bool {
        match self {
            Self::Refused { refusal, .. } => matches!(
                refusal.code,
                RefusalCode::SignInAgain | RefusalCode::DeviceRevoked | RefusalCode::WrongCredentials
            ),
            Self::SignedOut => true,
            _ => false,
        }
    }

    /// Whether it is for others to ask this.
    pub fn is_forbidden(&self) -> bool {
        matches!(self, Self::Refused { refusal, .. } if refusal.code == RefusalCode::Forbidden)
    }
}

impl From<FrameError> for RemoteError {
    fn from(error: FrameError) -> Self {
        Self::Unreadable { what: error.to_string() }
    }
}

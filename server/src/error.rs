//! Everything that can go wrong in the server, and what the other side is told of it.
//!
//! A device is told what it can act on. Of our own failures it gets an id; the log has the rest,
//! and never what rows, requests or tokens hold.

use crate::migrate::MigrateError;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use guildhall_sync::protocol::{Refusal, RefusalCode};
use guildhall_sync::time::Timestamp;
use std::net::SocketAddr;
use std::path::PathBuf;

mod log;

/// How long a device waits after `unavailable`.
const RETRY_AFTER_MS: u64 = 2_000;

#[derive(Debug, thiserror::Error)]
pub enum Error {
    // Store: Postgres and files.
    #[error("Postgres: {0}")]
    Store(#[from] sqlx::Error),
    #[error(transparent)]
    Migrate(#[from] MigrateError),
    #[error("the database lacks {}: run `guildhall migrate`", missing.join(", "))]
    NotMigrated { missing: Vec<&'static str> },
    #[error("changes could go unnoticed or be read by anybody: {}", breaches.join("; "))]
    Breached { breaches: Vec<String> },
    #[error("{}: {source}", path.display())]
    File { path: PathBuf, source: std::io::Error },
    #[error("{path} holds no usable {what}", path = path.display())]
    BadPem { path: PathBuf, what: &'static str },
    #[error("the database holds what this program did not write: {what}")]
    Damaged { what: &'static str },

    // Remote: the network and what comes over it.
    #[error("{address}: {source}")]
    Listen { address: SocketAddr, source: std::io::Error },
    #[error(
        "{address} is not loopback, and passwords may not travel in the open: give a certificate and its key"
    )]
    TlsRequired { address: SocketAddr },
    #[error("the request is not what the protocol says: {0}")]
    BadRequest(String),
    #[error("the request is larger than {limit_bytes} bytes")]
    TooLarge { limit_bytes: usize },
    #[error("the request did not come to its end in time")]
    TooSlow,
    #[error("there is nothing here")]
    NotFound,
    #[error("this is not asked for in this way")]
    MethodNotAllowed,
    #[error("the program is too old for this server")]
    UpdateNeeded,

    // Disagreement: the other side may not, or not now.
    #[error("guild, name or password is wrong")]
    WrongCredentials,
    #[error("the token is unknown, expired or revoked")]
    SignInAgain,
    #[error("this device was revoked")]
    DeviceRevoked,
    #[error("this is for those of the guild who may force a sync")]
    Forbidden,
    #[error("what this device is granted has changed: it has to say what it holds")]
    OtherGrants,
    #[error("too many tries")]
    TryLater { retry_after_ms: u64 },
    #[error("the password has {chars} characters, at least {needed} are needed")]
    PasswordTooShort { chars: usize, needed: usize },
    #[error("there is no {what} called {name:?}")]
    NoSuch { what: &'static str, name: String },
    #[error("there is a {what} called {name:?} already")]
    Taken { what: &'static str, name: String },
    #[error("the device that asked is gone")]
    ReaderGone,
    #[error("too much to do")]
    Busy,
    #[error("this device's file lives twice: another entry has the number already")]
    Forked,
    #[error("the server was restored to an earlier state, and an administrator has to say how it goes on")]
    SetBack {
        /// When something was handed out that the database lacks; none where that is known already.
        handed_out_at: Option<Timestamp>,
    },
}

impl Error {
    /// Whether trying again later, unchanged, may well succeed.
    pub fn is_unavailable(&self) -> bool {
        match self {
            Self::Store(error) => log::is_unavailable(error),
            Self::Busy => true,
            _ => false,
        }
    }

    /// What the log may say of it.
    pub(crate) fn describe(&self) -> String {
        match self {
            Self::Store(error) => log::describe(error),
            other => other.to_string(),
        }
    }

    fn status(&self) -> StatusCode {
        match self {
            Self::BadRequest(_) => StatusCode::BAD_REQUEST,
            Self::TooLarge { .. } => StatusCode::PAYLOAD_TOO_LARGE,
            Self::TooSlow => StatusCode::REQUEST_TIMEOUT,
            Self::NotFound => StatusCode::NOT_FOUND,
            Self::MethodNotAllowed => StatusCode::METHOD_NOT_ALLOWED,
            Self::UpdateNeeded => StatusCode::UPGRADE_REQUIRED,
            Self::WrongCredentials | Self::SignInAgain => StatusCode::UNAUTHORIZED,
            Self::DeviceRevoked | Self::Forbidden => StatusCode::FORBIDDEN,
            Self::TryLater { .. } => StatusCode::TOO_MANY_REQUESTS,
            Self::Forked | Self::SetBack { .. } | Self::OtherGrants => StatusCode::CONFLICT,
            _ if self.is_unavailable() => StatusCode::SERVICE_UNAVAILABLE,
            _ => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }

    fn code(&self) -> RefusalCode {
        match self {
            Self::BadRequest(_) | Self::TooSlow | Self::MethodNotAllowed => RefusalCode::BadRequest,
            Self::TooLarge { .. } => RefusalCode::TooLarge,
            Self::NotFound => RefusalCode::NotFound,
            Self::UpdateNeeded => RefusalCode::UpdateNeeded,
            Self::WrongCredentials => RefusalCode::WrongCredentials,
            Self::SignInAgain => RefusalCode::SignInAgain,
            Self::DeviceRevoked => RefusalCode::DeviceRevoked,
            Self::Forbidden => RefusalCode::Forbidden,
            Self::OtherGrants => RefusalCode::OtherGrants,
            Self::TryLater { .. } => RefusalCode::TryLater,
            Self::Forked => RefusalCode::Forked,
            Self::SetBack { .. } => RefusalCode::SetBack,
            _ if self.is_unavailable() => RefusalCode::Unavailable,
            _ => RefusalCode::Internal,
        }
    }

    fn hint(&self) -> Option<&'static str> {
        match self {
            Self::WrongCredentials => {
                Some("Check all three. After five failures an account waits 15 minutes.")
            }
            Self::SignInAgain => Some("Sign in again; what was not sent stays on the device."),
            Self::DeviceRevoked | Self::Forbidden => Some("Ask an admin of the guild."),
            Self::UpdateNeeded => Some("Install a newer Guildhall."),
            Self::TryLater { .. } | Self::Busy => Some("Wait a little and try again."),
            Self::Forked => Some("Nothing is lost: the device takes a new life and sends again."),
            Self::SetBack { .. } => {
                Some("Nothing on this laptop is lost. Ask the administrator to run `guildhall epoch new`.")
            }
            _ => None,
        }
    }

    fn retry_after_ms(&self) -> Option<u64> {
        match self {
            Self::TryLater { retry_after_ms } => Some(*retry_after_ms),
            _ if self.is_unavailable() => Some(RETRY_AFTER_MS),
            _ => None,
        }
    }

    fn message(&self) -> String {
        match self.code() {
            RefusalCode::Unavailable => "The server cannot work right now.".to_owned(),
            RefusalCode::Internal => {
                let id = log::internal(self);
                format!("The server failed. Its log says more under {id}.")
            }
            _ => self.to_string(),
        }
    }
}

impl IntoResponse for Error {
    fn into_response(self) -> Response {
        if let Self::Store(error) = &self
            && self.is_unavailable()
        {
            log::unavailable(error);
        }
        let refusal =
            Refusal { code: self.code(), message: self.message(), hint: self.hint().map(str::to_owned) };
        let mut response = (self.status(), axum::Json(refusal)).into_response();
        if let Some(wait_ms) = self.retry_after_ms() {
            let seconds = HeaderValue::from(wait_ms.div_ceil(1000));
            response.headers_mut().insert(header::RETRY_AFTER, seconds);
        }
        response
    }
}

//! What an administrator says to the server. Reading flags and environment is done by the caller.

use crate::auth::password::PasswordCost;
use guildhall_sync::protocol::MAX_BODY_BYTES;
use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;

/// How to serve.
#[derive(Clone)]
pub struct Config {
    /// Postgres, as `postgres://user:password@host/database`.
    pub database_url: String,
    /// Where to listen; port 0 takes a free one.
    pub address: SocketAddr,
    /// Needed for every address but loopback.
    pub tls: Option<Tls>,
    /// Proxies that are believed when they say for whom they ask.
    pub trusted_proxies: Vec<IpAddr>,
    pub password_cost: PasswordCost,
    /// Where it is remembered outside the database how far each guild's history was handed out; in
    /// memory only where there is none.
    pub state_folder: Option<PathBuf>,
    pub limits: Limits,
    pub jobs: JobTimes,
}

/// When the server looks after itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct JobTimes {
    /// The minute of the day, in UTC, from which on the daily jobs run.
    pub minute_of_day: u16,
    /// How long changes are kept; at most [`JobTimes::MAX_KEEP_DAYS`]. A device that was away
    /// longer is filled again.
    pub keep_days: u16,
}

impl JobTimes {
    /// The log has eight weeks, of which one is written and one is emptied.
    pub const MAX_KEEP_DAYS: u16 = 41;
}

impl Default for JobTimes {
    fn default() -> Self {
        Self { minute_of_day: 3 * 60 + 30, keep_days: 30 }
    }
}

/// Files in PEM.
#[derive(Clone, Debug)]
pub struct Tls {
    pub certificate: PathBuf,
    pub key: PathBuf,
}

/// How much one server does at once, and for how long.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Connections to Postgres for requests.
    pub database_connections: u32,
    /// How long a request waits for one of them.
    pub acquire_timeout_ms: u64,
    /// The longest statement, where a request does not ask for more.
    pub statement_timeout_ms: u64,
    /// From the first byte of a request to the first byte of its answer.
    pub request_timeout_ms: u64,
    /// From the connection to the end of the request's head.
    pub head_timeout_ms: u64,
    /// How long open requests may go on after the server was told to stop.
    pub shutdown_ms: u64,
    /// Sign-ins of one address: how many at once, and how many a minute in the long run.
    pub peer_sign_ins: Rate,
    /// The same for one account, whether it exists or not.
    pub account_sign_ins: Rate,
    /// The largest body of a push, in bytes of JSON.
    pub push_bytes: usize,
    /// Live connections of one person.
    pub live_per_user: usize,
}

/// A bucket of tokens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rate {
    pub burst: u32,
    pub per_minute: u32,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            database_connections: 15,
            acquire_timeout_ms: 3_000,
            statement_timeout_ms: 5_000,
            request_timeout_ms: 60_000,
            head_timeout_ms: 10_000,
            shutdown_ms: 10_000,
            peer_sign_ins: Rate { burst: 60, per_minute: 60 },
            account_sign_ins: Rate { burst: 20, per_minute: 10 },
            push_bytes: MAX_BODY_BYTES,
            live_per_user: 5,
        }
    }
}

impl Config {
    /// With usual limits and without TLS.
    pub fn new(database_url: impl Into<String>, address: SocketAddr) -> Self {
        Self {
            database_url: database_url.into(),
            address,
            tls: None,
            trusted_proxies: Vec::new(),
            password_cost: PasswordCost::default(),
            state_folder: None,
            limits: Limits::default(),
            jobs: JobTimes::default(),
        }
    }
}

impl std::fmt::Debug for Config {
    /// The database's address may hold a password.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Config")
            .field("address", &self.address)
            .field("tls", &self.tls)
            .field("state_folder", &self.state_folder)
            .field("limits", &self.limits)
            .finish_non_exhaustive()
    }
}

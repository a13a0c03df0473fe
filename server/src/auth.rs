//! Who is asking: sessions, devices, passwords and tokens. What a person may do with which row is
//! decided elsewhere, by scopes and permissions, on each request anew.

use crate::config::Config;
use crate::db::{Database, GuildTx, Isolation};
use crate::error::Error;
use axum::http::{HeaderMap, header};
use guildhall_sync::id::{DeviceId, GuildId, UserId};
use limit::Limiter;
use password::Passwords;
use std::net::IpAddr;
use token::TokenHash;
use tokio::sync::Mutex;
use uuid::Uuid;

mod limit;
pub mod password;
pub(crate) mod peer;
pub(crate) mod refresh;
pub(crate) mod sign_in;
pub(crate) mod token;

/// Accounts that share a turn. More only take memory, fewer make strangers wait for each other.
const TURNS: usize = 64;

/// A signed-in device of a person, as it was found for one request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Session {
    pub id: Uuid,
    pub guild: GuildId,
    pub user: UserId,
    pub device: DeviceId,
    /// How long the token is good for from now.
    pub remaining_ms: u64,
}

/// Finds the session behind the token and begins its transaction, in one: what was revoked before
/// the transaction is not served by it.
pub async fn begin(
    database: &Database,
    headers: &HeaderMap,
    isolation: Isolation,
) -> Result<(GuildTx, Session), Error> {
    database.begin_session(&bearer(headers)?, isolation).await
}

/// Finds the session behind the token, for a request that reads a large body before it begins.
pub async fn find_session(database: &Database, headers: &HeaderMap) -> Result<Session, Error> {
    let (_, session) = begin(database, headers, Isolation::ReadCommitted).await?;
    Ok(session)
}

/// The hash of the access token that a request carries.
pub(crate) fn bearer(headers: &HeaderMap) -> Result<TokenHash, Error> {
    let value = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
    let token = value.and_then(|value| value.strip_prefix("Bearer ")).ok_or(Error::SignInAgain)?;
    token::read_access(token).ok_or(Error::SignInAgain)
}

/// What stands before sign-in: who may try, how often, and how many at once.
#[derive(Debug)]
pub struct Door {
    passwords: Passwords,
    peers: Limiter<IpAddr>,
    accounts: Limiter<u64>,
    /// Tries of one account come one after the other, so that each sees the failures before it.
    turns: Vec<Mutex<()>>,
    trusted_proxies: Vec<IpAddr>,
}

impl Door {
    pub fn new(config: &Config) -> Self {
        Self {
            passwords: Passwords::new(config.password_cost),
            peers: Limiter::new(config.limits.peer_sign_ins),
            accounts: Limiter::new(config.limits.account_sign_ins),
            turns: std::iter::repeat_with(Mutex::default).take(TURNS).collect(),
            trusted_proxies: config.trusted_proxies.clone(),
        }
    }
    pub(crate) fn trusted_proxies(&self) -> &[IpAddr] {
        &self.trusted_proxies
    }
}

//! The session with the server: tokens are kept in the mirror, renewed before they end, and once
//! more where the server does not know them any more.

use crate::error::{Error, RemoteError, Result};
use crate::link::wire::Wire;
use crate::store::{Store, state};
use guildhall_sync::id::DeviceId;
use guildhall_sync::protocol::{Refresh, RefusalCode, Tokens};
use std::sync::Arc;
use tokio::sync::Mutex;

/// An access token with less time left is renewed first.
const RENEW_BEFORE_MS: u64 = 60_000;

#[derive(Clone, Debug)]
pub struct Session {
    store: Arc<Store>,
    wire: Wire,
    device: DeviceId,
    /// One renewal at a time: the second finds the first one's tokens.
    renewing: Arc<Mutex<()>>,
}

impl Session {
    pub fn new(store: Arc<Store>, wire: Wire, device: DeviceId) -> Self {
        Self { store, wire, device, renewing: Arc::default() }
    }

    pub fn device(&self) -> DeviceId {
        self.device
    }

    /// Asks the server with a token that holds; with a new one where it says that it does not.
    pub async fn ask<T, F>(&self, request: impl Fn(Wire, String) -> F) -> Result<T>
    where
        F: Future<Output = Result<T>>,
    {
        let access = self.access(None).await?;
        match request(self.wire.clone(), access.clone()).await {
            Err(error) if is_stale(&error) => {
                let access = self.access(Some(&access)).await?;
                request(self.wire.clone(), access).await
            }
            answer => answer,
        }
    }

    /// The access token; not the one that the server just refused.
    async fn access(&self, refused: Option<&str>) -> Result<String> {
        let _one = self.renewing.lock().await;
        let tokens = self.store.read(state::find_tokens)?.ok_or(RemoteError::SignedOut)?;
        let soon = self.store.clock().now().plus_ms(RENEW_BEFORE_MS);
        if refused != Some(&tokens.access) && tokens.access_expires_at > soon {
            return Ok(tokens.access);
        }
        let renewed = self.wire.refresh(&Refresh { device: self.device, refresh: tokens.refresh }).await?;
        self.keep(&renewed)?;
        Ok(renewed.access)
    }

    fn keep(&self, tokens: &Tokens) -> Result<()> {
        self.store.record(|connection| state::set_tokens(connection, Some(tokens)))
    }
}

/// For who asks without the link.
pub fn open(store: &Arc<Store>, wire: Wire) -> Result<Session> {
    let device = store.read(state::account)?.device;
    Ok(Session::new(Arc::clone(store), wire, device))
}

fn is_stale(error: &Error) -> bool {
    matches!(
        error,
        Error::Remote(RemoteError::Refused { refusal, .. }) if refusal.code == RefusalCode::SignInAgain
    )
}

//! Asking the server about the guild's laptops, and asking them for errands. It needs no link:
//! nothing here is stored.

use super::session;
use super::wire::Wire;
use crate::error::Result;
use crate::store::Store;
use guildhall_sync::protocol::errand::{AskErrand, DeviceLine, TakeBackErrands};
use std::sync::Arc;

/// Those last seen first.
pub async fn list(store: &Arc<Store>, wire: Wire) -> Result<Vec<DeviceLine>> {
    session::open(store, wire)?.ask(|wire, access| async move { wire.devices(&access).await }).await
}

pub async fn ask(store: &Arc<Store>, wire: Wire, request: &AskErrand) -> Result<()> {
    let ask = |wire: Wire, access: String| async move { wire.ask_errand(&access, request).await };
    session::open(store, wire)?.ask(ask).await
}

/// Says how many errands no laptop had taken yet.
pub async fn take_back(store: &Arc<Store>, wire: Wire, request: &TakeBackErrands) -> Result<u64> {
    let ask = |wire: Wire, access: String| async move { wire.take_back_errands(&access, request).await };
    Ok(session::open(store, wire)?.ask(ask).await?.errands)
}

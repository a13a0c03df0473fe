//! Asking the server what others wrote. It needs no link: nothing here is stored.

use super::session;
use super::wire::Wire;
use crate::error::{Error, RemoteError, Result};
use crate::store::Store;
use guildhall_sync::id::EntryId;
use guildhall_sync::protocol::RefusalCode;
use guildhall_sync::protocol::history::{HistoryAnswer, HistoryEntry, HistoryEntryRequest, HistoryRequest};
use std::sync::Arc;

pub async fn list(store: &Arc<Store>, wire: Wire, request: &HistoryRequest) -> Result<HistoryAnswer> {
    let ask = |wire: Wire, access: String| async move { wire.history(&access, request).await };
    session::open(store, wire)?.ask(ask).await
}

/// None where the server has no such line for this person.
pub async fn find(store: &Arc<Store>, wire: Wire, id: EntryId) -> Result<Option<HistoryEntry>> {
    let request = HistoryEntryRequest { id };
    let ask = |wire: Wire, access: String| async move { wire.history_entry(&access, &request).await };
    match session::open(store, wire)?.ask(ask).await {
        Ok(entry) => Ok(Some(entry)),
        Err(error) if is_missing(&error) => Ok(None),
        Err(error) => Err(error),
    }
}

fn is_missing(error: &Error) -> bool {
    matches!(
        error,
        Error::Remote(RemoteError::Refused { refusal, .. }) if refusal.code == RefusalCode::NotFound
    )
}

//! Looks from time to time whether what is open may still be shown: a laptop may stay open, and
//! without the server, for longer than the guild allows.

use super::{Host, blocking};
use crate::app::App;
use crate::events::Event;
use crate::views::Origin;
use guildhall_local::inbox::lease;
use std::time::Duration;
use tokio::task::JoinHandle;

const LOOK_EVERY: Duration = Duration::from_secs(60);

/// Until it is aborted.
pub(super) fn keep(host: Host, app: App) -> JoinHandle<()> {
    tokio::spawn(async move {
        loop {
            tokio::time::sleep(LOOK_EVERY).await;
            let app = app.clone();
            match blocking(move || Ok(lease::enforce(&app.store)?)).await {
                Ok(0) => {}
                Ok(_) => {
                    host.tell(Event::anything(Origin::Elsewhere));
                    host.tell(Event::StatusChanged);
                }
                Err(failure) => tracing::warn!(%failure, "the leases could not be looked at"),
            }
        }
    })
}

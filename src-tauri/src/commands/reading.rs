//! What a person has read.

use super::pages::SopRequest;
use crate::app::App;
use crate::failure::Failure;
use crate::views::Nothing;
use guildhall_local::Error;
use guildhall_local::error::Disagreement;
use guildhall_local::reading;
use guildhall_sync::id::SopId;

/// To be called when a page has been on the screen. Who may not leave a mark reads without one.
pub fn mark_read(app: &App, request: SopRequest) -> Result<Nothing, Failure> {
    match app.store.write(|write| reading::mark_read(write, SopId(request.id))) {
        Ok(_) | Err(Error::Disagreement(Disagreement::Forbidden(_))) => Ok(Nothing {}),
        Err(error) => Err(error.into()),
    }
}

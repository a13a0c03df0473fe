//! No read sees half a commit or half a group.

use crate::log::{Broken, Checked};
use guildhall_local::Store;
use guildhall_local::inbox::flags::{self, Flag};
use guildhall_local::inbox::scopes::{self, ScopeState};
use guildhall_local::store::rows;
use guildhall_sync::model::people::Location;
use uuid::Uuid;

/// Two rows that every writer changes together are never seen apart, but while they are filled or
/// the mirror says that it is catching up.
pub fn invariant_07_atomic(store: &Store, twins: [Uuid; 2]) -> Checked {
    let zones = store.read(|connection| {
        let is_partial = flags::is_up(connection, Flag::CatchingUp)?
            || !scopes::list(connection, ScopeState::Filling)?.is_empty()
            || !scopes::list(connection, ScopeState::Locked)?.is_empty();
        if is_partial {
            return Ok(None);
        }
        let [one, other] = twins.map(|id| rows::find_typed::<Location>(connection, id));
        Ok(one?.zip(other?).map(|(one, other)| (one.timezone, other.timezone)))
    })?;
    match zones {
        Some((one, other)) if one != other => {
            Err(Broken::new("07_atomic", format!("twins are in {one} and in {other}")))
        }
        _ => Ok(()),
    }
}

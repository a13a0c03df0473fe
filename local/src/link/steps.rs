//! The steps of a push and of a pull on this laptop's side of the network: what is written before
//! a request leaves, and when its answer comes or stays away. The link takes them around a real
//! request; a simulation takes the same ones around one that it makes up.

use super::push::counts;
use super::{PullCounts, PushCounts};
use crate::check;
use crate::error::{Error, RemoteError, Result};
use crate::inbox::{self, Outcome};
use crate::keys::marks::{Life, Mark, Marks};
use crate::outbox::{self, Batch};
use crate::restore::{self, witness};
use crate::store::Store;
use crate::store::state::{self, State};
use guildhall_sync::change::SCHEMA;
use guildhall_sync::client::{Failure, Pulled, Pushed};
use guildhall_sync::id::DeviceId;
use guildhall_sync::protocol::{Push, PushAnswer, RefusalCode, Testified, Testify};
use guildhall_sync::time::Timestamp;

/// The status of HTTP.
const PAYLOAD_TOO_LARGE: u16 = 413;

/// Before the first request after opening: a restored or copied file begins a new life, and
/// whoever had the link before may have ended between a push and its answer.
pub fn take_over(store: &Store, marks: &Marks) -> Result<()> {
    let life = marks.recognise(store)?;
    store.record(|connection| {
        if let Life::New { .. } = life {
            check::want(connection)?;
        }
        check::set_linked(connection, true)?;
        outbox::mark_unanswered(connection)
    })
}

/// The link is given back in good order: what is here needs no look before its time.
pub fn hand_over(store: &Store) -> Result<()> {
    store.record(|connection| check::set_linked(connection, false))
}

/// The next push, noted inside and outside the mirror before anything of it leaves. None where
/// nothing can be sent.
pub fn begin_push(store: &Store, marks: &Marks, device: DeviceId) -> Result<Option<Push>> {
    let now = store.clock().now();
    // What became of the last push could not be stored, for example because the disk was full.
    if store.read(outbox::is_in_flight)? {
        store.record(|connection| outbox::mark_unanswered(connection))?;
    }
    let batch = store.read(|connection| outbox::next_batch(connection, now))?;
    if batch.is_empty() {
        return Ok(None);
    }
    let state = note(store, marks, &batch, now)?;
    let State { incarnation, epoch, .. } = state;
    Ok(Some(Push { device, incarnation, epoch, schema: SCHEMA, groups: batch.groups }))
}

/// A restored file is known by the mark.
fn note(store: &Store, marks: &Marks, batch: &Batch, now: Timestamp) -> Result<State> {
    let state = store.record(|connection| {
        outbox::mark_in_flight(connection, batch, now)?;
        state::read(connection)
    })?;
    marks.record(Mark { incarnation: state.incarnation, pushed_seq: state.pushed_seq })?;
    Ok(state)
}

/// The server has answered the push.
pub fn end_push(store: &Store, answer: &PushAnswer) -> Result<(Pushed, PushCounts)> {
    let now = store.clock().now();
    store.record(|connection| {
        if let Some(kept) = answer.kept {
            outbox::narrow::note_kept(connection, kept)?;
            outbox::mark_unanswered(connection)?;
        }
        outbox::record_verdicts(connection, &answer.verdicts, now)?;
        outbox::end_push(connection)?;
        inbox::strip_answered(connection)?;
        outbox::narrow::forget_decided(connection)
    })?;
    Ok((left(store)?, counts(&answer.verdicts)))
}

/// The push was not answered, or refused as a whole. Where it was too large, what is left can be
/// sent at once, by less at a time.
pub fn lose_push(store: &Store, error: &Error) -> Result<Option<Pushed>> {
    let now = store.clock().now();
    let goes_on = store.record(|connection| {
        let goes_on = is_too_large(error) && outbox::narrow::narrow(connection, now)?;
        outbox::mark_unanswered(connection)?;
        Ok(goes_on)
    })?;
    goes_on.then(|| left(store)).transpose()
}

/// Said by the server, or by somebody on the way to it.
fn is_too_large(error: &Error) -> bool {
    let is_by_other =
        matches!(error, Error::Remote(RemoteError::NotGuildhall { status: PAYLOAD_TOO_LARGE, .. }));
    is_by_other || refusal_code(error) == Some(RefusalCode::TooLarge)
}

/// The next rows that only this laptop still holds after a restore of the server. None while the
/// fill from the new history goes on, and where there are none.
pub fn begin_testimony(store: &Store, device: DeviceId) -> Result<Option<Testify>> {
    store.read(|connection| {
        let rows = witness::list(connection)?;
        let epoch = state::read(connection)?.epoch.filter(|_| !rows.is_empty());
        Ok(epoch.map(|epoch| Testify { device, epoch, rows }))
    })
}

/// The server has answered. False where it took nothing.
pub fn end_testimony(store: &Store, sent: &Testify, answer: Testified) -> Result<bool> {
    if answer.is_taken {
        store.apply(|connection| {
            sent.rows.iter().try_for_each(|row| witness::forget(connection, row.table, row.row))
        })?;
    }
    Ok(answer.is_taken)
}

/// Remembers what a person is told as long as it lasts.
pub fn note_refusal(store: &Store, error: &Error) -> Result<()> {
    if refusal_code(error) != Some(RefusalCode::SetBack) {
        return Ok(());
    }
    let now = store.clock().now();
    store.record(|connection| restore::note_set_back(connection, now))
}

/// Whether the server has seen that this file lives twice.
pub fn is_fork(error: &Error) -> bool {
    refusal_code(error) == Some(RefusalCode::Forked)
}

/// Whether the server wants to hear which scopes this laptop holds.
pub fn are_other_grants(error: &Error) -> bool {
    refusal_code(error) == Some(RefusalCode::OtherGrants)
}

fn refusal_code(error: &Error) -> Option<RefusalCode> {
    match error {
        Error::Remote(RemoteError::Refused { refusal, .. }) => Some(refusal.code),
        _ => None,
    }
}

/// What is left to be sent.
pub fn left(store: &Store) -> Result<Pushed> {
    let now = store.clock().now();
    store.read(|connection| {
        let unsent = outbox::can_send(connection, now)?;
        let retry_at = outbox::batch::next_retry_at(connection, now)?;
        // Rounded up: a moment too early there would be nothing to send, again and again.
        let wait_ms = |at: Timestamp| u64::try_from(at.0 - now.0).unwrap_or(0).div_ceil(1000);
        Ok(Pushed { unsent, deferred_ms: retry_at.map(wait_ms) })
    })
}

/// Whether something can be sent at once.
pub fn unsent(store: &Store) -> Result<bool> {
    let now = store.clock().now();
    store.read(|connection| outbox::can_send(connection, now))
}

/// The server had nothing new.
pub fn end_empty_pull(store: &Store) -> Result<(Pulled, PullCounts)> {
    inbox::confirm(store)?;
    Ok((Pulled { more: false, unsent: unsent(store)? }, PullCounts::default()))
}

/// The answer to a pull has been taken in to its end.
pub fn end_pull(store: &Store, outcome: Outcome, bytes: u64) -> Result<(Pulled, PullCounts)> {
    let Outcome { rows, purged, settled, conflicts, more, .. } = outcome;
    let pulled = Pulled { more, unsent: unsent(store)? };
    Ok((pulled, PullCounts { rows, purged, settled, conflicts, bytes }))
}

/// What a failed request means for the requests after it.
pub fn failure_of(error: &Error) -> Failure {
    let Error::Remote(remote) = error else { return Failure::Later { retry_after_ms: None } };
    match remote {
        remote if remote.needs_sign_in() => Failure::SignInAgain,
        RemoteError::Refused { refusal, retry_after_ms } => match refusal.code {
            RefusalCode::UpdateNeeded | RefusalCode::BadRequest => Failure::Stopped,
            _ => Failure::Later { retry_after_ms: *retry_after_ms },
        },
        RemoteError::OtherAccount => Failure::Stopped,
        RemoteError::Guarded { .. } => Failure::Later { retry_after_ms: None },
        _ => Failure::Unreachable,
    }
}

//! What the log says of a failure: codes and names of the schema, never what rows hold.

use super::Error;
use crate::random;
use sqlx::postgres::PgDatabaseError;

/// Whether Postgres is away, starting, full or too slow, as against wrong.
pub(super) fn is_unavailable(error: &sqlx::Error) -> bool {
    match error {
        sqlx::Error::Io(_)
        | sqlx::Error::Tls(_)
        | sqlx::Error::PoolTimedOut
        | sqlx::Error::PoolClosed
        | sqlx::Error::BeginFailed
        | sqlx::Error::WorkerCrashed => true,
        sqlx::Error::Database(error) => error.code().is_some_and(|code| is_passing(&code)),
        _ => false,
    }
}

/// Connection lost, serialization, resources, operator's intervention, system error.
fn is_passing(code: &str) -> bool {
    ["08", "40", "53", "57", "58"].contains(&code.get(..2).unwrap_or_default())
}

pub(super) fn unavailable(error: &sqlx::Error) {
    tracing::warn!(reason = %describe(error), "Postgres does not answer as it should");
}

/// Logs a failure and gives the id under which it stands in the log.
pub(super) fn internal(error: &Error) -> String {
    let id = u64::from_be_bytes(random::bytes());
    let id = format!("{id:016x}");
    tracing::error!(%id, reason = %error.describe(), "a request failed");
    id
}

/// A database's message may quote values, except where it speaks of syntax and names (class 42)
/// or was written by our own functions (class P0).
pub(super) fn describe(error: &sqlx::Error) -> String {
    let Some(error) = error.as_database_error() else {
        return match error {
            sqlx::Error::ColumnDecode { index, .. } => format!("column {index} cannot be read"),
            other => other.to_string(),
        };
    };
    let code = error.code().unwrap_or_default();
    let table = error.table().unwrap_or_default();
    let constraint = error.constraint().unwrap_or_default();
    let routine = error.try_downcast_ref::<PgDatabaseError>().and_then(PgDatabaseError::routine);
    let message = if code.starts_with("42") || code.starts_with("P0") { error.message() } else { "" };
    format!(
        "code={code} table={table} constraint={constraint} routine={} {message}",
        routine.unwrap_or_default()
    )
}

//! What Postgres has against a write, read from its error. Errors that are nobody's fault (a lost
//! connection, a deadlock) are none.

use super::decision::Decision;
use super::facts::Refused;
use super::refusal::taken;
use crate::error::Error;
use guildhall_sync::change::RejectCode;
use guildhall_sync::model::find_table;
use guildhall_sync::schema::Table;
use sqlx::error::DatabaseError;

#[derive(Clone, Debug)]
pub struct Complaint {
    /// None where Postgres does not say it.
    pub table: Option<&'static Table>,
    pub about: About,
}

#[derive(Clone, Debug)]
pub enum About {
    /// Another row has the business key of these columns.
    Key(&'static [&'static str]),
    Other(Decision),
}

impl Complaint {
    pub fn of(error: &Error) -> Option<Self> {
        let Error::Store(sqlx::Error::Database(error)) = error else { return None };
        if is_passing(error.as_ref()) {
            return None;
        }
        let table = error.table().and_then(find_table);
        let code = error.code()?;
        let about = match code.as_ref() {
            "23505" | "23P01" => unique(table, error.constraint().unwrap_or_default()),
            "23503" => mend(RejectCode::NotFound, "What it refers to is not there."),
            "42501" => About::Other(Decision::refuse(RejectCode::Forbidden, "You may not do this.")),
            code if ["22", "23", "54"].contains(&&code[..2]) => {
                mend(RejectCode::Invalid, "The database does not take it: a value is too large or not legal.")
            }
            _ => return None,
        };
        Some(Self { table, about })
    }

    /// The complaint as it is held against an entry that makes nothing better by trying again.
    pub fn into_refused(self) -> Refused {
        match self.about {
            About::Key(columns) => Refused::Plain(taken(columns)),
            About::Other(decision) => Refused::Plain(decision),
        }
    }

    pub fn columns(&self) -> Option<&'static [&'static str]> {
        match self.about {
            About::Key(columns) => Some(columns),
            About::Other(_) => None,
        }
    }
}

/// Whether the same push may well succeed when it is tried again: two transactions met.
pub fn is_passing_error(error: &Error) -> bool {
    matches!(error, Error::Store(sqlx::Error::Database(error)) if is_passing(error.as_ref()))
}

/// A copied scope that its parent has just changed is a meeting, too, and so is an entry that
/// another device has just had decided.
fn is_passing(error: &dyn DatabaseError) -> bool {
    let meets = error.code().is_some_and(|code| ["40001", "40P01"].contains(&code.as_ref()));
    let is_scope = error.constraint().is_some_and(|constraint| constraint.contains("scope_key"));
    let is_inbox = error.table() == Some("inbox");
    meets || is_scope && error.is_foreign_key_violation() || is_inbox && error.is_unique_violation()
}

/// A business key's constraint is named after its table and columns.
fn unique(table: Option<&'static Table>, constraint: &str) -> About {
    let key = table.and_then(|table| {
        let is_named = |key: &&&[&str]| constraint == format!("{}_key_{}", table.name, key.join("_"));
        table.keys.iter().find(is_named).copied()
    });
    match key {
        Some(columns) => About::Key(columns),
        None => About::Other(Decision::refuse(RejectCode::Invalid, "Something else has this id already.")),
    }
}

fn mend(code: RejectCode, reason: &str) -> About {
    About::Other(Decision::mend(code, reason))
}

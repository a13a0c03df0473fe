//! Where a row stands, in the words that never vary. The words themselves are written here only.

use crate::entries;
use crate::error::Result;
use guildhall_sync::model::settlement::SyncConflict;
use guildhall_sync::schema::Table;
use rusqlite::{Connection, params};
use std::fmt;
use uuid::Uuid;

use crate::store::rows;

/// What the mark beside a row says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    SavedHere,
    /// The server has acknowledged it.
    Sent,
    /// With the version that people see, where the row has one.
    OnServer(Option<i64>),
    NeedsYou,
    Refused,
}

impl fmt::Display for Standing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::SavedHere => f.write_str("Saved here"),
            Self::Sent => f.write_str("Sent"),
            Self::OnServer(Some(version)) => write!(f, "On server (v{version})"),
            Self::OnServer(None) => f.write_str("On server"),
            Self::NeedsYou => f.write_str("Needs you"),
            Self::Refused => f.write_str("Refused"),
        }
    }
}

/// What asks for a person comes first, then what is least safe.
pub fn of_row(connection: &Connection, table: &'static Table, id: Uuid) -> Result<Standing> {
    Ok(of_rows(connection, table, &[id])?[0])
}

/// The standing of each of the rows, in their order: one question for a page of lines.
pub fn of_rows(connection: &Connection, table: &'static Table, ids: &[Uuid]) -> Result<Vec<Standing>> {
    let version = match table.column("version") {
        Some(column) => format!("(select {} from {} where id = asked.id)", column.name, table.name),
        None => "null".to_owned(),
    };
    let select = include_str!("standing.sql").replace("$version", &version);
    let asked: Vec<String> = ids.iter().map(|id| id.simple().to_string()).collect();
    let mut select = connection.prepare_cached(&select)?;
    let standings = select.query_map(params![table.name, entries::print(&asked)], |row| {
        Ok(match (row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?) {
            (true, ..) => Standing::NeedsYou,
            (_, true, ..) => Standing::Refused,
            (_, _, true, _) => Standing::SavedHere,
            (_, _, _, true) => Standing::Sent,
            _ => Standing::OnServer(row.get(4)?),
        })
    })?;
    Ok(standings.collect::<rusqlite::Result<_>>()?)
}

/// The open conflicts of a row, the oldest first.
pub fn list_conflicts(connection: &Connection, table: &Table, id: Uuid) -> Result<Vec<SyncConflict>> {
    let condition = "target_table = ? and target_id = ? and resolved_at is null and deleted_at is null
         order by created_at";
    rows::list_typed(connection, condition, params![table.name, id])
}

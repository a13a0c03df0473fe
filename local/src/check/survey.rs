//! Every row of the mirror, looked at as it is: its hash is worked out from its columns, not taken
//! from what was noted when it came. A row with own edits counts by the server's last word. A row
//! that is not sound counts nowhere, so that it is found missing and comes anew.

use crate::error::Result;
use crate::fault::{self, Bug};
use crate::fold::Shadow;
use crate::inbox::scopes;
use crate::store::rows::{self, Stored};
use guildhall_sync::digest::{Buckets, bucket_of};
use guildhall_sync::id::GuildId;
use guildhall_sync::model::TABLES;
use guildhall_sync::protocol::check::HeldRow;
use guildhall_sync::schema::{Table, common};
use guildhall_sync::value::{Cells, Hash, cells};
use rusqlite::{Connection, params};
use std::collections::{BTreeMap, BTreeSet};
use uuid::Uuid;

/// What the mirror holds.
#[derive(Debug, Default)]
pub struct Survey {
    /// Of each scope that is held, also of empty ones.
    pub scopes: BTreeMap<String, Buckets>,
    pub unsound: Vec<Unsound>,
    pub rows: u64,
}

/// A row that is not as any server sent it.
#[derive(Clone, Copy, Debug)]
pub struct Unsound {
    pub table: &'static Table,
    /// Its place in the file: what it says of its own id may be wrong.
    pub sync_row: i64,
    pub id: Option<Uuid>,
}

/// What one row counts as.
enum Counted {
    /// By this state, in these scopes.
    As {
        id: Uuid,
        version: i64,
        hash: Hash,
        scopes: String,
    },
    /// The server does not have it yet.
    BornHere,
    Not,
}

/// What is known before a row is looked at.
struct Known {
    guild: Option<GuildId>,
    scopes: BTreeSet<String>,
}

/// Looks at every row. `each` is told of every row in each of its scopes, with its bucket.
pub fn survey(connection: &Connection, each: &mut dyn FnMut(&str, u8, &HeldRow)) -> Result<Survey> {
    let known = Known::read(connection)?;
    let mut found = Survey::default();
    for scope in &known.scopes {
        found.scopes.insert(scope.clone(), Buckets::default());
    }
    for table in TABLES {
        rows::each(connection, table, |sync_row, id, stored| {
            found.rows += 1;
            match known.count(connection, table, stored)? {
                Counted::As { id, version, hash, scopes } => {
                    let row = HeldRow { table: table.number, id, version, hash };
                    for scope in scopes::read_list(&scopes) {
                        if let Some(buckets) = found.scopes.get_mut(scope) {
                            buckets.add(id, version, &hash);
                        }
                        each(scope, bucket_of(id), &row);
                    }
                }
                Counted::BornHere => {}
                Counted::Not => found.unsound.push(Unsound { table, sync_row, id }),
            }
            Ok(())
        })?;
    }
    Ok(found)
}

/// Whether the row counts; also where there is none.
pub fn is_sound(connection: &Connection, table: &'static Table, id: Uuid) -> Result<bool> {
    let known = Known::read(connection)?;
    match rows::find(connection, table, id) {
        Ok(None) => Ok(true),
        found => {
            Ok(!matches!(known.count(connection, table, found.map(Option::unwrap_or_default))?, Counted::Not))
        }
    }
}

impl Known {
    fn read(connection: &Connection) -> Result<Self> {
        let select = "select guild from sync_state";
        let guild: Option<Uuid> = connection.query_row(select, [], |row| row.get(0))?;
        let mut select = connection.prepare_cached("select scope from sync_scope")?;
        let scopes = select.query_map([], |row| row.get(0))?.collect::<rusqlite::Result<_>>()?;
        Ok(Self { guild: guild.map(GuildId), scopes })
    }

    fn count(
        &self,
        connection: &Connection,
        table: &'static Table,
        stored: Result<Stored>,
    ) -> Result<Counted> {
        let Ok(Stored { cells, own }) = stored else { return Ok(Counted::Not) };
        let Some(id) = cells.value(common::ID).as_id() else { return Ok(Counted::Not) };
        if !own.dirty || fault::has(Bug::ShownIsCompared) {
            let hash = rows::hash_of(table, &cells);
            return Ok(self.judge(&cells, id, hash, own.hash, own.scopes));
        }
        match find_shadow(connection, table, id)? {
            Some((shadow, found_hash)) if shadow.scopes == own.scopes => {
                let Shadow { cells, hash, scopes } = shadow;
                Ok(self.judge(&cells, id, found_hash, Some(hash), scopes))
            }
            Some(_) => Ok(Counted::Not),
            None if own.hash.is_none() && own.scopes.is_empty() => Ok(Counted::BornHere),
            None => Ok(Counted::Not),
        }
    }

    fn judge(&self, cells: &Cells, id: Uuid, found: Hash, noted: Option<Hash>, scopes: String) -> Counted {
        let is_listed = !scopes.is_empty()
            && scopes == scopes::print_list(scopes::read_list(&scopes))
            && scopes::read_list(&scopes).all(|scope| self.scopes.contains(scope));
        let is_ours = cells.value(common::GUILD_ID).as_id() == self.guild.map(|guild| guild.0)
            && cells.value(common::ID).as_id() == Some(id);
        match cells.value(common::REV).as_int() {
            Some(version) if is_listed && is_ours && noted == Some(found) => {
                Counted::As { id, version, hash: found, scopes }
            }
            _ => Counted::Not,
        }
    }
}

/// The shadow with the hash of its bytes; none also where its bytes are no row any more.
fn find_shadow(connection: &Connection, table: &Table, id: Uuid) -> Result<Option<(Shadow, Hash)>> {
    let select = "select cells, hash, scopes from sync_shadow where table_number = ? and id = ?";
    let mut select = connection.prepare_cached(select)?;
    let mut rows = select.query(params![table.number, id])?;
    let Some(row) = rows.next()? else { return Ok(None) };
    let (Ok(bytes), Ok(hash), Ok(scopes)) = (row.get::<_, Vec<u8>>(0), row.get::<_, Hash>(1), row.get(2))
    else {
        return Ok(None);
    };
    let Ok(mut decoded) = Cells::decode(&bytes, table) else { return Ok(None) };
    table.fill_defaults(&mut decoded);
    Ok(Some((Shadow { cells: decoded, hash, scopes }, cells::hash(&bytes))))
}

//! Reads what a push is decided on. Rights are held as they are and rows are locked, in the order
//! of their keys, before anything is decided on them.

use super::conflict::Conflict;
use super::facts::{Facts, Refused};
use super::plan::Group;
use super::returning;
use super::wish::{Key, Wish};
use crate::auth::Session;
use crate::db::members;
use crate::db::rows::{Lock, read_rows};
use crate::error::Error;
use guildhall_sync::id::{ConflictId, EntryId, GuildId, UserId};
use guildhall_sync::model::people::{DeskEdits, Role};
use guildhall_sync::model::settlement::ConflictKind;
use guildhall_sync::model::{find_table, find_table_by_number};
use guildhall_sync::permission::{Principal, Related, related_rows};
use guildhall_sync::schema::{Merge, common};
use guildhall_sync::value::json::from_json;
use guildhall_sync::value::{Cells, json};
use sqlx::postgres::PgRow;
use sqlx::{PgConnection, Row};
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use uuid::Uuid;

pub async fn read(
    connection: &mut PgConnection,
    session: &Session,
    groups: &[Group<'_>],
    decided: &HashMap<EntryId, bool>,
    refusals: &HashMap<EntryId, Refused>,
) -> Result<Facts, Error> {
    let principal = read_principal(connection, session).await?;
    let wishes: Vec<&Wish> =
        groups.iter().flat_map(|group| &group.asked).filter_map(|asked| asked.wish.as_ref().ok()).collect();
    let keys: BTreeSet<Key> = wishes.iter().map(|wish| wish.key()).collect();
    let rows = lock_rows(connection, session.guild, &keys).await?;
    let references = list_references(&wishes, &rows);
    let scopes = &principal.scopes;
    let readable = members::list_readable(connection, session.guild, scopes, references.clone()).await?;
    let related = read_related(connection, session.guild, &wishes, &rows).await?;
    let conflicts = list_conflicts(connection, session, &wishes, &references).await?;
    let returning = returning::read(connection, session.guild, &wishes, &rows).await?;
    let holders = read_holders(connection, session.guild, &wishes, &rows).await?;
    Ok(Facts {
        principal,
        rows,
        readable,
        related,
        holders,
        conflicts,
        returning,
        refusals: refusals.clone(),
        decided: decided.clone(),
    })
}

/// The rights of today. Whoever changes them waits until this transaction has ended, and whoever
/// was changing them has been waited for.
async fn read_principal(connection: &mut PgConnection, session: &Session) -> Result<Principal, Error> {
    sqlx::query("select sync.hold_grants($1, $2)")
        .bind(session.guild.0)
        .bind(session.user.0)
        .execute(&mut *connection)
        .await?;
    let row = sqlx::query(include_str!("rights.sql")).fetch_one(connection).await?;
    let role: &str = row.try_get("role")?;
    let scopes: Vec<String> = row.try_get("scopes")?;
    let actions: Vec<String> = row.try_get("actions")?;
    Ok(Principal {
        user: session.user,
        guild: session.guild,
        role: Role::from_word(role).ok_or(Error::SignInAgain)?,
        rank_level: row.try_get("rank_level")?,
        actions: actions.into_iter().collect(),
        scopes: scopes.into_iter().collect(),
        desk_edits: DeskEdits::from_word(row.try_get("desk_edits")?).unwrap_or(DeskEdits::Propose),
    })
}

/// Locks the rows that the author may write. Those that they may only read are read: the rules
/// then say why they may not be written.
async fn lock_rows(
    connection: &mut PgConnection,
    guild: GuildId,
    keys: &BTreeSet<Key>,
) -> Result<HashMap<Key, Cells>, Error> {
    let mut found = HashMap::new();
    for (number, ids) in by_table(keys) {
        let table = find_table_by_number(number).expect("keys are made of tables of the registry");
        for lock in [Lock::ForUpdate, Lock::None] {
            let missing: Vec<Uuid> =
                ids.iter().filter(|id| !found.contains_key(&(number, **id))).copied().collect();
            if missing.is_empty() {
                break;
            }
            for row in read_rows(connection, table, guild, &missing, lock).await? {
                let id = row.value(common::ID).as_id().expect("every row has an id");
                found.insert((number, id), row);
            }
        }
    }
    Ok(found)
}

fn by_table(keys: &BTreeSet<Key>) -> BTreeMap<u16, Vec<Uuid>> {
    let mut tables: BTreeMap<u16, Vec<Uuid>> = BTreeMap::new();
    for (number, id) in keys {
        tables.entry(*number).or_default().push(*id);
    }
    tables
}

fn list_references(wishes: &[&Wish], rows: &HashMap<Key, Cells>) -> HashSet<Key> {
    let nothing = Cells::default();
    let of_wish = |wish: &&Wish| {
        let row = rows.get(&wish.key()).unwrap_or(&nothing);
        super::attempt::cells::references(wish.table, &wish.after, row)
            .map(|(table, id)| (table.number, id))
            .collect::<Vec<_>>()
    };
    wishes.iter().flat_map(of_wish).collect()
}

async fn read_related(
    connection: &mut PgConnection,
    guild: GuildId,
    wishes: &[&Wish<'_>],
    rows: &HashMap<Key, Cells>,
) -> Result<Related, Error> {
    let mut wanted: BTreeMap<&'static str, BTreeSet<Uuid>> = BTreeMap::new();
    for wish in wishes {
        for (table, id) in related_rows(wish.table, rows.get(&wish.key()), &wish.after) {
            wanted.entry(table).or_default().insert(id);
        }
    }
    let mut related = Related::new();
    for (name, ids) in wanted {
        let table = find_table(name).expect("rules look at tables of the registry");
        let ids: Vec<Uuid> = ids.into_iter().collect();
        for row in read_rows(connection, table, guild, &ids, Lock::None).await? {
            let id = row.value(common::ID).as_id().expect("every row has an id");
            related.insert((name, id), row);
        }
    }
    Ok(related)
}

/// The names of those who have what an entry wants to take.
async fn read_holders(
    connection: &mut PgConnection,
    guild: GuildId,
    wishes: &[&Wish<'_>],
    rows: &HashMap<Key, Cells>,
) -> Result<HashMap<Uuid, String>, Error> {
    let holders = wishes.iter().flat_map(|wish| {
        let claims = wish.table.columns.iter().filter(|column| column.merge == Merge::Claim);
        let claims = claims.filter(|column| wish.after.get(column.number).is_some());
        claims.filter_map(|column| rows.get(&wish.key())?.value(column.number).as_id())
    });
    let holders: Vec<Uuid> = holders.collect();
    if holders.is_empty() {
        return Ok(HashMap::new());
    }
    let found = sqlx::query("select id, name from guildhall.users where guild_id = $1 and id = any ($2)")
        .bind(guild.0)
        .bind(holders)
        .fetch_all(connection)
        .await?;
    found.iter().map(|row| Ok((row.try_get("id")?, row.try_get("name")?))).collect()
}

/// Open conflicts of the rows, drafts of rows that could not be made, and what entries settle.
async fn list_conflicts(
    connection: &mut PgConnection,
    session: &Session,
    wishes: &[&Wish<'_>],
    references: &HashSet<Key>,
) -> Result<Vec<Conflict>, Error> {
    let rows: Vec<Uuid> = wishes.iter().map(|wish| wish.entry.row).collect();
    let referred = references.iter().map(|(_, id)| id);
    let drafts: Vec<String> = rows.iter().chain(referred).map(Uuid::to_string).collect();
    let settled: Vec<Uuid> = wishes.iter().filter_map(|wish| Some(wish.entry.settles?.0)).collect();
    let rows = sqlx::query(include_str!("list_conflicts.sql"))
        .bind(session.guild.0)
        .bind(rows)
        .bind(drafts)
        .bind(settled)
        .bind(session.user.0)
        .fetch_all(connection)
        .await?;
    rows.iter().map(read_conflict).collect()
}

fn read_conflict(row: &PgRow) -> Result<Conflict, Error> {
    let damaged = Error::Damaged { what: "a conflict" };
    let table = find_table(row.try_get("target_table")?).ok_or(damaged)?;
    let cells = |column: &str| -> Result<Cells, Error> {
        let text: &str = row.try_get(column)?;
        let damaged = || Error::Damaged { what: "a side of a conflict" };
        let named: serde_json::Map<_, _> = serde_json::from_str(text).map_err(|_| damaged())?;
        from_json(table, &named).map_err(|_: json::ValueError| damaged())
    };
    let units: Vec<String> = row.try_get("units")?;
    Ok(Conflict {
        id: ConflictId(row.try_get("id")?),
        entry: EntryId(row.try_get("entry_id")?),
        table,
        row: row.try_get("target_id")?,
        kind: ConflictKind::from_word(row.try_get("kind")?).unwrap_or(ConflictKind::Field),
        units: units.iter().filter_map(|unit| Some(table.column(unit)?.name)).collect(),
        base: cells("base")?,
        mine: cells("mine")?,
        theirs: cells("theirs")?,
        author: row.try_get::<Option<Uuid>, _>("author_id")?.map(UserId),
        is_stored: true,
        is_resolved: row.try_get("is_resolved")?,
    })
}

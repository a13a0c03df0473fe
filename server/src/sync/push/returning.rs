//! What comes back after a restore: what is known of the rows to which edits of the lost history
//! return, and how long one waits for another that has not come back yet.

use super::decision::Decision;
use super::plan::Plan;
use super::wish::{Key, Wish};
use crate::db::members::{number, smallint};
use crate::error::Error;
use guildhall_sync::change::{Place, RejectCode};
use guildhall_sync::id::{EntryId, GuildId};
use guildhall_sync::merge::{LostRow, Returned};
use guildhall_sync::model::{find_table, find_table_by_number};
use guildhall_sync::schema::Table;
use guildhall_sync::value::Cells;
use guildhall_sync::value::json::{from_json, to_json};
use serde_json::{Map, Value as Json};
use sqlx::postgres::PgRow;
use sqlx::{PgConnection, Row};
use std::collections::{BTreeSet, HashMap};
use uuid::Uuid;

/// How many days after a restore an edit waits for what another laptop still has to bring back.
/// After that a person is shown it.
const WAIT_DAYS: i32 = 7;

/// Nothing for a push that brings nothing back.
#[derive(Debug, Default)]
pub struct Returning {
    pub rows: HashMap<Key, LostRow>,
    /// Whether what is missing may still come.
    pub may_come: bool,
}

/// An edit that came back.
#[derive(Clone, Debug)]
pub struct Back {
    pub key: Key,
    /// The row as it was restored.
    pub restored: Cells,
    pub edit: Returned,
}

impl Returning {
    /// What is missing after a restore is waited for, for a while.
    pub fn be_patient(&self, wish: &Wish, decision: Decision) -> Decision {
        let is_missing = matches!(decision, Decision::Rejected { code: RejectCode::NotFound, .. });
        match wish.reoffered {
            Some(_) if is_missing && self.may_come => Decision::when_settled(
                "what it belongs to was lost, and its author has not brought it back yet",
            ),
            _ => decision,
        }
    }

    /// The end of that patience.
    pub fn be_impatient(&self, wish: &Wish, decision: Decision) -> Decision {
        if wish.reoffered.is_none() || self.may_come || !decision.is_deferred() {
            return decision;
        }
        let reason = "It goes on with a change that was lost, and nobody has brought that back.";
        Decision::mend(RejectCode::NotFound, reason)
    }
}

/// `rows` are those that are there.
pub async fn read(
    connection: &mut PgConnection,
    guild: GuildId,
    wishes: &[&Wish<'_>],
    rows: &HashMap<Key, Cells>,
) -> Result<Returning, Error> {
    if wishes.iter().all(|wish| wish.reoffered.is_none()) {
        return Ok(Returning::default());
    }
    let row = sqlx::query(
        "select restored_at is not null as is_restored, restored_at > now() - make_interval(days => $2) as may_come
           from sync.stream where stream = $1",
    )
    .bind(guild.0)
    .bind(WAIT_DAYS)
    .fetch_one(&mut *connection)
    .await?;
    if !row.try_get::<bool, _>("is_restored")? {
        return Ok(Returning::default());
    }
    let keys: BTreeSet<Key> =
        wishes.iter().filter(|wish| wish.reoffered.is_some()).map(|wish| wish.key()).collect();
    let mut returning = Returning { rows: HashMap::new(), may_come: row.try_get("may_come")? };
    read_restored(connection, guild, &keys, &mut returning).await?;
    work_out_restored(connection, guild, &keys, rows, &mut returning).await?;
    read_returned(connection, guild, &keys, &mut returning).await?;
    Ok(returning)
}

async fn read_restored(
    connection: &mut PgConnection,
    guild: GuildId,
    keys: &BTreeSet<Key>,
    returning: &mut Returning,
) -> Result<(), Error> {
    let found = ask(
        connection,
        "select tbl, pk, cells::text as cells from unnest($2::smallint[], $3::uuid[]) as wanted (tbl, pk)
           join sync.restored_row using (tbl, pk) where guild_id = $1",
        guild,
        keys,
    );
    for row in found.await? {
        let (key, table) = key_of(&row)?;
        let restored = read_cells(table, row.try_get("cells")?)?;
        returning.rows.insert(key, LostRow { restored, returned: Vec::new() });
    }
    Ok(())
}

/// Rows to which something comes back for the first time: as they are, without what was written
/// since the restore.
async fn work_out_restored(
    connection: &mut PgConnection,
    guild: GuildId,
    keys: &BTreeSet<Key>,
    rows: &HashMap<Key, Cells>,
    returning: &mut Returning,
) -> Result<(), Error> {
    let new: Vec<Key> = keys.iter().filter(|key| !returning.rows.contains_key(key)).copied().collect();
    if new.is_empty() {
        return Ok(());
    }
    for key in &new {
        let restored = rows.get(key).cloned().unwrap_or_default();
        returning.rows.insert(*key, LostRow { restored, returned: Vec::new() });
    }
    let written = sqlx::query("select * from sync.list_written_since_restore($1, $2)")
        .bind(guild.0)
        .bind(new.iter().map(|(_, row)| *row).collect::<Vec<_>>())
        .fetch_all(connection)
        .await?;
    for row in written {
        let Some(table) = find_table(row.try_get("target_table")?) else { continue };
        let key = (table.number, row.try_get("target_id")?);
        let Some(lost) = returning.rows.get_mut(&key).filter(|_| new.contains(&key)) else { continue };
        let columns: Vec<String> = row.try_get("columns")?;
        for column in columns.iter().filter_map(|name| table.column(name)) {
            lost.restored.remove(column.number);
        }
    }
    Ok(())
}

async fn read_returned(
    connection: &mut PgConnection,
    guild: GuildId,
    keys: &BTreeSet<Key>,
    returning: &mut Returning,
) -> Result<(), Error> {
    let found = ask(
        connection,
        "select tbl, pk, rev, ord, entry_id, before::text as before, after::text as after
           from unnest($2::smallint[], $3::uuid[]) as wanted (tbl, pk) join sync.returned using (tbl, pk)
          where guild_id = $1",
        guild,
        keys,
    );
    for row in found.await? {
        let (key, table) = key_of(&row)?;
        let ord: i32 = row.try_get("ord")?;
        let returned = Returned {
            place: Place { rev: row.try_get("rev")?, ord: ord.unsigned_abs() },
            entry: EntryId(row.try_get("entry_id")?),
            before: read_cells(table, row.try_get("before")?)?,
            after: read_cells(table, row.try_get("after")?)?,
        };
        returning.rows.entry(key).or_default().returned.push(returned);
    }
    Ok(())
}

/// Remembers what came back with this plan.
pub async fn write(connection: &mut PgConnection, guild: GuildId, plan: &Plan) -> Result<(), Error> {
    for Back { key, restored, edit } in &plan.returned {
        let table = find_table_by_number(key.0).expect("plans are made of tables of the registry");
        sqlx::query(
            "with restored as (
               insert into sync.restored_row (guild_id, tbl, pk, cells) values ($1, $2, $3, $9::jsonb)
               on conflict do nothing
             )
             insert into sync.returned (guild_id, tbl, pk, rev, ord, entry_id, before, after)
             values ($1, $2, $3, $4, $5, $6, $7::jsonb, $8::jsonb) on conflict do nothing",
        )
        .bind(guild.0)
        .bind(smallint(key.0))
        .bind(key.1)
        .bind(edit.place.rev)
        .bind(i32::try_from(edit.place.ord).unwrap_or(i32::MAX))
        .bind(edit.entry.0)
        .bind(print_cells(table, &edit.before))
        .bind(print_cells(table, &edit.after))
        .bind(print_cells(table, restored))
        .execute(&mut *connection)
        .await?;
    }
    Ok(())
}

async fn ask(
    connection: &mut PgConnection,
    question: &'static str,
    guild: GuildId,
    keys: &BTreeSet<Key>,
) -> Result<Vec<PgRow>, Error> {
    let (tables, rows): (Vec<i16>, Vec<Uuid>) =
        keys.iter().map(|(table, row)| (smallint(*table), *row)).unzip();
    Ok(sqlx::query(question).bind(guild.0).bind(tables).bind(rows).fetch_all(connection).await?)
}

fn key_of(row: &PgRow) -> Result<(Key, &'static Table), Error> {
    let key = (number(row.try_get("tbl")?), row.try_get("pk")?);
    let table = find_table_by_number(key.0).ok_or(Error::Damaged { what: "a row that came back" })?;
    Ok((key, table))
}

fn read_cells(table: &Table, text: &str) -> Result<Cells, Error> {
    let damaged = || Error::Damaged { what: "an edit that came back" };
    let named: Map<String, Json> = serde_json::from_str(text).map_err(|_| damaged())?;
    from_json(table, &named).map_err(|_| damaged())
}

fn print_cells(table: &Table, cells: &Cells) -> String {
    Json::Object(to_json(table, cells)).to_string()
}

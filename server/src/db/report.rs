//! What came back after a restore, from whom, and what only laptops still hold: for the
//! administrator.

use super::members::number;
use super::{AdminTx, rows};
use crate::error::Error;
use guildhall_sync::id::GuildId;
use guildhall_sync::merge::is_same;
use guildhall_sync::model::{TABLES, find_table_by_number};
use guildhall_sync::schema::{Column, Table, common};
use guildhall_sync::value::json::{from_json, to_json};
use guildhall_sync::value::{Cells, Value};
use serde_json::{Map, Value as Json};
use sqlx::Row;
use sqlx::postgres::PgRow;
use uuid::Uuid;

/// One person's laptop, and what it brought back.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Bringer {
    pub person: String,
    pub laptop: String,
    /// Changes of the lost history that are in this one again.
    pub came_back: i64,
    /// Of these, those that met something written after the restore.
    pub conflicts: i64,
}

/// A row as a laptop held it, that no author has brought back like that.
#[derive(Clone, Debug)]
pub struct Waiting {
    pub id: Uuid,
    pub table: &'static Table,
    pub row: Uuid,
    pub person: String,
    pub laptop: String,
    pub cells: Cells,
    /// The row as it stands; none where there is none.
    pub now: Option<Cells>,
    /// The columns in which the two differ, and that nobody has written since the restore.
    pub lost: Vec<&'static Column>,
}

impl Waiting {
    /// The lost columns by name: as they are, and as they were.
    pub fn sides(&self) -> (Map<String, Json>, Map<String, Json>) {
        let of = |cells: &Cells| -> Cells {
            self.lost.iter().map(|column| (column.number, column.value_in(cells).into_owned())).collect()
        };
        let now = self.now.as_ref().map(|now| to_json(self.table, &of(now)));
        (now.unwrap_or_default(), to_json(self.table, &of(&self.cells)))
    }
}

impl AdminTx {
    pub async fn list_bringers(&mut self, guild: GuildId) -> Result<Vec<Bringer>, Error> {
        let rows =
            sqlx::query(include_str!("list_bringers.sql")).bind(guild.0).fetch_all(self.connection()).await?;
        let read = |row: &PgRow| {
            Ok(Bringer {
                person: row.try_get("person")?,
                laptop: row.try_get("laptop")?,
                came_back: row.try_get("came_back")?,
                conflicts: row.try_get("conflicts")?,
            })
        };
        rows.iter().map(read).collect()
    }

    /// Rows in the order in which they can be made: what others refer to first.
    pub async fn list_waiting(&mut self, guild: GuildId) -> Result<Vec<Waiting>, Error> {
        let rows =
            sqlx::query(include_str!("list_waiting.sql")).bind(guild.0).fetch_all(self.connection()).await?;
        let mut waiting = Vec::new();
        for row in &rows {
            waiting.extend(self.find_waiting(guild, row).await?);
        }
        let place = |table: &Table| TABLES.iter().position(|known| known.number == table.number);
        waiting.sort_by_key(|witness| (place(witness.table), witness.row));
        Ok(waiting)
    }

    async fn find_waiting(&mut self, guild: GuildId, row: &PgRow) -> Result<Option<Waiting>, Error> {
        let damaged = || Error::Damaged { what: "a row as a laptop held it" };
        let table = find_table_by_number(number(row.try_get("tbl")?)).ok_or_else(damaged)?;
        let id: Uuid = row.try_get("pk")?;
        let named: Map<String, Json> = serde_json::from_str(row.try_get("cells")?).map_err(|_| damaged())?;
        let cells = from_json(table, &named).map_err(|_| damaged())?;
        let now = rows::read_rows(self.connection(), table, guild, &[id], rows::Lock::None).await?.pop();
        let written: Vec<String> = row.try_get("written")?;
        let differs = |column: &&Column| {
            column.is_writable()
                && now.as_ref().is_none_or(|now| !is_same(&column.value_in(now), &column.value_in(&cells)))
        };
        let is_lost = |column: &&Column| now.is_none() || !written.iter().any(|name| name == column.name);
        let lost: Vec<&'static Column> = table.columns.iter().filter(differs).filter(is_lost).collect();
        if lost.is_empty() {
            return Ok(None);
        }
        let (person, laptop) = (row.try_get("person")?, row.try_get("laptop")?);
        Ok(Some(Waiting { id: row.try_get("id")?, table, row: id, person, laptop, cells, now, lost }))
    }

    /// Writes what a laptop held: the columns that were lost, or the whole row.
    pub async fn accept(&mut self, guild: GuildId, waiting: &Waiting) -> Result<(), Error> {
        let mut cells: Cells = [(common::ID, Value::Id(waiting.row)), (common::GUILD_ID, Value::Id(guild.0))]
            .into_iter()
            .collect();
        for column in &waiting.lost {
            cells.set(column.number, column.value_in(&waiting.cells).into_owned());
        }
        match waiting.now {
            Some(_) => rows::update_rows(self.connection(), waiting.table, &[cells]).await?,
            None => rows::insert_rows(self.connection(), waiting.table, &[cells]).await?,
        }
        self.close(guild, waiting, "accepted").await
    }

    pub async fn drop_witness(&mut self, guild: GuildId, waiting: &Waiting) -> Result<(), Error> {
        self.close(guild, waiting, "dropped").await
    }

    /// Older states of the row are done with, too.
    async fn close(&mut self, guild: GuildId, waiting: &Waiting, status: &str) -> Result<(), Error> {
        sqlx::query("update sync.witness set status = $4 where guild_id = $1 and tbl = $2 and pk = $3 and status = 'waiting'")
            .bind(guild.0)
            .bind(super::members::smallint(waiting.table.number))
            .bind(waiting.row)
            .bind(status)
            .execute(self.connection())
            .await?;
        Ok(())
    }
}

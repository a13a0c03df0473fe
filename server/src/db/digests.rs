//! Digests of scopes and of their buckets, and the rows of buckets; read from the caller's
//! snapshot. And what devices report.

use super::GuildTx;
use super::members::{hash, number, smallint};
use crate::error::Error;
use guildhall_sync::digest::{BUCKETS, Digest};
use guildhall_sync::id::GuildId;
use guildhall_sync::protocol::check::{Found, HeldRow, Report, ReportLine};
use sqlx::postgres::PgRow;
use sqlx::{PgConnection, Row};
use std::collections::HashMap;
use uuid::Uuid;

/// The digests of scopes; one that holds nothing may be left out.
pub async fn read_digests(
    connection: &mut PgConnection,
    guild: GuildId,
    scopes: &[String],
) -> Result<HashMap<String, Digest>, Error> {
    let rows =
        sqlx::query("select scope, rows, versions, lane0, lane1, lane2, lane3 from sync.digests($1, $2)")
            .bind(guild.0)
            .bind(scopes)
            .fetch_all(connection)
            .await?;
    rows.iter().map(|row| Ok((row.try_get("scope")?, read_digest(row)?))).collect()
}

/// The digests of the buckets of a scope, in their order.
pub async fn read_buckets(
    connection: &mut PgConnection,
    guild: GuildId,
    scope: &str,
) -> Result<Vec<Digest>, Error> {
    let rows = sqlx::query(
        "select bucket, rows, versions, lane0, lane1, lane2, lane3 from sync.summed($1, array[$2])",
    )
    .bind(guild.0)
    .bind(scope)
    .fetch_all(connection)
    .await?;
    let mut buckets = vec![Digest::default(); BUCKETS];
    for row in &rows {
        let bucket: i32 = row.try_get("bucket")?;
        if let Some(place) = usize::try_from(bucket).ok().and_then(|at| buckets.get_mut(at)) {
            *place = read_digest(row)?;
        }
    }
    Ok(buckets)
}

/// What a scope holds in some of its buckets.
pub async fn list_bucket_rows(
    connection: &mut PgConnection,
    guild: GuildId,
    scope: &str,
    buckets: &[u8],
) -> Result<Vec<HeldRow>, Error> {
    let buckets: Vec<i32> = buckets.iter().map(|bucket| i32::from(*bucket)).collect();
    let rows = sqlx::query(
        "select m.tbl, m.pk, m.version, m.hash from sync.member m
          where m.stream = $1 and m.scope = $2 and get_byte(uuid_send(m.pk), 15) = any ($3)
          order by m.tbl, m.pk",
    )
    .bind(guild.0)
    .bind(scope)
    .bind(buckets)
    .fetch_all(connection)
    .await?;
    let read = |row: &PgRow| {
        Ok(HeldRow {
            table: number(row.try_get("tbl")?),
            id: row.try_get("pk")?,
            version: row.try_get("version")?,
            hash: hash(row.try_get("hash")?),
        })
    };
    rows.iter().map(read).collect()
}

impl GuildTx {
    /// Keeps what a device of the person reports, and looks at what it says of the server itself.
    pub async fn keep_report(&mut self, report: &Report) -> Result<(), Error> {
        let lines = &report.lines;
        let rows = lines.iter().map(|line| line.row);
        let tables: Vec<Option<i16>> = rows.clone().map(|row| row.map(|row| smallint(row.table))).collect();
        let ids: Vec<Option<Uuid>> = rows.map(|row| row.map(|row| row.id)).collect();
        let scopes: Vec<Option<&str>> = lines.iter().map(|line| line.scope.as_deref()).collect();
        let said: Vec<&str> = lines.iter().map(|line| line.found.sentence()).collect();
        let looked_at: Vec<bool> = lines.iter().map(is_ours).collect();
        sqlx::query("select sync.report($1, $2, $3, $4, $5, $6)")
            .bind(report.device.0)
            .bind(tables)
            .bind(ids)
            .bind(scopes)
            .bind(said)
            .bind(looked_at)
            .execute(self.connection())
            .await?;
        if report.more > 0 {
            let said = format!("and {} more rows", report.more);
            sqlx::query("select sync.report($1, array[null::smallint], array[null::uuid], array[null], array[$2], array[false])")
                .bind(report.device.0)
                .bind(said)
                .execute(self.connection())
                .await?;
        }
        Ok(())
    }
}

/// Whether the server has something to look at.
fn is_ours(line: &ReportLine) -> bool {
    match line.found {
        Found::Mismatch | Found::WrongDigest => true,
        Found::Missing | Found::Different | Found::Surplus => false,
    }
}

fn read_digest(row: &PgRow) -> Result<Digest, Error> {
    let rows: i64 = row.try_get("rows")?;
    // A lane is kept as a whole sum; what devices compare is its last 32 bits.
    let lane = |name: &str| Ok::<_, sqlx::Error>((row.try_get::<i64, _>(name)? & 0xffff_ffff) as u32);
    Ok(Digest {
        rows: u64::try_from(rows).unwrap_or(u64::MAX),
        versions: row.try_get("versions")?,
        lanes: [lane("lane0")?, lane("lane1")?, lane("lane2")?, lane("lane3")?],
    })
}

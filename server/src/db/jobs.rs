//! What the server's jobs ask of Postgres: trimming the change log, looking the projection over,
//! and what their runs left behind for an administrator to read.

use super::Database;
use crate::error::Error;
use guildhall_sync::id::{DeviceId, GuildId};
use guildhall_sync::model::{TABLES, find_table_by_number};
use guildhall_sync::time::Timestamp;
use serde::Serialize;
use sqlx::postgres::PgRow;
use sqlx::{PgConnection, Row};
use uuid::Uuid;

/// How long parts of a group wait for the others.
const KEEP_PARTS_DAYS: i32 = 3;

/// A task that the server does by itself, once a day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Job {
    /// Forgets changes that are older than they are kept.
    Trim,
    /// Compares the projection with the rows, and sets right what differs.
    Audit,
}

impl Job {
    pub const ALL: [Self; 2] = [Self::Trim, Self::Audit];

    pub const fn word(self) -> &'static str {
        match self {
            Self::Trim => "trim",
            Self::Audit => "audit",
        }
    }

    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|job| job.word() == word)
    }
}

/// What a run of a job came across, and what of that it set right.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Done {
    pub found: u64,
    pub repaired: u64,
}

/// A run of a job, for an administrator.
#[derive(Clone, Debug, Serialize)]
pub struct JobRun {
    pub job: String,
    pub started_at: Timestamp,
    pub ended_at: Option<Timestamp>,
    pub done: Done,
    pub problem: Option<String>,
}

/// Something that was not as it should be and was set right.
#[derive(Clone, Debug, Serialize)]
pub struct RepairLine {
    pub at: Timestamp,
    /// None for the server's own.
    pub device: Option<DeviceId>,
    pub device_name: Option<String>,
    pub table: Option<&'static str>,
    pub row: Option<Uuid>,
    pub scope: Option<String>,
    pub what: String,
}

/// Whether the job has not run since the minute of the day at which jobs run (in UTC).
pub async fn is_due(connection: &mut PgConnection, job: Job, minute_of_day: u16) -> Result<bool, Error> {
    let row = sqlx::query("select sync.is_due($1, $2) as is_due")
        .bind(job.word())
        .bind(i32::from(minute_of_day))
        .fetch_one(connection)
        .await?;
    Ok(row.try_get("is_due")?)
}

/// Runs a job to its end and keeps what became of it.
pub async fn run(connection: &mut PgConnection, job: Job, keep_days: u16) -> Result<Done, Error> {
    let begun = sqlx::query("insert into sync.job_run (job) values ($1) returning id")
        .bind(job.word())
        .fetch_one(&mut *connection)
        .await?;
    let id: i64 = begun.try_get("id")?;
    let done = match job {
        Job::Trim => trim(connection, keep_days).await,
        Job::Audit => audit(connection).await,
    };
    let (counts, problem) = match &done {
        Ok(done) => (*done, None),
        Err(error) => (Done::default(), Some(error.describe())),
    };
    sqlx::query(
        "update sync.job_run set ended_at = clock_timestamp(), found = $2, repaired = $3, problem = $4 where id = $1",
    )
    .bind(id)
    .bind(i64::try_from(counts.found).unwrap_or(i64::MAX))
    .bind(i64::try_from(counts.repaired).unwrap_or(i64::MAX))
    .bind(problem)
    .execute(connection)
    .await?;
    done
}

/// Slots that have been out of use since the last run are emptied, then commits are forgotten:
/// a pull that has begun meanwhile still finds their changes.
async fn trim(connection: &mut PgConnection, keep_days: u16) -> Result<Done, Error> {
    let row = sqlx::query("select sync.empty_slots() as emptied").fetch_one(&mut *connection).await?;
    let emptied: i64 = row.try_get("emptied")?;
    let trimmed = sqlx::query(
        "select count(*) filter (where sync.trim(s.stream, now() - make_interval(days => $1)) > 0) as streams
           from sync.stream s",
    )
    .bind(i32::from(keep_days))
    .fetch_one(&mut *connection)
    .await?;
    let old = "delete from sync.job_run where started_at < now() - interval '1 year'";
    sqlx::query(old).execute(&mut *connection).await?;
    let old = "delete from sync.repair where at < now() - interval '1 year'";
    sqlx::query(old).execute(&mut *connection).await?;
    let old = "delete from sync.parted where touched_at < now() - make_interval(days => $1)";
    sqlx::query(old).bind(KEEP_PARTS_DAYS).execute(&mut *connection).await?;
    let streams: i64 = trimmed.try_get("streams")?;
    Ok(Done { found: streams.unsigned_abs(), repaired: emptied.unsigned_abs() })
}

/// Table by table, and each repair in a transaction of its own: writers wait for one row at most.
async fn audit(connection: &mut PgConnection) -> Result<Done, Error> {
    let mut done = Done::default();
    for table in TABLES {
        let wrong = sqlx::query("select stream, pk, scopes from sync.list_wrong($1)")
            .bind(table.name)
            .fetch_all(&mut *connection)
            .await?;
        for row in wrong {
            let (stream, id): (Uuid, Uuid) = (row.try_get("stream")?, row.try_get("pk")?);
            done.found += 1;
            tracing::error!(table = table.name, guild = %stream, row = %id, "the projection was wrong");
            sqlx::query("select sync.set_right($1, $2, $3, $4)")
                .bind(table.name)
                .bind(stream)
                .bind(id)
                .bind(row.try_get::<Vec<String>, _>("scopes")?)
                .execute(&mut *connection)
                .await?;
            done.repaired += 1;
        }
    }
    let digests = audit_digests(connection).await?;
    Ok(Done { found: done.found + digests, repaired: done.repaired + digests })
}

async fn audit_digests(connection: &mut PgConnection) -> Result<u64, Error> {
    let wrong = sqlx::query(
        "select s.stream, w as scope from sync.stream s, lateral sync.list_wrong_digests(s.stream) w",
    )
    .fetch_all(&mut *connection)
    .await?;
    for row in &wrong {
        let (stream, scope): (Uuid, String) = (row.try_get("stream")?, row.try_get("scope")?);
        tracing::error!(guild = %stream, scope, "a digest was wrong");
        sqlx::query("select sync.set_digest_right($1, $2)")
            .bind(stream)
            .bind(scope)
            .execute(&mut *connection)
            .await?;
    }
    Ok(wrong.len() as u64)
}

/// Moves the digests of all guilds by what was sealed since the last time.
pub async fn roll_up(connection: &mut PgConnection) -> Result<(), Error> {
    let streams = sqlx::query("select stream from sync.streams_to_roll_up() as stream")
        .fetch_all(&mut *connection)
        .await?;
    for row in streams {
        let stream: Uuid = row.try_get("stream")?;
        sqlx::query("select sync.roll_up($1)").bind(stream).execute(&mut *connection).await?;
    }
    Ok(())
}

impl Database {
    /// Runs a job now, whoever leads.
    pub async fn run_job(&self, job: Job, keep_days: u16) -> Result<Done, Error> {
        let mut connection = self.connect_alone().await?;
        sqlx::query("set statement_timeout = 0").execute(&mut connection).await?;
        run(&mut connection, job, keep_days).await
    }

    /// The last runs of all jobs, the newest first.
    pub async fn list_job_runs(&self, limit: u16) -> Result<Vec<JobRun>, Error> {
        let mut transaction = self.begin_admin().await?;
        let rows = sqlx::query(
            "select job, (extract(epoch from started_at) * 1000000)::bigint as started_at,
                    (extract(epoch from ended_at) * 1000000)::bigint as ended_at, found, repaired, problem
               from sync.job_run order by started_at desc limit $1",
        )
        .bind(i32::from(limit))
        .fetch_all(transaction.connection())
        .await?;
        rows.iter().map(read_run).collect()
    }

    /// What was set right in a guild, the newest first.
    pub async fn list_repairs(&self, guild: GuildId, limit: u16) -> Result<Vec<RepairLine>, Error> {
        let mut transaction = self.begin_admin().await?;
        let rows = sqlx::query(
            "select (extract(epoch from r.at) * 1000000)::bigint as at, r.device, d.name as device_name, r.tbl, r.pk, r.scope,
                    r.what
               from sync.repair r left join private.devices d on d.guild_id = r.stream and d.id = r.device
              where r.stream = $1 order by r.at desc, r.id desc limit $2",
        )
        .bind(guild.0)
        .bind(i32::from(limit))
        .fetch_all(transaction.connection())
        .await?;
        rows.iter().map(read_repair).collect()
    }
}

fn read_run(row: &PgRow) -> Result<JobRun, Error> {
    let (found, repaired): (i64, i64) = (row.try_get("found")?, row.try_get("repaired")?);
    Ok(JobRun {
        job: row.try_get("job")?,
        started_at: Timestamp(row.try_get("started_at")?),
        ended_at: row.try_get::<Option<i64>, _>("ended_at")?.map(Timestamp),
        done: Done { found: found.unsigned_abs(), repaired: repaired.unsigned_abs() },
        problem: row.try_get("problem")?,
    })
}

fn read_repair(row: &PgRow) -> Result<RepairLine, Error> {
    let table: Option<i16> = row.try_get("tbl")?;
    let table = table.and_then(|number| find_table_by_number(super::members::number(number)));
    Ok(RepairLine {
        at: Timestamp(row.try_get("at")?),
        device: row.try_get::<Option<Uuid>, _>("device")?.map(DeviceId),
        device_name: row.try_get("device_name")?,
        table: table.map(|table| table.name),
        row: row.try_get("pk")?,
        scope: row.try_get("scope")?,
        what: row.try_get("what")?,
    })
}

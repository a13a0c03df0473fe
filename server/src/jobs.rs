//! What the server does by itself: digests follow what was sealed, and once a day the log is
//! trimmed and the projection audited. One process of all leads, and keeps its lead for as
//! long as its connection lasts. What a job does is in `db::jobs`.

use crate::config::JobTimes;
use crate::db::Database;
use crate::db::jobs::{self, Done, Job};
use crate::error::Error;
use sqlx::{PgConnection, Row};
use std::time::Duration;

/// How often it is looked whether something is due, and whether somebody still leads. What was
/// sealed since is added up for every device that asks, so it should not be much.
const LOOK_EVERY_MS: u64 = 10_000;

/// Runs until it is dropped, through any absence of Postgres.
pub(crate) async fn run(database: Database, times: JobTimes) {
    let mut look = tokio::time::interval(Duration::from_millis(LOOK_EVERY_MS));
    let mut leader = None;
    loop {
        look.tick().await;
        if let Err(error) = look_once(&database, times, &mut leader).await {
            tracing::warn!(reason = %error.describe(), "the daily jobs wait for Postgres");
            leader = None;
        }
    }
}

async fn look_once(
    database: &Database,
    times: JobTimes,
    leader: &mut Option<PgConnection>,
) -> Result<(), Error> {
    if leader.is_none() {
        *leader = lead(database).await?;
    }
    let Some(connection) = leader else { return Ok(()) };
    jobs::roll_up(connection).await?;
    for job in Job::ALL {
        if jobs::is_due(connection, job, times.minute_of_day).await? {
            let Done { found, repaired } = jobs::run(connection, job, times.keep_days).await?;
            tracing::info!(job = job.word(), found, repaired, "a daily job has run");
        }
    }
    Ok(())
}

/// A connection that leads; none while another process does.
async fn lead(database: &Database) -> Result<Option<PgConnection>, Error> {
    let mut connection = database.connect_alone().await?;
    sqlx::query("set statement_timeout = 0").execute(&mut connection).await?;
    let row = sqlx::query("select pg_try_advisory_lock(hashtextextended('guildhall.jobs', 0)) as leads")
        .fetch_one(&mut connection)
        .await?;
    Ok(row.try_get::<bool, _>("leads")?.then_some(connection))
}

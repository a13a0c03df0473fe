//! Brings a database to the schema of this program: the files of `migrations-server/` that it has
//! not seen, then the generated capture. All of it in one transaction, so that a table is never
//! there without its capture; files are only ever added.

mod requirement;

use sha2::{Digest, Sha256};
use sqlx::postgres::PgPoolOptions;
use sqlx::{AssertSqlSafe, Connection, PgConnection, PgPool, Row};

pub use requirement::Requirement;

/// A file of SQL, by the name under which it is remembered.
#[derive(Clone, Copy, Debug)]
struct File {
    name: &'static str,
    sql: &'static str,
}

macro_rules! files {
    ($($name:literal),* $(,)?) => {
        &[$(File { name: $name, sql: include_str!(concat!("../../migrations-server/", $name)) }),*]
    };
}

/// Runs as whoever migrates; everything after it runs as `guildhall_owner`.
const FIRST: &[File] = files!["0001_roles_and_schemas.sql"];

const REST: &[File] = files![
    "0002_people.sql",
    "0003_desk.sql",
    "0004_knowledge.sql",
    "0005_missions.sql",
    "0006_strategy.sql",
    "0007_settlement.sql",
    "0008_private.sql",
    "0009_engine.sql",
    "0010_order.sql",
    "0011_audit.sql",
    "0012_rights.sql",
    "0013_row_security.sql",
    "0014_versions.sql",
    "0015_breaches.sql",
    "0016_sync.sql",
    "0017_tickets.sql",
    "0018_history.sql",
    "0019_log.sql",
    "0020_same_as.sql",
    "0021_restore.sql",
    "0022_lease.sql",
    "0023_comeback.sql",
    "0024_digests.sql",
    "0025_witness.sql",
    "0026_errands.sql",
    "0027_parts.sql",
    "0028_versions.sql",
    "0029_statements.sql",
    "0030_inbox.sql",
    "0031_overtaken.sql",
];

/// Applied whenever it differs from what the database has.
const CAPTURE: File = File {
    name: "generated/capture.sql",
    sql: include_str!("../../migrations-server/generated/capture.sql"),
};

/// Two programs that migrate one database wait for each other.
const LOCK: i64 = 0x6775_696c_6468_616c;

/// A file that was applied now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Applied(pub &'static str);

#[derive(Debug, thiserror::Error)]
pub enum MigrateError {
    #[error("the database cannot be set up: {}", requirement::sentences(.0))]
    Missing(Vec<Requirement>),
    #[error("{name} was changed after it had been applied to this database")]
    Changed { name: &'static str },
    #[error("the database knows {name}, which is newer than this program")]
    Newer { name: String },
    #[error("{name} cannot be applied: {source}")]
    Refused { name: &'static str, source: sqlx::Error },
    #[error(transparent)]
    Database(#[from] sqlx::Error),
}

/// Migrates the database at an address, with as much time as it takes.
pub async fn migrate_at(url: &str) -> Result<Vec<Applied>, MigrateError> {
    // A pool would go on trying an address at which nobody answers; a connection says so.
    PgConnection::connect(url).await?.close().await?;
    let pool = PgPoolOptions::new().max_connections(1).connect(url).await?;
    let applied = migrate(&pool).await;
    pool.close().await;
    applied
}

/// Applies what is missing and returns it; a database that is up to date is not written to.
pub async fn migrate(pool: &PgPool) -> Result<Vec<Applied>, MigrateError> {
    let mut connection = pool.acquire().await?;
    let mut transaction = connection.begin().await?;
    sqlx::query("select pg_advisory_xact_lock($1)").bind(LOCK).execute(&mut *transaction).await?;
    let applied = migrate_in(&mut transaction).await?;
    transaction.commit().await?;
    Ok(applied)
}

/// What this program needs and the database does not have yet. Writes nothing.
pub async fn list_missing(pool: &PgPool) -> Result<Vec<&'static str>, MigrateError> {
    let mut transaction = pool.begin().await?;
    let known = if is_begun(&mut transaction).await? {
        sqlx::query("set local role guildhall_owner").execute(&mut *transaction).await?;
        list_known(&mut transaction).await?
    } else {
        Vec::new()
    };
    refuse_newer(&known)?;
    let needed = FIRST.iter().chain(REST).chain([&CAPTURE]);
    Ok(needed.filter(|file| !is_known(&known, **file)).map(|file| file.name).collect())
}

async fn migrate_in(connection: &mut PgConnection) -> Result<Vec<Applied>, MigrateError> {
    let mut applied = Vec::new();
    if !is_begun(connection).await? {
        requirement::check(connection).await?;
        requirement::create_extensions(connection).await?;
        apply_all(connection, FIRST, &[], &mut applied).await?;
    }
    sqlx::query("set local role guildhall_owner").execute(&mut *connection).await?;
    let known = list_known(connection).await?;
    refuse_newer(&known)?;
    refuse_changed(&known)?;
    apply_all(connection, REST, &known, &mut applied).await?;
    if !is_known(&known, CAPTURE) {
        apply(connection, CAPTURE).await?;
        applied.push(Applied(CAPTURE.name));
    }
    Ok(applied)
}

/// What is applied already: name and SHA-256.
type Known = (String, String);

async fn is_begun(connection: &mut PgConnection) -> Result<bool, sqlx::Error> {
    // The catalogue is asked: whoever may not look into the schema may still ask it.
    let row = sqlx::query(
        "select exists (select from pg_class c join pg_namespace n on n.oid = c.relnamespace
         where n.nspname = 'sync' and c.relname = 'migration') as begun",
    )
    .fetch_one(connection)
    .await?;
    row.try_get("begun")
}

async fn list_known(connection: &mut PgConnection) -> Result<Vec<Known>, sqlx::Error> {
    let rows = sqlx::query("select name, sha256 from sync.migration").fetch_all(connection).await?;
    rows.iter().map(|row| Ok((row.try_get("name")?, row.try_get("sha256")?))).collect()
}

fn refuse_newer(known: &[Known]) -> Result<(), MigrateError> {
    let is_ours = |name: &str| name == CAPTURE.name || FIRST.iter().chain(REST).any(|file| file.name == name);
    match known.iter().find(|(name, _)| !is_ours(name)) {
        Some((name, _)) => Err(MigrateError::Newer { name: name.clone() }),
        None => Ok(()),
    }
}

fn refuse_changed(known: &[Known]) -> Result<(), MigrateError> {
    let has_changed = |file: &&File| {
        known.iter().any(|(name, sha256)| name == file.name && *sha256 != fingerprint(file.sql))
    };
    match FIRST.iter().chain(REST).find(has_changed) {
        Some(file) => Err(MigrateError::Changed { name: file.name }),
        None => Ok(()),
    }
}

fn is_known(known: &[Known], file: File) -> bool {
    known.iter().any(|(name, sha256)| name == file.name && *sha256 == fingerprint(file.sql))
}

async fn apply_all(
    connection: &mut PgConnection,
    files: &[File],
    known: &[Known],
    applied: &mut Vec<Applied>,
) -> Result<(), MigrateError> {
    for file in files.iter().filter(|file| !is_known(known, **file)) {
        apply(connection, *file).await?;
        applied.push(Applied(file.name));
    }
    Ok(())
}

async fn apply(connection: &mut PgConnection, file: File) -> Result<(), MigrateError> {
    // Whole files of this program: there is nothing to bind.
    sqlx::raw_sql(AssertSqlSafe(file.sql))
        .execute(&mut *connection)
        .await
        .map_err(|source| MigrateError::Refused { name: file.name, source })?;
    sqlx::query(
        "insert into sync.migration (name, sha256) values ($1, $2)
         on conflict (name) do update set sha256 = excluded.sha256, applied_at = now()",
    )
    .bind(file.name)
    .bind(fingerprint(file.sql))
    .execute(connection)
    .await?;
    Ok(())
}

fn fingerprint(sql: &str) -> String {
    Sha256::digest(sql).iter().map(|byte| format!("{byte:02x}")).collect()
}

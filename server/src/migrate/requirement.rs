//! What a database must offer before it can be set up, looked at together, so that an
//! administrator is told everything at once.

use sqlx::{AssertSqlSafe, PgConnection, Row};

use super::MigrateError;

const OLDEST_POSTGRES: i32 = 150_000;
/// Extensions, each with what it is for.
const EXTENSIONS: &[&str] = &["pg_trgm", "vector"];

/// Something that is missing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Requirement {
    Postgres15 { found: String },
    Utf8 { found: String },
    CreateRoles { role: String },
    OwnDatabase { role: String, database: String },
    ExtensionInstalled { name: &'static str },
    ExtensionCreated { name: &'static str },
}

impl std::fmt::Display for Requirement {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Postgres15 { found } => write!(f, "Postgres 15 or newer is needed, this is {found}"),
            Self::Utf8 { found } => write!(f, "the database must be in UTF8, it is in {found}"),
            Self::CreateRoles { role } => {
                write!(f, "{role} may not create roles (alter role {role} createrole)")
            }
            Self::OwnDatabase { role, database } => {
                write!(f, "{role} does not own the database (alter database {database} owner to {role})")
            }
            Self::ExtensionInstalled { name } => {
                write!(f, "the extension {name} is not installed beside Postgres")
            }
            Self::ExtensionCreated { name } => {
                write!(f, "only a superuser can create the extension {name} (create extension {name})")
            }
        }
    }
}

pub fn sentences(missing: &[Requirement]) -> String {
    missing.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ")
}

/// Fails with all that is missing.
pub async fn check(connection: &mut PgConnection) -> Result<(), MigrateError> {
    let mut missing = check_server(connection).await?;
    missing.extend(check_extensions(connection).await?);
    if missing.is_empty() { Ok(()) } else { Err(MigrateError::Missing(missing)) }
}

pub async fn create_extensions(connection: &mut PgConnection) -> Result<(), sqlx::Error> {
    for name in EXTENSIONS {
        let statement = format!("create extension if not exists {name}");
        sqlx::query(AssertSqlSafe(statement)).execute(&mut *connection).await?;
    }
    Ok(())
}

async fn check_server(connection: &mut PgConnection) -> Result<Vec<Requirement>, sqlx::Error> {
    let row = sqlx::query(
        "select current_setting('server_version_num')::int as number, current_setting('server_version') as version,
                current_setting('server_encoding') as encoding, current_user::text as role, d.datname::text as database,
                r.rolsuper or r.rolcreaterole as may_create, pg_has_role(d.datdba, 'member') as owns
         from pg_database d, pg_roles r where d.datname = current_database() and r.rolname = current_user",
    )
    .fetch_one(connection)
    .await?;
    let role: String = row.try_get("role")?;
    let encoding: String = row.try_get("encoding")?;
    let mut missing = Vec::new();
    if row.try_get::<i32, _>("number")? < OLDEST_POSTGRES {
        missing.push(Requirement::Postgres15 { found: row.try_get("version")? });
    }
    if encoding != "UTF8" {
        missing.push(Requirement::Utf8 { found: encoding });
    }
    if !row.try_get::<bool, _>("may_create")? {
        missing.push(Requirement::CreateRoles { role: role.clone() });
    }
    if !row.try_get::<bool, _>("owns")? {
        missing.push(Requirement::OwnDatabase { role, database: row.try_get("database")? });
    }
    Ok(missing)
}

async fn check_extensions(connection: &mut PgConnection) -> Result<Vec<Requirement>, sqlx::Error> {
    let mut missing = Vec::new();
    for name in EXTENSIONS {
        let row = sqlx::query(
            "select exists (select from pg_extension where extname = $1) as created,
                    bool_or(true) is not null as installed,
                    bool_or(v.trusted or not v.superuser or current_setting('is_superuser')::bool) as creatable
             from pg_available_extension_versions v where v.name = $1",
        )
        .bind(name)
        .fetch_one(&mut *connection)
        .await?;
        if row.try_get("created")? {
            continue;
        }
        if !row.try_get::<bool, _>("installed")? {
            missing.push(Requirement::ExtensionInstalled { name });
        } else if !row.try_get::<bool, _>("creatable")? {
            missing.push(Requirement::ExtensionCreated { name });
        }
    }
    Ok(missing)
}

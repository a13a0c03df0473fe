//! Commands of the administrator, at the server's database.

use super::output::Output;

use super::{Database, Guild, PasswordSource, Serve, User, UserAdd};
use crate::app;
use crate::failure::{Code, Failure};
use crate::sample;
use crate::words;
use guildhall_server::admin::{self, NewUser};
use guildhall_server::auth::password::PasswordCost;
use guildhall_server::config::{Config, JobTimes, Tls};
use guildhall_server::db::DatabaseOptions;
use guildhall_server::{Error, clock, db, migrate, serve as server};
use guildhall_sync::model::people::Role;
use serde::Serialize;
use serde_json::json;
use std::path::PathBuf;

/// Serves until the system asks it to end.
pub fn serve(wish: Serve, out: Output) -> Result<(), Failure> {
    let mut config = Config::new(wish.database.database_url, wish.listen);
    config.tls = wish.tls_cert.zip(wish.tls_key).map(|(certificate, key)| Tls { certificate, key });
    config.jobs = JobTimes { minute_of_day: wish.jobs_at, keep_days: wish.keep_log };
    config.state_folder = wish.state_folder.or_else(default_state_folder);
    if config.state_folder.is_none() {
        out.note("There is no folder for state: a database that was set back before this start is noticed by laptops only.");
    }
    let scheme = if config.tls.is_some() { "https" } else { "http" };
    let bound = |address| out.note(&format!("Serving at {scheme}://{address}. Ctrl+C ends it."));
    app::runtime()?.block_on(server::serve(config, bound, super::signals::asked_to_end()))?;
    Ok(())
}

/// Where systemd keeps a service's state; without it where this system's programs do.
fn default_state_folder() -> Option<PathBuf> {
    let given = std::env::var_os("STATE_DIRECTORY").map(PathBuf::from).filter(|path| path.is_absolute());
    given.or_else(guildhall_local::keys::marks::state_folder).map(|folder| folder.join("server"))
}

pub fn migrate(database: &Database, out: Output) -> Result<(), Failure> {
    let applied = app::runtime()?.block_on(migrate::migrate_at(&database.database_url));
    let applied: Vec<_> = applied.map_err(missing)?.into_iter().map(|applied| applied.0).collect();
    out.answer(&applied, |applied| match applied.as_slice() {
        [] => "The database is up to date.\n".to_owned(),
        applied => format!("Applied {}.\n", applied.join(", ")),
    })
}

pub fn guild(command: Guild, out: Output) -> Result<(), Failure> {
    let runtime = app::runtime()?;
    match command {
        Guild::Add { name, database, locale, timezone } => {
            let added = runtime.block_on(async {
                let database = connect(&database).await?;
                let guild = admin::add_guild(&database, &name, &locale, &timezone).await?;
                let rows = sample::starter_rows(guild, clock::now()).map_err(Failure::fault)?;
                admin::insert_rows(&database, guild, &rows, "admin").await?;
                Ok::<_, Failure>(guild)
            })?;
            out.answer(&json!({"guild": added, "name": name}), |_| {
                format!("The guild {name} is there. Add its first person with `guildhall user add`.\n")
            })
        }
        Guild::List { database } => {
            let listed = runtime
                .block_on(async { Ok::<_, Failure>(admin::list_guilds(&connect(&database).await?).await?) });
            out.answer(&listed?, |names| match names.as_slice() {
                [] => "There is no guild yet.\n".to_owned(),
                names => names.join("\n"),
            })
        }
    }
}

#[derive(Serialize)]
struct Added {
    user: guildhall_sync::id::UserId,
    name: String,
    role: Role,
}

pub fn user(command: User, password: &PasswordSource, out: Output) -> Result<(), Failure> {
    let User::Add(UserAdd { name, database, guild, role, email }) = command;
    let role = Role::from_word(&role).ok_or_else(|| {
        Failure::new(Code::BadRequest, format!("There is no role {role:?}."))
            .hint(format!("A role is one of: {}.", Role::WORDS.join(", ")))
    })?;
    let password = password.read(&format!("Password for {name}: "))?;
    guildhall_local::keys::demand_strong(&password, &[&name]).map_err(weak)?;
    let new = NewUser { name: name.clone(), email, role, password };
    let user = app::runtime()?.block_on(async {
        let database = connect(&database).await?;
        let guild = admin::get_guild(&database, &guild).await?;
        Ok::<_, Failure>(admin::add_user(&database, guild, new, PasswordCost::default()).await?)
    })?;
    out.answer(&Added { user, name, role }, |added| {
        format!("{} can sign in now, as {}.\n", added.name, added.role)
    })
}

pub async fn connect(database: &Database) -> Result<db::Database, Failure> {
    Ok(db::Database::connect(&database.database_url, DatabaseOptions::default()).await?)
}

fn missing(error: migrate::MigrateError) -> Failure {
    Failure::new(Code::Fault, words::sentence(&error.to_string()))
}

fn weak(error: guildhall_local::error::KeyError) -> Failure {
    Failure::new(Code::BadRequest, error.to_string())
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        let code = match &error {
            Error::NoSuch { .. } => Code::NotFound,
            Error::TlsRequired { .. } | Error::PasswordTooShort { .. } => Code::BadRequest,
            Error::Taken { .. } => Code::Disagreement,
            _ => Code::Fault,
        };
        Self::new(code, words::sentence(&error.to_string()))
    }
}

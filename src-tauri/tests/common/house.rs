//! The house under test: the built program as a server over a real Postgres, the sample guild, and
//! laptops with profiles of their own. Nothing in it is a stand-in.

#![allow(dead_code, reason = "each test program uses a part of it")]

#[cfg(feature = "bridge")]
pub mod bridge;
#[path = "../../../local/tests/main/chance.rs"]
pub mod chance;
pub mod database;
pub mod device;
pub mod program;
pub mod proxy;
pub mod server;

#[path = "../../src"]
mod source {
    pub mod sample;
}

use database::{Database, Template};
use device::Device;
use guildhall_sync::id::{GuildId, UserId};
use server::Server;
use sqlx::{AssertSqlSafe, Connection, PgConnection, Row};
use std::time::Duration;
use uuid::Uuid;

pub const GUILD: &str = "Fairway Collective";
/// Of everybody in the sample guild.
pub const PASSWORD: &str = "nine grey herons over the pier";

/// How long something may take to come about that has to come about.
pub const PATIENCE: Duration = Duration::from_secs(90);

/// A guild with its server.
pub struct House {
    pub database: Database,
    pub server: Server,
    pub guild: GuildId,
}

impl House {
    /// The sample guild of the program, with everybody in it.
    pub async fn of_sample() -> Self {
        Self::open(Template::Sample).await
    }

    pub async fn open(template: Template) -> Self {
        let database = Database::copy(template).await;
        let server = Server::start(&database.url(), None);
        Self { database, server, guild: database::guild() }
    }

    /// Somebody of the sample signs in on a new laptop and fetches what is theirs.
    pub async fn laptop_of(&self, person: &str) -> Device {
        let device = Device::sign_in(&self.server.url(), &self.name_of(person)).await;
        device.sync().await;
        device
    }

    /// What a person of the sample is called.
    pub fn name_of(&self, person: &str) -> String {
        source::sample::name_of("users", person).expect("the sample has this person")
    }

    /// The id of a row of the sample.
    pub fn id_of(&self, table: &str, name: &str) -> Uuid {
        source::sample::id_of(self.guild, table, name)
    }

    pub fn user(&self, person: &str) -> UserId {
        UserId(self.id_of("users", person))
    }

    /// Takes the server away, as a pulled plug would.
    pub fn stop_server(&mut self) {
        self.server.kill();
    }

    /// Brings it back at the same address.
    pub fn start_server(&mut self) {
        self.server = Server::start(&self.database.url(), Some(self.server.address));
    }

    /// Goes on over another database, at the same address.
    pub fn move_to(&mut self, database: Database) {
        self.database = database;
        self.start_server();
    }

    /// As the superuser, for whom row-level security does not hold.
    pub async fn connect(&self) -> PgConnection {
        PgConnection::connect(&self.database.url()).await.expect("a connection")
    }

    /// Runs statements as somebody in psql would.
    pub async fn psql(&self, statements: impl Into<String>) {
        let statements = statements.into();
        let mut connection = self.connect().await;
        let done = sqlx::raw_sql(AssertSqlSafe(statements.clone())).execute(&mut connection).await;
        done.unwrap_or_else(|error| panic!("{statements}\n{error}"));
    }

    /// The one value that a question has for an answer.
    pub async fn ask<T>(&self, question: impl Into<String>) -> T
    where
        T: for<'r> sqlx::Decode<'r, sqlx::Postgres> + sqlx::Type<sqlx::Postgres>,
    {
        let question = question.into();
        let mut connection = self.connect().await;
        let row = sqlx::query(AssertSqlSafe(question.clone())).fetch_one(&mut connection).await;
        let row = row.unwrap_or_else(|error| panic!("{question}\n{error}"));
        row.try_get(0).unwrap_or_else(|error| panic!("{question}\n{error}"))
    }
}

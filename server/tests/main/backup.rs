//! A database as it was, put back in its place under whoever is connected to it.

use sqlx::{AssertSqlSafe, Connection, PgConnection};

use crate::place::{Place, cluster};

pub struct Backup {
    name: String,
}

impl Backup {
    /// A copy of the database as it is now.
    pub async fn of(place: &Place) -> Self {
        let backup = Self { name: format!("{}_backup", place.name) };
        let (copy, name) = (&backup.name, &place.name);
        run(&[
            format!("drop database if exists {copy} with (force)"),
            format!("alter database {name} allow_connections false"),
            format!("select pg_terminate_backend(pid) from pg_stat_activity where datname = '{name}'"),
            format!("create database {copy} template {name}"),
            format!("alter database {name} allow_connections true"),
        ])
        .await;
        backup
    }

    /// Everything that was committed since is gone.
    pub async fn put_back(&self, place: &Place) {
        let (copy, name) = (&self.name, &place.name);
        run(&[
            format!("alter database {name} allow_connections false"),
            format!("drop database {name} with (force)"),
            format!("create database {name} template {copy}"),
        ])
        .await;
    }
}

async fn run(statements: &[String]) {
    let mut connection = PgConnection::connect(&cluster().url("postgres")).await.expect("a connection");
    for statement in statements {
        sqlx::raw_sql(AssertSqlSafe(statement.clone())).execute(&mut connection).await.expect(statement);
    }
}

//! Setting up a database, and setting it up again.

use guildhall_server::migrate::{MigrateError, Requirement, migrate};
use sqlx::postgres::PgPoolOptions;
use sqlx::{PgPool, Row};

use std::collections::BTreeSet;

use crate::place::{Place, cluster};

async fn empty_database(name: &str) -> PgPool {
    cluster().create_database(name).await.expect("database");
    connect(&cluster().url(name)).await
}

async fn connect(url: &str) -> PgPool {
    PgPoolOptions::new().max_connections(2).connect(url).await.expect("pool")
}

async fn run(pool: &PgPool, statement: &'static str) {
    sqlx::raw_sql(statement).execute(pool).await.expect(statement);
}

#[tokio::test]
async fn a_second_run_does_nothing() {
    let pool = empty_database("twice").await;
    let first = migrate(&pool).await.expect("set up");
    assert_eq!(first.first().map(|applied| applied.0), Some("0001_roles_and_schemas.sql"));
    assert_eq!(first.last().map(|applied| applied.0), Some("generated/capture.sql"));
    let before = last_write(&pool).await;
    assert_eq!(migrate(&pool).await.expect("looked at"), []);
    assert_eq!(last_write(&pool).await, before, "nothing was written");
}

/// The transaction that wrote last, of all that wrote the list of migrations.
async fn last_write(pool: &PgPool) -> i64 {
    let row = sqlx::query("select max(xmin::text::bigint) as answer from sync.migration")
        .fetch_one(pool)
        .await
        .expect("an answer");
    row.try_get("answer").expect("a number")
}

#[tokio::test]
async fn every_file_of_the_folder_is_applied() {
    let pool = empty_database("all_files").await;
    let applied = migrate(&pool).await.expect("set up");
    let applied: BTreeSet<String> = applied.iter().map(|applied| applied.0.to_owned()).collect();
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../migrations-server");
    let files = std::fs::read_dir(&folder).expect("the folder");
    let mut present: BTreeSet<String> =
        files.map(|file| file.expect("a file").file_name().into_string().expect("a name")).collect();
    present.remove("generated");
    present.insert("generated/capture.sql".to_owned());
    assert_eq!(applied, present);
}

#[tokio::test]
async fn two_programs_that_start_together_migrate_once() {
    let pool = empty_database("together").await;
    let (one, other) = tokio::join!(migrate(&pool), migrate(&pool));
    let (one, other) = (one.expect("one"), other.expect("the other"));
    assert!(one.is_empty() != other.is_empty(), "{one:?} {other:?}");
}

#[tokio::test]
async fn a_changed_file_and_a_newer_database_are_refused() {
    let place = Place::new().await;
    let pool = place.pool(1).await;
    run(&pool, "update sync.migration set sha256 = 'x' where name = '0003_desk.sql'").await;
    let error = migrate(&pool).await.expect_err("changed");
    assert!(matches!(error, MigrateError::Changed { name: "0003_desk.sql" }), "{error}");

    run(&pool, "insert into sync.migration (name, sha256) values ('9999_later.sql', 'y')").await;
    let error = migrate(&pool).await.expect_err("newer");
    assert!(matches!(&error, MigrateError::Newer { name } if name == "9999_later.sql"), "{error}");
}

#[tokio::test]
async fn an_older_capture_is_replaced() {
    let place = Place::new().await;
    let pool = place.pool(1).await;
    run(&pool, "update sync.migration set sha256 = 'older' where name = 'generated/capture.sql'").await;
    run(&pool, "drop function sync.changed_tickets() cascade").await;
    let applied = migrate(&pool).await.expect("renewed");
    assert_eq!(applied.iter().map(|applied| applied.0).collect::<Vec<_>>(), ["generated/capture.sql"]);
    let row = sqlx::query(
        "select count(*) as answer from pg_trigger where tgname = 'sync_changed' and tgenabled = 'A'",
    )
    .fetch_one(&pool)
    .await
    .expect("an answer");
    assert_eq!(row.try_get::<i64, _>("answer").expect("a number"), 23);
}

#[tokio::test]
async fn an_owner_without_superpowers_can_set_up_and_is_told_what_is_missing() {
    let superuser = empty_database("plain").await;
    run(&superuser, "create role plain login").await;
    let plain = connect(&cluster().url_as("plain", "plain")).await;
    let error = migrate(&plain).await.expect_err("not allowed to anything");
    let MigrateError::Missing(missing) = error else { panic!("{error}") };
    assert_eq!(
        missing,
        [
            Requirement::CreateRoles { role: "plain".to_owned() },
            Requirement::OwnDatabase { role: "plain".to_owned(), database: "plain".to_owned() },
            Requirement::ExtensionCreated { name: "vector" },
        ]
    );

    run(
        &superuser,
        "alter role plain createrole; alter database plain owner to plain; create extension vector",
    )
    .await;
    // The roles belong to the cluster, where another test may have made them already.
    run(&superuser, "do $$ begin create role guildhall_owner; exception when others then null; end $$").await;
    run(&superuser, "do $$ begin create role guildhall_app; exception when others then null; end $$").await;
    run(&superuser, "do $$ begin create role guildhall_auth; exception when others then null; end $$").await;
    run(&superuser, "grant guildhall_owner, guildhall_app, guildhall_auth to plain").await;
    assert!(!migrate(&plain).await.expect("set up").is_empty());
    assert_eq!(migrate(&plain).await.expect("looked at"), []);
    run(&superuser, "revoke guildhall_owner, guildhall_app, guildhall_auth from plain").await;
}

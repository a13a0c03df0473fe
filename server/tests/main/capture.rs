//! What triggers keep of the tables: hashes as the device computes them, scopes as the registry
//! says, history and commits for whoever wrote.

use guildhall_sync::model::TABLES;
use guildhall_sync::schema::{Table, common};
use guildhall_sync::scope::scopes_of_row;
use guildhall_sync::value::cells::hash;
use serde_json::Value as Json;
use sqlx::{PgConnection, Row};
use std::collections::{BTreeMap, BTreeSet};
use uuid::Uuid;

use crate::asking::{self, count, refusal, run};
use crate::place::Place;
use crate::random_guild::RandomGuild;

/// What the projection holds of a row.
#[derive(Debug, Default, PartialEq, Eq)]
struct Held {
    scopes: BTreeSet<String>,
    states: BTreeSet<(i64, Vec<u8>)>,
}

async fn read_members(connection: &mut PgConnection, table: &Table) -> BTreeMap<Uuid, Held> {
    let members = sqlx::query("select pk, scope, version, hash from sync.member where tbl = $1")
        .bind(i16::try_from(table.number).expect("a small number"))
        .fetch_all(connection)
        .await
        .expect("members");
    let mut held = BTreeMap::<Uuid, Held>::new();
    for member in members {
        let row = held.entry(member.try_get("pk").expect("pk")).or_default();
        row.scopes.insert(member.try_get("scope").expect("scope"));
        row.states
            .insert((member.try_get("version").expect("version"), member.try_get("hash").expect("hash")));
    }
    held
}

/// The projection, worked out here from the rows as they are read.
async fn expect_members(connection: &mut PgConnection, table: &'static Table) -> BTreeMap<Uuid, Held> {
    let mut expected = BTreeMap::new();
    for cells in asking::read_all(connection, table).await {
        let scopes = scopes_of_row(table, &cells);
        let rev = cells.value(common::REV).as_int().expect("a rev");
        let state = (rev, hash(&cells.encode(table)).to_vec());
        if !scopes.is_empty() {
            expected.insert(asking::id_of(&cells), Held { scopes, states: BTreeSet::from([state]) });
        }
    }
    expected
}

async fn assert_projection(connection: &mut PgConnection, moment: &str) {
    for table in TABLES {
        let expected = expect_members(connection, table).await;
        let held = read_members(connection, table).await;
        assert!(held == expected, "{} {moment}:\n{held:?}\nexpected:\n{expected:?}", table.name);
    }
}

#[tokio::test]
async fn the_projection_of_every_table_is_what_a_device_would_compute() {
    let place = Place::new().await;
    let mut connection = place.connect().await;
    for seed in 1..=3 {
        let mut guild = RandomGuild::new(&mut connection, seed, 25).await;
        assert_projection(&mut connection, "after inserts").await;
        for _ in 0..40 {
            for table in TABLES {
                guild.change(&mut connection, table).await;
            }
        }
        assert_projection(&mut connection, "after changes").await;
    }
    assert_eq!(count(&mut connection, "sync.audit()").await, 0);
    for table in TABLES {
        assert!(!read_members(&mut connection, table).await.is_empty(), "{} was tested", table.name);
    }
}

/// Rows of two guilds, of which some stay in their scopes and others move; new rows beside old ones.
#[tokio::test]
async fn one_statement_over_many_rows_is_captured_whole() {
    let place = Place::new().await;
    let mut connection = place.connect().await;
    let guilds =
        [RandomGuild::new(&mut connection, 5, 25).await, RandomGuild::new(&mut connection, 6, 25).await];
    run(&mut connection, "select sync.seal(stream) from sync.stream").await;
    let before = count(&mut connection, "guildhall.wal_entries").await;
    for statement in [
        "update guildhall.knowledge_items set topic = topic || '!', status = 'published',
           sensitivity = case when get_byte(uuid_send(id), 15) % 2 = 0 then 'public' else 'internal' end",
        "insert into guildhall.competitors select * from guildhall.competitors
         union all select (jsonb_populate_record(c, jsonb_build_object('id', gen_random_uuid(), 'name', c.id))).*
           from guildhall.competitors c
         on conflict (guild_id, id) do update set name = excluded.name || '!'",
    ] {
        run(&mut connection, statement).await;
        assert_projection(&mut connection, statement).await;
    }
    let written: usize = guilds
        .iter()
        .map(|guild| guild.ids("knowledge_items").len() + 2 * guild.ids("competitors").len())
        .sum();
    let lines = count(&mut connection, "guildhall.wal_entries").await - before;
    assert!(lines >= i64::try_from(written).expect("few"), "{lines} lines for {written} rows");
    for guild in &guilds {
        let unsealed = format!("sync.unsealed('{}')", guild.id);
        assert_eq!(count(&mut connection, &unsealed).await, 2, "one commit a statement");
    }
    let moved = "sync.change where effect = 'leave' and scope = 'public'";
    assert!(count(&mut connection, moved).await > 0, "some rows left a scope");
    assert_eq!(count(&mut connection, "sync.audit()").await, 0);
}

#[tokio::test]
async fn the_auditor_finds_and_repairs_what_triggers_did_not_see() {
    let place = Place::new().await;
    let mut connection = place.connect().await;
    let guild = RandomGuild::new(&mut connection, 9, 5).await;
    run(
        &mut connection,
        "alter table guildhall.sops disable trigger user;
         update guildhall.sops set title = title || '!';
         alter table guildhall.competitors disable trigger user;
         delete from guildhall.competitors;
         delete from sync.member where tbl = (select sync.table_number('tickets'))",
    )
    .await;
    let harmed = ["sops", "competitors", "tickets"];
    let expected: usize = harmed.iter().map(|table| guild.ids(table).len()).sum();
    let wrong = "(select distinct table_name, pk from sync.audit()) as wrong";
    assert_eq!(count(&mut connection, wrong).await, i64::try_from(expected).expect("few"));
    for table in harmed {
        run(&mut connection, &format!("select sync.reproject('{table}')")).await;
    }
    assert_eq!(count(&mut connection, wrong).await, 0);
    assert_projection(&mut connection, "after the repair").await;
}

#[tokio::test]
async fn whoever_writes_leaves_a_commit_and_a_line_of_history() {
    let place = Place::new().await;
    let mut connection = place.connect().await;
    let guild = RandomGuild::new(&mut connection, 4, 2).await;
    let ticket = guild.ids("tickets")[0];
    run(&mut connection, &format!("select sync.seal('{}')", guild.id)).await;
    run(
        &mut connection,
        &format!(
            "update guildhall.tickets set subject = 'Projector', customer_label = 'x y' where id = '{ticket}'"
        ),
    )
    .await;
    let line = sqlx::query(
        "select w.actor, w.operation_type, w.dirty_fields, w.after_state::text, w.row_rev = t.rev as is_its_rev,
                encode(m.hash, 'hex') = w.sha_after as is_its_hash
         from guildhall.wal_entries w
         join guildhall.tickets t on t.id = w.target_id join sync.member m on m.pk = t.id
         where w.target_id = $1 order by w.row_rev desc limit 1",
    )
    .bind(ticket)
    .fetch_one(&mut connection)
    .await
    .expect("a line");
    assert_eq!(line.try_get::<String, _>("actor").expect("actor"), "sql:postgres");
    assert_eq!(line.try_get::<String, _>("operation_type").expect("operation"), "update");
    assert_eq!(
        line.try_get::<Vec<String>, _>("dirty_fields").expect("fields"),
        ["subject", "customer_label"]
    );
    let after: Json =
        serde_json::from_str(&line.try_get::<String, _>("after_state").expect("after")).expect("JSON");
    assert_eq!(after, serde_json::json!({"subject": "Projector", "customer_label": "x y"}));
    assert!(line.try_get::<bool, _>("is_its_rev").expect("compared"));
    assert!(line.try_get::<bool, _>("is_its_hash").expect("compared"));
    let unsealed = "sync.commit where commit_no is null and actor = 'sql:postgres'";
    assert_eq!(count(&mut connection, unsealed).await, 1);
}

#[tokio::test]
async fn an_update_that_changes_nothing_leaves_no_trace() {
    let place = Place::new().await;
    let mut connection = place.connect().await;
    RandomGuild::new(&mut connection, 5, 4).await;
    let before = count(&mut connection, "sync.change").await;
    for table in TABLES {
        let same: Vec<String> =
            table.own_columns().map(|column| format!("{name} = {name}", name = column.name)).collect();
        let statement =
            format!("update guildhall.{} set {}, updated_at = now()", table.name, same.join(", "));
        run(&mut connection, &statement).await;
    }
    // Sets are sorted before they are compared.
    run(&mut connection, "update guildhall.competitors set services = services || services || array[null]")
        .await;
    assert_eq!(count(&mut connection, "sync.change").await, before);
    assert_eq!(count(&mut connection, "guildhall.wal_entries where operation_type = 'update'").await, 0);
}

#[tokio::test]
async fn what_devices_would_never_hear_of_is_refused() {
    let place = Place::new().await;
    let mut connection = place.connect().await;
    let guild = RandomGuild::new(&mut connection, 6, 2).await;
    let ticket = guild.ids("tickets")[0];
    let rename = |column: &str| {
        format!("update guildhall.tickets set {column} = gen_random_uuid() where id = '{ticket}'")
    };
    for (statement, why) in [
        ("truncate guildhall.tickets cascade".to_owned(), "devices would never hear of it"),
        (rename("id"), "never change"),
        (rename("guild_id"), "never change"),
    ] {
        let error = refusal(&mut connection, &statement).await;
        assert!(error.to_string().contains(why), "{statement}: {error}");
    }
}

#[tokio::test]
async fn a_row_that_comes_back_counts_on() {
    let place = Place::new().await;
    let mut connection = place.connect().await;
    let guild = RandomGuild::new(&mut connection, 7, 2).await;
    let id = guild.ids("competitors")[0];
    let delete = format!("delete from guildhall.competitors where id = '{id}'");
    run(
        &mut connection,
        &format!(
            "update guildhall.competitors set name = name || 'x' where id = '{id}';
             create temp table kept as select * from guildhall.competitors where id = '{id}'; {delete}"
        ),
    )
    .await;
    for isolation in ["read committed", "repeatable read"] {
        let insert = "insert into guildhall.competitors select * from kept";
        run(&mut connection, &format!("begin isolation level {isolation}; {insert}; commit; {delete}")).await;
    }
    let changes = sqlx::query("select version from sync.change where pk = $1 order by ord")
        .bind(id)
        .fetch_all(&mut connection)
        .await
        .expect("changes");
    let versions: Vec<i64> =
        changes.iter().map(|change| change.try_get("version").expect("version")).collect();
    assert_eq!(versions, [1, 2, 3, 4, 5, 6, 7], "versions never restart");
}

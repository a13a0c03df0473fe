//! Nothing slips past the engine or past row-level security, and whatever would is found.

use guildhall_sync::model::TABLES;
use sqlx::Row;

use crate::asking::{count, refusal, run};
use crate::place::Place;
use crate::random_guild::RandomGuild;

#[tokio::test]
async fn a_migrated_database_has_no_breach() {
    let mut connection = Place::new().await.connect().await;
    let breaches = sqlx::query("select table_name, breach from sync.breaches()")
        .fetch_all(&mut connection)
        .await
        .expect("breaches");
    let breaches: Vec<(String, String)> = breaches
        .iter()
        .map(|row| (row.try_get("table_name").expect("table"), row.try_get("breach").expect("breach")))
        .collect();
    assert_eq!(breaches, []);
    assert_eq!(count(&mut connection, "sync.projection").await, i64::try_from(TABLES.len()).expect("few"));
}

#[tokio::test]
async fn every_kind_of_breach_is_found() {
    for (harm, found) in [
        ("drop trigger sync_added on guildhall.sops", "it has no trigger sync_added"),
        (
            "alter table guildhall.sops disable trigger sync_before",
            "its trigger sync_before does not always fire",
        ),
        (
            "alter table guildhall.sops enable trigger number_version",
            "its trigger number_version does not always fire",
        ),
        ("alter table guildhall.sops disable row level security", "row-level security is not forced"),
        ("alter table guildhall.sops no force row level security", "row-level security is not forced"),
        ("alter table private.devices no force row level security", "row-level security is not forced"),
        (
            "drop policy readable on guildhall.sops",
            "requests are not held to their guild, or to what their person may read",
        ),
        (
            "drop policy own_guild on guildhall.sops",
            "requests are not held to their guild, or to what their person may read",
        ),
        ("grant truncate on guildhall.sops to guildhall_app", "requests may truncate it"),
        ("grant delete on guildhall.sops to guildhall_app", "requests may delete it"),
        ("alter table guildhall.sops owner to postgres", "it is not owned by guildhall_owner"),
    ] {
        let mut connection = Place::new().await.connect().await;
        run(&mut connection, harm).await;
        let row = sqlx::query("select array_agg(breach) as breaches from sync.breaches()")
            .fetch_one(&mut connection)
            .await
            .expect("breaches");
        let breaches: Option<Vec<String>> = row.try_get("breaches").expect("a list");
        assert_eq!(breaches.as_deref(), Some(&[found.to_owned()][..]), "{harm}");
    }
}

/// Names of hand-written triggers sort before the generated ones, which have to see their work.
#[tokio::test]
async fn generated_triggers_come_last() {
    let mut connection = Place::new().await.connect().await;
    let late = "pg_trigger t join pg_class c on c.oid = t.tgrelid
                where not t.tgisinternal and c.relnamespace = 'guildhall'::regnamespace
                  and t.tgname not in ('sync_before', 'sync_history', 'sync_added', 'sync_changed', 'sync_removed', 'sync_truncate')
                  and t.tgname >= 'sync_'";
    assert_eq!(count(&mut connection, late).await, 0);
}

/// Functions of the owner run with the owner's rights; what they call must not be the caller's.
#[tokio::test]
async fn functions_of_the_owner_look_names_up_where_they_are_told() {
    let mut connection = Place::new().await.connect().await;
    let open = "pg_proc p where p.pronamespace in ('guildhall'::regnamespace, 'private'::regnamespace, 'sync'::regnamespace)
                and p.prosecdef
                and not coalesce(p.proconfig, '{}') @> array['search_path=pg_catalog, pg_temp']";
    assert_eq!(count(&mut connection, open).await, 0);
    let for_everybody = "pg_proc p where p.pronamespace in ('guildhall'::regnamespace, 'private'::regnamespace, 'sync'::regnamespace)
                         and has_function_privilege('public', p.oid, 'execute')";
    assert_eq!(count(&mut connection, for_everybody).await, 0);
}

#[tokio::test]
async fn a_request_reaches_neither_secrets_nor_the_engine() {
    let mut connection = Place::new().await.connect().await;
    let guild = RandomGuild::new(&mut connection, 11, 2).await;
    let person = guild.ids("users")[0];
    let enter = format!(
        "begin; set local role guildhall_app;
         select set_config('guildhall.guild', '{}', true), set_config('guildhall.user', '{person}', true);",
        guild.id
    );
    for forbidden in [
        "select from private.user_credentials",
        "select from private.user_sessions",
        "select from sync.grant_row",
        "insert into sync.tomb values (gen_random_uuid(), 1, gen_random_uuid(), 1)",
        "update sync.member set version = 0",
        "delete from sync.change",
        "delete from guildhall.tickets",
        "truncate guildhall.tickets",
        "insert into guildhall.sop_versions (id, guild_id, sop_id, version, title) values (gen_random_uuid(), gen_random_uuid(), gen_random_uuid(), 1, '')",
        "update guildhall.wal_entries set actor = 'nobody'",
        "select sync.open_commit(gen_random_uuid())",
        "select sync.bump_grants(gen_random_uuid(), '{}')",
        "create table guildhall.mine (id int)",
        "create function sync.mine() returns int language sql as 'select 1'",
    ] {
        let error = refusal(&mut connection, &format!("{enter} {forbidden}")).await;
        assert!(error.to_string().contains("permission denied"), "{forbidden}: {error}");
        run(&mut connection, "rollback").await;
    }
}

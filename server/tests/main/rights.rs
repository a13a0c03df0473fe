//! Two statements of the same rights, compared: the scopes that a person is granted, and what
//! row-level security lets them see.

use guildhall_sync::model::TABLES;
use guildhall_sync::schema::{Table, WINDOW};
use sqlx::{AssertSqlSafe, PgConnection, Row};
use std::collections::BTreeSet;
use uuid::Uuid;

use crate::asking::{count, refusal, run};
use crate::place::Place;
use crate::random_guild::RandomGuild;

/// Runs statements as a request of the person would.
async fn enter(connection: &mut PgConnection, guild: Uuid, person: Uuid) {
    run(
        connection,
        &format!(
            "begin; set local role guildhall_app;
             select set_config('guildhall.guild', '{guild}', true), set_config('guildhall.user', '{person}', true)"
        ),
    )
    .await;
}

/// The rows that the projection gives to the scopes of a person.
async fn granted(connection: &mut PgConnection, guild: Uuid, person: Uuid, table: &Table) -> BTreeSet<Uuid> {
    let rows = sqlx::query(
        "select distinct m.pk from sync.member m
         where m.stream = $1 and m.tbl = $3 and m.scope in (select sync.scopes_of($1, $2))",
    )
    .bind(guild)
    .bind(person)
    .bind(i16::try_from(table.number).expect("a small number"))
    .fetch_all(connection)
    .await
    .expect("members");
    rows.iter().map(|row| row.try_get("pk").expect("an id")).collect()
}

/// The rows that row-level security shows, without those that no device holds.
async fn visible(connection: &mut PgConnection, table: &Table) -> BTreeSet<Uuid> {
    let window = if table.column(WINDOW).is_some() { format!("where {WINDOW}") } else { String::new() };
    let statement = format!("select id from guildhall.{} {window}", table.name);
    let rows = sqlx::query(AssertSqlSafe(statement)).fetch_all(connection).await.expect("rows");
    rows.iter().map(|row| row.try_get("id").expect("an id")).collect()
}

/// What was compared, so that a test can tell that it compared something.
#[derive(Default)]
struct Seen {
    rows: usize,
    hidden: usize,
}

async fn compare(connection: &mut PgConnection, guild: &RandomGuild, seen: &mut Seen) {
    for person in guild.ids("users") {
        for table in TABLES {
            let granted = granted(connection, guild.id, *person, table).await;
            enter(connection, guild.id, *person).await;
            let visible = visible(connection, table).await;
            run(connection, "commit").await;
            assert_eq!(granted, visible, "{} for {person} (left: granted, right: visible)", table.name);
            seen.rows += granted.len();
            seen.hidden += guild.ids(table.name).len().saturating_sub(granted.len());
        }
    }
}

#[tokio::test]
async fn what_is_granted_is_what_is_visible_for_everybody_in_every_table() {
    let mut connection = Place::new().await.connect().await;
    let mut seen = Seen::default();
    for seed in 21..=23 {
        let mut guild = RandomGuild::new(&mut connection, seed, 16).await;
        compare(&mut connection, &guild, &mut seen).await;
        for _ in 0..60 {
            for table in TABLES {
                guild.change(&mut connection, table).await;
            }
        }
        compare(&mut connection, &guild, &mut seen).await;
    }
    assert!(seen.rows > 1_000 && seen.hidden > 1_000, "{} rows, {} hidden", seen.rows, seen.hidden);
}

#[tokio::test]
async fn a_guild_does_not_see_another_nor_write_into_it() {
    let mut connection = Place::new().await.connect().await;
    let guild = RandomGuild::new(&mut connection, 31, 4).await;
    let other = RandomGuild::new(&mut connection, 32, 4).await;
    let admin = guild.ids("users")[0];
    run(
        &mut connection,
        &format!("update guildhall.users set role = 'admin', is_active = true, deleted_at = null where id = '{admin}'"),
    )
    .await;
    for table in TABLES {
        enter(&mut connection, guild.id, admin).await;
        let foreign = format!("guildhall.{} where guild_id <> '{}'", table.name, guild.id);
        assert_eq!(count(&mut connection, &foreign).await, 0, "{}", table.name);
        run(&mut connection, "commit").await;
        // A person of one guild, in a transaction of the other, is nobody.
        enter(&mut connection, other.id, admin).await;
        assert_eq!(count(&mut connection, &format!("guildhall.{}", table.name)).await, 0, "{}", table.name);
        run(&mut connection, "commit").await;
    }
    for table in ["sync.member", "sync.change", "sync.commit", "sync.stream"] {
        enter(&mut connection, guild.id, admin).await;
        assert_ne!(count(&mut connection, table).await, 0, "{table}");
        assert_eq!(
            count(&mut connection, &format!("{table} where stream <> '{}'", guild.id)).await,
            0,
            "{table}"
        );
        run(&mut connection, "commit").await;
    }
    enter(&mut connection, guild.id, admin).await;
    let error = refusal(
        &mut connection,
        &format!(
            "insert into guildhall.competitors (id, guild_id, name) values (gen_random_uuid(), '{}', 'x')",
            other.id
        ),
    )
    .await;
    assert!(error.to_string().contains("row-level security"), "{error}");
}

#[tokio::test]
async fn without_a_person_there_is_nothing() {
    let mut connection = Place::new().await.connect().await;
    let guild = RandomGuild::new(&mut connection, 33, 3).await;
    for settings in [
        "select 1".to_owned(),
        format!("select set_config('guildhall.guild', '{}', true)", guild.id),
        format!("select set_config('guildhall.user', '{}', true)", guild.ids("users")[0]),
    ] {
        run(&mut connection, &format!("begin; set local role guildhall_app; {settings}")).await;
        for table in TABLES {
            assert_eq!(
                count(&mut connection, &format!("guildhall.{}", table.name)).await,
                0,
                "{}",
                table.name
            );
        }
        run(&mut connection, "commit").await;
    }
}

/// What somebody may not read, they cannot write either; and nobody lifts themselves.
#[tokio::test]
async fn a_request_cannot_write_past_what_its_person_may() {
    let mut connection = Place::new().await.connect().await;
    let guild = RandomGuild::new(&mut connection, 34, 6).await;
    let [clerk, boss] = [guild.ids("users")[0], guild.ids("users")[1]];
    let (sop, assistant, place) =
        (guild.ids("sops")[0], guild.ids("assistants")[0], guild.ids("locations")[0]);
    let strange = guild.ids("assistants")[1];
    run(
        &mut connection,
        &format!(
            "update guildhall.users set role = 'operator', is_active = true, deleted_at = null where id = '{clerk}';
             update guildhall.users set role = 'admin' where id = '{boss}';
             update guildhall.rank_access_levels set deleted_at = now();
             update guildhall.assistants set access_roles = '{{operator}}' where id = '{assistant}';
             update guildhall.assistants set access_roles = '{{admin}}' where id = '{strange}';
             update guildhall.guilds set desk_edits = 'direct';
             update guildhall.sops set assistant_id = '{assistant}', sensitivity = 'internal' where id = '{sop}'"
        ),
    )
    .await;
    let ticket = |location: Uuid| {
        format!(
            "insert into guildhall.tickets (id, guild_id, local_ref, subject, location_id, opened_at)
             values (gen_random_uuid(), '{}', gen_random_uuid()::text, 's', '{location}', now())",
            guild.id
        )
    };
    run(&mut connection, "update guildhall.user_locations set deleted_at = now()").await;
    for refused in [
        format!("update guildhall.sops set assistant_id = '{strange}' where id = '{sop}'"),
        format!("update guildhall.sops set sensitivity = 'public' where id = '{sop}'"),
        format!("update guildhall.users set role = 'admin' where id = '{clerk}'"),
        format!("update guildhall.users set rank_id = '{}' where id = '{clerk}'", guild.ids("ranks")[1]),
        ticket(place),
    ] {
        enter(&mut connection, guild.id, clerk).await;
        let error = refusal(&mut connection, &refused).await;
        assert!(error.to_string().contains("row-level security"), "{refused}: {error}");
        run(&mut connection, "rollback").await;
    }
    enter(&mut connection, guild.id, clerk).await;
    for (unseen, changed) in [
        (format!("update guildhall.users set phonetic = 'x' where id = '{boss}'"), 0),
        ("update guildhall.competitors set strengths = 'x'".to_owned(), 0),
        (format!("update guildhall.assistants set name = 'x' where id = '{assistant}'"), 0),
        (format!("update guildhall.users set phonetic = 'klerk' where id = '{clerk}'"), 1),
        (format!("update guildhall.sops set title = 'by the clerk' where id = '{sop}'"), 1),
    ] {
        let done = sqlx::query(AssertSqlSafe(unseen.clone())).execute(&mut connection).await.expect(&unseen);
        assert_eq!(done.rows_affected(), changed, "{unseen}");
    }
    run(&mut connection, "commit").await;
    let by_clerk =
        format!("guildhall.sops where id = '{sop}' and title = 'by the clerk' and updated_by = '{clerk}'");
    assert_eq!(count(&mut connection, &by_clerk).await, 1);
}

/// Whoever reads a ticket may write down what was said in it, in nobody else's name.
#[tokio::test]
async fn a_request_speaks_in_a_ticket_for_its_own_person_only() {
    let mut connection = Place::new().await.connect().await;
    let guild = RandomGuild::new(&mut connection, 36, 4).await;
    let [clerk, other] = [guild.ids("users")[0], guild.ids("users")[1]];
    let [near, far] = [guild.ids("tickets")[0], guild.ids("tickets")[1]];
    let [here, there] = [guild.ids("locations")[0], guild.ids("locations")[1]];
    run(
        &mut connection,
        &format!(
            "update guildhall.users set role = 'operator', is_active = true, deleted_at = null where id = '{clerk}';
             delete from guildhall.user_locations;
             insert into guildhall.user_locations (id, guild_id, user_id, location_id)
             values (gen_random_uuid(), '{0}', '{clerk}', '{here}');
             update guildhall.tickets set location_id = '{here}' where id = '{near}';
             update guildhall.tickets set location_id = '{there}' where id = '{far}'",
            guild.id
        ),
    )
    .await;
    let said = |ticket: Uuid, kind: &str, author: &str| {
        format!(
            "insert into guildhall.ticket_messages (id, guild_id, ticket_id, author_kind, author_id, body, said_at)
             values (gen_random_uuid(), '{}', '{ticket}', '{kind}', {author}, 's', now())",
            guild.id
        )
    };
    let (me, them) = (format!("'{clerk}'"), format!("'{other}'"));
    for refused in [said(near, "staff", &them), said(near, "customer", &me), said(far, "staff", &me)] {
        enter(&mut connection, guild.id, clerk).await;
        let error = refusal(&mut connection, &refused).await;
        assert!(error.to_string().contains("row-level security"), "{refused}: {error}");
        run(&mut connection, "rollback").await;
    }
    enter(&mut connection, guild.id, clerk).await;
    run(&mut connection, &said(near, "staff", &me)).await;
    run(&mut connection, &said(near, "customer", "null")).await;
    let changed = "update guildhall.ticket_messages set body = 'other'";
    let done = sqlx::query(changed).execute(&mut connection).await.expect("nothing to do");
    assert_eq!(done.rows_affected(), 0, "what was said stays as it was said");
    run(&mut connection, "commit").await;
}

/// Everything that the scopes of a person are worked out from raises the version of their grants.
#[tokio::test]
async fn a_change_of_scopes_is_always_a_change_of_the_grant_row() {
    let mut connection = Place::new().await.connect().await;
    let mut guild = RandomGuild::new(&mut connection, 35, 10).await;
    let mut changed = 0;
    let state = "select g.user_id, g.version, array(select sync.scopes_of(g.guild_id, g.user_id) order by 1) as scopes
                 from sync.grant_row g order by g.user_id";
    let mut before = sqlx::query(state).fetch_all(&mut connection).await.expect("grants");
    for round in 0..600 {
        guild.change(&mut connection, TABLES[round % TABLES.len()]).await;
        let after = sqlx::query(state).fetch_all(&mut connection).await.expect("grants");
        assert_eq!(before.len(), after.len());
        for (before, after) in before.iter().zip(&after) {
            let scopes =
                |row: &sqlx::postgres::PgRow| row.try_get::<Vec<String>, _>("scopes").expect("scopes");
            let version = |row: &sqlx::postgres::PgRow| row.try_get::<i64, _>("version").expect("version");
            if scopes(before) != scopes(after) {
                assert!(version(after) > version(before), "{:?} became {:?}", scopes(before), scopes(after));
                changed += 1;
            }
        }
        before = after;
    }
    assert!(changed > 20, "{changed} changes were seen");
}

#[tokio::test]
async fn history_is_read_by_whoever_reads_the_row() {
    let mut connection = Place::new().await.connect().await;
    let guild = RandomGuild::new(&mut connection, 36, 8).await;
    let mut lines = 0;
    for person in guild.ids("users") {
        enter(&mut connection, guild.id, *person).await;
        let hidden = "guildhall.wal_entries w where w.target_table = 'tickets'
                      and not exists (select from guildhall.tickets t where t.id = w.target_id)";
        assert_eq!(count(&mut connection, hidden).await, 0);
        let missing = "guildhall.tickets t where not exists (
                         select from guildhall.wal_entries w where w.target_table = 'tickets' and w.target_id = t.id)";
        assert_eq!(count(&mut connection, missing).await, 0);
        lines += count(&mut connection, "guildhall.wal_entries").await;
        run(&mut connection, "commit").await;
    }
    assert!(lines > 100, "{lines}");
}

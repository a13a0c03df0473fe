//! What follows from a change by itself: versions of pages, the scopes of children and conflicts.

use sqlx::{AssertSqlSafe, PgConnection, Row};
use uuid::Uuid;

use crate::asking::{count, refusal, run};
use crate::place::Place;
use crate::random_guild::RandomGuild;

async fn read_text(connection: &mut PgConnection, question: &str) -> String {
    let row = sqlx::query(AssertSqlSafe(question.to_owned())).fetch_one(connection).await.expect(question);
    row.try_get(0).expect("a text")
}

async fn read_id(connection: &mut PgConnection, question: &str) -> Uuid {
    read_text(connection, &format!("select ({question})::text")).await.parse().expect("an id")
}

#[tokio::test]
async fn a_page_that_reads_differently_is_a_new_version_whoever_wrote_it() {
    let place = Place::new().await;
    let mut connection = place.connect().await;
    let guild = RandomGuild::new(&mut connection, 51, 3).await;
    let (sop, person) = (guild.ids("sops")[0], guild.ids("users")[0]);
    run(&mut connection, &format!("update guildhall.sops set title = 'a', content = 'b' where id = '{sop}'"))
        .await;
    let version = format!("select version::text from guildhall.sops where id = '{sop}'");
    let before: i64 = read_text(&mut connection, &version).await.parse().expect("a number");

    run(&mut connection, &format!("update guildhall.sops set is_pinned = not is_pinned, version = 999, sha256 = 'x' where id = '{sop}'")).await;
    assert_eq!(read_text(&mut connection, &version).await, before.to_string(), "a pin is no new version");
    run(
        &mut connection,
        &format!(
            "begin; select set_config('guildhall.user', '{person}', true); set local guildhall.change_kind = 'merge';
             set local guildhall.change_reason = 'both'; set local guildhall.change_parents = '3,2';
             update guildhall.sops set content = 'c' where id = '{sop}'; commit"
        ),
    )
    .await;
    run(&mut connection, &format!("update guildhall.sops set title = 'd' where id = '{sop}'")).await;
    assert_eq!(read_text(&mut connection, &version).await, (before + 2).to_string());
    for (number, kind, by, content) in
        [(before + 1, "merge", person.to_string(), "c"), (before + 2, "system", String::new(), "c")]
    {
        let kept = format!(
            "guildhall.sop_versions v join guildhall.sops s on s.id = v.sop_id
             where v.sop_id = '{sop}' and v.version = {number} and v.changed_kind = '{kind}' and v.content = '{content}'
               and coalesce(v.changed_by::text, '') = '{by}' and v.sha256 = s.sha256 and v.scope_key = s.scope_key
               and v.sha256 = encode(sha256('{content}'), 'hex')"
        );
        assert_eq!(count(&mut connection, &kept).await, 1, "{number}");
    }
    let merged = "guildhall.sop_versions where parents = '{2,3}' and change_reason = 'both'";
    assert_eq!(count(&mut connection, merged).await, 1);
}

#[tokio::test]
async fn a_knowledge_item_keeps_its_versions_too() {
    let place = Place::new().await;
    let mut connection = place.connect().await;
    let guild = RandomGuild::new(&mut connection, 52, 2).await;
    let item = guild.ids("knowledge_items")[0];
    let versions =
        format!("guildhall.knowledge_versions where item_id = '{item}' and changed_kind = 'system'");
    run(
        &mut connection,
        &format!("update guildhall.knowledge_items set question = 'q', answer_md = 'a' where id = '{item}'"),
    )
    .await;
    let before = count(&mut connection, &versions).await;
    run(&mut connection, &format!("update guildhall.knowledge_items set tags = '{{x}}' where id = '{item}'"))
        .await;
    assert_eq!(count(&mut connection, &versions).await, before);
    run(
        &mut connection,
        &format!("update guildhall.knowledge_items set answer_md = 'b' where id = '{item}'"),
    )
    .await;
    let latest = format!("{versions} and snapshot ->> 'answer_md' = 'b' and snapshot ->> 'question' = 'q'");
    assert_eq!(count(&mut connection, &latest).await, 1);
}

#[tokio::test]
async fn one_statement_keeps_a_version_of_every_row_that_reads_differently() {
    let place = Place::new().await;
    let mut connection = place.connect().await;
    let guild = RandomGuild::new(&mut connection, 54, 4).await;
    let tables = [
        ("sops", "sop_versions", "sop_id", "content", "v.content"),
        ("knowledge_items", "knowledge_versions", "item_id", "answer_md", "v.snapshot ->> 'answer_md'"),
    ];
    for (table, versions, parent, text, kept) in tables {
        let changed = i64::try_from(guild.ids(table).len() - 1).expect("few");
        let before = count(&mut connection, &format!("guildhall.{versions}")).await;
        let same = guild.ids(table)[0];
        let update = format!(
            "update guildhall.{table} set {text} = case when id = '{same}' then {text} else {text} || '!' || id end"
        );
        run(&mut connection, &update).await;
        let after = count(&mut connection, &format!("guildhall.{versions}")).await;
        assert_eq!(after - before, changed, "{table}");
        let live = format!(
            "guildhall.{table} r join guildhall.{versions} v on v.{parent} = r.id and v.version = r.version
              where {kept} = r.{text} and v.sha256 = r.sha256 and r.id <> '{same}'"
        );
        assert_eq!(count(&mut connection, &live).await, changed, "{table}");
    }
}

/// A push tells its own history; versions and moved children follow from it, and are told here.
#[tokio::test]
async fn what_follows_from_a_push_has_a_history_and_the_push_itself_tells_its_own() {
    let place = Place::new().await;
    let mut connection = place.connect().await;
    let guild = RandomGuild::new(&mut connection, 53, 3).await;
    let sop = guild.ids("sops")[0];
    let (lines, changes) = ("guildhall.wal_entries", "sync.change");
    let (told, captured) = (count(&mut connection, lines).await, count(&mut connection, changes).await);
    let children = count(&mut connection, &format!("guildhall.sop_versions where sop_id = '{sop}'")).await;
    let elsewhere = format!(
        "select id from guildhall.assistants where id <> (select assistant_id from guildhall.sops where id = '{sop}') limit 1"
    );
    run(
        &mut connection,
        &format!(
            "begin; set local guildhall.push = 'on';
             update guildhall.sops set content = content || '!', assistant_id = ({elsewhere}) where id = '{sop}'; commit"
        ),
    )
    .await;
    assert_eq!(count(&mut connection, lines).await - told, children, "the moved versions");
    assert!(count(&mut connection, changes).await > captured + children);
    let own = format!("guildhall.wal_entries where target_id = '{sop}' and operation_type = 'update'");
    assert_eq!(count(&mut connection, &own).await, 0);
}

#[tokio::test]
async fn children_are_where_their_parent_is_whatever_they_say() {
    let place = Place::new().await;
    let mut connection = place.connect().await;
    let guild = RandomGuild::new(&mut connection, 54, 4).await;
    let (guild_id, low, high) = (guild.id, guild.ids("ranks")[0], guild.ids("ranks")[1]);
    let objective = guild.random.clone().id();
    run(
        &mut connection,
        &format!(
            "insert into guildhall.objectives (id, guild_id, name, rank_id) values ('{objective}', '{guild_id}', 'o', '{low}');
             insert into guildhall.objective_sections (id, guild_id, objective_id, section, scope_key)
             values ('{objective}', '{guild_id}', '{objective}', 'tactical', 'public')"
        ),
    )
    .await;
    let scopes = format!(
        "select string_agg(scope, ' ') from sync.member where pk = '{objective}' and tbl = (select sync.table_number('objective_sections'))"
    );
    assert_eq!(read_text(&mut connection, &scopes).await, format!("tactical/rank:{low}"));
    run(
        &mut connection,
        &format!("update guildhall.objectives set rank_id = '{high}' where id = '{objective}'"),
    )
    .await;
    assert_eq!(read_text(&mut connection, &scopes).await, format!("tactical/rank:{high}"));
    let left = format!(
        "sync.change where pk = '{objective}' and effect = 'leave' and scope = 'tactical/rank:{low}'"
    );
    assert_eq!(count(&mut connection, &left).await, 1, "who held it there is told");
}

#[tokio::test]
async fn what_was_said_in_a_ticket_moves_with_it() {
    let place = Place::new().await;
    let mut connection = place.connect().await;
    let guild = RandomGuild::new(&mut connection, 57, 4).await;
    let (guild_id, ticket) = (guild.id, guild.ids("tickets")[0]);
    let [here, there] = [guild.ids("locations")[0], guild.ids("locations")[1]];
    let (message, answer) = (guild.random.clone().id(), guild.ids("sops")[0]);
    run(
        &mut connection,
        &format!(
            "update guildhall.tickets set location_id = '{here}' where id = '{ticket}';
             insert into guildhall.ticket_messages (id, guild_id, ticket_id, author_kind, body, said_at, scope_key)
             values ('{message}', '{guild_id}', '{ticket}', 'customer', 'Is it open?', now(), 'public');
             insert into guildhall.ticket_resolutions (id, guild_id, ticket_id, sop_id)
             values ('{message}', '{guild_id}', '{ticket}', '{answer}')"
        ),
    )
    .await;
    let scopes = format!("select string_agg(distinct scope, ' ') from sync.member where pk = '{message}'");
    assert_eq!(read_text(&mut connection, &scopes).await, format!("location:{here}"));
    run(
        &mut connection,
        &format!("update guildhall.tickets set location_id = '{there}' where id = '{ticket}'"),
    )
    .await;
    assert_eq!(read_text(&mut connection, &scopes).await, format!("location:{there}"));
    let left =
        format!("sync.change where pk = '{message}' and effect = 'leave' and scope = 'location:{here}'");
    assert_eq!(count(&mut connection, &left).await, 2, "who held them there is told");
}

#[tokio::test]
async fn a_conflict_is_read_by_whoever_reads_its_row() {
    let place = Place::new().await;
    let mut connection = place.connect().await;
    let guild = RandomGuild::new(&mut connection, 55, 4).await;
    let (guild_id, ticket, author) = (guild.id, guild.ids("tickets")[0], guild.ids("users")[0]);
    let id = guild.random.clone().id();
    let insert = |table: &str, target: Uuid| {
        format!(
            "insert into guildhall.sync_conflicts (id, guild_id, entry_id, target_table, target_id, kind, author_id, scope_key)
             values ('{id}', '{guild_id}', '{id}', '{table}', '{target}', 'field', '{author}', 'public')"
        )
    };
    for (table, target) in
        [("tickets", id), ("sync_conflicts", guild.ids("sync_conflicts")[0]), ("wal_entries", id)]
    {
        let error = refusal(&mut connection, &insert(table, target)).await;
        assert!(
            error.as_database_error().is_some_and(|error| error.is_foreign_key_violation()),
            "{table}: {error}"
        );
    }
    run(&mut connection, &insert("tickets", ticket)).await;
    let scopes = format!("select string_agg(scope, ' ') from sync.member where pk = '{id}'");
    let home = |place: Uuid| format!("location:{place}");
    let place_of = format!("select location_id from guildhall.tickets where id = '{ticket}'");
    let at_first = read_id(&mut connection, &place_of).await;
    assert_eq!(read_text(&mut connection, &scopes).await, home(at_first));
    let elsewhere = *guild.ids("locations").iter().find(|place| **place != at_first).expect("another place");
    run(
        &mut connection,
        &format!("update guildhall.tickets set location_id = '{elsewhere}' where id = '{ticket}'"),
    )
    .await;
    assert_eq!(read_text(&mut connection, &scopes).await, home(elsewhere));
    run(
        &mut connection,
        &format!("update guildhall.sync_conflicts set scope_key = 'public' where id = '{id}'"),
    )
    .await;
    assert_eq!(read_text(&mut connection, &scopes).await, home(elsewhere), "nobody says otherwise");
    let keep = format!("create temp table kept as select * from guildhall.tickets where id = '{ticket}'");
    run(&mut connection, &format!("{keep}; delete from guildhall.tickets where id = '{ticket}'")).await;
    assert_eq!(count(&mut connection, &format!("sync.member where pk = '{id}'")).await, 0);
    let comes_back = format!(
        "insert into guildhall.tickets (id, guild_id, local_ref, subject, location_id, opened_at)
         select id, guild_id, local_ref, subject, '{at_first}', opened_at from kept"
    );
    run(&mut connection, &comes_back).await;
    assert_eq!(read_text(&mut connection, &scopes).await, home(at_first), "where its row came back to");
}

#[tokio::test]
async fn two_ranks_change_places() {
    let place = Place::new().await;
    let mut connection = place.connect().await;
    let guild = RandomGuild::new(&mut connection, 56, 3).await;
    let [low, high] = [guild.ids("ranks")[0], guild.ids("ranks")[1]];
    let set = |rank: Uuid, level: i64| {
        format!(
            "update guildhall.ranks set hierarchy_level = {level}, deleted_at = null where id = '{rank}';"
        )
    };
    run(&mut connection, &format!("{} {}", set(low, 1), set(high, 2))).await;
    run(&mut connection, &format!("begin; {} {} commit", set(low, 2), set(high, 1))).await;
    let error = refusal(&mut connection, &set(low, 1)).await;
    assert!(error.to_string().contains("ranks_key_hierarchy_level"), "{error}");
}

/// A push that holds the grants of its author and a demotion of the author wait for each other.
#[tokio::test]
async fn rights_do_not_change_while_a_push_holds_them() {
    let place = Place::new().await;
    let (mut push, mut admin) = (place.connect().await, place.connect().await);
    let guild = RandomGuild::new(&mut push, 57, 2).await;
    let person = guild.ids("users")[0];
    run(&mut push, &format!("update guildhall.users set role = 'manager' where id = '{person}'")).await;
    run(&mut push, &format!("begin; select sync.hold_grants('{}', '{person}')", guild.id)).await;
    let demote = format!("update guildhall.users set role = 'member' where id = '{person}'");
    let error = refusal(&mut admin, &format!("set lock_timeout = 1; {demote}")).await;
    assert!(error.to_string().contains("lock timeout"), "{error}");
    run(&mut push, "commit").await;
    run(&mut admin, &format!("reset lock_timeout; {demote}")).await;
}

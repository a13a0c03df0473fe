//! What an administrator does at the server itself.

use guildhall_server::Error;
use guildhall_server::admin::{self, LOWEST_RANK, NewUser};
use guildhall_server::auth::password::PasswordCost;
use guildhall_sync::id::GuildId;
use guildhall_sync::model::desk::PublicInfo;
use guildhall_sync::model::people::{Role, Squad};
use guildhall_sync::schema::{Row as _, common};
use guildhall_sync::value::{Cells, Value};
use uuid::Uuid;

use crate::world::{World, add_person};

fn person(name: &str, email: Option<&str>, password: &str) -> NewUser {
    let (name, email) = (name.to_owned(), email.map(str::to_owned));
    NewUser { name, email, role: Role::Operator, password: password.to_owned() }
}

async fn try_add(world: &World, person: NewUser) -> Error {
    let added = admin::add_user(&world.database, world.guild, person, PasswordCost::default()).await;
    added.expect_err("it must be refused")
}

#[tokio::test]
async fn a_guild_begins_with_its_lowest_rank_and_people_with_that_rank() {
    let world = World::start().await;
    let ranks = world
        .ask("select string_agg(name || ' ' || hierarchy_level, ',') as answer from guildhall.ranks")
        .await;
    assert_eq!(ranks, format!("{LOWEST_RANK} 10"));
    let rank = "select r.name as answer from guildhall.users u join guildhall.ranks r on r.id = u.rank_id";
    assert_eq!(world.ask(rank).await, LOWEST_RANK);
    let found = admin::get_guild(&world.database, "fairway").await.expect("found");
    assert_eq!(found, world.guild);
    let error = admin::get_guild(&world.database, "nowhere").await.expect_err("not there");
    assert!(matches!(error, Error::NoSuch { what: "guild", .. }), "{error}");
}

#[tokio::test]
async fn a_name_an_address_and_a_guild_are_given_once() {
    let world = World::start().await;
    let long = "long enough for anybody";
    let error = try_add(&world, person("MARCO", None, long)).await;
    assert!(matches!(&error, Error::Taken { name, .. } if name == "MARCO"), "{error}");
    let error = try_add(&world, person("Ines", Some("MARCO@fairway.example"), long)).await;
    assert!(matches!(error, Error::Taken { .. }), "{error}");
    let count = "select count(*)::text as answer from guildhall.users";
    assert_eq!(world.ask(count).await, "1", "who could not be added whole was not added");
    let again = admin::add_guild(&world.database, "FAIRWAY", "en", "UTC").await.expect_err("taken");
    assert!(matches!(again, Error::Taken { what: "guild", .. }), "{again}");
    let other = admin::add_guild(&world.database, "Other", "en", "UTC").await.expect("guild");
    add_person(&world.database, other, "Marco", Some("marco@fairway.example"), Role::Admin).await;
}

#[tokio::test]
async fn a_short_password_is_refused() {
    let world = World::start().await;
    let error = try_add(&world, person("Ines", None, "ünïcödé 11c")).await;
    assert!(matches!(error, Error::PasswordTooShort { chars: 11, needed: 12 }), "{error}");
    let twelve = person("Ines", None, "ünïcödé 12ch");
    admin::add_user(&world.database, world.guild, twelve, PasswordCost::default()).await.expect("added");
}

fn squad(guild: GuildId, number: u128, lead: Option<Uuid>) -> Cells {
    let name = Squad::TABLE.column("name").expect("a column").number;
    let squad_lead_id = Squad::TABLE.column("squad_lead_id").expect("a column").number;
    [
        (common::ID, Value::Id(Uuid::from_u128(number))),
        (common::GUILD_ID, Value::Id(guild.0)),
        (name, Value::text(format!("squad {number}"))),
        (squad_lead_id, lead.map_or(Value::Null, Value::Id)),
    ]
    .into_iter()
    .collect()
}

#[tokio::test]
async fn given_rows_go_in_whole_and_history_says_who_brought_them() {
    let world = World::start().await;
    let lead = Some(world.user.0);
    let good = vec![squad(world.guild, 1, lead), squad(world.guild, 2, None)];
    admin::insert_rows(&world.database, world.guild, &[(Squad::TABLE, good)], "sample")
        .await
        .expect("inserted");
    let told =
        "select string_agg(actor, ',') as answer from guildhall.wal_entries where target_table = 'squads'";
    assert_eq!(world.ask(told).await, "sample,sample");

    let bad = [
        (Squad::TABLE, vec![squad(world.guild, 3, None)]),
        (PublicInfo::TABLE, Vec::new()),
        (Squad::TABLE, vec![squad(world.guild, 4, Some(Uuid::from_u128(99)))]),
    ];
    admin::insert_rows(&world.database, world.guild, &bad, "sample")
        .await
        .expect_err("there is no such lead");
    assert_eq!(world.ask("select count(*)::text as answer from guildhall.squads").await, "2");
}

//! Rows of every type of column through Postgres and back, inserted and updated as sets.

use std::collections::BTreeSet;

use guildhall_server::admin;
use guildhall_server::db::Database;
use guildhall_server::db::rows::{Lock, insert_rows, read_rows, update_rows};
use guildhall_sync::id::{GuildId, RankId};
use guildhall_sync::model::desk::PublicInfo;
use guildhall_sync::model::people::{Location, Rank, User};
use guildhall_sync::model::strategy::Competitor;
use guildhall_sync::schema::{Row, Table, common};
use guildhall_sync::value::{Cells, Value};
use uuid::Uuid;

use crate::place::Place;
use crate::world::connect;

async fn database() -> (Database, GuildId) {
    let place = Place::new().await;
    let database = connect(&place.url()).await;
    let guild = admin::add_guild(&database, "Fairway", "en", "UTC").await.expect("guild");
    (database, guild)
}

fn row(table: &'static Table, guild: GuildId, number: u128, values: &[(&str, Value)]) -> Cells {
    let mut cells: Cells =
        [(common::ID, Value::Id(Uuid::from_u128(number))), (common::GUILD_ID, Value::Id(guild.0))]
            .into_iter()
            .collect();
    for (column, value) in values {
        cells.set(table.column(column).expect("a column").number, value.clone());
    }
    cells
}

fn set(words: &[&str]) -> Value {
    Value::Set(words.iter().map(|word| (*word).to_owned()).collect::<BTreeSet<_>>())
}

fn json(text: &str) -> Value {
    Value::Json(text.to_owned())
}

/// Inserts the row and reads it back; what was given is what is there, canonical bytes included.
async fn check(table: &'static Table, values: &[(&str, Value)]) {
    let (database, guild) = database().await;
    let given = row(table, guild, 1, values);
    let mut transaction = database.begin_admin().await.expect("transaction");
    insert_rows(transaction.connection(), table, std::slice::from_ref(&given)).await.expect("inserted");
    let ids = [Uuid::from_u128(1)];
    let read = read_rows(transaction.connection(), table, guild, &ids, Lock::None).await.expect("read");
    let [read] = &read[..] else { panic!("one row: {read:?}") };
    for (column, value) in values {
        assert_eq!(table.value(read, column).as_ref(), value, "{}.{column}", table.name);
    }
    assert_eq!(table.value(read, "rev").as_ref(), &Value::Int(1));
    assert_eq!(
        Cells::decode(&read.encode(table), table).expect("canonical").encode(table),
        read.encode(table)
    );
}

#[tokio::test]
async fn every_type_of_column_comes_back_as_it_went() {
    let text = "Ünïcode ⛳, 'quotes\" \\ and\nlines\t$1 %s {} null \u{fffd}\u{1f3cc}";
    check(
        Location::TABLE,
        &[
            ("code", Value::text("HARB")),
            ("name", Value::text(text)),
            ("address", json(r#"{"b": [1, 2.50, null, true, {"c": "ä\"\\"}], "street": ""}"#)),
            ("deleted_at", Value::Int(-1)),
        ],
    )
    .await;
    check(
        Location::TABLE,
        &[("code", Value::text("")), ("name", Value::text("null")), ("address", json("null"))],
    )
    .await;
    check(
        User::TABLE,
        &[
            ("name", Value::text("Marco")),
            ("role", Value::text("kiosk")),
            ("preferences", set(&["", "{", "NULL", "a,b", "ä", text])),
            ("is_active", Value::bool(false)),
            ("rank_id", Value::Null),
        ],
    )
    .await;
    check(
        PublicInfo::TABLE,
        &[
            ("category", Value::text("hours")),
            ("question", Value::text("?")),
            ("valid_from", Value::Int(-719_162)),
            ("valid_until", Value::Int(2_932_896)),
            ("approved_at", Value::Int(1_790_000_000_123_456)),
        ],
    )
    .await;
    check(
        Competitor::TABLE,
        &[
            ("name", Value::text("Links & Co.")),
            ("market_share", Value::Int(-5)),
            ("services", set(&[])),
            ("strengths", Value::text("\r\n")),
        ],
    )
    .await;
}

#[tokio::test]
async fn a_column_that_is_not_given_gets_its_default() {
    let (database, guild) = database().await;
    let mut transaction = database.begin_admin().await.expect("transaction");
    let given = row(User::TABLE, guild, 1, &[("name", Value::text("Ines")), ("role", Value::text("member"))]);
    insert_rows(transaction.connection(), User::TABLE, &[given]).await.expect("inserted");
    let ids = [Uuid::from_u128(1), Uuid::from_u128(2)];
    let read =
        read_rows(transaction.connection(), User::TABLE, guild, &ids, Lock::ForUpdate).await.expect("read");
    let user = User::from_cells(read[0].clone()).expect("a whole row");
    assert!(user.is_active && user.preferences.is_empty() && user.rank_id.is_none() && user.rev == 1);
    assert_eq!(read.len(), 1, "what is not there is not read");
}

#[tokio::test]
async fn rows_are_updated_in_the_columns_that_they_have() {
    let (database, guild) = database().await;
    let rank = |number: u128, values: &[(&str, Value)]| row(Rank::TABLE, guild, number, values);
    let mut transaction = database.begin_admin().await.expect("transaction");
    let connection = transaction.connection();
    let ranks: Vec<Cells> = (1..=3)
        .map(|number| {
            let level = i64::try_from(number * 100).expect("small");
            rank(
                number,
                &[("name", Value::text(format!("rank {number}"))), ("hierarchy_level", Value::Int(level))],
            )
        })
        .collect();
    insert_rows(connection, Rank::TABLE, &ranks).await.expect("inserted");
    let changes = [
        rank(3, &[("name", Value::text("Elder")), ("phonetic", Value::text("el-der"))]),
        rank(1, &[("phonetic", Value::text("one")), ("rev", Value::Int(77))]),
        rank(2, &[]),
        rank(9, &[("name", Value::text("nobody"))]),
    ];
    update_rows(connection, Rank::TABLE, &changes).await.expect("updated");
    let ids = [3, 1, 2].map(Uuid::from_u128);
    let read = read_rows(connection, Rank::TABLE, guild, &ids, Lock::ForUpdate).await.expect("read");
    let read: Vec<Rank> = read.into_iter().map(|cells| Rank::from_cells(cells).expect("a row")).collect();
    let seen: Vec<_> = read
        .iter()
        .map(|rank| (rank.name.as_str(), rank.phonetic.as_str(), rank.hierarchy_level, rank.rev))
        .collect();
    assert_eq!(seen, [("rank 1", "one", 100, 2), ("rank 2", "", 200, 1), ("Elder", "el-der", 300, 2)]);
    assert_eq!(read[0].id, RankId(Uuid::from_u128(1)), "in the order of ids");

    let stranger = GuildId(Uuid::from_u128(5));
    let foreign = read_rows(connection, Rank::TABLE, stranger, &ids, Lock::None).await.expect("read");
    assert_eq!(foreign, []);
}

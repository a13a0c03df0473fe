//! Twelve writers in psql, with sleeps inside their transactions, savepoints, rollbacks and every
//! level of isolation, against a laptop that fetches all the while: no commit is missed, and no
//! half of one is ever seen.

use crate::equality::demand_equal;
use crate::house::House;
use crate::house::device::Device;
use sqlx::{AssertSqlSafe, Connection};
use std::sync::Arc;
use tokio::task::JoinSet;

const WRITERS: usize = 12;
/// Transactions of each writer between two checkpoints.
const TRANSACTIONS: usize = 15;
const CHECKPOINTS: usize = 3;

/// Takes something from the progress of one objective and gives it to another, in a transaction
/// that lasts: before the first write, between the two, and before the end. Some of it is rolled
/// back, to a savepoint or whole.
fn transfer(writer: usize, turn: usize) -> String {
    let level = ["read committed", "repeatable read", "serializable"][(writer + turn) % 3];
    let end = if turn % 5 == 4 { "rollback" } else { "commit" };
    let [first, second, third] = [1 + turn % 7, (writer * 3 + turn) % 11, turn % 5];
    let by = 1 + turn % 3;
    format!(
        "begin isolation level {level};
         select pg_sleep(0.00{first});
         update guildhall.objectives set progress = progress - {by} where name = 'Pair {writer} a';
         savepoint before_mistake;
         update guildhall.objectives set progress = 99, sort_key = 'mistake' where name like 'Pair {writer} _';
         rollback to savepoint before_mistake;
         select pg_sleep(0.0{second:02});
         update guildhall.objectives set progress = progress + {by} where name = 'Pair {writer} b';
         insert into guildhall.tickets (id, guild_id, local_ref, subject, location_id, opened_at)
         select gen_random_uuid(), guild_id, 'W{writer}-' || gen_random_uuid(), 'From a writer', id, now()
           from guildhall.locations where code = 'HARB';
         select pg_sleep(0.00{third});
         {end}"
    )
}

/// One transaction after another; one that met another writer is tried again.
async fn write(house: Arc<House>, writer: usize, begun: usize) -> usize {
    let mut connection = house.connect().await;
    let mut committed = 0;
    for turn in begun..begun + TRANSACTIONS {
        loop {
            let done = sqlx::raw_sql(AssertSqlSafe(transfer(writer, turn))).execute(&mut connection).await;
            match done {
                Ok(_) => break,
                Err(sqlx::Error::Database(error))
                    if error.code().is_some_and(|code| code.starts_with("40")) =>
                {
                    sqlx::raw_sql("rollback").execute(&mut connection).await.expect("back at the start");
                }
                Err(error) => panic!("writer {writer}: {error}"),
            }
        }
        committed += usize::from(turn % 5 != 4);
    }
    connection.close().await.expect("a connection");
    committed
}

/// The two objectives of a pair have a hundred together, whenever one looks.
fn demand_whole_commits(device: &Device) {
    let sums = "select count(*) from (select substr(name, 1, length(name) - 2) as pair from objectives
        where name like 'Pair %' group by 1 having sum(progress) <> 100 or count(*) <> 2)";
    assert_eq!(device.count(sums), 0, "half a commit is seen");
    assert_eq!(device.count("select count(*) from objectives where sort_key = 'mistake'"), 0);
}

async fn add_pairs(house: &House) {
    house
        .psql(format!(
            "insert into guildhall.objectives (id, guild_id, name, rank_id, progress)
             select gen_random_uuid(), '{}', 'Pair ' || writer || side, '{}', 50
               from generate_series(0, {}) as writer, unnest(array[' a', ' b']) as side",
            house.guild.0,
            house.id_of("ranks", "caddie"),
            WRITERS - 1
        ))
        .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn twelve_writers_and_a_laptop_that_fetches_all_the_while() {
    let house = Arc::new(House::of_sample().await);
    add_pairs(&house).await;
    let ana = house.laptop_of("ana").await;
    let tickets = "select count(*) from tickets where local_ref like 'W%'";
    let (mut committed, mut pulls) = (0, 0);
    for checkpoint in 0..CHECKPOINTS {
        let mut writers = JoinSet::new();
        for writer in 0..WRITERS {
            writers.spawn(write(Arc::clone(&house), writer, checkpoint * TRANSACTIONS));
        }
        while !writers.is_empty() {
            ana.sync().await;
            demand_whole_commits(&ana);
            pulls += 1;
            while let Some(ended) = writers.try_join_next() {
                committed += ended.expect("a writer ends well");
            }
        }
        ana.sync().await;
        demand_whole_commits(&ana);
        assert_eq!(
            ana.count(tickets),
            i64::try_from(committed).expect("a small number"),
            "no commit is missed"
        );
        demand_equal(&house, house.user("ana").0, &ana).await;
    }
    assert!(pulls > CHECKPOINTS, "it fetched while they wrote");
    ana.demand_well();
}

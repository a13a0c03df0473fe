//! Two guilds over a pool of two connections, with requests that are cut off anywhere: nobody
//! ever sees the other guild, and nothing of a request stays on a connection.

use std::task::Poll;

use guildhall_server::admin;
use guildhall_server::db::{Database, DatabaseOptions, GuildTx, Isolation};
use guildhall_sync::id::{GuildId, UserId};
use guildhall_sync::model::people::Role;
use proptest::prelude::Rng;
use proptest::test_runner::{RngAlgorithm, TestRng};
use sqlx::Row;
use uuid::Uuid;

use crate::place::Place;
use crate::world::add_person;

const ROUNDS: usize = 60;
const AT_ONCE: usize = 8;

#[derive(Clone, Copy)]
struct Someone {
    guild: GuildId,
    user: UserId,
}

/// What one request does, and how it ends.
#[derive(Clone, Copy, Debug)]
struct Request {
    first: bool,
    isolation: Isolation,
    end: End,
    /// Polls.
    cut_after: u64,
}

#[derive(Clone, Copy, Debug)]
enum End {
    Commit,
    RollBack,
    Drop,
    Fail,
}

fn draw(random: &mut TestRng) -> Request {
    let bits = random.next_u64();
    Request {
        first: bits & 1 == 0,
        isolation: if bits & 2 == 0 { Isolation::ReadCommitted } else { Isolation::RepeatableRead },
        end: [End::Commit, End::RollBack, End::Drop, End::Fail]
            [usize::try_from(bits >> 2 & 3).expect("two bits")],
        // Many are cut off: while they wait for a connection, begin, ask or end.
        cut_after: if bits & 16 == 0 { u64::MAX } else { (bits >> 8) % 20 },
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_of_a_request_stays_on_its_connection() {
    let place = Place::new().await;
    let options =
        DatabaseOptions { connections: 2, acquire_timeout_ms: 30_000, ..DatabaseOptions::default() };
    let database = Database::connect(&place.url(), options).await.expect("database");
    let first = someone(&database, "One").await;
    let second = someone(&database, "Two").await;
    let seed: [u8; 32] = std::array::from_fn(|at| u8::try_from(at).expect("below 32"));
    let mut random = TestRng::from_seed(RngAlgorithm::ChaCha, &seed);
    let mut completed = 0;
    for round in 0..ROUNDS {
        let requests: Vec<Request> = (0..AT_ONCE).map(|_| draw(&mut random)).collect();
        let running = requests.iter().map(|request| {
            let who = if request.first { first } else { second };
            tokio::spawn(run(database.clone(), who, *request))
        });
        for (request, ended) in requests.iter().zip(futures_util::future::join_all(running).await) {
            completed += usize::from(ended.unwrap_or_else(|_| panic!("round {round}: {request:?}")));
        }
        check_clean(&database, &place).await;
    }
    assert!(completed > ROUNDS * AT_ONCE / 4, "{completed} of {} came to their end", ROUNDS * AT_ONCE);
    assert!(completed < ROUNDS * AT_ONCE, "some were cut off");
}

async fn someone(database: &Database, guild: &str) -> Someone {
    let guild = admin::add_guild(database, guild, "en", "UTC").await.expect("guild");
    let user = add_person(database, guild, "Marco", None, Role::Admin).await;
    Someone { guild, user }
}

/// Whether the request came to its end.
async fn run(database: Database, who: Someone, request: Request) -> bool {
    let mut asking = Box::pin(ask(database, who, request));
    let mut polls = 0;
    std::future::poll_fn(|context| {
        if polls == request.cut_after {
            return Poll::Ready(false);
        }
        polls += 1;
        asking.as_mut().poll(context).map(|()| true)
    })
    .await
}

async fn ask(database: Database, who: Someone, request: Request) {
    let mut transaction =
        database.begin(who.guild, who.user, request.isolation).await.expect("a transaction");
    check_sees_own(&mut transaction, who).await;
    sqlx::query("select pg_sleep(0.001)").execute(transaction.connection()).await.expect("slept");
    match request.end {
        End::Commit => transaction.commit().await.expect("committed"),
        End::RollBack => transaction.roll_back().await.expect("rolled back"),
        End::Drop => drop(transaction),
        End::Fail => {
            let failed = sqlx::query("select 1 / 0").execute(transaction.connection()).await;
            failed.expect_err("nobody can do that");
        }
    }
}

async fn check_sees_own(transaction: &mut GuildTx, who: Someone) {
    let row = sqlx::query(
        "select current_user::text as role, current_setting('guildhall.guild') as guild,
                current_setting('guildhall.user') as person, current_setting('transaction_isolation') as isolation,
                (select array_agg(distinct guild_id) from guildhall.users) as seen",
    )
    .fetch_one(transaction.connection())
    .await
    .expect("an answer");
    let text = |name: &str| row.try_get::<String, _>(name).expect("a text");
    assert_eq!(text("role"), "guildhall_app");
    assert_eq!(text("guild"), who.guild.to_string());
    assert_eq!(text("person"), who.user.to_string());
    assert_eq!(row.try_get::<Vec<Uuid>, _>("seen").expect("guilds"), [who.guild.0]);
}

/// Both connections are as if nobody had ever used them: no setting, and no transaction that was
/// begun for somebody who left.
async fn check_clean(database: &Database, place: &Place) {
    let mut outside = place.connect().await;
    let row =
        sqlx::query("select clock_timestamp()::text as now").fetch_one(&mut outside).await.expect("a time");
    let now: String = row.try_get("now").expect("a text");
    let (mut one, mut other) =
        (database.begin_admin().await.expect("one"), database.begin_admin().await.expect("the other"));
    for transaction in [&mut one, &mut other] {
        let row = sqlx::query(
            "select coalesce(current_setting('guildhall.guild', true), '')
                 || coalesce(current_setting('guildhall.user', true), '')
                 || coalesce(current_setting('guildhall.actor', true), '') as left_over,
                    now() >= $1::timestamptz as is_new",
        )
        .bind(&now)
        .fetch_one(transaction.connection())
        .await
        .expect("an answer");
        assert_eq!(row.try_get::<String, _>("left_over").expect("a text"), "");
        assert!(row.try_get::<bool, _>("is_new").expect("yes or no"), "it was begun for somebody else");
    }
}

//! Postgres is killed, all its processes at once, in the middle of a push: it is there whole or not
//! at all, what laptops were told is accepted is there, nothing is there twice, and the server goes on by itself when Postgres is back.
//!
//! `GUILDHALL_LONG=1` kills it 300 times.

use crate::equality::demand_equal;
use crate::house::database::{CLERKS, Database, Template, binaries, guild};
use crate::house::device::Device;
use crate::house::proxy::{Fault, Proxy};
use crate::house::server::Server;
use crate::house::{House, PATIENCE};
use guildhall_local::sops::{self, NewSop};
use guildhall_local::store::state;
use guildhall_local::write::Why;
use guildhall_server::cluster::{Cluster, ClusterOptions};
use sqlx::AssertSqlSafe;
use std::pin::Pin;
use std::time::Duration;
use uuid::Uuid;

const DEATHS: usize = 6;
const LONG_DEATHS: usize = 300;
/// Changes that are on their way when it dies.
const EDITS: usize = 25;
/// Where a push waits when it dies: for a table that somebody else has locked, in the order in which
/// they are written, or with its work done and the answer on its way.
const PLACES: [Place; 4] = [
    Place::Before("sync.inbox"),
    Place::Before("guildhall.sops"),
    Place::Before("guildhall.wal_entries"),
    Place::Answering,
];
const LOOK_EVERY: Duration = Duration::from_millis(50);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Place {
    Before(&'static str),
    Answering,
}

fn add_pages(device: &Device, death: usize) {
    for number in 0..EDITS {
        let section = format!("note-{death}-{number}");
        let new = NewSop {
            assistant: None,
            category: "general".to_owned(),
            section: section.clone(),
            title: section,
            content: "Written before Postgres died.".to_owned(),
            front_matter: String::new(),
        };
        device.write(|write| sops::create(write, &new, Why::default()));
    }
}

/// Entries of which the laptop has been told that they are accepted.
fn list_accepted(device: &Device) -> Vec<Uuid> {
    device.read(|connection| {
        let list = "select id from wal_entries where state in ('committed', 'merged', 'settled')";
        let mut select = connection.prepare(list)?;
        let ids = select.query_map([], |row| row.get(0))?;
        Ok(ids.collect::<Result<_, _>>()?)
    })
}

async fn demand_there(house: &House, accepted: &[Uuid], death: usize) {
    let list: Vec<String> = accepted.iter().map(|id| format!("'{id}'")).collect();
    let found = format!(
        "select count(*) from guildhall.wal_entries where status = 'committed' and id in ({}, null)",
        list.join(", ")
    );
    let found = if list.is_empty() { 0 } else { house.ask::<i64>(found).await };
    assert_eq!(found, accepted.len() as i64, "death {death}: what was accepted is lost");
}

/// Sends what is unsent, and kills Postgres when the push stands at the place.
async fn die_at(house: &House, cluster: &mut Cluster, writer: &Device, proxy: &Proxy, place: Place) {
    // Its lock ends with Postgres.
    let mut holder = house.connect().await;
    let standing: Pin<Box<dyn Future<Output = ()>>> = match place {
        Place::Answering => Box::pin(proxy.meet(Fault::hold_verdicts())),
        Place::Before(table) => {
            let lock = format!("begin; lock table {table} in exclusive mode");
            sqlx::raw_sql(AssertSqlSafe(lock)).execute(&mut holder).await.expect("the lock");
            Box::pin(until_waiting(house, table))
        }
    };
    let killing = async {
        standing.await;
        tokio::task::block_in_place(|| cluster.kill()).expect("it is killed");
        proxy.heal();
    };
    let (sent, ()) = tokio::join!(writer.try_sync(), killing);
    assert!(sent.is_err(), "{place:?}: it was told of its end");
}

async fn until_waiting(house: &House, table: &str) {
    // Postgres itself may want the table as well, to tidy it up.
    let waiting = format!(
        "select count(*) from pg_locks join pg_stat_activity using (pid)
          where not granted and relation = '{table}'::regclass and backend_type = 'client backend'"
    );
    let looking = async {
        while house.ask::<i64>(waiting.as_str()).await == 0 {
            tokio::time::sleep(LOOK_EVERY).await;
        }
    };
    assert!(tokio::time::timeout(PATIENCE, looking).await.is_ok(), "no push comes to {table}");
}

async fn sync_until_well(house: &mut House, device: &Device, death: usize) {
    let trying = async {
        while let Err(error) = device.try_sync().await {
            assert!(!house.server.has_ended(), "death {death}: the server ended: {error}");
            tokio::time::sleep(LOOK_EVERY).await;
        }
    };
    let came = tokio::time::timeout(PATIENCE, trying).await;
    assert!(came.is_ok(), "death {death}: the server does not come back by itself: {}", house.server.said());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn postgres_dies_while_laptops_send_and_nothing_accepted_is_lost_or_doubled() {
    // What is lost in memory only is lost with fast settings: this is about a real one.
    let options = ClusterOptions { durable: true, max_connections: 60 };
    let mut cluster = Cluster::start_temporary(&binaries(), options).expect("a cluster");
    cluster.create_database("guild").await.expect("a database");
    let url = cluster.url("guild");
    Template::Small.fill(&url).await;
    let server = Server::start(&url, None);
    let mut house = House { database: Database::at(url), server, guild: guild() };
    let proxy = Proxy::to(house.server.address).await;
    let writer = Device::sign_in(&proxy.url(), CLERKS[0]).await;
    let reader = Device::sign_in(&house.server.url(), CLERKS[1]).await;
    writer.sync().await;

    let is_long = std::env::var_os("GUILDHALL_LONG").is_some();
    let deaths = if is_long { LONG_DEATHS } else { DEATHS };
    for death in 0..deaths {
        add_pages(&writer, death);
        let place = PLACES[death % PLACES.len()];
        die_at(&house, &mut cluster, &writer, &proxy, place).await;
        let accepted = list_accepted(&writer);
        // In flight where the pull beside the push heard of the death first.
        let unknown =
            writer.count("select count(*) from wal_entries where state in ('unknown', 'in_flight')");
        assert_eq!(unknown, EDITS as i64, "death {death}: the end of what was sent is not known");
        tokio::task::block_in_place(|| cluster.restart()).expect("it starts again");
        demand_there(&house, &accepted, death).await;
        let there = format!("select count(*) from guildhall.sops where section like 'note-{death}-%'");
        let there = house.ask::<i64>(there).await;
        assert_eq!(there, if place == Place::Answering { unknown } else { 0 }, "death {death}: all or none");
        sync_until_well(&mut house, &writer, death).await;
    }

    sync_until_well(&mut house, &reader, deaths).await;
    let entries = writer.count("select count(*) from wal_entries");
    assert_eq!(entries, (deaths * EDITS) as i64);
    assert_eq!(writer.unsent(), 0);
    let history = "select count(*) from guildhall.wal_entries where device_id is not null";
    assert_eq!(house.ask::<i64>(history).await, entries, "each entry once");
    let pages = "select count(*) from guildhall.sops where section like 'note-%'";
    assert_eq!(house.ask::<i64>(pages).await, entries);
    for device in [&writer, &reader] {
        demand_equal(&house, device.read(state::account).user.0, device).await;
        device.demand_well();
    }
}

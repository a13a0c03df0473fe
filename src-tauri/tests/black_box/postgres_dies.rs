//! Postgres is killed, all its processes at once, while laptops send: what they were told is
//! accepted is there, nothing is there twice, and the server goes on by itself when Postgres is back.
//!
//! `GUILDHALL_LONG=1` kills it 300 times.

use crate::equality::demand_equal;
use crate::house::chance::Chance;
use crate::house::database::{CLERKS, Database, Template, binaries, guild};
use crate::house::device::Device;
use crate::house::server::Server;
use crate::house::{House, PATIENCE};
use guildhall_local::sops::{self, NewSop};
use guildhall_local::store::state;
use guildhall_local::write::Why;
use guildhall_server::cluster::{Cluster, ClusterOptions};
use std::io::Write;
use std::time::Duration;
use uuid::Uuid;

const DEATHS: usize = 6;
const LONG_DEATHS: usize = 300;
/// Changes that are on their way when it dies.
const EDITS: usize = 25;
const LONGEST_LIFE_MS: usize = 200;
const LOOK_EVERY: Duration = Duration::from_millis(50);

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
    let writer = Device::sign_in(&house.server.url(), CLERKS[0]).await;
    let reader = Device::sign_in(&house.server.url(), CLERKS[1]).await;
    writer.sync().await;

    let is_long = std::env::var_os("GUILDHALL_LONG").is_some();
    let deaths = if is_long { LONG_DEATHS } else { DEATHS };
    let (mut chance, mut unknown) = (Chance::new(1), 0);
    for death in 0..deaths {
        add_pages(&writer, death);
        let life = Duration::from_millis(chance.below(LONGEST_LIFE_MS) as u64);
        let killing = async {
            tokio::time::sleep(life).await;
            tokio::task::block_in_place(|| cluster.kill()).expect("it is killed");
        };
        // Whether the sync ended before that, with it, or in the middle of it is left to chance.
        drop(tokio::join!(writer.try_sync(), killing));
        let accepted = list_accepted(&writer);
        unknown += writer.count("select count(*) from wal_entries where state = 'unknown'");
        tokio::task::block_in_place(|| cluster.restart()).expect("it starts again");
        demand_there(&house, &accepted, death).await;
        sync_until_well(&mut house, &writer, death).await;
    }
    let said = format!("{deaths} deaths, {unknown} changes whose end was not known");
    writeln!(std::io::stdout().lock(), "{said}").expect("somebody listens");

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

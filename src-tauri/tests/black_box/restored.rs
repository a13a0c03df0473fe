//! The server's database is set back to an earlier state under laptops that go on writing: by a dump
//! that is restored, announced or not, overtaken by new work, and into another cluster. Nothing that
//! anybody wrote is lost, nothing is there twice, and the report says what came back from whom.
//!
//! `GUILDHALL_LONG=1` runs it with 20 laptops and 2,000 changes each time.

use crate::equality::demand_equal;
use crate::house::House;
use crate::house::database::{CLERKS, Database as Place, Template, binaries, cluster, guild};
use crate::house::device::Device;
use guildhall_local::restore;
use guildhall_local::write::Why;
use guildhall_server::admin;
use guildhall_server::cluster::{Cluster, ClusterOptions};
use guildhall_server::db::{Database, DatabaseOptions};
use guildhall_server::migrate::migrate_at;
use guildhall_sync::model::desk::Ticket;
use guildhall_sync::schema::{Row as _, Table};
use guildhall_sync::value::{Cells, Value};
use std::collections::BTreeMap;
use std::fs::File;
use std::path::Path;
use std::process::Command;
use tempfile::TempDir;
use uuid::Uuid;

/// A guild whose people open tickets and change those of others.
struct Desk {
    house: House,
    laptops: Vec<Device>,
    /// Changes that were made.
    changes: usize,
    /// What each ticket was called last. Nobody changes one that somebody else has unsent.
    tickets: BTreeMap<Uuid, String>,
}

impl Desk {
    async fn open() -> Self {
        let house = House::open(Template::Small).await;
        let mut laptops = Vec::new();
        for number in 0..size(5, 20) {
            let laptop = Device::sign_in(&house.server.url(), CLERKS[number % CLERKS.len()]).await;
            laptop.sync().await;
            laptops.push(laptop);
        }
        Self { house, laptops, changes: 0, tickets: BTreeMap::new() }
    }

    /// One laptop after the other works for a while, and is then in touch with the server, or not.
    async fn work(&mut self, is_online: bool) {
        let rounds = size(6, 34);
        for number in 0..self.laptops.len() {
            let laptop = &self.laptops[number];
            if is_online {
                laptop.sync().await;
            }
            for round in 0..rounds {
                self.changes += 1;
                let name = format!("{number}-{}", self.changes);
                // Where nobody is in touch, each laptop keeps to every so manieth ticket.
                let mut known = self
                    .tickets
                    .keys()
                    .filter(|id| is_online || id.as_u128() % self.laptops.len() as u128 == number as u128);
                let known =
                    known.nth(round).filter(|id| laptop.find_row(Ticket::TABLE, **id).is_some()).copied();
                let id = match known.filter(|_| round % 2 == 0) {
                    Some(id) => change(laptop, id, &name),
                    None => open(laptop, &name),
                };
                self.tickets.insert(id, name);
            }
            if is_online {
                laptop.sync().await;
            }
        }
    }

    async fn begin_epoch(&self, url: &str) {
        let database = Database::connect(url, DatabaseOptions::default()).await.expect("a database");
        admin::begin_epoch(&database, guild()).await.expect("a new history");
        database.close().await;
    }

    async fn check(&self, url: &str) {
        // What waits for an author who waits for another comes back level by level.
        for round in 0..20 {
            let is_done = self.laptops.iter().all(|laptop| laptop.unsent() == 0);
            if round >= 5 && is_done {
                break;
            }
            for laptop in &self.laptops {
                // What waits for its author is asked for once a minute.
                let now = "update wal_entries set retry_at = null where state = 'deferred'";
                laptop.store.record(|writer| Ok(writer.execute(now, [])?)).expect("asked for at once");
                match laptop.try_sync().await {
                    // More than a tenth of the rows is missing until their authors have been there.
                    Err(_) if round < 3 => until_free(laptop),
                    done => drop(done.expect("the server answers")),
                }
            }
        }
        let lines: i64 =
            self.house.ask("select count(*) from guildhall.wal_entries where device_seq is not null").await;
        assert_eq!(usize::try_from(lines).expect("a number"), self.changes, "each change is in history once");
        for laptop in &self.laptops {
            assert_eq!((laptop.unsent(), laptop.conflicts().len()), (0, 0));
            assert_eq!(laptop.count("select count(*) from wal_entries where state = 'rejected'"), 0);
            assert_eq!(laptop.count("select count(*) from sync_witness"), 0, "the server has taken them");
            for (id, name) in &self.tickets {
                let row = laptop.find_row(Ticket::TABLE, *id).unwrap_or_else(|| panic!("{name} is lost"));
                assert_eq!(Ticket::TABLE.value(&row, "subject").as_text(), Some(name.as_str()));
            }
            laptop.demand_well();
            let person = laptop.read(guildhall_local::store::state::account).user;
            demand_equal(&self.house, person.0, laptop).await;
            let told = laptop.read(restore::report);
            assert!(told.restored_at.is_some() && told.offered > 0 && told.waiting == 0, "{told:?}");
        }
        let database = Database::connect(url, DatabaseOptions::default()).await.expect("a database");
        let (bringers, waiting) = admin::report(&database, guild()).await.expect("a report");
        database.close().await;
        let lost: i64 = self.house.ask("select count(*) from sync.returned").await;
        assert!(lost > 0);
        assert_eq!(bringers.iter().map(|bringer| bringer.came_back).sum::<i64>(), lost);
        assert_eq!(bringers.iter().map(|bringer| bringer.conflicts).sum::<i64>(), 0, "{bringers:?}");
        assert!(bringers.iter().all(|bringer| CLERKS.contains(&bringer.person.as_str())), "{bringers:?}");
        let waiting: Vec<_> = waiting.iter().map(|witness| (witness.table.name, witness.sides())).collect();
        assert!(waiting.is_empty(), "everybody brought back what was theirs: {waiting:?}");
    }
}

fn size(short: usize, long: usize) -> usize {
    if std::env::var_os("GUILDHALL_LONG").is_some() { long } else { short }
}

fn cells(table: &Table, named: &[(&str, Value)]) -> Cells {
    named.iter().map(|(name, value)| (table.column(name).expect("a column").number, value.clone())).collect()
}

fn open(laptop: &Device, name: &str) -> Uuid {
    let first = "select id from locations order by code limit 1";
    let location =
        laptop.read(|connection| Ok(connection.query_row(first, [], |row| row.get::<_, Uuid>(0))?));
    let named = [
        ("local_ref", Value::text(name)),
        ("subject", Value::text(name)),
        ("location_id", Value::Id(location)),
        ("opened_at", Value::Int(1_700_000_000_000_000)),
    ];
    laptop.write(|write| write.insert(Ticket::TABLE, cells(Ticket::TABLE, &named))).value
}

fn change(laptop: &Device, id: Uuid, name: &str) -> Uuid {
    let subject = cells(Ticket::TABLE, &[("subject", Value::text(name))]);
    laptop.write(|write| write.update(Ticket::TABLE, id, subject, Why::default()));
    id
}

/// The database in a file.
fn dump(url: &str, file: &Path) {
    run("pg_dump", &["--format=custom", "--file", &file.to_string_lossy(), url]);
}

fn restore_into(url: &str, file: &Path) {
    run("pg_restore", &["--exit-on-error", "--dbname", url, &file.to_string_lossy()]);
}

fn run(program: &str, arguments: &[&str]) {
    let said = Command::new(binaries().folder.join(program)).args(arguments).output();
    let said = said.unwrap_or_else(|error| panic!("{program}: {error}"));
    assert!(said.status.success(), "{program}: {}", String::from_utf8_lossy(&said.stderr));
}

/// In the place of the database.
async fn put_back(url: &str, file: &Path) {
    let (_, name) = url.rsplit_once('/').expect("an address");
    let name = name.split('?').next().expect("a name");
    cluster().drop_database(name).await.expect("dropped");
    cluster().create_database(name).await.expect("a new one");
    restore_into(url, file);
}

async fn until_restored(desk: &mut Desk) -> TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    desk.work(true).await;
    dump(&desk.house.database.url(), &folder.path().join("dump"));
    desk.work(true).await;
    for laptop in &desk.laptops {
        laptop.sync().await;
    }
    desk.work(false).await;
    desk.house.stop_server();
    folder
}

/// A sync that failed may leave a request behind, which holds the profile's lock until it ends.
fn until_free(laptop: &Device) {
    let lock = File::open(laptop.profile().join("link.lock")).expect("a lock");
    lock.lock().expect("the request ends");
}

#[tokio::test(flavor = "multi_thread")]
async fn after_an_announced_restore_everything_is_there_once() {
    let mut desk = Desk::open().await;
    let folder = until_restored(&mut desk).await;
    let url = desk.house.database.url();
    put_back(&url, &folder.path().join("dump")).await;
    desk.begin_epoch(&url).await;
    desk.house.start_server();
    desk.check(&url).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn after_a_restore_that_nobody_announced_and_that_new_work_overtook_everything_is_there_once() {
    let mut desk = Desk::open().await;
    let folder = until_restored(&mut desk).await;
    let url = desk.house.database.url();
    put_back(&url, &folder.path().join("dump")).await;
    desk.house.start_server();
    // New commits take the numbers of the lost ones before any laptop that knows better is there.
    for _ in 0..size(60, 1_500) {
        desk.house.psql("update guildhall.guilds set description = description || '.'").await;
    }
    let refused = desk.laptops[0].try_sync().await.expect_err("the server was set back");
    assert!(refused.to_string().contains("restored"), "{refused}");
    let told = desk.laptops[0].read(restore::report);
    assert!(told.set_back_at.is_some(), "a person is told");
    for laptop in &desk.laptops {
        until_free(laptop);
        laptop.try_sync().await.expect_err("it stands still for all");
        until_free(laptop);
    }
    desk.begin_epoch(&url).await;
    desk.check(&url).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn in_another_cluster_everything_is_there_once() {
    let mut desk = Desk::open().await;
    let folder = until_restored(&mut desk).await;
    let options = ClusterOptions { durable: false, max_connections: 100 };
    let other = Cluster::start_temporary(&binaries(), options).expect("another cluster");
    other.create_database("restored").await.expect("a database");
    let url = other.url("restored");
    // A dump has no roles: they belong to the cluster, and migrating any database makes them.
    other.create_database("roles").await.expect("a database");
    migrate_at(&other.url("roles")).await.expect("the roles");
    restore_into(&url, &folder.path().join("dump"));
    desk.begin_epoch(&url).await;
    desk.house.move_to(Place::at(url.clone()));
    desk.check(&url).await;
    drop(desk);
    other.stop().expect("it ends");
}

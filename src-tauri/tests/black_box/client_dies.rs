//! The process that writes and syncs is killed at random moments: whatever it had acknowledged is
//! on the disk, the file is sound, and the server gets each edit once.

use crate::house::House;
use crate::house::PASSWORD;
use crate::house::database::{CLERKS, Template};
use crate::house::device::{self, Device};
use guildhall_local::clock::Clock;
use guildhall_local::link::asking::nobody;
use guildhall_local::sops::{self, NewSop};
use guildhall_local::write::Why;
use guildhall_local::{Store, profile};
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Arc;

const DEATHS: usize = 200;
/// The most edits that are acknowledged between two deaths.
const MOST_EDITS: u64 = 6;
const TEST: &str = "client_dies::no_acknowledged_edit_is_lost_when_the_process_is_killed";
const FOLDER: &str = "GUILDHALL_TEST_CHILD";
const ACK: &str = "acknowledged ";

/// The child: keeps in touch with the server, writes pages for ever, and says which are on the disk.
fn work(folder: &Path) -> ! {
    let dir = folder.join("profile");
    let open = || Arc::new(profile::open_with_password(&dir, PASSWORD, Clock::system()).expect("it opens"));
    let link = device::take_link(&open(), &dir, &device::state_folder(folder));
    let store = open();
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    let watched = dir.clone();
    runtime.spawn(async move { link.watch(&watched, |_| {}, &mut nobody(), std::future::pending()).await });
    loop {
        let section = add_page(&store);
        let mut out = std::io::stdout().lock();
        writeln!(out, "\n{ACK}{section}").and_then(|()| out.flush()).expect("the parent listens");
    }
}

fn add_page(store: &Store) -> String {
    let written = store.write(|write| {
        let section = format!("note-{}", write.new_id());
        let new = NewSop {
            assistant: None,
            category: "general".to_owned(),
            section: section.clone(),
            title: "A note".to_owned(),
            content: "Written between two deaths.".to_owned(),
            front_matter: String::new(),
        };
        sops::create(write, &new, Why::default())?;
        Ok(section)
    });
    written.expect("a page").value
}

/// Starts the child, kills it after some acknowledgements, and says what it had acknowledged.
fn one_life(folder: &Path, edits: u64) -> Vec<String> {
    let mut child = Command::new(std::env::current_exe().expect("this program"))
        .args([TEST, "--exact", "--nocapture", "--test-threads=1"])
        .env(FOLDER, folder)
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .expect("a child");
    let mut said = BufReader::new(child.stdout.take().expect("a pipe")).lines().map_while(Result::ok);
    let mut acknowledged = Vec::new();
    let mut next = |acknowledged: &mut Vec<String>| {
        let line = said.find_map(|line| line.strip_prefix(ACK).map(str::to_owned));
        let is_there = line.is_some();
        acknowledged.extend(line);
        is_there
    };
    for _ in 0..edits {
        assert!(next(&mut acknowledged), "the child works");
    }
    child.kill().expect("the child is ended");
    while next(&mut acknowledged) {}
    child.wait().expect("it has ended");
    acknowledged
}

#[tokio::test(flavor = "multi_thread")]
async fn no_acknowledged_edit_is_lost_when_the_process_is_killed() {
    if let Some(folder) = std::env::var_os(FOLDER).map(PathBuf::from) {
        tokio::task::spawn_blocking(move || work(&folder)).await.expect("it is killed before it returns");
    }
    let house = House::open(Template::Small).await;
    let device = Device::sign_in(&house.server.url(), CLERKS[0]).await;
    device.sync().await;
    let mut acknowledged = Vec::new();
    for _ in 0..DEATHS {
        let [chance] = device.store.clock().random();
        acknowledged.extend(one_life(device.folder(), u64::from(chance) % MOST_EDITS));
        device.demand_well();
    }
    assert!(acknowledged.len() > DEATHS);
    device.sync().await;
    assert_eq!(device.unsent(), 0);
    let entries = device.count("select count(*) from wal_entries");
    assert!(entries >= i64::try_from(acknowledged.len()).expect("a small number"));
    let history = "select count(*) from guildhall.wal_entries where device_id is not null";
    assert_eq!(house.ask::<i64>(history).await, entries, "each entry once");
    let sections = "select string_agg(section, ' ') from guildhall.sops where section like 'note-%'";
    let arrived = house.ask::<String>(sections).await;
    let arrived: std::collections::BTreeSet<&str> = arrived.split(' ').collect();
    for section in &acknowledged {
        assert!(arrived.contains(section.as_str()), "{section} was acknowledged and is not there");
    }
    device.demand_well();
}

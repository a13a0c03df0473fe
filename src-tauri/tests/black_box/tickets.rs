//! A ticket between the laptops of one place, and a trial in which there is no server at all.

use crate::house::House;
use crate::house::program::Laptop;
use guildhall_local::clock::Clock;
use guildhall_local::{Store, profile};
use guildhall_sync::model::TABLES;
use serde_json::Value as Json;
use std::path::Path;

#[tokio::test(flavor = "multi_thread")]
async fn a_ticket_and_what_is_said_in_it_reach_the_colleagues_of_its_place_and_nobody_else() {
    let house = House::of_sample().await;
    let (ana, ben, priya) =
        (house.laptop_of("ana").await, house.laptop_of("ben").await, house.laptop_of("priya").await);
    let new =
        ["ticket", "new", "Locker 4 is stuck", "--customer", "J. Park", "--message", "My *shoes* are in it."];
    let sop = ["--sop", "booking/access/doors-offline", "--json"];
    let made = ana.program(|laptop| laptop.run(&[&new[..], &sop[..]].concat()).json());
    let reference = made["line"]["reference"].as_str().expect("a number").to_owned();
    assert_eq!(
        (&made["line"]["mark"]["words"], &made["line"]["location"]),
        (&"Saved here".into(), &"Harbourfront".into())
    );
    assert!(made["messages"][0]["html"].as_str().expect("HTML").contains("<em>shoes</em>"));
    assert_eq!(made["answers"][0]["path"], "booking/access/doors-offline");
    assert_eq!(made["next"], serde_json::json!(["waiting", "resolved", "closed"]));
    ana.sync().await;

    ben.sync().await;
    ben.program(|laptop| {
        laptop.run(&["ticket", "say", &reference, "I have the key."]).well();
        laptop.run(&["ticket", "edit", &reference, "--status", "resolved", "--assign", "Ben"]).well();
        laptop.run(&["ticket", "edit", &reference, "--location", "PARK"]).refuses(3, "No place of yours");
    });
    ben.sync().await;
    ana.sync().await;
    let seen = ana.program(|laptop| laptop.run(&["ticket", "show", &reference, "--json"]).json());
    assert_eq!(
        (&seen["line"]["status"], &seen["line"]["assigned_to"]),
        (&"resolved".into(), &"Ben Okafor".into())
    );
    let said: Vec<&str> =
        list(&seen["messages"]).map(|message| message["body"].as_str().expect("words")).collect();
    assert_eq!(said, ["My *shoes* are in it.", "I have the key."]);
    assert!(list(&seen["messages"]).all(|message| message["mark"]["words"] == "On server"));

    priya.sync().await;
    let everything =
        "select count(*) from ticket_messages where body like '%shoes%' or body like '%I have the key.%'";
    assert_eq!(priya.count(everything), 0);
    priya.program(|laptop| laptop.run(&["ticket", "show", &reference]).refuses(3, &reference));
    // It moves, and everything that belongs to it moves along.
    house.psql("update guildhall.tickets set location_id = (select id from guildhall.locations where code = 'PARK') where subject = 'Locker 4 is stuck'").await;
    priya.sync().await;
    ana.sync().await;
    assert_eq!((priya.count(everything), ana.count(everything)), (2, 0));
    assert_eq!(
        ana.count("select count(*) from fts_ticket_messages where fts_ticket_messages match 'shoes'"),
        0
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_trial_holds_what_its_person_would_hold_and_asks_no_network() {
    let house = House::of_sample().await;
    let ana = house.laptop_of("ana").await;
    let folder = tempfile::tempdir().expect("a folder");
    let (dir, state) = (folder.path().join("trial"), folder.path().join("state"));
    let trial = Laptop { password: "sample", ..Laptop::new(&dir, &state) };
    let made = trial.run(&["try-sample", "--json"]).json();
    assert_eq!((&made["user"], &made["role"]), (&house.name_of("ana").into(), &"operator".into()));
    let counts = |count: &dyn Fn(&str) -> i64| {
        let tables = TABLES.iter().map(|table| table.name).chain(["sync_scope"]);
        tables.map(|name| (name, count(&format!("select count(*) from {name}")))).collect::<Vec<_>>()
    };
    let before = counts(&|select| count(&dir, select));
    assert_eq!(before, counts(&|select| ana.count(select)), "left: the trial, right: a laptop");

    let status = trial.run(&["status", "--json"]).json();
    assert_eq!((&status["chip"], &status["state"]), (&"Sample data · no server".into(), &"sample".into()));
    trial.run(&["doctor"]).well();
    trial.run(&["ticket", "say", "D1-17", "It was half past seven."]).well();
    trial.run(&["sop", "edit", "booking/access/pin-failures", "--append", "Ask first."]).well();
    let page = trial.run(&["sop", "show", "booking/access/pin-failures"]).well();
    assert!(page.contains("Saved here") && page.contains("Ask first."), "{page}");
    trial
        .run(&["sop", "edit", "emergency/fire/fire-alarm", "--append", "No."])
        .refuses(6, "admins and managers");
    trial.run(&["sync"]).refuses(2, "there is no server");
    let again = trial.run(&["try-sample", "--json"]).json();
    assert_eq!(again, made, "it is opened, not made again");
    assert!(trial.run(&["sop", "show", "booking/access/pin-failures"]).well().contains("Ask first."));
    trial.run(&["status"]).well();
}

fn list(json: &Json) -> impl Iterator<Item = &Json> {
    json.as_array().into_iter().flatten()
}

fn count(dir: &Path, select: &str) -> i64 {
    let store: Store = profile::open_with_password(dir, "sample", Clock::system()).expect("the trial opens");
    store.read(|connection| Ok(connection.query_row(select, [], |row| row.get(0))?)).expect("a count")
}

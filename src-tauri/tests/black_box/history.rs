//! The change log of a laptop: everybody's changes while the server answers, one's own without it,
//! and taking back what another wrote.

use crate::house::House;
use serde_json::Value as Json;

const PAGE: &str = "booking/access/pin-failures";

fn said(lines: &Json) -> Vec<(String, String)> {
    let text = |line: &Json, name: &str| line[name].as_str().expect("a text").to_owned();
    lines.as_array().expect("lines").iter().map(|line| (text(line, "by"), text(line, "did"))).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn anothers_change_is_found_in_history_and_taken_back_over_ones_own() {
    let mut house = House::of_sample().await;
    let (ana, ben) = (house.laptop_of("ana").await, house.laptop_of("ben").await);
    ben.rewrite(PAGE, "The lock knows it within one minute.", "The lock knows it within one hour.");
    ben.sync().await;
    ana.sync().await;
    let text = ana.text(PAGE);
    ana.rewrite(PAGE, text.lines().next().expect("a line"), "# PIN failures, by Ana");
    house.psql("update guildhall.sops set title = 'PIN trouble' where section = 'pin-failures'").await;

    let lines = ana.program(|laptop| laptop.run(&["history", "--page", PAGE, "--json"]).json());
    let (names, list) = (said(&lines), lines.as_array().expect("lines").clone());
    let first: Vec<_> = names.iter().take(3).map(|(by, did)| (by.as_str(), did.as_str())).collect();
    let database = ("The database (postgres)", "Edited the title");
    assert_eq!(first, [database, ("Ana Ferreira", "Edited the text"), ("Ben Okafor", "Edited the text")]);
    assert_eq!(list[1]["mark"]["words"], "Saved here", "what is not sent stands where it was written");
    let here = list[1]["laptop"].as_str().expect("a laptop");
    for only in [["--status", "waiting"], ["--laptop", here]] {
        let lines = ana.program(|laptop| laptop.run(&[&["history", "--json"][..], &only].concat()).json());
        assert_eq!(said(&lines), [("Ana Ferreira".to_owned(), "Edited the text".to_owned())], "{only:?}");
    }
    let ben_wrote = list.iter().find(|line| line["by"] == "Ben Okafor").expect("Ben’s change");
    let change = ben_wrote["entry"].as_str().expect("an id").to_owned();

    let done = ana.program(|laptop| laptop.run(&["undo", &change, "--reason", "It was a minute"]).well());
    assert!(done.starts_with("Took it back"), "{done}");
    ana.sync().await;
    let content =
        house.ask::<String>("select content from guildhall.sops where section = 'pin-failures'").await;
    assert!(content.contains("within one minute") && content.contains("by Ana"), "{content}");
    let status =
        "select status from guildhall.wal_entries where id = '{change}'".replace("{change}", &change);
    assert_eq!(house.ask::<String>(&status).await, "rolled_back");
    ana.program(|laptop| {
        let again = laptop.run(&["undo", &change]).well();
        assert!(again.starts_with("Nothing of it is left"), "{again}");
        let lines = laptop.run(&["history", "--page", PAGE, "--json"]).json();
        let of_ben = lines.as_array().expect("lines").iter().find(|line| line["entry"] == change.as_str());
        assert_eq!(of_ben.expect("it stays")["is_taken_back"], true);
    });

    house.stop_server();
    ana.program(|laptop| {
        let lines = laptop.run(&["history", "--page", PAGE, "--json"]).json();
        assert!(said(&lines).iter().all(|(by, _)| by == "Ana Ferreira"), "{lines}");
        assert_eq!(lines.as_array().map(Vec::len), Some(2));
        laptop.run(&["undo", &change]).refuses(5, "The server at");
    });
}

//! An admin looks after another laptop from their own.

use crate::house::House;

const PAGE: &str = "booking/access/pin-failures";

#[tokio::test(flavor = "multi_thread")]
async fn an_admin_asks_other_laptops_and_hears_what_came_of_it() {
    let house = House::of_sample().await;
    let (ada, ana) = (house.laptop_of("ada").await, house.laptop_of("ana").await);
    let by_ada = |words: &[&str]| ada.program(|laptop| laptop.run(words));
    let by_ana = |words: &[&str]| ana.program(|laptop| laptop.run(words));
    let damage = "update sops set content = 'flipped' where title like 'PIN%'";
    ana.store.record(|connection| Ok(connection.execute_batch(damage)?)).expect("damaged");
    let typed = ana.text("booking/money/refunds") + "\nTyped meanwhile.\n";
    ana.edit("booking/money/refunds", &typed);

    by_ana(&["laptop", "list"]).refuses(6, "may force a sync");
    by_ada(&["laptop", "ask", "repair", "--person", "nobody"]).refuses(3, "no laptop of nobody");
    by_ada(&["laptop", "ask", "download", "--all"]).refuses(2, "--part");
    let ana_is = house.name_of("ana");
    assert!(
        by_ada(&["laptop", "ask", "repair", "--person", &ana_is, "--reason", "odd prices"])
            .well()
            .contains("Asked 1 laptop.")
    );
    assert!(by_ada(&["laptop", "list"]).well().contains("Waits for the laptop’s next contact."));

    assert!(by_ana(&["sync"]).well().contains("Sent 1"), "the sync sends what is unsent as ever");
    assert_ne!(ana.text(PAGE), "flipped");
    assert!(ana.text("booking/money/refunds").ends_with("Typed meanwhile.\n"));
    let listed = by_ana(&["sync", "--list"]).well();
    assert!(listed.contains("Ada Lindqvist asked. 1 row was set right"), "{listed}");
    let listed = by_ada(&["laptop", "list"]).well();
    assert!(listed.contains("asked for repair: 1 row was set right"), "{listed}");

    by_ada(&["laptop", "ask", "sync", "--all"]).well();
    assert!(by_ada(&["laptop", "take-back", "--all"]).well().contains("Took 2 errands back."));
    assert!(by_ada(&["laptop", "take-back", "--all"]).well().contains("nothing to take back"));
    ana.demand_well();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_laptop_in_touch_begins_at_once() {
    let house = House::of_sample().await;
    let (ada, ana) = (house.laptop_of("ada").await, house.laptop_of("ana").await);
    let damage = "delete from sops where title like 'PIN%'";
    ana.store.record(|connection| Ok(connection.execute_batch(damage)?)).expect("damaged");
    let mut watching = ana.watch();
    watching.until_said("Quiet").await;
    ada.program(|laptop| laptop.run(&["laptop", "ask", "repair", "--person", &house.name_of("ana")])).well();
    let is_said = || {
        let listed = ada.program(|laptop| laptop.run(&["laptop", "list"])).well();
        listed.contains("1 row was set right").then_some(())
    };
    watching.until("the repair, and the word of it", is_said).await;
    assert!(ana.find_page(PAGE).is_some());
    watching.stop().await;
    ana.demand_well();
}

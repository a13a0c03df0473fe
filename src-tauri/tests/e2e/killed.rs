//! The server dies in the middle of what a person does. Nothing blocks, nothing turns for ever, and
//! nothing is lost.

use crate::cable::Cable;
use crate::desk::{open_page, press_all, sit_down};
use crate::driver::until;
use crate::house::device::Device;
use crate::house::server::Server;
use crate::house::{GUILD, House, PASSWORD};
use crate::window::Window;
use guildhall_local::sops::{self, NewSop};
use guildhall_local::write::Why;
use serde_json::json;
use sha2::{Digest, Sha256};

/// The server has the change, and dies before it says so.
const FAULT: &str = "push.after_commit_before_answer";
const PAGE: &str = "booking/access/pin-failures";
/// Of the first download of the sample; all of it is some hundred.
const FIRST_KILOBYTES: usize = 40;
/// What the other laptop writes meanwhile.
const NOTES: usize = 200;
const REPLY: &str = "The lock was set anew from afar.";

/// No dialog lies over the window, and nothing says that it is under way.
async fn demand_quiet(window: &Window) {
    window.rest().await;
    let found = "return [...document.querySelectorAll('[role=dialog], [role=alertdialog], dialog[open], [role=progressbar], progress, [aria-busy=true]')]
        .filter((each) => each.getClientRects().length > 0).map((each) => each.outerHTML.slice(0, 300))";
    assert_eq!(window.script(found, json!([])).await, json!([]), "it waits for something");
}

/// From now on the server dies at the next change that it takes.
fn arm(house: &mut House) {
    house.server.kill();
    house.server = Server::start_with_fault(&house.database.url(), Some(house.server.address), FAULT);
}

/// It dies; the laptop says so and goes on; it comes back, and everything is on it.
async fn die_and_come_back(house: &mut House, window: &Window, name: &str) {
    assert!(!house.server.wait().success(), "it died in the middle");
    window.says("Offline").await;
    window.says("1 to send").await;
    demand_quiet(window).await;
    window.shot(&format!("killed-{name}")).await;
    house.start_server();
    window.says("All on server").await;
    demand_quiet(window).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_server_dies_over_a_reply_and_the_reply_is_there_once() {
    let mut house = House::of_sample().await;
    let ana = house.laptop_of("ana").await;
    let window = sit_down(&ana).await;
    arm(&mut house);
    window.go_to(&format!("tickets/{}", house.id_of("tickets", "pin-bay-3"))).await;
    window.find("button", "Save the message").await;
    window.press("M").await;
    window.write(REPLY).await;
    window.press("Ctrl+Enter").await;
    die_and_come_back(&mut house, &window, "reply").await;

    window.says(REPLY).await;
    let count = format!("select count(*) from guildhall.ticket_messages where body = '{REPLY}'");
    assert_eq!(house.ask::<i64>(count).await, 1);
    assert_eq!(ana.unsent(), 0);
    ana.demand_well();
}

#[tokio::test(flavor = "multi_thread")]
async fn the_server_dies_over_a_settlement_and_it_is_settled_once() {
    let mut house = House::of_sample().await;
    let (ana, ben) = (house.laptop_of("ana").await, house.laptop_of("ben").await);
    ben.rewrite(PAGE, "Three failures", "Nine failures");
    ana.rewrite(PAGE, "Three failures", "Six failures");
    ben.sync().await;
    ana.sync().await;
    let window = Window::of(&ana).await;
    window.says("Unlock").await;
    window.unlock().await;
    window.says("Needs you (1)").await;
    arm(&mut house);
    press_all(&window, &["G", "Y"]).await;
    window.find("button", "Finish").await;
    press_all(&window, &["1", "Ctrl+Enter"]).await;
    die_and_come_back(&mut house, &window, "settlement").await;

    ben.sync().await;
    assert!(ana.text(PAGE).contains("Six failures"));
    assert_eq!(ana.page(PAGE), ben.page(PAGE));
    assert!(ana.conflicts().is_empty() && ben.conflicts().is_empty());
    ana.demand_well();
}

#[tokio::test(flavor = "multi_thread")]
async fn the_server_dies_while_it_sends_and_the_rest_comes_when_it_is_back() {
    let mut house = House::of_sample().await;
    let cable = Cable::to(house.server.address).await;
    let ana = Device::sign_in(&cable.url(), &house.name_of("ana")).await;
    ana.sync().await;
    let window = sit_down(&ana).await;
    press_all(&window, &["G", "S"]).await;
    window.find("checkbox", "Work offline").await;
    window.press("O").await;
    window.says("Offline").await;
    let ben = house.laptop_of("ben").await;
    for number in 0..NOTES {
        write_page(&ben, number);
    }
    ben.sync().await;

    cable.break_after(FIRST_KILOBYTES * 1024);
    window.press("O").await;
    window.press("Ctrl+Shift+S").await;
    cable.until_broken().await;
    house.stop_server();
    window.says("Offline").await;
    demand_quiet(&window).await;
    window.shot("killed-sync-now").await;
    house.start_server();
    cable.mend();
    let is_here = |number| ana.find_page(&format!("general/note-{number}")).is_some();
    until("all notes", async || (0..NOTES).all(is_here).then_some(())).await;
    press_all(&window, &["G", "H"]).await;
    window.says("All on server").await;
    demand_quiet(&window).await;
    ana.demand_well();
}

/// With nothing in it that would pack well.
fn write_page(device: &Device, number: usize) {
    let noise: String =
        (0..40).map(|part| format!("{:?} ", Sha256::digest(format!("{number} {part}")))).collect();
    let new = NewSop {
        assistant: None,
        category: "general".to_owned(),
        section: format!("note-{number}"),
        title: format!("Note {number}"),
        content: noise,
        front_matter: String::new(),
    };
    device.write(|write| sops::create(write, &new, Why::default()));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_server_dies_over_the_first_download_and_one_can_begin() {
    let mut house = House::of_sample().await;
    let cable = Cable::to(house.server.address).await;
    let folder = tempfile::tempdir().expect("a folder");
    let window = Window::open(&folder.path().join("profile"), &folder.path().join("state")).await;
    window.click("button", "Connect to a server").await;
    let name = house.name_of("ana");
    for (field, text) in
        [("Server", cable.url().as_str()), ("Guild", GUILD), ("Your name", &name), ("Password", PASSWORD)]
    {
        window.write_into(field, text).await;
    }
    cable.break_after(FIRST_KILOBYTES * 1024);
    window.press("Enter").await;
    cable.until_broken().await;
    house.stop_server();
    window.says("The server did not answer. What has arrived is kept").await;
    window.shot("killed-first-download").await;
    window.click("button", "Start working").await;
    window.says("Offline").await;
    demand_quiet(&window).await;

    house.start_server();
    cable.mend();
    window.says("All on server").await;
    demand_quiet(&window).await;
    open_page(&window, "PIN failures").await;
    window.shot("killed-first-download-after").await;
}

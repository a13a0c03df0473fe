//! Two people rewrite one sentence; whose stands is decided with the hands on the keys. And what
//! somebody wrote is taken back from the change log.

use crate::desk::{open_page, press_all, sit_down};
use crate::driver::until;
use crate::house::House;
use crate::house::device::Device;
use crate::window::Window;

const TITLE: &str = "PIN failures";
const PAGE: &str = "booking/access/pin-failures";

/// Rewrites the end of the last sentence while the laptop works offline.
pub async fn write_offline(window: &Window, words: &str) {
    press_all(window, &["G", "S"]).await;
    window.find("checkbox", "Work offline").await;
    window.press("O").await;
    window.says("Offline").await;
    press_all(window, &["G", "K"]).await;
    window.find("heading", TITLE).await;
    window.press("E").await;
    window.find("textbox", "Text").await;
    press_all(window, &["Ctrl+End", "Left", "Backspace"]).await;
    window.write(words).await;
    window.press("Ctrl+Enter").await;
    window.says("Saved here").await;
    window.says("1 to send").await;
}

/// The same sentence at another laptop, and on the server first.
pub async fn write_first(device: &Device, words: &str) {
    device.sync().await;
    let text = device.text(PAGE);
    let sentence = text.trim_end().strip_suffix('.').expect("a sentence at the end");
    device.edit(PAGE, &format!("{sentence}{words}\n"));
    device.sync().await;
}

async fn settle(window: &Window, with: &str, round: &str) {
    press_all(window, &["G", "S"]).await;
    window.find("checkbox", "Work offline").await;
    window.press("O").await;
    window.says("Needs you (1)").await;
    press_all(window, &["G", "Y"]).await;
    window.find("button", "Finish").await;
    window.says("What will stand").await;
    window.shot(&format!("conflict-{round}-1-open")).await;
    window.demand_accessible().await;
    window.press(with).await;
    window.shot(&format!("conflict-{round}-2-chosen")).await;
    window.press("Ctrl+Enter").await;
    window.says("Nothing needs you.").await;
    window.says("All on server").await;
    window.shot(&format!("conflict-{round}-3-settled")).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_disagreement_is_settled_by_keyboard_and_both_laptops_hold_the_same() {
    let house = House::of_sample().await;
    let (ana, ben) = (house.laptop_of("ana").await, house.laptop_of("ben").await);
    let window = sit_down(&ana).await;

    let rounds = [
        ("theirs", "2", ", says Ben.", ", says Ana."),
        ("mine", "1", ", says Ana again.", ", says Ben again."),
    ];
    for (round, key, stands, yields) in rounds {
        let (hers, his) = if round == "mine" { (stands, yields) } else { (yields, stands) };
        open_page(&window, TITLE).await;
        write_offline(&window, hers).await;
        write_first(&ben, his).await;
        settle(&window, key, round).await;
        ben.sync().await;
        assert_eq!(ana.page(PAGE), ben.page(PAGE), "{round}");
        let text = ana.text(PAGE);
        assert!(text.contains(stands) && !text.contains(yields), "{round}: {text}");
        assert!(ana.conflicts().is_empty() && ben.conflicts().is_empty(), "{round}");
        for device in [&ana, &ben] {
            device.demand_well();
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_colleagues_change_is_taken_back_from_the_change_log() {
    const BEFORE: &str = "The lock knows it within one minute.";
    const AFTER: &str = "The lock knows it within one hour.";
    let house = House::of_sample().await;
    let (ana, ben) = (house.laptop_of("ana").await, house.laptop_of("ben").await);
    ben.rewrite(PAGE, BEFORE, AFTER);
    ben.sync().await;

    let window = sit_down(&ana).await;
    open_page(&window, TITLE).await;
    window.says(AFTER).await;
    window.press("H").await;
    window.says("Ben Okafor · edited the text").await;
    window.find("button", "Take it back…").await;
    window.shot("change-log-1-one-page").await;
    window.demand_accessible().await;
    window.press("U").await;
    window.says("Take this change back?").await;
    window.shot("change-log-2-what-it-does").await;
    window.demand_accessible().await;
    assert!(ana.text(PAGE).contains(AFTER), "nothing is written before it is said");
    window.press("Ctrl+Enter").await;
    window.says("the change was taken back").await;
    until("it to be sent", async || (ana.unsent() == 0).then_some(())).await;
    ben.sync().await;
    let text = ben.text(PAGE);
    assert!(text.contains(BEFORE) && !text.contains(AFTER), "{text}");
    window.says("You · took back a change").await;
    window.shot("change-log-3-taken-back").await;
}

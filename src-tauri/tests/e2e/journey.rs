//! A sentence on its way from one window to another, a conflict settled by keyboard, and a text
//! that outlives its program. By keys alone, as at a desk.

use crate::desk::sit_down_at;
use crate::house::House;
use crate::window::Window;

const PAGE: &str = "PIN failures";
const SENTENCE: &str = "Ask which of the two doors they stand at.";

/// Adds to the end of the page that is open, without saving.
async fn add_to_page(window: &Window, text: &str) {
    window.press("E").await;
    window.find("textbox", "Text").await;
    window.press("Ctrl+End").await;
    window.write(text).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sentence_written_without_network_appears_in_a_colleagues_window() {
    let mut house = House::of_sample().await;
    let (ana, ben) = (house.laptop_of("ana").await, house.laptop_of("ben").await);
    let (hers, his) = (sit_down_at(&ana, PAGE).await, sit_down_at(&ben, PAGE).await);
    hers.shot("1-page").await;
    hers.demand_accessible().await;

    house.stop_server();
    hers.says("Offline").await;
    add_to_page(&hers, &format!(" {SENTENCE}")).await;
    hers.shot("2-writing").await;
    hers.demand_accessible().await;
    hers.press("Ctrl+Enter").await;
    hers.says("Saved here").await;
    hers.says("1 to send").await;
    hers.shot("3-saved-here").await;

    house.start_server();
    hers.says("On server (v2)").await;
    hers.says("All on server").await;
    hers.shot("4-on-server").await;
    his.says(SENTENCE).await;
    his.scroll_to(SENTENCE).await;
    his.shot("5-colleague").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_typed_is_there_after_the_power_was_cut() {
    let house = House::of_sample().await;
    let ana = house.laptop_of("ana").await;
    let window = sit_down_at(&ana, PAGE).await;
    add_to_page(&window, " Typed and never saved.").await;
    window.says("Kept on this laptop").await;
    window.kill();

    let window = sit_down_at(&ana, PAGE).await;
    window.press("E").await;
    window.says("Your unsaved text").await;
    window.says("Typed and never saved.").await;
    window.shot("6-after-the-power-cut").await;
}

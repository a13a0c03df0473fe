//! From the start of the program to the first hit, and what the page must not be able to do.

use crate::house::House;
use crate::house::program::guildhall;
use crate::window::Window;
use serde_json::json;

#[test]
fn without_a_display_the_window_says_so_and_the_terminal_works() {
    let mut program = guildhall();
    program.args(["--profile", "/nonexistent/profile"]);
    crate::house::program::run(program, "").refuses(1, "There is no display here for a window.");
    let mut program = guildhall();
    program.env("DISPLAY", ":9999").args(["window", "--profile", "/nonexistent/profile"]);
    crate::house::program::run(program, "").refuses(1, "The display does not answer.");
    let mut program = guildhall();
    program.arg("--version");
    assert!(crate::house::program::run(program, "").well().starts_with("guildhall "));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_clerk_unlocks_the_window_and_finds_a_page() {
    let house = House::of_sample().await;
    let ana = house.laptop_of("ana").await;
    let window = Window::of(&ana).await;
    window.says("Unlock").await;
    window.demand_accessible().await;
    window.unlock().await;
    window.says("All on server").await;
    window.find("heading", "Ana").await;
    window.demand_accessible().await;

    window.press("Ctrl+K").await;
    window.write("pin failures").await;
    window.selects("PIN failures").await;
    window.demand_accessible().await;
    window.shot("search").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_page_reaches_nothing_but_its_own_command() {
    let house = House::of_sample().await;
    let ana = house.laptop_of("ana").await;
    let window = Window::of(&ana).await;
    window.says("Unlock").await;
    let address = window.script("return location.href", json!([])).await;

    window.script("open('https://example.org/'); location.href = 'https://example.org/'", json!([])).await;
    let tried = window.ask(ATTEMPTS).await;
    assert_eq!(tried, json!(["run answers", "plugin refused", "fetch refused", "eval refused"]));
    assert_eq!(window.script("return location.href", json!([])).await, address);
}

const ATTEMPTS: &str = "const done = arguments[0];
    const tauri = window.__TAURI_INTERNALS__;
    const outcome = (name, promise) => promise.then(() => name + ' answers', () => name + ' refused');
    Promise.all([
        outcome('run', tauri.invoke('run', { name: 'session', request: {} })),
        outcome('plugin', tauri.invoke('plugin:window|close', {})),
        outcome('fetch', fetch('http://127.0.0.1:9/')),
        outcome('eval', new Promise((yes) => { const tag = document.createElement('script'); tag.textContent = 'window.wasRun = true';
            document.head.append(tag); yes(); }).then(() => { if (!window.wasRun) throw 0; })),
    ]).then(done);";

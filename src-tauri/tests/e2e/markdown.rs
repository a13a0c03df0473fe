//! Text that tries to run, load, leave or take over, shown by the real webview: where it is read and
//! where it is written. The trap is wide, and is shown to close.

use crate::desk::sit_down;
use crate::hostile::payloads;
use crate::house::House;
use crate::window::Window;
use guildhall_local::sops::{self, NewSop};
use guildhall_local::write::Why;
use guildhall_sync::id::SopId;
use serde_json::{Value as Json, json};
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use tokio::net::TcpListener;

const ON_A_PAGE: usize = 25;
const AT_ONCE: usize = 100;
/// Sets the trap, and says what is caught in it.
const TRAP: &str = include_str!("trap.js");
/// What the screens themselves ask of the program meanwhile.
const OWN_CALLS: [&str; 8] = [
    "knowledge_tree",
    "list_sops",
    "mark_read",
    "plugin:event|listen",
    "plugin:event|unlisten",
    "render",
    "sop",
    "status",
];

/// An address that nobody may ever call, and how often somebody did.
async fn listen() -> (SocketAddr, Arc<AtomicUsize>) {
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.expect("a free port");
    let address = listener.local_addr().expect("an address");
    let called = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&called);
    tokio::spawn(async move {
        while listener.accept().await.is_ok() {
            count.fetch_add(1, Ordering::Relaxed);
        }
    });
    (address, called)
}

/// The payloads, with an address that answers in place of the one that no resolver knows.
fn aimed_at(address: SocketAddr) -> Vec<String> {
    let (host, there) = ("tripwire.invalid", address.to_string());
    let aim = |text: &String| text.replace("https://tripwire", "http://tripwire").replace(host, &there);
    payloads().iter().map(aim).collect()
}

/// A page with control characters is refused; what is only previewed may have them.
fn savable(text: &str) -> String {
    text.chars().filter(|letter| !letter.is_control() || *letter == '\n').collect()
}

async fn caught(window: &Window, title: &str) -> Vec<String> {
    let found = window.ask_with("return window.trap.look(...arguments)", json!([title])).await;
    let lines = found.as_array().unwrap_or_else(|| panic!("{found}"));
    lines.iter().filter_map(Json::as_str).map(str::to_owned).collect()
}

async fn demand_nothing(window: &Window, title: &str) {
    let found = caught(window, title).await;
    assert!(found.is_empty(), "{title}: {found:#?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn no_text_of_a_page_can_do_anything_in_the_window() {
    let house = House::of_sample().await;
    let ana = house.laptop_of("ana").await;
    let (address, called) = listen().await;
    let texts = aimed_at(address);
    assert!(texts.len() >= 500, "{}", texts.len());
    let pages: Vec<(String, SopId)> = texts
        .chunks(ON_A_PAGE)
        .enumerate()
        .map(|(number, texts)| {
            let title = format!("Hostile page {number}");
            let new = NewSop {
                assistant: None,
                category: "general".to_owned(),
                section: format!("hostile-{number}"),
                title: title.clone(),
                content: savable(&texts.join("\n\n")),
                front_matter: String::new(),
            };
            (title, ana.write(|write| sops::create(write, &new, Why::default())).value)
        })
        .collect();
    ana.sync().await;
    let window = sit_down(&ana).await;
    window.script(TRAP, json!([])).await;

    for texts in texts.chunks(AT_ONCE) {
        let found = window.ask_with("return window.trap.try(...arguments)", json!([texts])).await;
        assert_eq!(found, json!([]), "each by itself");
    }
    for (title, id) in &pages {
        window.go_to(&format!("knowledge/{id}")).await;
        demand_nothing(&window, title).await;
        window.go_to(&format!("knowledge/{id}?edit=1")).await;
        demand_nothing(&window, title).await;
    }
    window.shot("hostile-editor").await;
    let end = window.ask_with("return window.trap.end()", json!([])).await;
    let calls: Vec<&str> = end["calls"].as_array().expect("a list").iter().filter_map(Json::as_str).collect();
    let strange: Vec<_> = calls.iter().filter(|name| !OWN_CALLS.contains(name)).collect();
    assert!(calls.contains(&"render") && strange.is_empty(), "it calls {strange:?} of {calls:?}");
    assert_eq!((end["tripped"].clone(), window.count_windows().await), (json!([]), 1));
    assert_eq!(called.load(Ordering::Relaxed), 0, "somebody was called");

    // What is not made harmless is caught in it.
    for raw in ["<svg></svg>", "<p onclick='x()'>x</p>", "<a href='x'>x</a>", "<form></form>"] {
        let found = window.ask_with("return window.trap.tryRaw(...arguments)", json!([raw])).await;
        assert_ne!(found, json!([]), "{raw} is not seen");
    }
    let raw = format!("<img src='http://{address}/' onerror='tripwire()'>");
    window.ask_with("return window.trap.tryRaw(...arguments)", json!([raw])).await;
    let end = window.ask_with("return window.trap.end()", json!([])).await;
    let is_caught = |word: &str| {
        end["tripped"]
            .as_array()
            .is_some_and(|all| all.iter().any(|one| one.as_str().is_some_and(|one| one.contains(word))))
    };
    assert!(is_caught("policy: img-src"), "an image is not seen: {end}");
    assert_eq!(called.load(Ordering::Relaxed), 0, "the policy holds where all else has failed");
}

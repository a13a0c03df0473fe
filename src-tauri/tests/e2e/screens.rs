//! Every screen for everybody: axe finds nothing, light and dark; nothing is cut off in the smallest
//! window or at twice the size. With a picture of each.

use crate::conflict::{write_first, write_offline};
use crate::desk::{open_page, sit_down};
use crate::house::House;
use crate::house::device::Device;
use crate::stops::{DISAGREED, Ids, OFFLINE, QUIET, Stop};
use crate::window::Window;
use serde_json::{Value as Json, json};

const TITLE: &str = "PIN failures";
const PAGE: &str = "booking/access/pin-failures";
const FITS: &str = include_str!("fits.js");
const SMALLEST: (u32, u32) = (1024, 700);
/// From the usual size to twice of it.
const STEPS_TO_TWICE: usize = 5;

/// What is asked of each screen, and the findings so far.
struct Inspection {
    ids: Ids,
    looks: &'static [Look],
    findings: Vec<String>,
}

#[derive(Clone, Copy)]
enum Look {
    Light,
    Dark,
    Small,
}

impl Inspection {
    async fn walk(&mut self, window: &Window, stops: &[Stop]) {
        for stop in stops {
            stop.reach(window, &self.ids).await;
            self.look_at(window, stop.name, stop.button).await;
            stop.leave(window).await;
        }
    }

    async fn look_at(&mut self, window: &Window, name: &str, button: Option<&str>) {
        for look in self.looks {
            let (word, found) = match look {
                Look::Light => ("light", examine(window, "light").await),
                Look::Dark => ("dark", examine(window, "dark").await),
                Look::Small => ("small", measure(window, button).await),
            };
            let zoom = window.script("return document.documentElement.style.fontSize", json!([])).await;
            let zoom = zoom.as_str().unwrap_or_default().to_owned();
            window.shot(&format!("screen-{name}-{word}{zoom}")).await;
            self.findings.extend(found.iter().map(|line| format!("{name}, {word}{zoom}: {line}")));
        }
    }

    #[track_caller]
    fn demand_nothing(&self) {
        assert!(self.findings.is_empty(), "{} findings:\n{}", self.findings.len(), self.findings.join("\n"));
    }
}

async fn examine(window: &Window, theme: &str) -> Vec<String> {
    window.script("document.documentElement.dataset.theme = arguments[0]", json!([theme])).await;
    window.rest().await;
    window.examine().await
}

async fn measure(window: &Window, button: Option<&str>) -> Vec<String> {
    let button = match button {
        Some(name) => window.find("button", name).await,
        None => Json::Null,
    };
    let found = window.script(FITS, json!([button])).await;
    found.as_array().expect("a list").iter().filter_map(Json::as_str).map(str::to_owned).collect()
}

/// Ana with a page of two versions and a ticket with messages.
async fn ana_of(house: &House) -> (Device, Ids) {
    let ana = house.laptop_of("ana").await;
    ana.rewrite(PAGE, "Three failures", "Four failures");
    ana.sync().await;
    let (page, ticket) = (ana.page(PAGE).id.0.to_string(), house.id_of("tickets", "pin-bay-3").to_string());
    (ana, Ids { page, ticket })
}

/// Through all of it, from the home screen to a conflict, and out to the locked window.
async fn through_all(inspection: &mut Inspection, house: &House, window: &Window) {
    inspection.walk(window, &QUIET).await;
    open_page(window, TITLE).await;
    write_offline(window, ", says Ana.").await;
    write_first(&house.laptop_of("ben").await, ", says Ben.").await;
    inspection.walk(window, &OFFLINE).await;
    window.go_to("sync").await;
    window.find("checkbox", "Work offline").await;
    window.press("O").await;
    window.says("Needs you (1)").await;
    inspection.walk(window, &DISAGREED).await;
    window.press("Escape").await;
    window.press("Ctrl+L").await;
    window.says("Unlock").await;
    window.rest().await;
    inspection.look_at(window, "unlock", Some("Unlock")).await;
}

/// Where nobody has signed in yet.
async fn through_first_run(inspection: &mut Inspection, zooms: usize) {
    let folder = tempfile::tempdir().expect("a folder");
    let window = Window::open(&folder.path().join("profile"), &folder.path().join("state")).await;
    window.find("button", "Connect to a server").await;
    enlarge(&window, zooms).await;
    inspection.look_at(&window, "first-run", Some("Connect to a server")).await;
    window.click("button", "Connect to a server").await;
    window.find("button", "Connect").await;
    window.rest().await;
    inspection.look_at(&window, "sign-in", Some("Connect")).await;
}

/// Before anybody is in, the keys of the window are not there.
async fn enlarge(window: &Window, zooms: usize) {
    if zooms > 0 {
        let (width, height) = SMALLEST;
        window.resize(width, height).await;
        let size = "document.documentElement.style.fontSize = '32px'";
        window.script(size, json!([])).await;
        window.rest().await;
    }
}

async fn inspect(looks: &'static [Look], prepare: impl AsyncFnOnce(&Window)) {
    let house = House::of_sample().await;
    let (ana, ids) = ana_of(&house).await;
    let mut inspection = Inspection { ids, looks, findings: Vec::new() };
    let window = sit_down(&ana).await;
    prepare(&window).await;
    through_all(&mut inspection, &house, &window).await;
    inspection.demand_nothing();
}

#[tokio::test(flavor = "multi_thread")]
async fn everybody_can_use_every_screen_light_and_dark() {
    inspect(&[Look::Light, Look::Dark], async |_| {}).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn everything_fits_into_the_smallest_window() {
    inspect(&[Look::Small], async |window| window.resize(SMALLEST.0, SMALLEST.1).await).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn everything_fits_at_twice_the_size() {
    let twice = async |window: &Window| {
        window.resize(SMALLEST.0, SMALLEST.1).await;
        for _ in 0..STEPS_TO_TWICE {
            window.press("Ctrl+=").await;
        }
    };
    inspect(&[Look::Small], twice).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_begins_sees_and_reaches_everything() {
    let ids = || Ids { page: String::new(), ticket: String::new() };
    let mut usual = Inspection { ids: ids(), looks: &[Look::Light, Look::Dark], findings: Vec::new() };
    through_first_run(&mut usual, 0).await;
    usual.demand_nothing();
    let mut large = Inspection { ids: ids(), looks: &[Look::Small], findings: Vec::new() };
    through_first_run(&mut large, STEPS_TO_TWICE).await;
    large.demand_nothing();
}

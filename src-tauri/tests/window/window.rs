//! The real window, driven as a person drives it: by what is written on it, and by keys.

#![allow(dead_code, reason = "each test program uses a part of it")]

use crate::driver::{Driver, ELEMENT, until};
use crate::house::device::Device;
use crate::house::program::{PROGRAM, among_strangers};
use crate::house::{PASSWORD, PATIENCE};
use crate::screen::display;
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use serde_json::{Value as Json, json};
use std::path::{Path, PathBuf};
use std::process::Command;
use tempfile::TempDir;

/// Finds what a person would call `role` and `name`: visible, and named by label or text.
const FIND: &str = include_str!("find.js");
/// Says what axe finds, one line each.
const EXAMINE: &str = "const done = arguments[0];
    axe.run(document, { resultTypes: ['violations'] }).then(({ violations }) => done(violations.flatMap((rule) =>
        rule.nodes.map((node) => rule.id + ' at ' + node.target.join(' ') + ': ' + node.failureSummary))),
        (error) => done([String(error)]));";

/// The driver takes its picture at the next change, and a window at rest may not change for a minute: a
/// spot that nobody sees changes all the time.
const PAINT: &str = "clearInterval(window.painting);
    window.spot?.remove();
    if (!arguments[0]) return;
    window.spot = document.createElement('div');
    window.spot.ariaHidden = 'true';
    Object.assign(window.spot.style, { position: 'fixed', inset: '0 auto auto 0', width: '1px', height: '1px' });
    document.body.append(window.spot);
    let turn = 0;
    window.painting = setInterval(() => { window.spot.style.background = `rgb(127 127 127 / ${1 + (turn ^= 1)}%)`; }, 20);";

#[derive(Debug)]
pub struct Window {
    driver: Driver,
    /// Home of the one who sits at it; nothing of this user's.
    _home: TempDir,
}

impl Window {
    /// Opens the window of a laptop on which somebody has signed in; it is locked.
    pub async fn of(device: &Device) -> Self {
        Self::open(&device.profile(), &device.folder().join("state")).await
    }

    pub async fn open(profile: &Path, state: &Path) -> Self {
        let home = tempfile::tempdir().expect("a folder");
        let mut driver = among_strangers(Command::new("WebKitWebDriver"));
        driver.env("DISPLAY", display()).env("XDG_STATE_HOME", state);
        for name in ["HOME", "XDG_RUNTIME_DIR"] {
            driver.env(name, home.path());
        }
        // Nobody looks for a bus of assistive technology that is not there.
        driver.env("NO_AT_BRIDGE", "1").env("GUILDHALL_LOG", "warn");
        let profile = profile.to_str().expect("a path of letters");
        let driver = Driver::start(driver, Path::new(PROGRAM), &["--profile", profile]).await;
        Self { driver, _home: home }
    }

    pub async fn unlock(&self) {
        self.write_into("Password", PASSWORD).await;
        self.press("Enter").await;
    }

    /// All that is written on the window, and what of its page one has to scroll to.
    pub async fn text(&self) -> String {
        let all =
            "return document.body.innerText + '\\n' + (document.querySelector('main')?.textContent ?? '')";
        self.script(all, json!([])).await.as_str().unwrap_or_default().to_owned()
    }

    /// Scrolls to the paragraph that says this.
    pub async fn scroll_to(&self, text: &str) {
        let scroll =
            "[...document.querySelectorAll('main p')].find((each) => each.textContent.includes(arguments[0]))
            ?.scrollIntoView({ block: 'center' })";
        self.script(scroll, json!([text])).await;
    }

    /// Waits until this is written on the window.
    pub async fn says(&self, text: &str) {
        let look = async || self.text().await.contains(text).then_some(());
        if tokio::time::timeout(PATIENCE / 3, until(text, look)).await.is_err() {
            self.shot("missing").await;
            panic!("{text:?} does not appear:\n{}", self.text().await);
        }
    }

    /// Waits until a list stands at the entry that says this.
    pub async fn selects(&self, text: &str) {
        let selected = "return document.querySelector('[role=option][aria-selected=true]')?.innerText ?? ''";
        let look = async || {
            self.script(selected, json!([]))
                .await
                .as_str()
                .is_some_and(|now| now.contains(text))
                .then_some(())
        };
        until(text, look).await;
    }

    /// Waits until this is written on the window no more.
    pub async fn says_no_more(&self, text: &str) {
        until(&format!("{text:?} to go"), async || (!self.text().await.contains(text)).then_some(())).await;
    }

    /// Waits for the element of this role and name.
    pub async fn find(&self, role: &str, name: &str) -> Json {
        let look = async || {
            let found = self.script(FIND, json!([role, name])).await;
            found.get(ELEMENT).is_some().then_some(found)
        };
        match tokio::time::timeout(PATIENCE / 3, until(name, look)).await {
            Ok(found) => found,
            Err(_) => {
                self.shot("missing").await;
                panic!("no {role} {name:?}:\n{}", self.text().await)
            }
        }
    }

    pub async fn click(&self, role: &str, name: &str) {
        let found = self.find(role, name).await;
        let path = format!("element/{}/click", found[ELEMENT].as_str().expect("an element"));
        self.driver.tell(&path, json!({})).await.expect("a click");
    }

    /// Replaces what stands in the field of this name.
    pub async fn write_into(&self, name: &str, text: &str) {
        let found = self.find("textbox", name).await;
        self.script("arguments[0].focus(); arguments[0].select?.()", json!([found])).await;
        self.write(text).await;
    }

    /// Types where the cursor is.
    pub async fn write(&self, text: &str) {
        let keys: Vec<Json> = text.chars().flat_map(|letter| stroke(&letter.to_string())).collect();
        self.keys(keys).await;
    }

    /// Presses keys together, as in `Ctrl+K`.
    pub async fn press(&self, keys: &str) {
        let keys: Vec<String> = keys.split('+').map(code).collect();
        let down = keys.iter().map(|key| json!({ "type": "keyDown", "value": key }));
        let up = keys.iter().rev().map(|key| json!({ "type": "keyUp", "value": key }));
        self.keys(down.chain(up).collect()).await;
    }

    async fn keys(&self, actions: Vec<Json>) {
        let keyboard = json!({ "type": "key", "id": "keyboard", "actions": actions });
        self.driver.tell("actions", json!({ "actions": [keyboard] })).await.expect("keys");
    }

    pub async fn script(&self, script: &str, arguments: Json) -> Json {
        self.driver.script(script, arguments).await.unwrap_or_else(|error| panic!("{error}\n{script}"))
    }

    /// Runs the body of an async function and waits for what it returns.
    pub async fn ask_with(&self, script: &str, arguments: Json) -> Json {
        let script = format!(
            "const done = arguments[arguments.length - 1];
            (async function () {{ {script} }})(...[...arguments].slice(0, -1)).then(done, (error) => done(String(error)));"
        );
        let asked = json!({ "script": script, "args": arguments });
        self.driver.tell("execute/async", asked).await.unwrap_or_else(|error| panic!("{error}\n{script}"))
    }

    /// Runs a function body that hands its answer to its last argument.
    pub async fn ask(&self, script: &str) -> Json {
        let asked = json!({ "script": script, "args": [] });
        self.driver.tell("execute/async", asked).await.unwrap_or_else(|error| panic!("{error}\n{script}"))
    }

    /// Goes to an address within the window, as a link would.
    pub async fn go_to(&self, address: &str) {
        self.script("location.hash = arguments[0]", json!([format!("#/{address}")])).await;
    }

    /// Gives the page this size.
    pub async fn resize(&self, width: u32, height: u32) {
        let size = json!({ "width": width, "height": height });
        self.driver.tell("window/rect", size).await.expect("another size");
        let now = "return innerWidth === arguments[0] && innerHeight === arguments[1]";
        let look = async || (self.script(now, json!([width, height])).await == json!(true)).then_some(());
        until("the size", look).await;
    }

    /// Waits until nothing moves any more, but for what turns for ever or is not drawn.
    pub async fn rest(&self) {
        let moves = "return document.getAnimations().some((each) => each.playState === 'running'
            && each.effect.getComputedTiming().endTime !== Infinity
            && each.effect.target?.checkVisibility({ contentVisibilityAuto: true }))";
        until("rest", async || (self.script(moves, json!([])).await == json!(false)).then_some(())).await;
    }

    pub async fn count_windows(&self) -> usize {
        let all = self.driver.ask("GET", "window/handles", None).await.expect("a list");
        all.as_array().expect("a list").len()
    }

    /// Keeps a picture of the page in `target/shots/e2e`.
    pub async fn shot(&self, name: &str) {
        self.script(PAINT, json!([true])).await;
        let picture = self.driver.ask("GET", "screenshot", None).await.expect("a picture");
        self.script(PAINT, json!([false])).await;
        let picture = BASE64_STANDARD.decode(picture.as_str().expect("a text")).expect("base64");
        let folder = workspace().join("target/shots/e2e");
        std::fs::create_dir_all(&folder).expect("a folder");
        std::fs::write(folder.join(format!("{name}.png")), picture).expect("a file");
    }

    /// Everybody can use what is on the window, whatever they see and hear.
    pub async fn demand_accessible(&self) {
        let lines = self.examine().await;
        if !lines.is_empty() {
            self.shot("not-accessible").await;
            panic!("axe finds:\n{}", lines.join("\n"));
        }
    }

    /// What axe finds.
    pub async fn examine(&self) -> Vec<String> {
        let axe = workspace().join("ui/node_modules/axe-core/axe.min.js");
        let axe = std::fs::read_to_string(axe).expect("`make window` has been run");
        self.script(&format!("if (!window.axe) {{ {axe} }}"), json!([])).await;
        let found = self.ask(EXAMINE).await;
        found.as_array().expect("a list").iter().filter_map(Json::as_str).map(str::to_owned).collect()
    }

    /// Closes the window as a person does.
    pub async fn close(self) {
        self.driver.ask("DELETE", "window", None).await.expect("it closes");
    }

    /// Ends program and page as a power cut would.
    pub fn kill(self) {
        drop(self.driver);
    }
}

fn stroke(key: &str) -> [Json; 2] {
    [json!({ "type": "keyDown", "value": key }), json!({ "type": "keyUp", "value": key })]
}

/// The letter that the protocol has for a key.
fn code(key: &str) -> String {
    let special = match key {
        "Backspace" => '\u{e003}',
        "Tab" => '\u{e004}',
        "Enter" => '\u{e007}',
        "Shift" => '\u{e008}',
        "Ctrl" => '\u{e009}',
        "Alt" => '\u{e00a}',
        "Escape" => '\u{e00c}',
        "End" => '\u{e010}',
        "Home" => '\u{e011}',
        "Left" => '\u{e012}',
        "Up" => '\u{e013}',
        "Right" => '\u{e014}',
        "Down" => '\u{e015}',
        "Delete" => '\u{e017}',
        letter => return letter.to_lowercase(),
    };
    special.to_string()
}

fn workspace() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("a workspace").to_owned()
}

//! The palette of the real window over 10,000 pages and 5,000 tickets: from a key to what is drawn
//! after it, measured inside the page by its own clock.

use std::path::Path;
use std::process::Command;
use std::time::Duration;

use anyhow::{Context, anyhow};
use guildhall_local::clock::Clock;
use guildhall_local::keys::Cost;
use guildhall_local::profile;
use guildhall_sync::model::knowledge::Sop;
use guildhall_sync::schema::Row;
use guildhall_sync::value::Cells;
use serde_json::{Value as Json, json};
use tokio::runtime::Runtime;

use crate::cells::sop;
use crate::driver::{Driver, until};
use crate::figure::{Figure, Goal};
use crate::measure::Samples;
use crate::parts::lists::{ASSISTANT, PAGES, TICKETS, ticket};
use crate::screen::display;
use crate::work::Pages;
use crate::{mirror, new_folder};

const PASSWORD: &str = "nine grey herons over the pier";
const ENTER: char = '\u{e007}';
const OPENINGS: usize = 20;
const TEXTS: usize = 8;
const LETTERS: usize = 10;
/// The page may take as long over all of it.
const LONGEST_MS: u32 = 90_000;
const SCRIPT: &str = include_str!("palette.js");

pub fn measure() -> anyhow::Result<Vec<Figure>> {
    let folder = new_folder()?;
    let profile = folder.path().join("profile");
    let texts = fill(&profile)?;
    let times = Runtime::new()?.block_on(ask(folder.path(), &profile, &texts))?;
    let samples = |at: usize| -> anyhow::Result<Samples> {
        let times = times[at].as_array().ok_or_else(|| anyhow!("the page says: {times}"))?;
        Ok(times.iter().filter_map(Json::as_f64).map(|ms| Duration::from_secs_f64(ms / 1e3)).collect())
    };
    let (opened, typed) = (samples(0)?, samples(1)?);
    Ok(vec![
        Figure::new("open to drawn, p50", opened.milliseconds_at(0.5), "ms").goal(Goal::AtMost(50.0)),
        Figure::new(format!("{} keystrokes to drawn, p50", typed.count()), typed.milliseconds_at(0.5), "ms"),
        Figure::new("keystroke to drawn, p95", typed.milliseconds_at(0.95), "ms").goal(Goal::AtMost(50.0)),
    ])
}

/// Makes the profile; gives back what is to be typed.
fn fill(dir: &Path) -> anyhow::Result<Vec<String>> {
    let store = profile::create(dir, &mirror::account(), PASSWORD, Cost::Least, Clock::system())?;
    let work = Pages::list(PAGES);
    let rows: Vec<Cells> =
        work.iter().map(|page| sop(page.id, ASSISTANT, mirror::GUILD, &page.title, &page.body)).collect();
    mirror::receive(&store, Sop::TABLE, &rows)?;
    let tickets: Vec<Cells> = (0..TICKETS).map(|number| ticket(number, &work[number].title)).collect();
    mirror::receive(&store, guildhall_sync::model::desk::Ticket::TABLE, &tickets)?;
    let every = PAGES / TEXTS;
    Ok(work
        .iter()
        .step_by(every)
        .take(TEXTS)
        .map(|page| page.title.chars().take(LETTERS).collect())
        .collect())
}

async fn ask(home: &Path, profile: &Path, texts: &[String]) -> anyhow::Result<Json> {
    let mut driver = Command::new("WebKitWebDriver");
    driver.env("DISPLAY", display()).env_remove("WAYLAND_DISPLAY").env("NO_AT_BRIDGE", "1");
    driver.env("DBUS_SESSION_BUS_ADDRESS", "unix:path=/nonexistent").env("GUILDHALL_LOG", "warn");
    for name in ["HOME", "XDG_RUNTIME_DIR", "XDG_DATA_HOME", "XDG_STATE_HOME", "XDG_CACHE_HOME"] {
        driver.env(name, home);
    }
    let profile = profile.to_str().context("a path of letters")?;
    let program = Path::new(env!("CARGO_BIN_EXE_guildhall"));
    let window = Driver::start(driver, program, &["--profile", profile]).await;
    type_into(&window, "input[type=password]", &format!("{PASSWORD}{ENTER}")).await?;
    wait_for(&window, "main [data-pane]").await;
    window.tell("timeouts", json!({ "script": LONGEST_MS })).await.map_err(|error| anyhow!(error))?;
    let asked = json!({ "script": SCRIPT, "args": [texts, OPENINGS] });
    window.tell("execute/async", asked).await.map_err(|error| anyhow!(error))
}

async fn wait_for(window: &Driver, selector: &str) {
    let look = "return document.querySelector(arguments[0]) !== null";
    until(selector, async || (window.script(look, json!([selector])).await == Ok(json!(true))).then_some(()))
        .await;
}

async fn type_into(window: &Driver, selector: &str, text: &str) -> anyhow::Result<()> {
    wait_for(window, selector).await;
    let focus = "document.querySelector(arguments[0]).focus()";
    window.script(focus, json!([selector])).await.map_err(|error| anyhow!(error))?;
    let key = |letter: char, kind: &str| json!({ "type": kind, "value": letter.to_string() });
    let keys: Vec<Json> =
        text.chars().flat_map(|letter| [key(letter, "keyDown"), key(letter, "keyUp")]).collect();
    let keyboard = json!({ "type": "key", "id": "keyboard", "actions": keys });
    window.tell("actions", json!({ "actions": [keyboard] })).await.map_err(|error| anyhow!(error))?;
    Ok(())
}

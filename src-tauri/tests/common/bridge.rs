//! The backend of a window as a process of its own, asked as a window asks it: commands in, answers
//! and events out.

use super::PATIENCE;
use super::program;
use serde_json::{Value as Json, json};
use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, Stdio};
use tempfile::TempDir;
use tokio::sync::mpsc;

pub struct Bridge {
    process: Child,
    /// Where the built window would be.
    _pages: TempDir,
    pub authority: String,
    pub token: String,
    web: reqwest::Client,
    events: mpsc::UnboundedReceiver<Json>,
}

impl Bridge {
    /// Opens the profile with `password`, or leaves it to the window to do so.
    pub async fn start(profile: &Path, password: Option<&str>) -> Self {
        let pages = tempfile::tempdir().expect("a folder");
        std::fs::write(pages.path().join("index.html"), "<!doctype html>").expect("a page");
        let mut command = program::guildhall();
        command.arg("--profile").arg(profile);
        command.args(password.map(|_| "--password-stdin"));
        command.args(["bridge", "--pages"]).arg(pages.path());
        command.env("XDG_STATE_HOME", profile.with_extension("state"));
        command.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::piped());
        let mut process = command.spawn().expect("the program starts");
        let mut stdin = process.stdin.take().expect("a pipe");
        stdin.write_all(format!("{}\n", password.unwrap_or_default()).as_bytes()).expect("it reads");
        let mut stderr = BufReader::new(process.stderr.take().expect("a pipe"));
        let mut said = String::new();
        stderr.read_line(&mut said).expect("a pipe");
        let address = said.trim().strip_prefix("http://").unwrap_or_else(|| panic!("no address: {said}"));
        let (authority, token) = address.split_once("/#token=").expect("an address with a token");
        let (authority, token) = (authority.to_owned(), token.to_owned());
        let web = reqwest::Client::new();
        let events = listen(&web, &authority, &token).await;
        Self { process, _pages: pages, authority, token, web, events }
    }

    pub async fn try_run(&self, name: &str, request: Json) -> Result<Json, Json> {
        let answer = self.post(name, request).header("x-guildhall-token", &self.token).send().await;
        let answer = answer.expect("an answer");
        let is_well = answer.status().is_success();
        let body: Json = answer.json().await.expect("JSON");
        if is_well { Ok(body) } else { Err(body) }
    }

    pub async fn run(&self, name: &str, request: Json) -> Json {
        self.try_run(name, request).await.unwrap_or_else(|failure| panic!("{name}: {failure}"))
    }

    /// A call without the token.
    pub fn post(&self, name: &str, request: Json) -> reqwest::RequestBuilder {
        let call = json!({"name": name, "request": request});
        self.web.post(format!("http://{}/run", self.authority)).json(&call)
    }

    /// Asks, and asks again at each event, until the answer is as wanted: what a screen does.
    pub async fn until(&mut self, name: &str, request: Json, is_so: impl Fn(&Json) -> bool) -> Json {
        let mut last = Json::Null;
        let waiting = async {
            loop {
                last = self.run(name, request.clone()).await;
                if is_so(&last) {
                    return;
                }
                self.events.recv().await.expect("it goes on telling");
            }
        };
        let came = tokio::time::timeout(PATIENCE, waiting).await;
        assert!(came.is_ok(), "{name} still answers {last}");
        last
    }

    /// Waits for an event.
    pub async fn hear(&mut self, is_so: impl Fn(&Json) -> bool) -> Json {
        let waiting = async {
            loop {
                let event = self.events.recv().await.expect("it goes on telling");
                if is_so(&event) {
                    return event;
                }
            }
        };
        tokio::time::timeout(PATIENCE, waiting).await.expect("the event comes")
    }

    /// Ends it as a power cut would.
    pub fn kill(&mut self) {
        self.process.kill().ok();
        self.process.wait().expect("the process is ours");
    }
}

impl Drop for Bridge {
    fn drop(&mut self) {
        self.kill();
    }
}

async fn listen(web: &reqwest::Client, authority: &str, token: &str) -> mpsc::UnboundedReceiver<Json> {
    let (tell, events) = mpsc::unbounded_channel();
    let asked = web.get(format!("http://{authority}/events?token={token}")).send().await;
    let mut stream = asked.expect("an answer").error_for_status().expect("it is open");
    tokio::spawn(async move {
        let mut kept = String::new();
        while let Ok(Some(bytes)) = stream.chunk().await {
            kept.push_str(&String::from_utf8_lossy(&bytes));
            while let Some((line, rest)) = kept.split_once('\n') {
                let event = line.strip_prefix("data: ").map(|data| serde_json::from_str(data).expect("JSON"));
                kept = rest.to_owned();
                if event.is_some_and(|event| tell.send(event).is_err()) {
                    return;
                }
            }
        }
    });
    events
}

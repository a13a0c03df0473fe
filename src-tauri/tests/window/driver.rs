//! As much of the WebDriver protocol as a person at a window needs, spoken to WebKit's own driver.

use crate::screen::Kept;
use serde_json::{Value as Json, json};
use std::path::Path;
use std::process::Command;
use std::time::Duration;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpStream;

/// How long a window may take over anything.
const PATIENCE: Duration = Duration::from_secs(90);
const BETWEEN_LOOKS: Duration = Duration::from_millis(25);
/// The name under which the protocol hands out elements.
pub const ELEMENT: &str = "element-6066-11e4-a52e-4f735466cecf";

/// One window under control.
#[derive(Debug)]
pub struct Driver {
    port: u16,
    session: String,
    /// Ends with the driver, window and all.
    _program: Kept,
}

impl Driver {
    /// Starts `program` with `arguments`, in the environment that `driver` has.
    pub async fn start(mut driver: Command, program: &Path, arguments: &[&str]) -> Self {
        let port = free_port();
        driver.args(["--host=127.0.0.1", &format!("--port={port}")]);
        driver.env("TAURI_WEBVIEW_AUTOMATION", "true");
        let kept = Kept::start(&driver);
        until("the driver to listen", async || TcpStream::connect(("127.0.0.1", port)).await.ok()).await;
        let options = json!({ "binary": program, "args": arguments });
        // One page, which loads once: no key has to wait for another.
        let all = json!({ "pageLoadStrategy": "none", "webkitgtk:browserOptions": options });
        let wish = json!({ "capabilities": { "alwaysMatch": all } });
        let started = send(port, "POST", "/session", Some(&wish));
        let started = tokio::time::timeout(PATIENCE, started).await.expect("the window comes up");
        let started = started.unwrap_or_else(|error| panic!("no window: {error}"));
        let session = started["sessionId"].as_str().expect("a session").to_owned();
        Self { port, session, _program: kept }
    }

    pub async fn ask(&self, method: &str, path: &str, body: Option<&Json>) -> Result<Json, String> {
        let path = format!("/session/{}/{path}", self.session);
        let answer = send(self.port, method, &path, body);
        tokio::time::timeout(PATIENCE, answer).await.map_err(|_| format!("{path}: no answer"))?
    }

    pub async fn tell(&self, path: &str, body: Json) -> Result<Json, String> {
        self.ask("POST", path, Some(&body)).await
    }

    /// Runs the body of a function in the page.
    pub async fn script(&self, script: &str, arguments: Json) -> Result<Json, String> {
        self.tell("execute/sync", json!({ "script": script, "args": arguments })).await
    }
}

/// Looks again and again until there is something, and says in the end what was missing.
pub async fn until<T>(what: &str, mut look: impl AsyncFnMut() -> Option<T>) -> T {
    let looking = async {
        loop {
            match look().await {
                Some(found) => return found,
                None => tokio::time::sleep(BETWEEN_LOOKS).await,
            }
        }
    };
    tokio::time::timeout(PATIENCE, looking).await.unwrap_or_else(|_| panic!("waited in vain for {what}"))
}

fn free_port() -> u16 {
    let taken = std::net::TcpListener::bind(("127.0.0.1", 0)).expect("a free port");
    taken.local_addr().expect("an address").port()
}

async fn send(port: u16, method: &str, path: &str, body: Option<&Json>) -> Result<Json, String> {
    let body = body.map(Json::to_string).unwrap_or_default();
    let mut wire = TcpStream::connect(("127.0.0.1", port)).await.map_err(|error| error.to_string())?;
    let request = format!(
        "{method} {path} HTTP/1.1\r\nhost: 127.0.0.1:{port}\r\nconnection: close\r\n\
         content-type: application/json\r\ncontent-length: {}\r\n\r\n{body}",
        body.len()
    );
    wire.write_all(request.as_bytes()).await.map_err(|error| error.to_string())?;
    let body = read_answer(&mut BufReader::new(wire)).await.map_err(|error| format!("{path}: {error}"))?;
    let body = String::from_utf8_lossy(&body);
    let mut answer: Json = serde_json::from_str(&body).map_err(|error| format!("{error}: {body}"))?;
    let value = answer["value"].take();
    match value["error"].as_str() {
        Some(error) => Err(format!("{path}: {error}: {}", value["message"].as_str().unwrap_or_default())),
        None => Ok(value),
    }
}

/// The driver keeps the wire open whatever it is asked, so the length of the answer tells its end.
async fn read_answer(wire: &mut BufReader<TcpStream>) -> std::io::Result<Vec<u8>> {
    let mut length = 0;
    let mut line = String::new();
    while wire.read_line(&mut line).await? > 2 {
        if let Some((name, value)) = line.split_once(':')
            && name.eq_ignore_ascii_case("content-length")
        {
            length = value.trim().parse().map_err(std::io::Error::other)?;
        }
        line.clear();
    }
    let mut body = vec![0; length];
    wire.read_exact(&mut body).await?;
    Ok(body)
}

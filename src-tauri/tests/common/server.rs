//! `guildhall serve` as a process of its own, which can be killed and brought back.

use super::program;
use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::process::{Child, ChildStderr, ExitStatus, Stdio};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use tempfile::TempDir;

/// What the program says once it listens.
const LISTENS: &str = "Serving at http://";

pub struct Server {
    process: Child,
    pub address: SocketAddr,
    /// What it has said since; a failing test shows it.
    said: Arc<Mutex<String>>,
    listener: Option<JoinHandle<()>>,
    /// What it remembers outside the database, for as long as it runs.
    _state: TempDir,
}

impl Server {
    /// At a free port where no address is given. Returns when it listens.
    pub fn start(database_url: &str, address: Option<SocketAddr>) -> Self {
        Self::start_with_fault(database_url, address, "")
    }

    /// `fault` is the named point at which the process shall end.
    pub fn start_with_fault(database_url: &str, address: Option<SocketAddr>, fault: &str) -> Self {
        Self::try_start(database_url, address, fault)
            .unwrap_or_else(|said| panic!("it does not serve: {said}"))
    }

    /// What it said instead of listening is the error.
    pub fn try_start(database_url: &str, address: Option<SocketAddr>, fault: &str) -> Result<Self, String> {
        let listen = address.unwrap_or_else(|| SocketAddr::from(([127, 0, 0, 1], 0))).to_string();
        let state = tempfile::tempdir().expect("a folder");
        let mut command = program::guildhall();
        command.args(["serve", "--database-url", database_url, "--listen", &listen, "--state-folder"]);
        command.arg(state.path());
        command
            .env("GUILDHALL_FAULT", fault)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::piped());
        let mut process = command.spawn().expect("the program starts");
        let mut stderr = BufReader::new(process.stderr.take().expect("a pipe"));
        match read_address(&mut stderr) {
            Ok(address) => {
                let said = Arc::new(Mutex::new(String::new()));
                let listener = Some(listen_on(stderr, Arc::clone(&said)));
                Ok(Self { process, address, said, listener, _state: state })
            }
            Err(said) => {
                process.wait().expect("it has ended");
                Err(said)
            }
        }
    }

    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Ends it as the system would: it gets no chance to say or write anything.
    pub fn kill(&mut self) {
        // One that has ended already is what was wanted.
        self.process.kill().ok();
        self.wait();
    }

    /// Waits until it ends by itself.
    pub fn wait(&mut self) -> ExitStatus {
        let ended = self.process.wait().expect("the process is ours");
        if let Some(listener) = self.listener.take() {
            listener.join().expect("it only reads");
        }
        ended
    }

    /// Whether it has ended by itself.
    pub fn has_ended(&mut self) -> bool {
        self.process.try_wait().expect("the process is ours").is_some()
    }

    pub fn said(&self) -> String {
        self.said.lock().expect("nobody panics with it").clone()
    }
}

impl Drop for Server {
    #[expect(clippy::print_stderr, reason = "whoever looks at a failed test wants to see it")]
    fn drop(&mut self) {
        self.kill();
        if std::thread::panicking() {
            eprintln!("The server said:\n{}", self.said());
        }
    }
}

fn read_address(stderr: &mut BufReader<ChildStderr>) -> Result<SocketAddr, String> {
    let mut said = String::new();
    loop {
        let from = said.len();
        if stderr.read_line(&mut said).expect("a pipe") == 0 {
            return Err(said);
        }
        if let Some((_, rest)) = said[from..].split_once(LISTENS) {
            let address = rest.split(". ").next().expect("there is a first part");
            return Ok(address.trim().parse().expect("an address"));
        }
    }
}

fn listen_on(stderr: BufReader<ChildStderr>, said: Arc<Mutex<String>>) -> JoinHandle<()> {
    std::thread::spawn(move || {
        for line in stderr.lines().map_while(Result::ok) {
            let mut said = said.lock().expect("nobody panics with it");
            said.push_str(&line);
            said.push('\n');
        }
    })
}

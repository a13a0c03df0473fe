//! The server process of a private cluster: filling its folder, starting, waiting, ending it.

mod family;

use std::fs::OpenOptions;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Child, Stdio};
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process};

use super::account::{Account, command_as};
use super::binaries::Binaries;
use super::error::{ClusterError, at};
use super::layout::{Layout, PORT};
use super::{ClusterOptions, SUPERUSER};

const POLL_MS: u64 = 10;
const PATIENCE_MS: u64 = 60_000;
/// How much of the log an error shows.
const LOG_TAIL_LINES: usize = 12;

#[derive(Debug)]
pub(super) struct Postmaster {
    id: Pid,
    /// None for one that an earlier process of ours started.
    child: Option<Child>,
}

/// Runs `initdb` where that has not been done; an interrupted one leaves nothing that counts.
pub(super) fn fill_folder(
    binaries: &Binaries,
    layout: &Layout,
    account: Option<&Account>,
) -> Result<(), ClusterError> {
    let files = layout.database_files();
    if files.exists() {
        return Ok(());
    }
    let unfinished = layout.folder.join("data.unfinished");
    if unfinished.exists() {
        std::fs::remove_dir_all(&unfinished).map_err(at(&unfinished))?;
    }
    let program = binaries.program("initdb");
    let output = command_as(account, &program)
        .args(["--no-sync", "--no-instructions", "--encoding=UTF8", "--locale=C.UTF-8"])
        .args(["--auth=trust", "--username", SUPERUSER, "--pgdata"])
        .arg(&unfinished)
        .output()
        .map_err(at(&program))?;
    if !output.status.success() {
        let output = String::from_utf8_lossy(&output.stderr).trim().to_owned();
        return Err(ClusterError::NotInitialised { folder: layout.folder.clone(), output });
    }
    std::fs::rename(&unfinished, &files).map_err(at(&files))
}

impl Postmaster {
    pub fn spawn(
        binaries: &Binaries,
        layout: &Layout,
        options: ClusterOptions,
        account: Option<&Account>,
    ) -> Result<Self, ClusterError> {
        let log_path = layout.log();
        let log = OpenOptions::new().create(true).append(true).open(&log_path).map_err(at(&log_path))?;
        let program = binaries.program("postgres");
        let child = command_as(account, &program)
            .arg("-D")
            .arg(layout.database_files())
            .args(list_settings(layout, options).iter().flat_map(|setting| ["-c", setting]))
            .process_group(0)
            .stdin(Stdio::null())
            .stdout(log.try_clone().map_err(at(&log_path))?)
            .stderr(log)
            .spawn()
            .map_err(at(&program))?;
        Ok(Self { id: Pid::from_child(&child), child: Some(child) })
    }

    /// One that runs on this folder without being our child.
    pub fn find_running(layout: &Layout) -> Option<Self> {
        let state = read_state(layout)?;
        (state.is_ready && family::is_postgres(state.id)).then_some(Self { id: state.id, child: None })
    }

    pub fn id(&self) -> i32 {
        self.id.as_raw_nonzero().get()
    }

    pub fn wait_until_ready(&mut self, layout: &Layout) -> Result<(), ClusterError> {
        let is_ready = poll(|| {
            // A file of a killed predecessor may still be there, so the number counts too.
            Ok(self.has_ended()?
                || read_state(layout).is_some_and(|state| state.is_ready && state.id == self.id))
        })
        .map_err(at(&layout.folder))?;
        if !is_ready {
            return Err(too_slow(layout, "answered"));
        }
        if self.has_ended().map_err(at(&layout.folder))? {
            return Err(ClusterError::NotStarted {
                folder: layout.folder.clone(),
                log: read_log_tail(layout)?,
            });
        }
        Ok(())
    }

    /// Open transactions end, what is committed goes to the disk.
    pub fn stop(mut self, layout: &Layout) -> Result<(), ClusterError> {
        kill_process(self.id, Signal::INT).map_err(|error| at(&layout.folder)(error.into()))?;
        let pid_file = layout.pid_file();
        let has_stopped = poll(|| match self.child {
            Some(_) => self.has_ended(),
            None => Ok(!pid_file.exists()),
        })
        .map_err(at(&layout.folder))?;
        if has_stopped { Ok(()) } else { Err(too_slow(layout, "stopped")) }
    }

    /// No process of the cluster does anything any more when this returns.
    pub fn kill(mut self, layout: &Layout) -> Result<(), ClusterError> {
        let has_died = family::kill_all(self.id)
            .and_then(|children| {
                poll(|| Ok(self.has_ended()? && !children.iter().any(|&child| family::is_postgres(child))))
            })
            .map_err(at(&layout.folder))?;
        if has_died { Ok(()) } else { Err(too_slow(layout, "died")) }
    }

    /// Takes the exit status of a child that has already been ended.
    pub fn reap(self) {
        if let Some(mut child) = self.child
            && let Err(error) = child.wait()
        {
            tracing::warn!(%error, "the private Postgres could not be awaited");
        }
    }

    fn has_ended(&mut self) -> std::io::Result<bool> {
        match &mut self.child {
            Some(child) => Ok(child.try_wait()?.is_some()),
            None => Ok(!family::is_postgres(self.id)),
        }
    }
}

fn list_settings(layout: &Layout, options: ClusterOptions) -> Vec<String> {
    let mut settings = vec![
        "listen_addresses=".to_owned(),
        format!("unix_socket_directories={}", quote_path(&layout.folder)),
        "unix_socket_permissions=0700".to_owned(),
        format!("port={PORT}"),
        format!("max_connections={}", options.max_connections),
        "shared_buffers=128MB".to_owned(),
        // Kept in the folder, so that a killed cluster leaves nothing in the system's shared memory.
        "dynamic_shared_memory_type=mmap".to_owned(),
        // Nobody replicates a private cluster.
        "wal_level=minimal".to_owned(),
        "max_wal_senders=0".to_owned(),
        "timezone=UTC".to_owned(),
        "log_timezone=UTC".to_owned(),
    ];
    if !options.durable {
        settings.extend(["fsync=off", "synchronous_commit=off", "full_page_writes=off"].map(str::to_owned));
    }
    settings
}

/// The setting is a list of folders, in which quotes protect commas and spaces.
fn quote_path(path: &Path) -> String {
    format!("\"{}\"", path.display().to_string().replace('"', "\"\""))
}

struct State {
    id: Pid,
    is_ready: bool,
}

/// Reads what Postgres says of itself: its number in the first line of its pid file, its state in the eighth.
fn read_state(layout: &Layout) -> Option<State> {
    let text = std::fs::read_to_string(layout.pid_file()).ok()?;
    let mut lines = text.lines();
    let id = Pid::from_raw(lines.next()?.trim().parse().ok()?)?;
    Some(State { id, is_ready: lines.nth(6).is_some_and(|state| state.trim() == "ready") })
}

/// Asks until the answer is yes; false when patience ends first.
fn poll(mut is_done: impl FnMut() -> std::io::Result<bool>) -> std::io::Result<bool> {
    for _ in 0..PATIENCE_MS / POLL_MS {
        if is_done()? {
            return Ok(true);
        }
        std::thread::sleep(Duration::from_millis(POLL_MS));
    }
    Ok(false)
}

fn too_slow(layout: &Layout, awaited: &'static str) -> ClusterError {
    ClusterError::TooSlow { folder: layout.folder.clone(), awaited, waited_ms: PATIENCE_MS }
}

fn read_log_tail(layout: &Layout) -> Result<String, ClusterError> {
    let path = layout.log();
    let log = std::fs::read(&path).map_err(at(&path))?;
    let log = String::from_utf8_lossy(&log);
    let lines: Vec<&str> = log.lines().collect();
    Ok(lines[lines.len().saturating_sub(LOG_TAIL_LINES)..].join("\n"))
}

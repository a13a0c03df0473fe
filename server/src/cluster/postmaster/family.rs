//! The processes of one Postgres, as the kernel sees them.
//!
//! Each backend leads a process group of its own, so signalling the server's group would miss them all.
//! Where there is no `/proc` (macOS, not tried), backends are left to notice by themselves that their server died.

use std::io;
use std::path::Path;

use rustix::process::{Pid, Signal, kill_process, test_kill_process};

/// Kills the server and its children; gives the children, which may take a moment to go.
pub(super) fn kill_all(server: Pid) -> io::Result<Vec<Pid>> {
    // A stopped server cannot start another child while they are counted.
    kill_process(server, Signal::STOP)?;
    let children = list_children(server);
    kill_process(server, Signal::KILL)?;
    for &child in &children {
        match kill_process(child, Signal::KILL) {
            Ok(()) | Err(rustix::io::Errno::SRCH) => {}
            Err(error) => return Err(error.into()),
        }
    }
    Ok(children)
}

/// Whether this number belongs to a living Postgres process; numbers are used again.
pub(super) fn is_postgres(process: Pid) -> bool {
    match std::fs::read_to_string(format!("/proc/{}/stat", process.as_raw_nonzero())) {
        Ok(stat) => {
            let state = stat.rsplit(") ").next().unwrap_or_default();
            stat.contains("(postgres)") && !state.starts_with(['Z', 'X'])
        }
        Err(_) => !Path::new("/proc/self").exists() && test_kill_process(process).is_ok(),
    }
}

fn list_children(parent: Pid) -> Vec<Pid> {
    let Ok(processes) = std::fs::read_dir("/proc") else {
        return Vec::new();
    };
    processes
        .filter_map(|process| process.ok()?.file_name().to_str()?.parse().ok())
        .filter_map(Pid::from_raw)
        .filter(|&process| find_parent(process) == Some(parent))
        .collect()
}

fn find_parent(process: Pid) -> Option<Pid> {
    let stat = std::fs::read_to_string(format!("/proc/{}/stat", process.as_raw_nonzero())).ok()?;
    // "number (name) state parent ...": the name may hold anything, so count from its end.
    let parent = stat.rsplit(") ").next()?.split(' ').nth(1)?;
    Pid::from_raw(parent.parse().ok()?)
}

//! Ends a cluster when our process ends, even when that is killed.
//!
//! A shell waits at the other end of a pipe. The kernel closes the pipe whichever way we go;
//! the shell then stops the server that was last named to it. (A death signal from the kernel
//! would come too early: it is sent when the thread that started the server ends.)

use std::io::Write;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Child, Command, Stdio};

use super::error::{ClusterError, at};
use super::layout::Layout;

const SHELL: &str = "/bin/sh";

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum AtEnd {
    /// The server is stopped in good order; the folder stays.
    Stop,
    /// The server is stopped at once and the folder removed.
    Remove,
}

#[derive(Debug)]
pub(super) struct Guard {
    shell: Child,
}

impl Guard {
    pub fn start(layout: &Layout, at_end: AtEnd) -> Result<Self, ClusterError> {
        let mut command = Command::new(SHELL);
        command.arg("-c").arg(include_str!("guard/wait.sh")).arg("guildhall-guard");
        command.arg(layout.pid_file());
        match at_end {
            AtEnd::Stop => command.arg("INT"),
            AtEnd::Remove => command.arg("QUIT").arg(&layout.folder),
        };
        // A group of its own: Ctrl-C in the terminal is for us, and the guard acts after us.
        command.process_group(0).current_dir("/");
        command.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null());
        let shell = command.spawn().map_err(at(Path::new(SHELL)))?;
        Ok(Self { shell })
    }

    /// From now on this server, or none, is the one to stop.
    pub fn watch(&mut self, process_id: Option<i32>) -> Result<(), ClusterError> {
        let line = process_id.map_or_else(|| "\n".to_owned(), |id| format!("{id}\n"));
        let pipe =
            self.shell.stdin.as_mut().expect("the guard is started with a pipe, which only its end takes");
        pipe.write_all(line.as_bytes()).map_err(at(Path::new(SHELL)))
    }

    /// Acts as if our process had ended, and waits until that is done.
    pub fn finish(mut self) {
        // `wait` closes the pipe first.
        if let Err(error) = self.shell.wait() {
            tracing::warn!(%error, "the guard of the private Postgres could not be awaited");
        }
    }

    /// Goes away without doing anything.
    pub fn dismiss(mut self) {
        if let Err(error) = self.shell.kill().and_then(|()| self.shell.wait()) {
            tracing::warn!(%error, "the guard of the private Postgres could not be dismissed");
        }
    }
}

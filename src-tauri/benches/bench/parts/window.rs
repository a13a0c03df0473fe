//! The window: from the start of the program to the first screen, and the memory of all its
//! processes, beside WebKit's own small browser with an empty page.

use std::collections::BTreeMap;
use std::fs::{read_dir, read_to_string};
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, ChildStderr, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, bail, ensure};

use crate::figure::{Figure, Goal};
use crate::measure::Samples;
use crate::new_folder;
use crate::screen::display;

const STARTS: usize = 7;
/// What the program says when the page names itself.
const SHOWN: &str = "the window shows";
/// Stands in the name of a screen, and not in that of the page before its first screen.
const SCREEN: &str = " · ";
/// Processes of a page come up after it, and take what they need.
const SETTLING: Duration = Duration::from_secs(2);
const BROWSERS: [&str; 2] = [
    "/usr/lib/x86_64-linux-gnu/webkit2gtk-4.1/MiniBrowser",
    "/usr/lib/aarch64-linux-gnu/webkit2gtk-4.1/MiniBrowser",
];

pub fn measure() -> anyhow::Result<Vec<Figure>> {
    let folder = new_folder()?;
    let (mut starts, mut memory) = (Samples::default(), Vec::new());
    // The first one brings the files into memory.
    for number in 0..=STARTS {
        let begin = Instant::now();
        let mut window = Running::start(&mut window(folder.path()))?;
        window.wait_for_screen()?;
        let took = begin.elapsed();
        if number > 0 {
            starts.add(took);
        }
        if number == STARTS {
            std::thread::sleep(SETTLING);
            memory = window.memory()?;
        }
    }
    let all = total(&memory);
    let start = Figure::new("start to first screen, p50", starts.milliseconds_at(0.5), "ms")
        .goal(Goal::AtMost(1_500.0));
    let mut used = Figure::new("memory of all its processes (shared parts shared)", all, "MB");
    if let Some(empty) = empty_browser(folder.path())? {
        used = used.beside("WebKit's browser, empty", empty);
    }
    let mut figures = vec![start, used.goal(Goal::AtMost(300.0))];
    let part = |(name, bytes): (String, f64)| Figure::new(format!("of that: {name}"), bytes, "MB");
    figures.extend(memory.into_iter().map(part));
    Ok(figures)
}

fn window(home: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_guildhall"));
    command.arg("--profile").arg(home.join("profile"));
    command.env("GUILDHALL_LOG", "info");
    at(command, home)
}

/// None where this system has none.
fn empty_browser(home: &Path) -> anyhow::Result<Option<f64>> {
    let Some(program) = BROWSERS.into_iter().find(|path| Path::new(path).exists()) else { return Ok(None) };
    let mut command = Command::new(program);
    command.args(["--private", "about:blank"]);
    let browser = Running::start(&mut at(command, home))?;
    std::thread::sleep(2 * SETTLING);
    Ok(Some(total(&browser.memory()?)))
}

fn at(mut command: Command, home: &Path) -> Command {
    command.env("DISPLAY", display()).env_remove("WAYLAND_DISPLAY").env("NO_AT_BRIDGE", "1");
    command.env("DBUS_SESSION_BUS_ADDRESS", "unix:path=/nonexistent");
    for name in ["HOME", "XDG_RUNTIME_DIR", "XDG_DATA_HOME", "XDG_STATE_HOME", "XDG_CACHE_HOME"] {
        command.env(name, home);
    }
    command
}

/// A program with a window, until it is dropped.
struct Running {
    process: Child,
    /// Kept, so that it may go on talking.
    said: BufReader<ChildStderr>,
}

impl Running {
    fn start(command: &mut Command) -> anyhow::Result<Self> {
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped());
        let mut process = command.spawn().context("the window does not start")?;
        let said = BufReader::new(process.stderr.take().context("no pipe")?);
        Ok(Self { process, said })
    }

    fn wait_for_screen(&mut self) -> anyhow::Result<()> {
        let mut line = String::new();
        while self.said.read_line(&mut line)? > 0 {
            if line.contains(SHOWN) && line.contains(SCREEN) {
                return Ok(());
            }
            line.clear();
        }
        bail!("the window ended before it showed anything")
    }

    /// Megabytes by name of process; what several of them share counts for each in part.
    fn memory(&self) -> anyhow::Result<Vec<(String, f64)>> {
        let mut used = BTreeMap::<String, f64>::new();
        let parents = list_parents()?;
        for (&process, _) in
            parents.iter().filter(|(process, _)| descends(**process, self.process.id(), &parents))
        {
            // One that has ended in the meantime uses nothing.
            let Ok(sums) = read_to_string(format!("/proc/{process}/smaps_rollup")) else { continue };
            let kib = sums.lines().find_map(|line| line.strip_prefix("Pss:")).context("no sum")?;
            let kib: f64 = kib.trim().trim_end_matches("kB").trim().parse()?;
            let name = read_to_string(format!("/proc/{process}/comm"))?.trim().to_owned();
            *used.entry(name).or_default() += kib * 1024.0 / 1e6;
        }
        ensure!(!used.is_empty(), "no process was found");
        Ok(used.into_iter().collect())
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // One that has ended already is what was wanted.
        self.process.kill().ok();
        self.process.wait().ok();
    }
}

fn total(memory: &[(String, f64)]) -> f64 {
    memory.iter().map(|(_, megabytes)| megabytes).sum()
}

fn list_parents() -> anyhow::Result<BTreeMap<u32, u32>> {
    let mut parents = BTreeMap::new();
    for entry in read_dir("/proc")? {
        let Some(process) = entry?.file_name().to_str().and_then(|name| name.parse().ok()) else { continue };
        let Ok(stat) = read_to_string(format!("/proc/{process}/stat")) else { continue };
        // The name in the second field may hold spaces, so fields count from behind it.
        let parent =
            stat.rsplit_once(')').and_then(|(_, fields)| fields.split_whitespace().nth(1)?.parse().ok());
        parents.insert(process, parent.context("no parent")?);
    }
    Ok(parents)
}

fn descends(process: u32, from: u32, parents: &BTreeMap<u32, u32>) -> bool {
    let mut at = process;
    loop {
        match parents.get(&at) {
            _ if at == from => return true,
            Some(&parent) if parent > 1 => at = parent,
            _ => return false,
        }
    }
}

//! A device at its first download, as a process of its own, so that memory and processor time are
//! its own too. This program starts itself again for it.

use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::{Arc, Mutex};
use std::time::Instant;

use anyhow::{Context, ensure};
use guildhall_local::inbox::Phase;
use guildhall_local::link::Progress;
use guildhall_sync::model::knowledge::KnowledgeItem;
use guildhall_sync::schema::Row;
use serde::{Deserialize, Serialize};

use crate::device::Device;
use crate::process::{forget_peak, peak_bytes, processor_time};

/// The first argument of such a process.
pub const ROLE: &str = "receive";

#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize)]
pub struct Received {
    /// Until every row can be read by its key.
    pub readable_s: f64,
    pub processor_s: f64,
    pub peak_bytes: u64,
    pub store_bytes: u64,
    /// Until every row can be found by its words.
    pub findable_s: f64,
    pub peak_bytes_at_end: u64,
    pub wire_bytes: u64,
}

/// Signs in from a new folder and fetches everything, in another process.
pub fn download(server: &str, folder: &Path, rows: usize) -> anyhow::Result<Received> {
    let output = Command::new(std::env::current_exe()?)
        .args([ROLE, server, &rows.to_string()])
        .arg(folder)
        .stdin(Stdio::null())
        .stderr(Stdio::inherit())
        .output()?;
    ensure!(output.status.success(), "the receiving device ended with {}", output.status);
    serde_json::from_slice(&output.stdout).context("the receiving device did not say what it had")
}

/// What the other process does.
pub fn run(mut arguments: impl Iterator<Item = String>) -> anyhow::Result<()> {
    let mut next = || arguments.next().context("an argument is missing");
    let (server, rows, folder) = (next()?, next()?.parse()?, next()?);
    let received = receive(&server, rows, Path::new(&folder))?;
    serde_json::to_writer(std::io::stdout().lock(), &received)?;
    Ok(())
}

fn receive(server: &str, rows: i64, folder: &Path) -> anyhow::Result<Received> {
    let runtime = tokio::runtime::Runtime::new()?;
    let device = runtime.block_on(Device::sign_in(server, folder))?;
    forget_peak()?;
    let (begin, spent) = (Instant::now(), processor_time()?);
    let at_readable: Arc<Mutex<Option<Received>>> = Arc::default();
    let (noted, file) = (Arc::clone(&at_readable), device.store.path().to_owned());
    let tell = move |progress: Progress| {
        let Progress::Taking(taking, _) = progress else { return };
        let mut noted = noted.lock().expect("nobody panics with it");
        if taking.phase == Phase::Indexing && noted.is_none() {
            *noted = Some(Received {
                readable_s: begin.elapsed().as_secs_f64(),
                processor_s: processor_time().unwrap_or_default().saturating_sub(spent).as_secs_f64(),
                peak_bytes: peak_bytes().unwrap_or_default(),
                store_bytes: file.metadata().map_or(0, |file| file.len()),
                ..Received::default()
            });
        }
    };
    let report = runtime.block_on(device.sync(tell))?;
    let findable_s = begin.elapsed().as_secs_f64();
    let table = KnowledgeItem::TABLE.name;
    let found: i64 = device.store.read(|connection| {
        Ok(connection.query_row(&format!("select count(*) from {table}"), [], |row| row.get(0))?)
    })?;
    ensure!(found == rows, "{found} rows of {rows} came");
    let noted = at_readable.lock().expect("nobody panics with it").context("no full text was built")?;
    Ok(Received { findable_s, peak_bytes_at_end: peak_bytes()?, wire_bytes: report.received_bytes, ..noted })
}

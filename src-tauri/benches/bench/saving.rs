//! Somebody saves a page, again and again, while the device takes rows in: how long each save takes.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use anyhow::ensure;
use guildhall_local::link::Progress;
use guildhall_local::store::{Store, rows};
use guildhall_local::write::Why;
use guildhall_sync::model::knowledge::KnowledgeItem;
use guildhall_sync::schema::Row;
use guildhall_sync::value::Value;
use tokio::runtime::Runtime;
use uuid::Uuid;

use crate::cells::named;
use crate::device::Device;
use crate::measure::{Samples, timed};
use crate::work::Page;

const SAVE_EVERY: Duration = Duration::from_millis(20);

pub fn save(store: &Store, id: Uuid, body: &str) -> anyhow::Result<()> {
    let table = KnowledgeItem::TABLE;
    let changes = named(table, [("answer_md", Value::text(body))]);
    let written = store.write(|write| write.update(table, id, changes, Why::default()))?;
    ensure!(written.value, "the edit changed nothing");
    Ok(())
}

/// From when the page is there until so many rows have come.
pub fn while_taking_in(
    runtime: &Runtime,
    device: &Device,
    page: &Page,
    rows: usize,
) -> anyhow::Result<Samples> {
    let is_in = Arc::new(AtomicBool::new(false));
    let noting = Arc::clone(&is_in);
    let tell = move |progress| {
        if matches!(progress, Progress::Received(counts) if counts.rows >= rows as u64) {
            noting.store(true, Ordering::Relaxed);
        }
    };
    let link = device.link()?;
    std::thread::scope(|scope| {
        let saving = scope.spawn(|| save_until(device, page, &is_in));
        let synced = runtime.block_on(link.sync_once(tell));
        is_in.store(true, Ordering::Relaxed);
        let waits = saving.join().map_err(|_| anyhow::anyhow!("the saving panicked"))?;
        synced?;
        waits
    })
}

fn save_until(device: &Device, page: &Page, is_over: &AtomicBool) -> anyhow::Result<Samples> {
    let mut waits = Samples::default();
    while !is_over.load(Ordering::Relaxed) {
        if device.store.read(|connection| rows::find(connection, KnowledgeItem::TABLE, page.id))?.is_some() {
            let body = format!("{} {}", page.body, waits.count());
            waits.add(timed(|| save(&device.store, page.id, &body))?.1);
        }
        std::thread::sleep(SAVE_EVERY);
    }
    Ok(waits)
}

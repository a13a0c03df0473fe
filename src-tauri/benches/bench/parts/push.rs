//! 10,000 offline edits: up from one device with a verdict each, and down to another.

use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use anyhow::{Context, ensure};
use guildhall_local::link::Progress;
use guildhall_server::cluster::Cluster;
use tokio::runtime::Runtime;

use crate::device::Device;
use crate::figure::{Figure, Goal};
use crate::floor::edits;
use crate::measure::timed;
use crate::peer::anki;
use crate::saving::{self, save};
use crate::work::{Page, Pages};
use crate::{new_folder, postgres, server};

const EDITS: usize = 10_000;

pub fn measure() -> anyhow::Result<Vec<Figure>> {
    let pages = Pages::list(EDITS);
    let cluster = postgres::start()?;
    let runtime = Runtime::new()?;
    let served = server::start(&runtime, &cluster, "guild", &pages)?;
    let folder = new_folder()?;
    let [author, reader, busy_reader] = ["author", "reader", "busy"].map(|name| folder.path().join(name));
    let [author, reader, busy_reader] =
        [author, reader, busy_reader].map(|dir| runtime.block_on(downloaded(&served.url, &dir)));
    let author = author?;
    let edit = timed(|| edit_all(&author, &pages))?.1;
    let floor = measure_floor(&cluster, &pages)?;
    let sent = send(&runtime, &author)?;
    let taken_in = timed(|| runtime.block_on(reader?.sync(|_| ())))?;
    ensure!(taken_in.0.received_rows >= EDITS as u64, "{} rows came", taken_in.0.received_rows);
    let waits = saving::while_taking_in(&runtime, &busy_reader?, &pages[0], EDITS)?;
    served.stop(&runtime)?;
    let seconds = |duration: Duration| duration.as_secs_f64();
    let mut figures = vec![
        Figure::new(format!("write {EDITS} edits offline, one by one"), seconds(edit), "s"),
        Figure::new(format!("{EDITS} edits up, all verdicts back"), seconds(sent.verdicts), "s")
            .beside("Postgres alone, set by set", seconds(floor))
            .goal(Goal::AtMost(1.5)),
        Figure::new("the same, and all of them settled", seconds(sent.settled), "s")
            .beside("Postgres alone, set by set", seconds(floor)),
        Figure::new("another device takes them in", seconds(taken_in.1), "s").goal(Goal::AtMost(0.9)),
        Figure::new("a save meanwhile, worst", waits.milliseconds_at(1.0), "ms").goal(Goal::AtMost(50.0)),
    ];
    if let Some(peer) = anki::measure(&pages)? {
        let same = |value| Figure::new("the same", value, "s");
        figures
            .insert(4, same(seconds(taken_in.1)).beside(peer.name("another takes them in"), peer.taken_in));
        figures.insert(2, same(seconds(sent.verdicts)).beside(peer.name("edits up"), peer.sent));
    }
    Ok(figures)
}

async fn downloaded(server: &str, dir: &std::path::Path) -> anyhow::Result<Device> {
    let device = Device::sign_in(server, dir).await?;
    device.sync(|_| ()).await?;
    Ok(device)
}

fn edit_all(device: &Device, pages: &[Page]) -> anyhow::Result<()> {
    pages.iter().try_for_each(|page| save(&device.store, page.id, &edits::edited(&page.body)))
}

struct Sent {
    verdicts: Duration,
    settled: Duration,
}

fn send(runtime: &Runtime, device: &Device) -> anyhow::Result<Sent> {
    let (begin, counted) = (Instant::now(), Arc::new(Mutex::new((0, None))));
    let counting = Arc::clone(&counted);
    let tell = move |progress| {
        if let Progress::Sent(counts) = progress {
            let mut counted = counting.lock().expect("nobody panics with it");
            counted.0 += counts.sent;
            if counted.0 >= EDITS as u64 {
                counted.1.get_or_insert(begin.elapsed());
            }
        }
    };
    let report = runtime.block_on(device.sync(tell))?;
    let settled = begin.elapsed();
    ensure!(report.refused + report.conflicts == 0, "not every edit was accepted: {report:?}");
    let verdicts = counted.lock().expect("nobody panics with it").1.context("not every edit was answered")?;
    Ok(Sent { verdicts, settled })
}

fn measure_floor(cluster: &Cluster, pages: &[Page]) -> anyhow::Result<Duration> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let mut connection = runtime.block_on(postgres::create_bare(cluster, "edits", pages))?;
    runtime.block_on(edits::create_history(&mut connection))?;
    let batches = edits::list_batches(pages)?;
    let take_all = async {
        for batch in &batches {
            edits::take_in(&mut connection, batch).await?;
        }
        Ok(())
    };
    Ok(timed(|| runtime.block_on(take_all))?.1)
}

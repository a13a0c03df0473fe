//! One edit from one device to another while both are connected, and a sync with nothing to do.

use guildhall_local::link::wire::Wire;
use tokio::runtime::Runtime;

use crate::counting;
use crate::device::Device;
use crate::figure::{Figure, Goal};
use crate::peer::anki;
use crate::server::Served;
use crate::watching::{ask_nothing, measure_quiet, measure_ways};
use crate::work::Pages;
use crate::{new_folder, postgres, server};

const ROWS: usize = 10_000;
const EDITS: usize = 65;

pub fn measure() -> anyhow::Result<Vec<Figure>> {
    let pages = Pages::list(ROWS);
    let cluster = postgres::start()?;
    let runtime = Runtime::new()?;
    let served = server::start(&runtime, &cluster, "guild", &pages)?;
    let folder = new_folder()?;
    let mut figures = runtime.block_on(async {
        let author = Device::sign_in(&served.url, &folder.path().join("author")).await?;
        let reader = Device::sign_in(&served.url, &folder.path().join("reader")).await?;
        author.sync(|_| ()).await?;
        reader.sync(|_| ()).await?;
        let ways = measure_ways(&author, &reader, &pages[..EDITS]).await?;
        author.sync(|_| ()).await?;
        let name = |part| format!("one edit from save to the other device, {ROWS} rows, {part}");
        let figure = |part, value, limit| Figure::new(name(part), value, "ms").goal(Goal::AtMost(limit));
        let mut figures = vec![
            figure("p50", ways.milliseconds_at(0.5), 25.0),
            figure("p95", ways.milliseconds_at(0.95), 50.0),
        ];
        figures.extend(quiet(&author, &served).await?);
        anyhow::Ok(figures)
    })?;
    served.stop(&runtime)?;
    if let Some(peer) = anki::measure(&pages)? {
        let (way, quiet) = (figures[0].value, figures[2].value);
        figures
            .insert(1, Figure::new("the same", way, "ms").beside(peer.name("each syncs once"), peer.way_ms));
        figures.insert(
            4,
            Figure::new("the same", quiet, "ms").beside(peer.name("a sync of nothing"), peer.quiet_ms),
        );
    }
    Ok(figures)
}

async fn quiet(device: &Device, served: &Served) -> anyhow::Result<Vec<Figure>> {
    let counted = counting::before(served.address).await?;
    let (direct, through) = (Wire::new(&served.url, None)?, Wire::new(&counted.url, None)?);
    let rounds = measure_quiet(device, &direct).await?;
    ask_nothing(device, &through).await?;
    let before = counted.bytes();
    ask_nothing(device, &through).await?;
    let bytes = (counted.bytes() - before) as f64;
    Ok(vec![
        Figure::new("a sync with nothing to do, p50 at the device", rounds.milliseconds_at(0.5), "ms"),
        Figure::new("a sync with nothing to do, both ways", bytes, "bytes").goal(Goal::AtMost(600.0)),
    ])
}

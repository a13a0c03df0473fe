//! What more rows cost where they should cost nothing: a sync of nothing, one edit's way, a pull of
//! one change, a comparison by digests, in guilds of growing size.

use guildhall_local::link::wire::Wire;
use tokio::runtime::Runtime;

use crate::device::Device;
use crate::figure::{Figure, Goal};
use crate::measure::{Samples, timed};
use crate::watching::{measure_digests, measure_quiet, measure_ways};
use crate::work::{Page, Pages};
use crate::{new_folder, postgres, server};

const SIZES: [usize; 3] = [10_000, 100_000, 1_000_000];
const EDITS: usize = 45;
const SINGLE_PULLS: usize = 20;
/// What noise may add to a cost that is the same.
const SAME: f64 = 1.5;

/// The medians in a guild of one size.
#[derive(Debug)]
struct Costs {
    quiet: Samples,
    way: Samples,
    single: Samples,
    digests: Samples,
}

pub fn measure() -> anyhow::Result<Vec<Figure>> {
    let mut figures = Vec::new();
    let mut smallest: Option<Costs> = None;
    for rows in SIZES {
        crate::say(&format!("  {rows} rows"));
        let costs = measure_size(rows)?;
        let base = smallest.as_ref().unwrap_or(&costs);
        for (what, of) in KINDS {
            let figure = Figure::new(format!("{rows} rows: {what}"), of(&costs).milliseconds_at(0.5), "ms");
            figures.push(match smallest {
                None => figure,
                Some(_) => figure
                    .beside(format!("with {} rows", SIZES[0]), of(base).milliseconds_at(0.5))
                    .goal(Goal::Times(SAME)),
            });
        }
        smallest.get_or_insert(costs);
    }
    Ok(figures)
}

/// What is measured, and where it stands.
type Kind = (&'static str, fn(&Costs) -> &Samples);

const KINDS: [Kind; 4] = [
    ("a sync with nothing to do, p50", |costs| &costs.quiet),
    ("one edit from save to the other device, p50", |costs| &costs.way),
    ("a sync of one change, p50", |costs| &costs.single),
    ("the digests of all scopes, p50", |costs| &costs.digests),
];

/// A cluster of its own each, so that what was measured before takes no room.
fn measure_size(rows: usize) -> anyhow::Result<Costs> {
    let pages = Pages::list(rows);
    let cluster = postgres::start()?;
    let runtime = Runtime::new()?;
    let served = server::start(&runtime, &cluster, "guild", &pages)?;
    let folder = new_folder()?;
    let costs = runtime.block_on(async {
        let author = Device::sign_in(&served.url, &folder.path().join("author")).await?;
        let reader = Device::sign_in(&served.url, &folder.path().join("reader")).await?;
        author.sync(|_| ()).await?;
        reader.sync(|_| ()).await?;
        let wire = Wire::new(&served.url, None)?;
        let way = measure_ways(&author, &reader, &pages[..EDITS]).await?;
        author.sync(|_| ()).await?;
        Ok::<_, anyhow::Error>((author, reader, wire, way))
    })?;
    let (author, reader, wire, way) = costs;
    let single = single_pulls(&runtime, &author, &reader, &pages[EDITS..EDITS + SINGLE_PULLS])?;
    let (quiet, digests) = runtime.block_on(async {
        author.sync(|_| ()).await?;
        let quiet = measure_quiet(&author, &wire).await?;
        Ok::<_, anyhow::Error>((quiet, measure_digests(&author, &wire).await?))
    })?;
    served.stop(&runtime)?;
    Ok(Costs { quiet, way, single, digests })
}

/// Each of another's edits fetched by a sync of its own.
fn single_pulls(
    runtime: &Runtime,
    author: &Device,
    reader: &Device,
    pages: &[Page],
) -> anyhow::Result<Samples> {
    let mut samples = Samples::default();
    for page in pages {
        crate::saving::save(&author.store, page.id, &crate::floor::edits::edited(&page.body))?;
        runtime.block_on(author.sync(|_| ()))?;
        let (report, took) = timed(|| runtime.block_on(reader.sync(|_| ())))?;
        anyhow::ensure!(report.received_rows >= 1, "the change did not come");
        samples.add(took);
    }
    Ok(samples)
}

//! Saves of an editor while a first download fills the mirror beside them.

use anyhow::{Context, ensure};
use tokio::runtime::Runtime;

use crate::device::Device;
use crate::figure::{Figure, Goal};
use crate::measure::{Samples, timed};
use crate::saving;
use crate::work::{Page, Pages};
use crate::{new_folder, postgres, server};

const ROWS: usize = 100_000;
const QUIET_SAVES: usize = 200;

pub fn measure() -> anyhow::Result<Vec<Figure>> {
    let pages = Pages::list(ROWS);
    let cluster = postgres::start()?;
    let runtime = Runtime::new()?;
    let served = server::start(&runtime, &cluster, "guild", &pages)?;
    let folder = new_folder()?;
    let device = runtime.block_on(Device::sign_in(&served.url, &folder.path().join("device")))?;
    // Rows come by their ids.
    let page = pages.iter().min_by_key(|page| page.id).context("there are pages")?;
    let filling = saving::while_taking_in(&runtime, &device, page, ROWS)?;
    ensure!(filling.count() > 0, "nobody saved");
    let quiet = save_alone(&device, page)?;
    served.stop(&runtime)?;
    let name = |part: &str| format!("a save while {ROWS} rows fill, {part}");
    Ok(vec![
        Figure::new(name("p50"), filling.milliseconds_at(0.5), "ms")
            .beside("the same, nothing beside it", quiet.milliseconds_at(0.5)),
        Figure::new(name("p99"), filling.milliseconds_at(0.99), "ms")
            .beside("the same, nothing beside it", quiet.milliseconds_at(0.99))
            .goal(Goal::AtMost(50.0)),
        Figure::new(name("worst"), filling.milliseconds_at(1.0), "ms")
            .beside("the same, nothing beside it", quiet.milliseconds_at(1.0)),
    ])
}

fn save_alone(device: &Device, page: &Page) -> anyhow::Result<Samples> {
    let save =
        |number| timed(|| saving::save(&device.store, page.id, &format!("{} alone {number}", page.body)));
    (0..QUIET_SAVES).map(|number| Ok(save(number)?.1)).collect()
}

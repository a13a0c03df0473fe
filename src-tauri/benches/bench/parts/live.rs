//! One edit from one device to another while both are connected, and a sync with nothing to do.

use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Context, ensure};
use guildhall_local::clock::Clock;
use guildhall_local::inbox;
use guildhall_local::link::Progress;
use guildhall_local::link::asking::nobody;
use guildhall_local::link::wire::Wire;
use guildhall_local::store::{Store, state};
use guildhall_local::write::Why;
use guildhall_sync::model::knowledge::KnowledgeItem;
use guildhall_sync::schema::Row;
use guildhall_sync::value::Value;
use tokio::runtime::Runtime;
use tokio::sync::{mpsc, oneshot};
use tokio::task::JoinHandle;
use uuid::Uuid;

use crate::cells::named;
use crate::counting;
use crate::device::Device;
use crate::figure::{Figure, Goal};
use crate::floor::edits;
use crate::measure::Samples;
use crate::server::Served;
use crate::work::{Page, Pages};
use crate::{new_folder, postgres, server};

const ROWS: usize = 10_000;
const EDITS: usize = 60;
/// The first ones bring caches and connections up.
const UNCOUNTED: usize = 5;
const QUIET_SYNCS: usize = 200;
const PATIENCE: Duration = Duration::from_secs(10);

pub fn measure() -> anyhow::Result<Vec<Figure>> {
    let pages = Pages::list(ROWS);
    let cluster = postgres::start()?;
    let runtime = Runtime::new()?;
    let served = server::start(&runtime, &cluster, "guild", &pages)?;
    let folder = new_folder()?;
    let figures = runtime.block_on(async {
        let author = Device::sign_in(&served.url, &folder.path().join("author")).await?;
        let reader = Device::sign_in(&served.url, &folder.path().join("reader")).await?;
        author.sync(|_| ()).await?;
        reader.sync(|_| ()).await?;
        let mut figures = measure_edits(&author, &reader, &pages).await?;
        author.sync(|_| ()).await?;
        figures.extend(measure_quiet(&author, &served).await?);
        anyhow::Ok(figures)
    })?;
    served.stop(&runtime)?;
    Ok(figures)
}

/// A device that keeps on until it is told to stop, and says which rows look different.
struct Watching {
    touched: mpsc::UnboundedReceiver<Uuid>,
    stop: oneshot::Sender<()>,
    task: JoinHandle<anyhow::Result<()>>,
}

impl Watching {
    fn begin(device: &Device) -> anyhow::Result<Self> {
        let (tell, touched) = mpsc::unbounded_channel();
        let (stop, stopped) = oneshot::channel::<()>();
        let (link, dir) = (device.link()?, device.dir.clone());
        let task = tokio::spawn(async move {
            let tell = move |progress| {
                if let Progress::Touched(rows) = progress {
                    rows.iter().for_each(|row| _ = tell.send(row.id));
                }
            };
            link.watch(&dir, tell, &mut nobody(), async { _ = stopped.await }).await?;
            Ok(())
        });
        Ok(Self { touched, stop, task })
    }

    /// Waits until the row looks different.
    async fn see(&mut self, id: Uuid) -> anyhow::Result<()> {
        let seen = async {
            while let Some(touched) = self.touched.recv().await {
                if touched == id {
                    return Ok(());
                }
            }
            anyhow::bail!("the link ended")
        };
        tokio::time::timeout(PATIENCE, seen).await.context("the edit did not come")?
    }

    async fn end(self) -> anyhow::Result<()> {
        drop(self.stop);
        self.task.await?
    }
}

/// Saved by another process of the author, as by the command line beside a running link.
async fn measure_edits(author: &Device, reader: &Device, pages: &[Page]) -> anyhow::Result<Vec<Figure>> {
    let other_process = Store::open(&author.dir, author.store.key().clone(), Clock::system())?;
    let (mut sending, mut receiving) = (Watching::begin(author)?, Watching::begin(reader)?);
    let mut ways = Samples::default();
    for (number, page) in pages.iter().take(UNCOUNTED + EDITS).enumerate() {
        let begin = Instant::now();
        save(&other_process, page)?;
        receiving.see(page.id).await?;
        if number >= UNCOUNTED {
            ways.add(begin.elapsed());
        }
        let settled = sending.see(page.id);
        settled.await?;
    }
    sending.end().await?;
    receiving.end().await?;
    let figure = |name: &str, part: f64, limit: f64| {
        Figure::new(
            format!("one edit from save to the other device, {ROWS} rows, {name}"),
            ways.milliseconds_at(part),
            "ms",
        )
        .goal(Goal::AtMost(limit))
    };
    Ok(vec![figure("p50", 0.5, 25.0), figure("p95", 0.95, 50.0)])
}

fn save(store: &Store, page: &Page) -> anyhow::Result<()> {
    let table = KnowledgeItem::TABLE;
    let changes = named(table, [("answer_md", Value::text(edits::edited(&page.body)))]);
    let written = store.write(|write| write.update(table, page.id, changes, Why::default()))?;
    ensure!(written.value, "the edit changed nothing");
    Ok(())
}

/// Asked on a connection that is there already, as a watching device does.
async fn measure_quiet(device: &Device, served: &Served) -> anyhow::Result<Vec<Figure>> {
    let counted = counting::before(served.address).await?;
    let access = device.store.read(state::find_tokens)?.context("signed in")?.access;
    let (direct, through) = (Wire::new(&served.url, None)?, Wire::new(&counted.url, None)?);
    let store = Arc::clone(&device.store);
    let ask = async |wire: &Wire| {
        let nothing = wire.pull(&access, &inbox::request(&store)?).await?.is_none();
        ensure!(nothing, "there was something to fetch");
        anyhow::Ok(())
    };
    let mut rounds = Samples::default();
    for _ in 0..QUIET_SYNCS {
        let begin = Instant::now();
        ask(&direct).await?;
        rounds.add(begin.elapsed());
    }
    ask(&through).await?;
    let before = counted.bytes();
    ask(&through).await?;
    let bytes = (counted.bytes() - before) as f64;
    Ok(vec![
        Figure::new("a sync with nothing to do, p50 at the device", rounds.milliseconds_at(0.5), "ms"),
        Figure::new("a sync with nothing to do, both ways", bytes, "bytes").goal(Goal::AtMost(600.0)),
    ])
}

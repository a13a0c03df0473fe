//! Two devices that are both connected: an edit's way from one to the other; and what a device
//! asks of the server when nothing has happened.

use std::time::{Duration, Instant};

use anyhow::{Context, ensure};
use guildhall_local::clock::Clock;
use guildhall_local::inbox;
use guildhall_local::link::Progress;
use guildhall_local::link::asking::nobody;
use guildhall_local::link::wire::Wire;
use guildhall_local::store::{Store, state};
use guildhall_sync::protocol::check::Check;
use tokio::sync::{mpsc, oneshot};
use tokio::task::JoinHandle;
use uuid::Uuid;

use crate::device::Device;
use crate::floor::edits;
use crate::measure::Samples;
use crate::saving::save;
use crate::work::Page;

/// The first ones bring caches and connections up.
const UNCOUNTED: usize = 5;
const ROUNDS: usize = 200;
const PATIENCE: Duration = Duration::from_secs(10);

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

/// From a save to its sight at the other device. Saved by another process of the author, as by the
/// command line beside a running link.
pub async fn measure_ways(author: &Device, reader: &Device, pages: &[Page]) -> anyhow::Result<Samples> {
    let other_process = Store::open(&author.dir, author.store.key().clone(), Clock::system())?;
    let (mut sending, mut receiving) = (Watching::begin(author)?, Watching::begin(reader)?);
    let mut ways = Samples::default();
    for (number, page) in pages.iter().enumerate() {
        let begin = Instant::now();
        save(&other_process, page.id, &edits::edited(&page.body))?;
        receiving.see(page.id).await?;
        if number >= UNCOUNTED {
            ways.add(begin.elapsed());
        }
        let settled = sending.see(page.id);
        settled.await?;
    }
    sending.end().await?;
    receiving.end().await?;
    Ok(ways)
}

/// A pull with nothing to fetch, on a connection that is there already, as a watching device does.
pub async fn measure_quiet(device: &Device, wire: &Wire) -> anyhow::Result<Samples> {
    let mut rounds = Samples::default();
    for _ in 0..ROUNDS {
        let begin = Instant::now();
        ask_nothing(device, wire).await?;
        rounds.add(begin.elapsed());
    }
    Ok(rounds)
}

pub async fn ask_nothing(device: &Device, wire: &Wire) -> anyhow::Result<()> {
    let access = device.store.read(state::find_tokens)?.context("signed in")?.access;
    let request = inbox::request(&device.store)?.shortened();
    let nothing = wire.pull(&access, &request).await?.is_none();
    ensure!(nothing, "there was something to fetch");
    Ok(())
}

/// A pull that asks for the digests of all scopes.
pub async fn measure_digests(device: &Device, wire: &Wire) -> anyhow::Result<Samples> {
    let access = device.store.read(state::find_tokens)?.context("signed in")?.access;
    let mut rounds = Samples::default();
    for number in 0..UNCOUNTED + ROUNDS {
        let mut request = inbox::request(&device.store)?;
        request.check = Some(Check::Digests);
        let begin = Instant::now();
        let mut answer = wire.pull(&access, &request).await?.context("an answer")?;
        while answer.next_frame().await?.is_some() {}
        if number >= UNCOUNTED {
            rounds.add(begin.elapsed());
        }
    }
    Ok(rounds)
}

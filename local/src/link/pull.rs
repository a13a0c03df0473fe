//! One pull: frames come from the network while a thread of its own takes them into the mirror,
//! with a few frames between the two.

use super::driver::Progress;
use super::wire::FrameStream;
use super::{Link, steps};
use crate::check::report;
use crate::errands;
use crate::error::{Error, RemoteError, Result};
use crate::inbox::{self, Applying, Notice, Outcome};
use crate::store::Store;
use guildhall_sync::client::Pulled;
use guildhall_sync::protocol::{Frame, Pull};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use tokio::sync::mpsc;

/// Frames that may wait for the mirror.
const FRAMES: usize = 4;

/// What a pull brought about.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PullCounts {
    pub rows: u64,
    pub purged: u64,
    pub settled: u64,
    pub conflicts: u64,
    /// Compressed bytes that came over the network.
    pub bytes: u64,
}

impl Link {
    pub(super) async fn pull(
        &self,
        tell: Arc<dyn Fn(Progress) + Send + Sync>,
    ) -> Result<(Pulled, PullCounts)> {
        errands::begin_next(&self.store)?;
        let request = inbox::request(&self.store)?;
        let asked = match self.ask_pull(&request.clone().shortened()).await {
            Err(error) if steps::are_other_grants(&error) => self.ask_pull(&request).await,
            asked => asked,
        };
        let stream = match asked {
            Ok(Some(stream)) => stream,
            Ok(None) => {
                self.testify().await?;
                let ended = steps::end_empty_pull(&self.store)?;
                self.report().await;
                return Ok(ended);
            }
            Err(error) => {
                steps::note_refusal(&self.store, &error)?;
                let store = Arc::clone(&self.store);
                let making = tokio::task::spawn_blocking(move || inbox::make_findable(&store));
                making.await.map_err(|error| RemoteError::Unreadable { what: error.to_string() })??;
                return Err(error);
            }
        };
        let (outcome, bytes) = take_in(Arc::clone(&self.store), stream, tell).await?;
        self.report().await;
        self.testify().await?;
        steps::end_pull(&self.store, outcome, bytes)
    }

    async fn ask_pull(&self, request: &Pull) -> Result<Option<FrameStream>> {
        self.session.ask(|wire, access| async move { wire.pull(&access, request).await }).await
    }

    /// Tells the server what was set right here, and how far this laptop is with what it was asked.
    /// What it was not told, it is told after the next pull.
    async fn report(&self) {
        let device = self.session.device();
        let told = async {
            while let Some((report, last)) = self.store.read(|connection| report::next(connection, device))? {
                let sent = self.session.ask(|wire, access| {
                    let report = report.clone();
                    async move { wire.report(&access, &report).await }
                });
                sent.await?;
                self.store.record(|connection| report::forget(connection, last))?;
            }
            if let Some(report) = self.store.read(|connection| errands::untold(connection, device))? {
                let sent = self.session.ask(|wire, access| {
                    let report = report.clone();
                    async move { wire.report_errands(&access, &report).await }
                });
                sent.await?;
                self.store.record(|connection| errands::told(connection, &report))?;
            }
            Ok::<_, Error>(())
        };
        if let Err(error) = told.await {
            tracing::info!(%error, "what was repaired or asked was not told yet");
        }
    }

    /// Tells the server, after it was restored, what only this laptop still holds.
    async fn testify(&self) -> Result<()> {
        while let Some(request) = steps::begin_testimony(&self.store, self.session.device())? {
            let asked = self.session.ask(|wire, access| {
                let request = request.clone();
                async move { wire.testify(&access, &request).await }
            });
            if !steps::end_testimony(&self.store, &request, asked.await?)? {
                return Ok(());
            }
        }
        Ok(())
    }
}

async fn take_in(
    store: Arc<Store>,
    mut stream: FrameStream,
    tell: Arc<dyn Fn(Progress) + Send + Sync>,
) -> Result<(Outcome, u64)> {
    let (frames, waiting) = mpsc::channel(FRAMES);
    let bytes = Arc::new(AtomicU64::new(0));
    let received = Arc::clone(&bytes);
    let taking = tokio::task::spawn_blocking(move || apply(&store, waiting, &received, tell.as_ref()));
    let streamed = forward(&mut stream, frames, &bytes).await;
    let applied =
        taking.await.map_err(|error| Error::from(RemoteError::Unreadable { what: error.to_string() }))?;
    // What the mirror refused says more than that the stream was left.
    let outcome = match (applied, streamed) {
        (Err(Error::Remote(RemoteError::Cut)), Err(why)) => return Err(why),
        (applied, _) => applied?,
    };
    Ok((outcome, stream.received_bytes()))
}

/// Ends when the stream ends, or when nobody takes frames any more. Only a stream that came to its
/// own end is followed by none: what a cut one may still have said is not known.
async fn forward(
    stream: &mut FrameStream,
    frames: mpsc::Sender<Option<Frame>>,
    bytes: &AtomicU64,
) -> Result<()> {
    loop {
        let frame = stream.next_frame().await?;
        bytes.store(stream.received_bytes(), Ordering::Relaxed);
        let is_end = frame.is_none();
        if frames.send(frame).await.is_err() || is_end {
            return Ok(());
        }
    }
}

fn apply(
    store: &Store,
    mut frames: mpsc::Receiver<Option<Frame>>,
    bytes: &AtomicU64,
    tell: &(dyn Fn(Progress) + Send + Sync),
) -> Result<Outcome> {
    let mut notify = |notice: Notice| match notice {
        Notice::Progress(progress) => tell(Progress::Taking(progress, bytes.load(Ordering::Relaxed))),
        Notice::Touched(touched) => tell(Progress::Touched(touched)),
    };
    let mut applying = Applying::begin(store, &mut notify)?;
    while let Some(received) = frames.blocking_recv() {
        match received {
            Some(frame) => applying.frame(frame)?,
            None => return applying.finish(),
        }
    }
    Err(RemoteError::Cut.into())
}

//! Staying in touch with the server while a profile is open: it holds the link, or listens to the
//! process that holds it, and tells the window what that changes.

use super::{Host, leases};
use crate::app::App;
use crate::commands::session;
use crate::events::{Event, SyncPhase, SyncProgress};
use crate::failure::Failure;
use crate::views::Origin;
use guildhall_local::Error;
use guildhall_local::link::asking::Ask;
use guildhall_local::link::{self, Link, Progress, Report};
use guildhall_sync::client::Standing;
use std::time::Duration;
use tokio::sync::{mpsc, oneshot};
use tokio::task::JoinHandle;

/// People who may wait for a sync at once.
const MAX_ASKS: usize = 8;
/// How long another process is listened to before its link is asked for again.
const LISTEN: Duration = Duration::from_secs(5);

/// A background task; it ends with [`Contact::end`].
#[derive(Debug)]
pub(super) struct Contact {
    asks: mpsc::Sender<Ask>,
    stop: oneshot::Sender<()>,
    task: JoinHandle<()>,
    leases: JoinHandle<()>,
}

impl Contact {
    /// Begins at once, or after a pause that anybody who asks ends.
    pub fn start(host: Host, app: App, after: Option<Duration>) -> Self {
        let (asks, asked) = mpsc::channel(MAX_ASKS);
        let (stop, stopped) = oneshot::channel();
        let leases = leases::keep(host.clone(), app.clone());
        let task = tokio::spawn(keep(host, app, asked, stopped, after));
        Self { asks, stop, task, leases }
    }

    /// Hears what other processes write to the mirror, and leaves the server alone.
    pub fn listen_only(host: Host, app: App) -> Self {
        let (asks, _) = mpsc::channel(MAX_ASKS);
        let (stop, stopped) = oneshot::channel();
        let leases = leases::keep(host.clone(), app.clone());
        let task = tokio::spawn(async move {
            let telling = host.clone();
            let until = async { drop(stopped.await) };
            let tell = move |progress| told(&telling, progress);
            if let Err(error) = link::overhear(&app.store, &app.dir, tell, until).await {
                tracing::warn!(%error, "what other processes write is not heard");
            }
        });
        Self { asks, stop, task, leases }
    }

    pub fn asks(&self) -> mpsc::Sender<Ask> {
        self.asks.clone()
    }

    /// None where the link is another process's, or the contact ended meanwhile.
    pub async fn ask(asks: mpsc::Sender<Ask>) -> Option<Result<Report, Error>> {
        let (ask, answer) = oneshot::channel();
        asks.send(ask).await.ok()?;
        answer.await.ok()
    }

    pub async fn end(self) {
        self.stop.send(()).ok();
        self.leases.abort();
        if let Err(error) = self.task.await {
            tracing::error!(%error, "the contact with the server ended by itself");
        }
    }
}

async fn keep(
    host: Host,
    app: App,
    mut asks: mpsc::Receiver<Ask>,
    mut stop: oneshot::Receiver<()>,
    after: Option<Duration>,
) {
    if let Some(pause) = after {
        tokio::select! {
            _ = &mut stop => return,
            _ = asks.recv() => {}
            () = tokio::time::sleep(pause) => {}
        }
    }
    while stop.try_recv() == Err(oneshot::error::TryRecvError::Empty) {
        let ended = match session::link(&app).await {
            Ok(link) => hold(&host, &app, link, &mut asks, &mut stop).await,
            Err(_) if link::is_taken(&app.dir).unwrap_or(false) => {
                listen(&host, &app, &mut asks, &mut stop).await
            }
            Err(failure) => Err(failure),
        };
        if let Err(failure) = ended {
            tracing::warn!(%failure, "the contact with the server was interrupted");
            tokio::select! {
                _ = &mut stop => return,
                () = tokio::time::sleep(LISTEN) => {}
            }
        }
    }
}

async fn hold(
    host: &Host,
    app: &App,
    link: Link,
    asks: &mut mpsc::Receiver<Ask>,
    stop: &mut oneshot::Receiver<()>,
) -> Result<(), Failure> {
    let telling = host.clone();
    let mut is_stopped = false;
    let stopping = async {
        stop.await.ok();
        is_stopped = true;
    };
    link.watch(&app.dir, move |progress| told(&telling, progress), asks, stopping).await?;
    if is_stopped {
        asks.close();
    }
    Ok(())
}

/// Another process has the link; whoever asks meanwhile is told so by its closed channel.
async fn listen(
    host: &Host,
    app: &App,
    asks: &mut mpsc::Receiver<Ask>,
    stop: &mut oneshot::Receiver<()>,
) -> Result<(), Failure> {
    let is_reachable = app.wire()?.is_reachable().await;
    host.set_reach(|reach| reach.is_reachable = is_reachable);
    let until = async {
        tokio::select! {
            _ = stop => {}
            _ = asks.recv() => {}
            () = tokio::time::sleep(LISTEN) => {}
        }
    };
    let telling = host.clone();
    link::overhear(&app.store, &app.dir, move |progress| told(&telling, progress), until).await?;
    Ok(())
}

fn told(host: &Host, progress: Progress) {
    match progress {
        Progress::Standing(standing) => host.set_reach(|reach| match standing {
            Standing::Quiet => {
                (reach.is_reachable, reach.needs_sign_in, reach.next_try_at) = (true, false, None);
            }
            Standing::Sending | Standing::Receiving => {}
            Standing::Offline { next_try } => {
                (reach.is_reachable, reach.next_try_at) = (false, Some(next_try));
            }
            Standing::SignInAgain => reach.needs_sign_in = true,
            Standing::Stopped => (reach.is_reachable, reach.next_try_at) = (false, None),
        }),
        Progress::Sent(counts) => {
            progressed(
                host,
                SyncProgress { phase: SyncPhase::Sending, done: counts.sent, total: None, bytes: None },
            );
            host.tell(Event::marks());
        }
        Progress::Taking(taking, bytes) => {
            progressed(host, SyncProgress { bytes: Some(bytes), ..taking.into() });
        }
        Progress::Touched(touched) => host.tell_touched(&touched, Origin::Server),
        Progress::Received(counts) => {
            host.set_reach(|reach| reach.is_reachable = true);
            progressed(
                host,
                SyncProgress {
                    phase: SyncPhase::Done,
                    done: counts.rows,
                    total: None,
                    bytes: Some(counts.bytes),
                },
            );
            host.tell(Event::marks());
        }
        Progress::WrittenElsewhere => host.tell(Event::anything(Origin::Elsewhere)),
        Progress::Failed(reason) => tracing::debug!(reason, "a request did not succeed"),
    }
    host.tell(Event::StatusChanged);
}

fn progressed(host: &Host, progress: SyncProgress) {
    host.tell(Event::Progress { progress });
}

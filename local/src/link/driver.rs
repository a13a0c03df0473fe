//! Runs the client's state machine: requests as tasks, their ends and everything else as events.

use super::asking::{Ask, Waiting};
use super::notice::{Notice, Writer};
use super::pull::PullCounts;
use super::push::PushCounts;
use super::{Link, steps};
use crate::errands;
use crate::error::{Error, Result};
use crate::write::Touched;
use guildhall_sync::client::{Client, Effect, Event, Failure, Pulled, Pushed, Standing};
use guildhall_sync::time::Timestamp;
use std::path::Path;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::mpsc;
use tokio::task::JoinSet;

/// Hints that wait to be looked at; one says as much as many.
const HINTS: usize = 1;

/// What a person may be shown while the link works.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Progress {
    Standing(Standing),
    Sent(PushCounts),
    /// How far an answer has been taken in, and the bytes of it that have come.
    Taking(crate::inbox::Progress, u64),
    /// These rows look different now, because the server sent them.
    Touched(Vec<Touched>),
    /// Another process has written to the mirror.
    WrittenElsewhere,
    Received(PullCounts),
    /// A request did not succeed; it is tried again unless the standing says otherwise.
    Failed(String),
}

/// What a sync did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Report {
    pub sent: u64,
    pub merged: u64,
    pub conflicts: u64,
    pub refused: u64,
    pub received_rows: u64,
    pub purged_rows: u64,
    pub received_bytes: u64,
}

/// What ended or came in.
enum Happened {
    Pushed(Result<(Pushed, PushCounts)>),
    Pulled(Result<(Pulled, PullCounts)>),
    LiveClosed,
}

type Tell = Arc<dyn Fn(Progress) + Send + Sync>;

struct Driver {
    link: Arc<Link>,
    client: Client,
    tasks: JoinSet<Happened>,
    tell: Tell,
    /// Where live tasks put hints; none where nobody wants them.
    hints: Option<mpsc::Sender<()>>,
    due: Option<Timestamp>,
    report: Report,
    last_error: Option<Error>,
    waiting: Waiting,
}

impl Link {
    /// Sends what is unsent, fetches what is new, and ends; at the first failure with its error.
    /// What the server has asked to send later is left for later.
    pub async fn sync_once(self, tell: impl Fn(Progress) + Send + Sync + 'static) -> Result<Report> {
        let mut driver = Driver::new(self, Arc::new(tell), None);
        driver.begin()?;
        while !driver.client.is_quiet() {
            let Some(ended) = driver.tasks.join_next().await else { break };
            driver.ended(ended);
            if let Some(error) = driver.last_error.take() {
                // What waits for a person on the way here keeps nothing from being sent.
                while error.is_guarded() && driver.client.standing() == Standing::Sending {
                    let Some(ended) = driver.tasks.join_next().await else { break };
                    driver.ended(ended);
                }
                return Err(error);
            }
        }
        Ok(driver.report)
    }

    /// Keeps on until `stop`: each edit is sent as it is made, each change fetched as it comes, and
    /// whoever asks is answered when nothing is left to do.
    pub async fn watch(
        self,
        dir: &Path,
        tell: impl Fn(Progress) + Send + Sync + 'static,
        asks: &mut mpsc::Receiver<Ask>,
        stop: impl Future<Output = ()>,
    ) -> Result<Report> {
        let (sender, mut hints) = mpsc::channel(HINTS);
        let mut notice = Notice::watch(&self.store, dir)?;
        let mut driver = Driver::new(self, Arc::new(tell), Some(sender));
        driver.begin()?;
        let mut stop: Pin<&mut _> = std::pin::pin!(stop);
        loop {
            let store = Arc::clone(&driver.link.store);
            let wait = driver.wait();
            tokio::select! {
                () = &mut stop => return Ok(driver.report),
                () = tokio::time::sleep(wait) => driver.step(Event::Due),
                Some(()) = hints.recv() => driver.step(Event::Hint),
                Some(ask) = asks.recv() => driver.asked(ask),
                writer = notice.changed(&store) => driver.written(writer?),
                Some(ended) = driver.tasks.join_next() => driver.ended(ended),
            }
        }
    }
}

impl Driver {
    fn new(link: Link, tell: Tell, hints: Option<mpsc::Sender<()>>) -> Self {
        let (client, tasks) = (Client::default(), JoinSet::new());
        let (due, report, last_error, waiting) = (None, Report::default(), None, Waiting::default());
        Self { link: Arc::new(link), client, tasks, tell, hints, due, report, last_error, waiting }
    }

    fn begin(&mut self) -> Result<()> {
        let unsent = steps::unsent(&self.link.store)?;
        self.step(Event::Started { unsent });
        Ok(())
    }

    fn asked(&mut self, ask: Ask) {
        self.waiting.add(ask, self.report);
        self.step(Event::Asked);
    }

    fn written(&mut self, writer: Writer) {
        if writer == Writer::Elsewhere {
            (self.tell)(Progress::WrittenElsewhere);
        }
        let has_errand = self.link.store.read(errands::is_open).unwrap_or(false);
        self.step(if has_errand { Event::Asked } else { Event::LocalChanged });
    }

    fn step(&mut self, event: Event) {
        let clock = self.link.store.clock();
        let random = u64::from_le_bytes(clock.random());
        let before = self.client.standing();
        let effects = self.client.step(clock.now(), random, event);
        self.due = None;
        effects.into_iter().for_each(|effect| self.perform(effect));
        let standing = self.client.standing();
        if standing != before {
            (self.tell)(Progress::Standing(standing));
        }
        if self.client.is_quiet() {
            self.waiting.answer(self.report);
        }
    }

    fn perform(&mut self, effect: Effect) {
        let link = Arc::clone(&self.link);
        match effect {
            Effect::Push => {
                self.tasks.spawn(async move { Happened::Pushed(link.push().await) });
            }
            Effect::Pull => {
                let tell = Arc::clone(&self.tell);
                self.tasks.spawn(async move { Happened::Pulled(link.pull(tell).await) });
            }
            Effect::OpenLive => {
                if let Some(hints) = self.hints.clone() {
                    self.tasks.spawn(async move { link.listen(hints).await });
                }
            }
            Effect::WaitUntil(due) => self.due = Some(due),
        }
    }

    fn ended(&mut self, ended: std::result::Result<Happened, tokio::task::JoinError>) {
        let event = match ended.expect("a request ends by itself and does not panic") {
            Happened::Pushed(answer) => Event::Pushed(
                answer
                    .map(|(pushed, counts)| {
                        self.count_push(counts);
                        pushed
                    })
                    .map_err(|error| self.failed(error)),
            ),
            Happened::Pulled(answer) => Event::Pulled(
                answer
                    .map(|(pulled, counts)| {
                        self.count_pull(counts);
                        pulled
                    })
                    .map_err(|error| self.failed(error)),
            ),
            Happened::LiveClosed => Event::LiveClosed,
        };
        self.step(event);
    }

    fn count_push(&mut self, counts: PushCounts) {
        self.report.sent += counts.sent;
        self.report.merged += counts.merged;
        self.report.conflicts += counts.conflicts;
        self.report.refused += counts.refused;
        if counts != PushCounts::default() {
            (self.tell)(Progress::Sent(counts));
        }
    }

    fn count_pull(&mut self, counts: PullCounts) {
        self.report.received_rows += counts.rows;
        self.report.purged_rows += counts.purged;
        self.report.received_bytes += counts.bytes;
        if counts.rows + counts.purged + counts.settled > 0 {
            (self.tell)(Progress::Received(counts));
        }
    }

    fn failed(&mut self, error: Error) -> Failure {
        let failure = steps::failure_of(&error);
        (self.tell)(Progress::Failed(error.to_string()));
        self.last_error = self.waiting.fail(error);
        failure
    }

    /// How long nothing has to happen by itself.
    fn wait(&self) -> Duration {
        let now = self.link.store.clock().now();
        match self.due {
            Some(due) => Duration::from_micros(u64::try_from(due.0 - now.0).unwrap_or(0)),
            None => Duration::from_secs(3600),
        }
    }
}

impl Link {
    /// Hands hints on until the connection ends; why it ended shows at the next request.
    async fn listen(&self, hints: mpsc::Sender<()>) -> Happened {
        let opened = self.session.ask(|wire, access| async move { wire.live(&access).await }).await;
        if let Ok(mut live) = opened {
            while let Ok(Some(_)) = live.next_hint().await {
                hints.try_send(()).ok();
            }
        }
        Happened::LiveClosed
    }
}

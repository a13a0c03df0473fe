//! Looking after what is on this laptop: verify, repair, download again, rebuild. Whoever has the
//! link does it; here it is asked for, waited for, and said what came of it.

use super::session;
use crate::app::App;
use crate::failure::{Code, Failure};
use crate::host::Host;
use crate::words::{count, model};
use guildhall_local::errands::{self, Errand, Kind, State};
use guildhall_local::inbox::guard;
use guildhall_local::link::{Progress, is_taken};
use guildhall_local::{Connection, Result as Read, check};
use guildhall_sync::protocol::errand::Counts;
use guildhall_sync::time::Timestamp;
use serde::{Deserialize, Serialize};
use std::time::Duration;
use ts_rs::TS;
use uuid::Uuid;

/// How often it is looked whether another process has done it.
const LOOK_EVERY: Duration = Duration::from_millis(200);

#[derive(Clone, Debug, Deserialize, TS)]
pub struct ErrandRequest {
    pub kind: ErrandKind,
    /// Which parts, for a download.
    pub parts: Vec<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum ErrandKind {
    Sync,
    Verify,
    Repair,
    Download,
    Rebuild,
}

impl From<ErrandKind> for Kind {
    fn from(kind: ErrandKind) -> Self {
        match kind {
            ErrandKind::Sync => Self::Sync,
            ErrandKind::Verify => Self::Verify,
            ErrandKind::Repair => Self::Repair,
            ErrandKind::Download => Self::Download,
            ErrandKind::Rebuild => Self::Rebuild,
        }
    }
}

impl From<Kind> for ErrandKind {
    fn from(kind: Kind) -> Self {
        match kind {
            Kind::Sync => Self::Sync,
            Kind::Verify => Self::Verify,
            Kind::Repair => Self::Repair,
            Kind::Download => Self::Download,
            Kind::Rebuild => Self::Rebuild,
        }
    }
}

/// What was asked for and what came of it.
#[derive(Clone, Debug, Serialize, TS)]
pub struct ErrandView {
    #[ts(type = "string")]
    pub id: Uuid,
    pub kind: ErrandKind,
    /// In a sentence.
    pub outcome: String,
    /// Who asked from another laptop.
    pub asked_by: Option<String>,
    pub is_open: bool,
    /// Whether something differs that was not set right.
    pub is_wrong: bool,
    #[ts(type = "number")]
    pub asked_at: Timestamp,
}

/// A part of what this laptop holds, that can be downloaded by itself.
#[derive(Clone, Debug, Serialize, TS)]
pub struct PartView {
    pub part: String,
    /// In words.
    pub label: String,
}

/// What is looked after on this laptop.
#[derive(Clone, Debug, Serialize, TS)]
pub struct Care {
    pub parts: Vec<PartView>,
    /// When everything was last compared with the server.
    #[ts(type = "number | null")]
    pub compared_at: Option<Timestamp>,
    /// The newest first.
    pub errands: Vec<ErrandView>,
    /// A removal that waits for a person.
    pub removal: Option<RemovalView>,
}

/// Rows that the server would have removed from this laptop.
#[derive(Clone, Copy, Debug, Serialize, TS)]
pub struct RemovalView {
    pub removes: u64,
    /// Of so many.
    pub rows: u64,
}

/// Does it, and says what came of it. Where another process has the link, that one does it.
pub async fn run(
    app: &App,
    request: ErrandRequest,
    tell: impl Fn(Progress) + Send + Sync + 'static,
) -> Result<ErrandView, Failure> {
    let id = ask(app, &request)?;
    if is_taken(&app.dir)? {
        return wait(app, id).await;
    }
    session::link(app).await?.sync_once(tell).await?;
    ended(app, id)
}

/// The window's own: its contact does it.
pub async fn force_sync(host: &Host, request: ErrandRequest) -> Result<ErrandView, Failure> {
    let app = host.app()?;
    let id = ask(&app, &request)?;
    if host.reach().works_offline {
        host.work_offline(false).await?;
    }
    for _ in 0..2 {
        if let Some(answer) = host.ask_contact().await {
            answer?;
            return ended(&app, id);
        }
    }
    wait(&app, id).await
}

/// A person lets the server remove what waits to be removed.
pub async fn go_on(host: &Host, _: crate::views::Nothing) -> Result<ErrandView, Failure> {
    guard::go_on(&host.app()?.store)?;
    force_sync(host, ErrandRequest { kind: ErrandKind::Sync, parts: Vec::new() }).await
}

pub fn care(app: &App, _: crate::views::Nothing) -> Result<Care, Failure> {
    let care = app.store.read(|connection| {
        let parts = errands::list_held(connection)?.into_iter().map(|part| part_view(connection, part));
        Ok(Care {
            parts: parts.collect::<Read<_>>()?,
            compared_at: check::last_at(connection)?,
            errands: errands::list(connection)?.iter().map(view).collect(),
            removal: guard::find(connection)?
                .map(|held| RemovalView { removes: held.removes, rows: held.rows }),
        })
    });
    Ok(care?)
}

pub fn part_view(connection: &Connection, part: String) -> Read<PartView> {
    Ok(PartView { label: model::held(connection, &part)?, part })
}

fn ask(app: &App, request: &ErrandRequest) -> Result<Uuid, Failure> {
    app.demand_server()?;
    let id = app.store.clock().new_id();
    errands::ask(&app.store, id, request.kind.into(), &request.parts)?;
    Ok(id)
}

/// Another process does it; while the server is away that can take as long as that.
async fn wait(app: &App, id: Uuid) -> Result<ErrandView, Failure> {
    loop {
        let errand = find(app, id)?;
        if !errand.is_open() {
            return Ok(view(&errand));
        }
        if !is_taken(&app.dir)? {
            let message = "The process that was in touch with the server for this profile has ended.";
            return Err(Failure::new(Code::Offline, message).hint("It goes on with the next sync."));
        }
        tokio::time::sleep(LOOK_EVERY).await;
    }
}

fn ended(app: &App, id: Uuid) -> Result<ErrandView, Failure> {
    Ok(view(&find(app, id)?))
}

fn find(app: &App, id: Uuid) -> Result<Errand, Failure> {
    let found = app.store.read(|connection| errands::find(connection, id))?;
    found.ok_or_else(|| Failure::fault("What was asked for is not noted any more."))
}

fn view(errand: &Errand) -> ErrandView {
    ErrandView {
        id: errand.id,
        kind: errand.kind.into(),
        outcome: outcome(errand.kind, errand.state, errand.counts),
        asked_by: errand.asked_by.clone(),
        is_open: errand.is_open(),
        is_wrong: is_wrong(errand.kind, errand.counts),
        asked_at: errand.asked_at,
    }
}

/// Whether something differs that was not set right.
pub fn is_wrong(kind: Kind, counts: Counts) -> bool {
    match kind {
        Kind::Verify => counts.differing > 0,
        Kind::Repair => counts.rounds >= check::MAX_ROUNDS,
        Kind::Sync | Kind::Download | Kind::Rebuild => false,
    }
}

/// What came of it, in a sentence.
pub fn outcome(kind: Kind, state: State, counts: Counts) -> String {
    match (state, kind) {
        (State::Waiting, _) => "Waits for the server.".to_owned(),
        (State::Running, _) => "Is under way.".to_owned(),
        (State::Cancelled, Kind::Download | Kind::Rebuild) => {
            "Stopped. What has come stays, and the rest comes with the next sync.".to_owned()
        }
        (State::Cancelled, _) => "Stopped. Nothing is lost.".to_owned(),
        (State::Done, Kind::Sync) => format!("Received {}.", count(counts.rows, "row", "rows")),
        (State::Done, Kind::Verify) if counts.differing == 0 => {
            format!("All {} are as on the server.", count(counts.rows, "row", "rows"))
        }
        (State::Done, Kind::Verify) => format!(
            "{} of {} differ from the server. Repair fetches what differs.",
            counts.differing,
            count(counts.scopes, "part", "parts")
        ),
        (State::Done, Kind::Repair) if is_wrong(kind, counts) => {
            "Something still differs from the server. It is tried again tomorrow; your administrator can see it."
                .to_owned()
        }
        (State::Done, Kind::Repair) if counts.repaired == 0 => {
            format!("All {} are as on the server. There was nothing to repair.", count(counts.rows, "row", "rows"))
        }
        (State::Done, Kind::Repair) => format!(
            "{} set right; everything is as on the server now.",
            count(counts.repaired, "row was", "rows were")
        ),
        (State::Done, Kind::Download | Kind::Rebuild) => {
            format!("{} came; it is whole again.", count(counts.rows, "row", "rows"))
        }
    }
}

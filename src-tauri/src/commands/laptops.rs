//! The laptops of the guild, for those who may force a sync: what each was last asked, and asking
//! them. A laptop does it at its next contact, by itself; nothing of it touches what is unsent.

use super::errands::{self, ErrandKind, PartView, part_view};
use super::history::is_online;
use super::tickets::views::Choice;
use crate::app::App;
use crate::failure::{Code, Failure};
use crate::host::{Host, blocking};
use crate::views::Nothing;
use guildhall_local::errands::State;
use guildhall_local::link::devices;
use guildhall_local::store::state;
use guildhall_local::write::rights;
use guildhall_sync::id::DeviceId;
use guildhall_sync::protocol::errand::{
    ACTION, AskErrand, DeviceLine, ErrandLine, MAX_ASKED, TakeBackErrands,
};
use guildhall_sync::time::Timestamp;
use serde::{Deserialize, Serialize};
use ts_rs::TS;
use uuid::Uuid;

/// A laptop of the guild.
#[derive(Clone, Debug, Serialize, TS)]
pub struct LaptopView {
    #[ts(type = "string")]
    pub id: Uuid,
    pub name: String,
    pub person: String,
    pub platform: String,
    pub app_version: String,
    #[ts(type = "number | null")]
    pub last_seen_at: Option<Timestamp>,
    /// Whether it is the one that asks.
    pub is_this: bool,
    /// What can be downloaded again there.
    pub parts: Vec<PartView>,
    /// What it was last asked.
    pub asked: Option<AskedView>,
}

#[derive(Clone, Debug, Serialize, TS)]
pub struct AskedView {
    pub kind: ErrandKind,
    /// In a sentence.
    pub outcome: String,
    pub asked_by: String,
    #[ts(type = "number")]
    pub asked_at: Timestamp,
    pub is_open: bool,
    /// Whether it can still be taken back.
    pub is_waiting: bool,
    pub is_wrong: bool,
}

#[derive(Clone, Debug, Deserialize, TS)]
pub struct AskLaptops {
    #[ts(type = "string[]")]
    pub laptops: Vec<Uuid>,
    pub kind: ErrandKind,
    /// Which parts, for a download.
    pub parts: Vec<String>,
    /// For those who look later why it was asked.
    pub reason: Option<String>,
}

#[derive(Clone, Debug, Deserialize, TS)]
pub struct TakeBack {
    #[ts(type = "string[]")]
    pub laptops: Vec<Uuid>,
}

/// Those last seen first.
pub async fn laptops(host: &Host, _: Nothing) -> Result<Vec<LaptopView>, Failure> {
    list(&reached(host)?).await
}

pub async fn ask_laptops(host: &Host, request: AskLaptops) -> Result<Vec<LaptopView>, Failure> {
    let app = reached(host)?;
    ask(&app, request).await?;
    list(&app).await
}

pub async fn take_back(host: &Host, request: TakeBack) -> Result<Vec<LaptopView>, Failure> {
    let app = reached(host)?;
    take_back_from(&app, &request.laptops).await?;
    list(&app).await
}

/// Not where the person chose to work offline.
fn reached(host: &Host) -> Result<App, Failure> {
    if !is_online(host) {
        return Err(Failure::new(Code::Offline, "Other laptops can be asked while the server answers."));
    }
    host.app()
}

pub async fn list(app: &App) -> Result<Vec<LaptopView>, Failure> {
    app.demand_server()?;
    let lines = devices::list(&app.store, app.wire()?).await?;
    let app = app.clone();
    blocking(move || {
        let views = app.store.read(|connection| {
            let own = state::account(connection)?.device;
            lines.into_iter().map(|line| view(connection, line, own)).collect()
        });
        Ok(views?)
    })
    .await
}

/// Those of others, by their people; none for who may not ask them, and none while nobody answers.
pub async fn list_others(app: &App) -> Result<Vec<Choice>, Failure> {
    let reading = app.clone();
    let may = move || Ok(reading.store.read(|connection| rights::may_manage(connection, ACTION))?);
    if app.is_sample()? || !blocking(may).await? {
        return Ok(Vec::new());
    }
    let laptops = list(app).await.unwrap_or_default();
    let others = laptops.into_iter().filter(|laptop| !laptop.is_this);
    let mut others: Vec<_> = others
        .map(|laptop| Choice { id: laptop.id, name: format!("{} · {}", laptop.person, laptop.name) })
        .collect();
    others.sort_by_key(|laptop| laptop.name.to_lowercase());
    Ok(others)
}

/// The same request twice asks once: it has an id of its own.
pub async fn ask(app: &App, request: AskLaptops) -> Result<(), Failure> {
    app.demand_server()?;
    if request.laptops.len() > MAX_ASKED {
        let message = format!("At most {MAX_ASKED} laptops are asked at once.");
        return Err(Failure::new(Code::BadRequest, message));
    }
    let asked = AskErrand {
        id: app.store.clock().new_id(),
        devices: ids(&request.laptops),
        kind: request.kind.into(),
        scopes: request.parts,
        reason: request.reason.filter(|reason| !reason.trim().is_empty()),
    };
    Ok(devices::ask(&app.store, app.wire()?, &asked).await?)
}

/// Says how many had not been taken yet.
pub async fn take_back_from(app: &App, laptops: &[Uuid]) -> Result<u64, Failure> {
    app.demand_server()?;
    let request = TakeBackErrands { devices: ids(laptops) };
    Ok(devices::take_back(&app.store, app.wire()?, &request).await?)
}

fn ids(laptops: &[Uuid]) -> Vec<DeviceId> {
    laptops.iter().copied().map(DeviceId).collect()
}

fn view(
    connection: &guildhall_local::Connection,
    line: DeviceLine,
    own: DeviceId,
) -> guildhall_local::Result<LaptopView> {
    let parts = line.scopes.into_iter().map(|part| part_view(connection, part));
    Ok(LaptopView {
        id: line.id.0,
        name: line.name,
        person: line.person,
        platform: line.platform,
        app_version: line.app_version,
        last_seen_at: line.last_seen_at,
        is_this: line.id == own,
        parts: parts.collect::<Result<_, _>>()?,
        asked: line.errand.map(asked_view),
    })
}

fn asked_view(errand: ErrandLine) -> AskedView {
    let ErrandLine { kind, state, counts, asked_by, asked_at, is_taken, .. } = errand;
    let outcome = match (state, is_taken) {
        (State::Waiting, false) => "Waits for the laptop’s next contact.".to_owned(),
        (State::Waiting, true) => "The laptop has it, and begins soon.".to_owned(),
        (State::Cancelled, false) => "Taken back.".to_owned(),
        _ => errands::outcome(kind, state, counts),
    };
    AskedView {
        kind: kind.into(),
        outcome,
        asked_by,
        asked_at,
        is_open: matches!(state, State::Waiting | State::Running),
        is_waiting: state == State::Waiting && !is_taken,
        is_wrong: errands::is_wrong(kind, counts),
    }
}

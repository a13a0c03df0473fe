//! The change log: who did what, the newest first. Own changes are here; those of others are asked
//! of the server, and where that does not answer it is said.

use super::laptops;
use super::tickets::views::Choice;
use crate::app::App;
use crate::failure::{Code, Failure};
use crate::host::{Host, blocking};
use crate::views::{Mark, MarkState, Nothing};
use crate::words::{self, changes, model};
use guildhall_local::entries::{EntryState, Line};
use guildhall_local::history::{self, Span, Which};
use guildhall_local::search::place;
use guildhall_local::store::{rows, state};
use guildhall_local::{Connection, link, names, sops};
use guildhall_sync::id::{DeviceId, UserId};
use guildhall_sync::model::desk::{Ticket, TicketMessage, TicketResolution};
use guildhall_sync::model::{COMPANIONS, TABLES};
use guildhall_sync::protocol::history::{
    ChangeKind, HistoryFilter, HistoryLine, HistoryPlace, HistoryRequest, LineStatus, MAX_ROWS,
    MAX_TEXT_BYTES, TextFilter, Who, changed_columns,
};
use guildhall_sync::schema::{Row, Rows, Table};
use guildhall_sync::time::Timestamp;
use serde::{Deserialize, Serialize};
use ts_rs::TS;
use uuid::Uuid;

pub mod entry;
pub mod undo;

/// What somebody looks for in the change log.
#[derive(Clone, Debug, Default, Deserialize, TS)]
pub struct HistoryWish {
    /// A person.
    #[ts(type = "string | null")]
    pub who: Option<Uuid>,
    /// Only what no person wrote.
    pub programs: bool,
    pub table: Option<String>,
    /// With what belongs to it: of a ticket, what was said in it.
    #[ts(type = "string | null")]
    pub row: Option<Uuid>,
    #[ts(as = "Option<HistoryKind>")]
    pub kind: Option<ChangeKind>,
    #[ts(type = "number | null")]
    pub since: Option<Timestamp>,
    #[ts(type = "number | null")]
    pub until: Option<Timestamp>,
    pub text: String,
    #[ts(type = "string | null")]
    pub laptop: Option<Uuid>,
    #[ts(as = "Option<HistoryStatus>")]
    pub status: Option<LineStatus>,
    /// Where the page before ended.
    pub after: Option<HistoryMore>,
    pub limit: u32,
}

/// The words of [`ChangeKind`], for screens.
#[derive(Clone, Copy, Debug, Serialize, TS)]
#[serde(rename_all = "snake_case")]
#[allow(dead_code, reason = "TypeScript has its words from here")]
pub enum HistoryKind {
    Added,
    Edited,
    Deleted,
    BroughtBack,
    Settled,
    TakenBack,
    Removed,
}

/// The words of [`LineStatus`], for screens.
#[derive(Clone, Copy, Debug, Serialize, TS)]
#[serde(rename_all = "snake_case")]
#[allow(dead_code, reason = "TypeScript has its words from here")]
pub enum HistoryStatus {
    Pending,
    Committed,
    RolledBack,
}

/// A place between two pages.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct HistoryMore {
    #[ts(type = "number")]
    pub at: Timestamp,
    /// In the server's history.
    #[ts(type = "number | null")]
    pub line: Option<u64>,
    /// Among the own entries.
    #[ts(type = "number | null")]
    pub device_seq: Option<u64>,
}

#[derive(Clone, Debug, Serialize, TS)]
pub struct History {
    /// The newest first.
    pub lines: Vec<HistoryLineView>,
    /// None where there is no more. A page with few lines may have one: so many were looked through.
    pub more: Option<HistoryMore>,
    pub reach: HistoryReach,
}

/// Whose changes are shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum HistoryReach {
    Everybody,
    /// The server does not answer, or nobody wants it to.
    OwnOnly,
    /// There is no server.
    Sample,
}

#[derive(Clone, Debug, Serialize, TS)]
pub struct HistoryLineView {
    pub entry: Uuid,
    pub table: String,
    pub row: Uuid,
    /// What the row is called.
    pub of: String,
    #[ts(as = "HistoryKind")]
    pub kind: ChangeKind,
    /// A sentence without its end, in which the row is "it".
    pub did: String,
    /// A person's name, or how a program calls itself.
    pub by: String,
    pub is_mine: bool,
    pub reason: Option<String>,
    #[ts(type = "number")]
    pub at: Timestamp,
    /// Where a change of this laptop stands, while the server does not have it.
    pub mark: Option<Mark>,
    pub is_taken_back: bool,
    /// Both sides wait for somebody.
    pub needs_settling: bool,
    pub undo_of: Option<Uuid>,
    /// On which it was written; none where that was no laptop.
    pub laptop: Option<Uuid>,
}

/// Whom and what one can look for.
#[derive(Clone, Debug, Serialize, TS)]
pub struct HistoryChoices {
    pub people: Vec<Choice>,
    pub tables: Vec<TableChoice>,
    /// This one first; those of others for who may force a sync of them, while the server answers.
    pub laptops: Vec<Choice>,
}

#[derive(Clone, Debug, Serialize, TS)]
pub struct TableChoice {
    pub table: &'static str,
    /// Its rows, as people call them.
    pub label: String,
}

pub async fn choices(host: &Host, _: Nothing) -> Result<HistoryChoices, Failure> {
    let app = host.app()?;
    let others = if is_online(host) { laptops::list_others(&app).await? } else { Vec::new() };
    blocking(move || known(&app, others)).await
}

fn known(app: &App, others: Vec<Choice>) -> Result<HistoryChoices, Failure> {
    let (people, own) = app.store.read(|connection| {
        Ok((names::list_people(connection, MAX_ROWS)?, state::account(connection)?.device))
    })?;
    let this = Choice { id: own.0, name: "This laptop".to_owned() };
    let is_looked_for =
        |table: &&&Table| table.rows != Rows::ServerDecided && !COMPANIONS.contains(&table.name);
    let tables = TABLES.iter().filter(is_looked_for).map(|table| TableChoice {
        table: table.name,
        label: words::readable(&model::rows_of(table.name).1),
    });
    Ok(HistoryChoices {
        people: people.into_iter().map(|person| Choice { id: person.id.0, name: person.name }).collect(),
        tables: tables.collect(),
        laptops: std::iter::once(this).chain(others).collect(),
    })
}

pub async fn history(host: &Host, wish: HistoryWish) -> Result<History, Failure> {
    let asks_server = is_online(host);
    list(&host.app()?, wish, asks_server).await
}

/// Whether the server is worth asking.
pub fn is_online(host: &Host) -> bool {
    let reach = host.reach();
    reach.is_reachable && !reach.works_offline && !reach.needs_sign_in
}

pub async fn list(app: &App, wish: HistoryWish, asks_server: bool) -> Result<History, Failure> {
    let filter = {
        let (app, wish) = (app.clone(), wish.clone());
        blocking(move || Ok(app.store.read(|connection| filter(connection, &wish))?)).await?
    };
    let is_sample = app.is_sample()?;
    if !asks_server || is_sample {
        let reach = if is_sample { HistoryReach::Sample } else { HistoryReach::OwnOnly };
        return own(app, filter, wish, reach).await;
    }
    let before = wish.after.map(|more| HistoryPlace { at: more.at, line: more.line.unwrap_or(0) });
    let request = HistoryRequest { filter: filter.clone(), before, limit: wish.limit };
    match link::history::list(&app.store, app.wire()?, &request).await {
        Ok(answer) => everybody(app, filter, wish, answer.lines, answer.next).await,
        Err(error) => match Failure::from(error) {
            failure if failure.code == Code::Offline && wish.after.is_none() => {
                own(app, filter, wish, HistoryReach::OwnOnly).await
            }
            failure => Err(failure),
        },
    }
}

fn filter(connection: &Connection, wish: &HistoryWish) -> guildhall_local::Result<HistoryFilter> {
    let text: String = wish.text.trim().chars().take(MAX_TEXT_BYTES / 4).collect();
    let text = match text.as_str() {
        "" => None,
        text => Some(TextFilter {
            text: text.to_owned(),
            titled: place::list_titled(connection, text, MAX_ROWS)?,
        }),
    };
    Ok(HistoryFilter {
        who: if wish.programs { Some(Who::Programs) } else { wish.who.map(|id| Who::Person(UserId(id))) },
        tables: wish.table.iter().cloned().collect(),
        rows: wish.row.map(|row| with_parts(connection, row)).transpose()?.unwrap_or_default(),
        kinds: wish.kind.into_iter().collect(),
        since: wish.since,
        until: wish.until,
        text,
        devices: wish.laptop.map(DeviceId).into_iter().collect(),
        status: wish.status,
    })
}

/// The row, and of a ticket what was said in it.
fn with_parts(connection: &Connection, row: Uuid) -> guildhall_local::Result<Vec<Uuid>> {
    let mut ids = vec![row];
    if rows::exists(connection, Ticket::TABLE, row)? {
        for table in [TicketMessage::TABLE, TicketResolution::TABLE] {
            let stored = rows::list(connection, table, "ticket_id = ? order by id", [row])?;
            ids.extend(stored.iter().filter_map(|stored| table.value(&stored.cells, "id").as_id()));
        }
    }
    ids.truncate(MAX_ROWS);
    Ok(ids)
}

/// The own entries alone.
async fn own(
    app: &App,
    filter: HistoryFilter,
    wish: HistoryWish,
    reach: HistoryReach,
) -> Result<History, Failure> {
    let app = app.clone();
    blocking(move || {
        let span = Span {
            before_seq: wish.after.and_then(|more| more.device_seq),
            before: wish.after.filter(|more| more.device_seq.is_none()).map(|more| more.at),
            from: None,
        };
        let history = app.store.read(|connection| {
            let page = history::list(connection, &filter, Which::All, span, wish.limit as usize)?;
            let lines = page.lines.iter().map(|line| own_view(connection, line));
            let lines: Vec<_> = lines.collect::<guildhall_local::Result<_>>()?;
            let at = lines.last().map_or(Timestamp(0), |line| line.at);
            let more = page.next.map(|seq| HistoryMore { at, line: None, device_seq: Some(seq) });
            Ok(History { lines, more, reach })
        });
        Ok(history?)
    })
    .await
}

/// What the server has, and between it what only this laptop has.
async fn everybody(
    app: &App,
    filter: HistoryFilter,
    wish: HistoryWish,
    lines: Vec<HistoryLine>,
    next: Option<HistoryPlace>,
) -> Result<History, Failure> {
    let app = app.clone();
    blocking(move || {
        let span =
            Span { before_seq: None, before: wish.after.map(|more| more.at), from: next.map(|next| next.at) };
        let history = app.store.read(|connection| {
            let mut views = Vec::new();
            for line in &lines {
                views.push(server_view(connection, line)?);
            }
            let here = history::list(connection, &filter, Which::OnlyHere, span, MAX_ROWS)?;
            for line in here.lines.iter().filter(|here| lines.iter().all(|line| line.id != here.entry.id)) {
                views.push(own_view(connection, line)?);
            }
            views.sort_by_key(|view| std::cmp::Reverse(view.at));
            let more = next.map(|next| HistoryMore { at: next.at, line: Some(next.line), device_seq: None });
            Ok(History { lines: views, more, reach: HistoryReach::Everybody })
        });
        Ok(history?)
    })
    .await
}

fn own_view(connection: &Connection, line: &Line) -> guildhall_local::Result<HistoryLineView> {
    let entry = &line.entry;
    let kind = history::kind(line);
    let columns: Vec<&str> = changed_columns(&entry.before, &entry.after).collect();
    Ok(HistoryLineView {
        entry: entry.id.0,
        of: changes::of(connection, &entry.table, entry.row)?,
        did: changes::did(kind, &entry.table, &columns),
        kind,
        by: state::account(connection)?.user_name,
        is_mine: true,
        reason: entry.reason.clone(),
        at: entry.authored_at,
        mark: mark(line.state),
        is_taken_back: history::is_taken_back(connection, entry.id)?,
        needs_settling: line.state == EntryState::Conflict,
        undo_of: entry.undo_of.map(|id| id.0),
        laptop: Some(state::account(connection)?.device.0),
        row: entry.row,
        table: entry.table.clone(),
    })
}

/// What the server has needs no mark.
fn mark(state: EntryState) -> Option<Mark> {
    let mark = |state, words: &str| Some(Mark { state, words: words.to_owned(), version: None });
    match state {
        EntryState::Pending | EntryState::InFlight | EntryState::Unknown | EntryState::Deferred => {
            mark(MarkState::SavedHere, "Saved here")
        }
        EntryState::Rejected => mark(MarkState::Refused, "Refused"),
        EntryState::Discarded => mark(MarkState::Refused, "Refused, discarded"),
        EntryState::Committed
        | EntryState::Merged
        | EntryState::Settled
        | EntryState::Conflict
        | EntryState::Undone => None,
    }
}

fn server_view(connection: &Connection, line: &HistoryLine) -> guildhall_local::Result<HistoryLineView> {
    let me = state::account(connection)?.user;
    let columns: Vec<&str> = line.columns.iter().map(String::as_str).collect();
    Ok(HistoryLineView {
        entry: line.id.0,
        of: changes::of(connection, &line.table, line.row)?,
        did: changes::did(line.kind, &line.table, &columns),
        kind: line.kind,
        by: writer(connection, line.by, &line.actor)?,
        is_mine: line.by == Some(me),
        reason: line.reason.clone(),
        at: line.at,
        mark: None,
        is_taken_back: line.status == LineStatus::RolledBack || history::is_taken_back(connection, line.id)?,
        needs_settling: line.status == LineStatus::Pending,
        undo_of: line.undo_of.map(|id| id.0),
        laptop: line.device.map(|id| id.0),
        row: line.row,
        table: line.table.clone(),
    })
}

/// A person by name; a program as it calls itself.
fn writer(connection: &Connection, by: Option<UserId>, actor: &str) -> guildhall_local::Result<String> {
    if let Some(name) = names::find_user(connection, by)? {
        return Ok(name);
    }
    Ok(match actor.split_once(':') {
        Some(("sql", role)) => format!("The database ({role})"),
        Some(("job", job)) => format!("The server ({job})"),
        Some(("user", _)) => "Somebody who is not here any more".to_owned(),
        _ => actor.to_owned(),
    })
}

/// The page that a person names in a terminal.
pub fn row_of_page(app: &App, page: &str) -> Result<Uuid, Failure> {
    Ok(app.store.read(|connection| sops::get(connection, page, sops::Which::Live))?.id.0)
}

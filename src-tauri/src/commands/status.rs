//! Where things stand: the one sentence of the chip, and the numbers behind it.

use crate::app::App;
use crate::failure::Failure;
use crate::words::date_and_time;
use guildhall_local::inbox::guard;
use guildhall_local::inbox::lease;
use guildhall_local::outbox::Counts;
use guildhall_local::store::state;
use guildhall_local::{Connection, Result as Read, conflicts, inventory, outbox, quarantine};
use guildhall_sync::scope;
use guildhall_sync::time::Timestamp;
use serde::Serialize;
use ts_rs::TS;

/// What `status` answers.
#[derive(Clone, Debug, Serialize, TS)]
pub struct Status {
    /// The state that asks most of a person, in fixed words.
    pub chip: String,
    pub state: ChipState,
    pub guild: String,
    pub user: String,
    pub role: &'static str,
    pub server: Option<String>,
    pub is_reachable: bool,
    /// Whether somebody chose to work without the server for now.
    pub works_offline: bool,
    /// Entries that the server has not answered.
    pub unsent: u64,
    /// Entries that it has answered, whose effect has not come back yet.
    pub sent: u64,
    pub needs_you: u64,
    pub refused: u64,
    /// When the server was last heard of.
    #[ts(type = "number | null")]
    pub as_of: Option<Timestamp>,
    /// When the server is tried again.
    #[ts(type = "number | null")]
    pub next_try_at: Option<Timestamp>,
    /// What is put away until the next contact, and what to do, in sentences.
    pub locked: Option<String>,
    /// Rows on this laptop, by table.
    pub rows: Vec<TableCount>,
}

#[derive(Clone, Debug, Serialize, TS)]
pub struct TableCount {
    pub table: &'static str,
    pub rows: u64,
}

/// The states of the chip, the one that asks most first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum ChipState {
    SignInAgain,
    NeedsYou,
    Offline,
    Sending,
    AllOnServer,
    /// There is no server: it is all here.
    Sample,
}

/// What is known about the way to the server.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Reach {
    pub is_reachable: bool,
    pub works_offline: bool,
    pub needs_sign_in: bool,
    pub next_try_at: Option<Timestamp>,
}

/// Asks the server whether it is there.
pub async fn status(app: &App) -> Result<Status, Failure> {
    let is_reachable = match app.account()?.server_url {
        Some(_) => app.wire()?.is_reachable().await,
        None => false,
    };
    status_as(app, Reach { is_reachable, ..Reach::default() })
}

/// Where things stand, if the way to the server is like that.
pub fn status_as(app: &App, reach: Reach) -> Result<Status, Failure> {
    let account = app.account()?;
    let is_reachable = reach.is_reachable && !reach.works_offline;
    let (state, tokens, counts, refused, open, rows, locked, removal) = app.store.read(|connection| {
        Ok((
            state::read(connection)?,
            state::find_tokens(connection)?,
            outbox::count(connection)?,
            quarantine::list(connection)?.len() as u64,
            conflicts::list(connection)?.len() as u64,
            inventory::rows_by_table(connection)?,
            locked(connection)?,
            u64::from(guard::find(connection)?.is_some()),
        ))
    })?;
    let chip_state = match () {
        () if account.server_url.is_none() => ChipState::Sample,
        () if tokens.is_none() || reach.needs_sign_in => ChipState::SignInAgain,
        () if open + refused + removal > 0 => ChipState::NeedsYou,
        () if !is_reachable => ChipState::Offline,
        () if counts.unsent > 0 => ChipState::Sending,
        () => ChipState::AllOnServer,
    };
    let as_of = state.last_pull_at;
    Ok(Status {
        chip: chip(chip_state, open + refused + removal, &counts, as_of),
        state: chip_state,
        guild: account.guild_name,
        user: account.user_name,
        role: account.role.word(),
        server: account.server_url,
        is_reachable,
        works_offline: reach.works_offline,
        next_try_at: reach.next_try_at.filter(|_| !is_reachable),
        unsent: counts.unsent,
        sent: counts.sent,
        needs_you: open,
        refused,
        as_of,
        locked,
        rows: rows.into_iter().map(|(table, rows)| TableCount { table, rows }).collect(),
    })
}

/// Says what a lease that has run out keeps from being shown.
fn locked(connection: &Connection) -> Read<Option<String>> {
    let away = lease::list(connection)?;
    let Some(since) = away.iter().map(|away| away.since).min() else { return Ok(None) };
    let what = if lease::is_all_away(connection)? {
        "What this laptop holds of the guild"
    } else if away.iter().all(|away| scope::is_guarded(&away.scope)) {
        "What managers may read and what is classified"
    } else {
        "A part of what this laptop holds of the guild"
    };
    let since = date_and_time(since);
    Ok(Some(format!(
        "{what} is locked: the server was last heard of {since}. Nothing is lost. Connect to the network \
         and sync, and it is shown again; what you typed is sent then."
    )))
}

fn chip(state: ChipState, needs_you: u64, counts: &Counts, as_of: Option<Timestamp>) -> String {
    let Counts { unsent, in_flight, .. } = *counts;
    let to_send = if unsent == 0 { String::new() } else { format!(" · {unsent} to send") };
    let as_of = as_of.map(crate::words::clock_time);
    match state {
        ChipState::SignInAgain => "Sign in again".to_owned() + &to_send,
        ChipState::NeedsYou => format!("Needs you ({needs_you}){to_send}"),
        ChipState::Offline => {
            let as_of = as_of.map(|time| format!(" · as of {time}")).unwrap_or_default();
            format!("Offline{to_send}{as_of}")
        }
        ChipState::Sending if in_flight > 0 => format!("Sending {in_flight}/{unsent}"),
        ChipState::Sending => format!("Saved here, {unsent} to send"),
        ChipState::Sample => "Sample data · no server".to_owned(),
        ChipState::AllOnServer => {
            format!("All on server{}", as_of.map(|time| format!(" {time}")).unwrap_or_default())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_chip_says_what_asks_most() {
        let at = Some(Timestamp(0));
        let of = |unsent, in_flight| Counts { unsent, in_flight, ..Counts::default() };
        assert!(chip(ChipState::Offline, 0, &of(1, 0), at).starts_with("Offline · 1 to send · as of "));
        assert_eq!(chip(ChipState::Offline, 0, &of(0, 0), None), "Offline");
        assert_eq!(chip(ChipState::NeedsYou, 2, &of(0, 0), at), "Needs you (2)");
        assert_eq!(chip(ChipState::Sending, 0, &of(3, 0), at), "Saved here, 3 to send");
        assert_eq!(chip(ChipState::Sending, 0, &of(3, 2), at), "Sending 2/3");
        assert!(chip(ChipState::AllOnServer, 0, &of(0, 0), at).starts_with("All on server "));
        assert_eq!(chip(ChipState::Sample, 0, &of(7, 0), None), "Sample data · no server");
    }
}

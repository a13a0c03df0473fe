//! The icon in the tray: the chip's state as a picture, its words beside it, and what can be done
//! without opening the window.

use super::platform::{TrayPlace, watch_tray};
use super::{act, window};
use crate::commands::status::{ChipState, Status};
use crate::commands::window::status;
use crate::events::{Act, Event};
use crate::host::Host;
use crate::views::Nothing;
use serde_json::json;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::Duration;
use tauri::image::Image;
use tauri::menu::{CheckMenuItem, IsMenuItem, Menu, MenuEvent, MenuItem, PredefinedMenuItem};
use tauri::tray::{MouseButton, MouseButtonState, TrayIcon, TrayIconBuilder, TrayIconEvent};
use tauri::{AppHandle, Manager, Wry, include_image};
use tokio::sync::broadcast::error::RecvError;

/// Many rows can change in a moment; the tray looks once.
const GATHERING: Duration = Duration::from_millis(150);

/// The icon and those parts of its menu that change.
struct Tray {
    icon: TrayIcon,
    place: TrayPlace,
    /// The chip's words: not every tray shows what an icon is called.
    words: MenuItem<Wry>,
    palette: MenuItem<Wry>,
    sync_now: MenuItem<Wry>,
    lock: MenuItem<Wry>,
    work_offline: CheckMenuItem<Wry>,
    quit: MenuItem<Wry>,
}

/// What the tray says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Look {
    /// None while the profile is closed.
    state: Option<ChipState>,
    words: String,
    unsent: u64,
    works_offline: bool,
}

/// Makes the icon. A desktop without the library for it has none, and the window does without.
pub fn create(app: &tauri::App, host: &Host) {
    let place = {
        let host = host.clone();
        watch_tray(move |is_there| host.set_about(|about| about.in_tray = is_there))
    };
    let Some(place) = place else { return };
    // The library is looked for at run time, and its absence is a panic there.
    let said = std::panic::take_hook();
    std::panic::set_hook(Box::new(|_| {}));
    let built = catch_unwind(AssertUnwindSafe(|| build(app, place)));
    std::panic::set_hook(said);
    match built {
        Ok(Ok(tray)) => drop(app.manage(tray)),
        Ok(Err(error)) => tracing::warn!(%error, "no icon in the tray"),
        Err(_) => {
            host.set_about(|about| about.in_tray = false);
            tracing::info!("no icon in the tray: libayatana-appindicator is not installed");
        }
    }
}

fn build(app: &tauri::App, place: TrayPlace) -> tauri::Result<Tray> {
    let item = |id: &str, text: &str, on: bool| MenuItem::with_id(app, id, text, on, None::<&str>);
    let open = item("open", "Open Guildhall", true)?;
    let words = item("sync_centre", "Locked", false)?;
    let palette = item("palette", "Ask", false)?;
    let sync_now = item("sync_now", "Sync now", false)?;
    let lock = item("lock", "Lock", false)?;
    let work_offline =
        CheckMenuItem::with_id(app, "work_offline", "Work offline", false, false, None::<&str>)?;
    let quit = item("quit", &quit_text(0), true)?;
    let line = || PredefinedMenuItem::separator(app);
    let entries: [&dyn IsMenuItem<Wry>; 11] = [
        &words,
        &line()?,
        &open,
        &palette,
        &line()?,
        &sync_now,
        &work_offline,
        &line()?,
        &lock,
        &line()?,
        &quit,
    ];
    let menu = Menu::with_items(app, &entries)?;
    let icon = TrayIconBuilder::new()
        .icon(picture(None))
        .tooltip("Guildhall")
        .menu(&menu)
        .show_menu_on_left_click(false)
        .on_menu_event(choose)
        .on_tray_icon_event(|icon, event| {
            let TrayIconEvent::Click { button, button_state, .. } = event else { return };
            if (button, button_state) == (MouseButton::Left, MouseButtonState::Up) {
                window::show(icon.app_handle());
            }
        })
        .build(app)?;
    Ok(Tray { icon, place, words, palette, sync_now, lock, work_offline, quit })
}

fn choose(app: &AppHandle, event: MenuEvent) {
    match event.id().as_ref() {
        "open" => window::show(app),
        "sync_centre" => act(app, Act::SyncCentre),
        "palette" => act(app, Act::Palette),
        // The page does these: it keeps what is typed before it locks, and shows how a sync goes.
        "sync_now" => app.state::<Host>().act(Act::SyncNow),
        "lock" => app.state::<Host>().act(Act::Lock),
        "work_offline" => work_offline(app),
        "quit" => app.exit(0),
        _ => {}
    }
}

fn work_offline(app: &AppHandle) {
    let Some(tray) = app.try_state::<Tray>() else { return };
    let on = tray.work_offline.is_checked().unwrap_or(false);
    let host = app.state::<Host>().inner().clone();
    tauri::async_runtime::spawn(async move {
        if let Err(failure) = host.run("work_offline", json!({ "on": on })).await {
            tracing::warn!(code = ?failure.code, "working offline was not changed");
        }
    });
}

/// Whether closing the window leaves something to open it with.
pub fn is_seen(app: &AppHandle) -> bool {
    app.try_state::<Tray>().is_some_and(|tray| tray.place.is_there())
}

/// Shows in the tray what the chip shows, for as long as the window lives.
pub async fn follow(host: Host, app: AppHandle) {
    let mut events = host.events();
    let mut shown = Look::default();
    loop {
        let look = look(&host, &shown).await;
        if look != shown {
            apply(&app, &look);
            shown = look;
        }
        match events.recv().await {
            Ok(Event::Act { .. } | Event::Progress { .. }) => continue,
            Ok(Event::RowsTouched { .. } | Event::StatusChanged | Event::SessionChanged)
            | Err(RecvError::Lagged(_)) => {}
            Err(RecvError::Closed) => return,
        }
        tokio::time::sleep(GATHERING).await;
        while events.try_recv().is_ok() {}
    }
}

async fn look(host: &Host, before: &Look) -> Look {
    match status(host, Nothing {}).await {
        Ok(Status { state, chip, unsent, works_offline, .. }) => {
            Look { state: Some(state), words: chip, unsent, works_offline }
        }
        Err(_) => {
            Look { state: None, words: "Locked".to_owned(), unsent: before.unsent, works_offline: false }
        }
    }
}

fn apply(app: &AppHandle, look: &Look) {
    let Some(tray) = app.try_state::<Tray>() else { return };
    let is_open = look.state.is_some();
    let has_server = look.state.is_some_and(|state| state != ChipState::Sample);
    let apply = || -> tauri::Result<()> {
        tray.icon.set_icon(Some(picture(look.state)))?;
        tray.icon.set_tooltip(Some(format!("Guildhall · {}", look.words)))?;
        tray.words.set_text(&look.words)?;
        for item in [&tray.words, &tray.palette, &tray.lock] {
            item.set_enabled(is_open)?;
        }
        tray.sync_now.set_enabled(has_server)?;
        tray.work_offline.set_enabled(has_server)?;
        tray.work_offline.set_checked(look.works_offline)?;
        tray.quit.set_text(quit_text(look.unsent))
    };
    if let Err(error) = apply() {
        tracing::warn!(%error, "the tray could not be changed");
    }
}

fn quit_text(unsent: u64) -> String {
    if unsent == 0 { "Quit".to_owned() } else { format!("Quit · {unsent} to send, safe here") }
}

/// One tile for each state; a shape on it says what a colour alone would not.
fn picture(state: Option<ChipState>) -> Image<'static> {
    match state {
        None => include_image!("icons/tray/locked.png"),
        Some(ChipState::SignInAgain) => include_image!("icons/tray/sign_in_again.png"),
        Some(ChipState::NeedsYou) => include_image!("icons/tray/needs_you.png"),
        Some(ChipState::Offline) => include_image!("icons/tray/offline.png"),
        Some(ChipState::Sending) => include_image!("icons/tray/sending.png"),
        Some(ChipState::AllOnServer | ChipState::Sample) => include_image!("icons/tray/all_on_server.png"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_state_has_a_picture_of_its_own() {
        let states = [
            None,
            Some(ChipState::SignInAgain),
            Some(ChipState::NeedsYou),
            Some(ChipState::Offline),
            Some(ChipState::Sending),
            Some(ChipState::AllOnServer),
        ];
        let pictures: std::collections::BTreeSet<_> =
            states.iter().map(|state| picture(*state).rgba().to_vec()).collect();
        assert_eq!(pictures.len(), states.len());
    }

    #[test]
    fn quitting_says_that_nothing_is_lost() {
        assert_eq!(quit_text(0), "Quit");
        assert_eq!(quit_text(2), "Quit · 2 to send, safe here");
    }
}

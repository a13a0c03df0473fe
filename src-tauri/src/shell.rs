//! The window: one webview over one profile, with its icon in the tray and its key. It wires the
//! backend to the desktop and decides nothing; what differs between systems stands in `platform`.

use crate::cli::{PasswordSource, signals};
use crate::events::Act;
use crate::failure::Failure;
use crate::host::Host;
use serde_json::{Value as Json, json};
use std::path::PathBuf;
use tauri::{AppHandle, Emitter, Manager, RunEvent, State, WindowEvent};
use tokio::sync::broadcast::error::RecvError;

mod hotkey;
mod instance;
mod platform;
mod tray;
mod window;

pub use platform::prepare;

/// The name of the one channel of events.
const EVENTS: &str = "guildhall";

/// How the window was asked for.
#[derive(Debug)]
pub struct Wish {
    pub profile: PathBuf,
    pub password: PasswordSource,
    /// Draws without the graphics card, and leaves out all that a window can do without.
    pub safe_mode: bool,
}

/// Opens the window and stays until it is quit. Where this profile has a window, brings that to
/// the front instead.
pub fn open(wish: Wish) -> Result<(), Failure> {
    prepare(wish.safe_mode)?;
    std::fs::create_dir_all(&wish.profile).map_err(Failure::fault)?;
    let profile = wish.profile.canonicalize().map_err(Failure::fault)?;
    let runtime = crate::app::runtime()?;
    let Some(instance) = runtime.block_on(instance::take(&profile))? else { return Ok(()) };
    let password = wish.password.is_given().then(|| wish.password.read("Password: ")).transpose()?;

    let host = Host::new(profile);
    tauri::async_runtime::set(runtime.handle().clone());
    let app = build(&host, wish.safe_mode).map_err(Failure::fault)?;
    let handle = app.handle().clone();
    runtime.spawn(instance.answer({
        let handle = handle.clone();
        move || window::show(&handle)
    }));
    runtime.spawn(end_when_asked(handle.clone()));
    runtime.spawn(tell_page(host.clone(), handle.clone()));
    runtime.spawn(tray::follow(host.clone(), handle));
    runtime.spawn(begin(host.clone(), password));
    let code = app.run_return(on_event);
    runtime.block_on(host.stop());
    if code == 0 { Ok(()) } else { Err(Failure::fault(format!("The window ended with {code}."))) }
}

fn build(host: &Host, safe_mode: bool) -> tauri::Result<tauri::App> {
    let mut builder = tauri::Builder::default();
    if !safe_mode {
        builder = builder.plugin(window::memory(&host.own_dir().join("window.json")));
    }
    let set_up = {
        let host = host.clone();
        move |app: &mut tauri::App| {
            #[cfg(target_os = "macos")]
            {
                platform::set_menu(app)?;
                app.on_menu_event(|app, event| {
                    if let Some(chosen) = platform::chosen(event.id().as_ref()) {
                        act(app, chosen);
                    }
                });
            }
            window::create(app)?;
            if !safe_mode {
                tray::create(app, &host);
                hotkey::register(app, &host);
            }
            Ok(())
        }
    };
    builder
        .manage(host.clone())
        .invoke_handler(tauri::generate_handler![run])
        .setup(set_up)
        .build(tauri::generate_context!())
}

/// The one command of the page. What it names is looked up in the list of commands.
#[tauri::command]
async fn run(host: State<'_, Host>, name: String, request: Json) -> Result<Json, Failure> {
    host.run(&name, request).await
}

async fn begin(host: Host, password: Option<String>) {
    let Some(password) = password else { return host.start().await };
    let unlocked = host.run("unlock", json!({ "password": password, "remember": false })).await;
    if let Err(failure) = unlocked {
        tracing::warn!(code = ?failure.code, "the given password did not open the profile");
    }
}

/// Passes on what changed. A page that is behind reads everything anew.
async fn tell_page(host: Host, app: AppHandle) {
    let mut events = host.events();
    loop {
        let event = match events.recv().await {
            Ok(event) => event,
            Err(RecvError::Lagged(_)) => crate::events::Event::anything(crate::views::Origin::Elsewhere),
            Err(RecvError::Closed) => return,
        };
        if let Err(error) = app.emit(EVENTS, &event) {
            tracing::warn!(%error, "the page could not be told");
        }
    }
}

async fn end_when_asked(app: AppHandle) {
    signals::asked_to_end().await;
    app.exit(0);
}

fn on_event(app: &AppHandle, event: RunEvent) {
    match event {
        // In the tray it goes on sending and receiving; where nobody sees a tray, closing is quitting.
        RunEvent::WindowEvent { event: WindowEvent::CloseRequested { api, .. }, .. }
            if tray::is_seen(app) =>
        {
            api.prevent_close();
            window::hide(app);
        }
        #[cfg(target_os = "macos")]
        RunEvent::Reopen { .. } => window::show(app),
        _ => {}
    }
}

/// Shows the window, and tells the page what was chosen outside of it.
fn act(app: &AppHandle, act: Act) {
    window::show(app);
    app.state::<Host>().act(act);
}

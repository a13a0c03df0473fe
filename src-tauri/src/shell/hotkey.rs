//! The key that brings the palette up from anywhere. Where the desktop does not give it, `about` says why.

use super::{act, platform};
use crate::events::Act;
use crate::host::Host;
use tauri_plugin_global_shortcut::{Builder, GlobalShortcutExt, ShortcutState};

pub fn register(app: &tauri::App, host: &Host) {
    let note = match platform::no_hotkey() {
        Some(note) => Some(note.to_owned()),
        None => try_register(app, &host.about().hotkey).err(),
    };
    host.set_about(|about| {
        about.hotkey_works = note.is_none();
        about.hotkey_note = note;
    });
}

fn try_register(app: &tauri::App, keys: &str) -> Result<(), String> {
    let plugin = Builder::new().build();
    let taken = |error: &dyn std::fmt::Display| {
        tracing::info!(%error, "no global key");
        format!("Another program has {keys}.")
    };
    app.handle().plugin(plugin).map_err(|error| taken(&error))?;
    let pressed = |app: &tauri::AppHandle, _: &_, event: tauri_plugin_global_shortcut::ShortcutEvent| {
        if event.state == ShortcutState::Pressed {
            act(app, Act::Palette);
        }
    };
    app.global_shortcut().on_shortcut(keys, pressed).map_err(|error| taken(&error))
}

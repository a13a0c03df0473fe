//! The window itself and what its page may not do: go elsewhere, open, download, or ask for devices.

use std::path::Path;
use tauri::plugin::TauriPlugin;
use tauri::webview::{NewWindowResponse, PageLoadEvent, PermissionResponse};
use tauri::window::Color;
use tauri::{AppHandle, Manager, Theme, Url, WebviewUrl, WebviewWindow, WebviewWindowBuilder, Wry};
use tauri_plugin_window_state::StateFlags;

const LABEL: &str = "main";
const SIZE: (f64, f64) = (1280.0, 800.0);
const SMALLEST: (f64, f64) = (1024.0, 700.0);

/// What is seen until the page is drawn: its own two backgrounds.
const LIGHT: Color = Color(250, 251, 250, 255);
const DARK: Color = Color(22, 25, 23, 255);

/// A menu with Reload or Inspect is a browser's. Where text is written or marked, the menu stays.
const NO_BROWSER_MENU: &str = r#"addEventListener("contextmenu", (event) => {
    const writes = event.target instanceof Element && event.target.closest("input, textarea, [contenteditable='true']");
    if (!writes && getSelection()?.isCollapsed !== false) event.preventDefault();
});"#;

/// Size and place of the window, kept beside the profile.
pub fn memory(file: &Path) -> TauriPlugin<Wry> {
    tauri_plugin_window_state::Builder::new()
        .with_state_flags(StateFlags::SIZE | StateFlags::POSITION | StateFlags::MAXIMIZED)
        .with_filename(file.to_string_lossy())
        .build()
}

pub fn create(app: &tauri::App) -> tauri::Result<()> {
    let mut builder = WebviewWindowBuilder::new(app, LABEL, WebviewUrl::default())
        .title("Guildhall")
        .inner_size(SIZE.0, SIZE.1)
        .min_inner_size(SMALLEST.0, SMALLEST.1)
        .visible(false)
        // Nothing that was shown is kept outside of the encrypted file.
        .incognito(!is_automated())
        .devtools(cfg!(debug_assertions))
        .on_navigation(is_ours)
        .on_new_window(|_, _| NewWindowResponse::Deny)
        .on_download(|_, _| false)
        .on_permission_request(|_, _| PermissionResponse::Deny)
        .on_document_title_changed(|window, title| called(&window, &title))
        .on_page_load(|window, page| {
            if page.event() == PageLoadEvent::Finished {
                show(window.app_handle());
            }
        });
    if cfg!(not(debug_assertions)) {
        builder = builder.initialization_script(NO_BROWSER_MENU);
    }
    let window = builder.build()?;
    let theme = window.theme().unwrap_or(Theme::Light);
    window.set_background_color(Some(if theme == Theme::Dark { DARK } else { LIGHT }))
}

/// The page names the window after what it shows; the first name means that somebody can work.
fn called(window: &WebviewWindow, title: &str) {
    tracing::info!(title, "the window shows");
    if let Err(error) = window.set_title(title) {
        tracing::debug!(%error, "the title stays");
    }
}

/// WebKit lets a test drive no window that keeps nothing.
fn is_automated() -> bool {
    std::env::var_os("TAURI_WEBVIEW_AUTOMATION").is_some_and(|set| set == "true")
}

/// The page of this program, under the names that the systems give it.
fn is_ours(url: &Url) -> bool {
    match url.scheme() {
        "tauri" => url.host_str() == Some("localhost"),
        "http" | "https" => {
            cfg!(windows) && url.host_str() == Some("tauri.localhost") && url.port().is_none()
        }
        _ => false,
    }
}

pub fn show(app: &AppHandle) {
    let Some(window) = app.get_webview_window(LABEL) else { return };
    let shown = window.show().and_then(|()| window.unminimize()).and_then(|()| window.set_focus());
    if let Err(error) = shown {
        tracing::warn!(%error, "the window could not be shown");
    }
}

pub fn hide(app: &AppHandle) {
    let Some(window) = app.get_webview_window(LABEL) else { return };
    if let Err(error) = window.hide() {
        tracing::warn!(%error, "the window could not be hidden");
    }
}

#[cfg(test)]
mod tests {
    use super::is_ours;

    #[test]
    fn the_window_goes_nowhere_else() {
        let goes = |url: &str| is_ours(&url.parse().expect("an address"));
        assert!(goes("tauri://localhost/index.html"));
        let others = [
            "https://localhost/",
            "http://tauri.localhost.example/",
            "tauri://elsewhere/",
            "file:///etc/passwd",
            "data:text/html,x",
            "javascript:alert(1)",
            "about:blank",
        ];
        for url in others {
            assert!(!goes(url), "{url}");
        }
    }
}

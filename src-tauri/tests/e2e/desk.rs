//! What each of these tests begins with: somebody at a window that is open, and a page in it.

use crate::house::device::Device;
use crate::window::Window;

/// Unlocks the window of somebody, and waits until everything is there.
pub async fn sit_down(device: &Device) -> Window {
    let window = Window::of(device).await;
    window.says("Unlock").await;
    window.unlock().await;
    window.says("All on server").await;
    window
}

/// The same, and opens a page by search.
pub async fn sit_down_at(device: &Device, page: &str) -> Window {
    let window = sit_down(device).await;
    open_page(&window, page).await;
    window
}

pub async fn open_page(window: &Window, title: &str) {
    window.press("Ctrl+K").await;
    window.find("textbox", "Search, do, go").await;
    window.write(title).await;
    window.selects(title).await;
    window.press("Enter").await;
    window.find("heading", title).await;
}

/// One key after the other, as in "G S".
pub async fn press_all(window: &Window, keys: &[&str]) {
    for key in keys {
        window.press(key).await;
    }
}

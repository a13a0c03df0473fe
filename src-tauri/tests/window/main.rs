//! The window as it is built and shown: the short form of what `make e2e` does at length. The real
//! program in the real webview, a real server behind it, a display without a monitor.
#![cfg(all(feature = "desktop", target_os = "linux"))]

mod driver;
#[path = "../common/house.rs"]
mod house;
mod screen;
mod start;
mod window;

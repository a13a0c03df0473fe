//! The journey in the real window, with a picture of every step. It takes its time and is not part
//! of `make test`; `make e2e` runs it.
#![cfg(all(feature = "desktop", target_os = "linux"))]

#[path = "../window/driver.rs"]
mod driver;
#[path = "../common/house.rs"]
mod house;
mod journey;
#[path = "../window/screen.rs"]
mod screen;
#[path = "../window/window.rs"]
mod window;

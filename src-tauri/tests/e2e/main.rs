//! What people do in the real window, at length and with pictures of the steps. It takes its time and is
//! not part of `make test`; `make e2e` runs it.
#![cfg(all(feature = "desktop", target_os = "linux"))]

mod cable;
mod conflict;
mod desk;
#[path = "../window/driver.rs"]
mod driver;
#[path = "../../../local/tests/main/hostile.rs"]
mod hostile;
#[path = "../common/house.rs"]
mod house;
mod journey;
mod killed;
mod large;
mod markdown;
#[path = "../window/screen.rs"]
mod screen;
mod screens;
mod stops;
#[path = "../window/window.rs"]
mod window;

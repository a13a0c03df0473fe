//! The server: sign-in, push, pull and live hints over Postgres. It never sees a device's file.

pub mod admin;
pub mod auth;
pub mod body;
pub mod capture;
pub mod clock;
#[cfg(unix)]
pub mod cluster;
pub mod config;
pub mod db;
pub mod errands;
pub mod error;
mod fault;
pub mod history;
pub mod jobs;
pub mod live;
pub mod marks;
pub mod migrate;
pub mod random;
pub mod routes;
pub mod serve;
pub mod state;
pub mod sync;

pub use error::Error;

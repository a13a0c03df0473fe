//! Devices and a server in one thread. Each device is the real one: its encrypted mirror, its
//! write door, its outbox and inbox, its state machine. The server is a model in memory. Network,
//! crashes and clocks are made up from one seed, and the same seed makes the same up again.
//!
//! For development only: nothing that users run depends on it.

pub mod bugs;
mod copies;
mod device;
mod edits;
mod happenings;
pub mod hunt;
mod image;
mod invariants;
mod laptop;
mod ledger;
mod link;
mod log;
mod network;
pub mod oddities;
mod people;
mod random;
mod restores;
pub mod seeds;
mod server;
mod values;
mod ways;
mod weather;
mod world;

/// Of SQLite as well. A simulation asks for memory a million times and in two threads.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

//! The device: the encrypted mirror, its keys, the write door, the outbox, search.
//!
//! Absent on purpose: Postgres, screens, and every rule that device and server must agree on
//! (those are in `guildhall_sync`).

pub mod atomic_file;
pub mod check;
pub mod clock;
pub mod compare;
pub mod conflicts;
pub mod doctor;
pub mod drafts;
pub mod editing;
pub mod entries;
pub mod errands;
pub mod error;
pub mod fault;
pub mod fold;
pub mod folder;
pub mod history;
pub mod inbox;
pub mod inventory;
pub mod keys;
pub mod link;
pub mod markdown;
pub mod names;
pub mod outbox;
pub mod pages;
pub mod profile;
pub mod quarantine;
pub mod reading;
pub mod received;
pub mod restore;
pub mod search;
pub mod sops;
pub mod standing;
pub mod store;
pub mod subject;
pub mod suggestions;
pub mod tickets;
pub mod write;

pub use error::{Error, Result};
pub use rusqlite::Connection;
pub use store::Store;

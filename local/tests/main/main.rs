//! The device's file, tested on real files.

mod answer;
mod chance;
mod child;
mod disk;
mod disk_fails;
mod doctor;
mod drafts;
mod editing;
mod fixture;
mod fold;
mod folder;
mod hostile;
mod inbox;
#[cfg(target_os = "linux")]
mod keyring;
mod keys;
mod kill;
mod markdown;
mod marks;
mod narrow;
mod outbox;
mod pages;
mod power_cut;
mod quarantine;
mod reading;
mod received;
mod schema;
mod search;
mod secrecy;
mod settling;
mod sops;
mod tickets;
mod undo;
mod write_door;

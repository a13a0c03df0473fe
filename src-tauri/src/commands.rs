//! What a person can ask of their laptop, one function per command: a request in, an answer that
//! can be printed or sent to a screen out. The terminal, and whatever else shows Guildhall, calls
//! these and decides nothing.

pub mod conflicts;
pub mod folder;
pub mod knowledge;
pub mod quarantine;
pub mod search;
pub mod session;
pub mod status;

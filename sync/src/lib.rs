//! Words and rules that the device and the server share: the registry of synced tables, their
//! values and hashes, merge, scopes, permissions, the protocol and the client's state machine.
//!
//! Absent on purpose: sockets, databases, clocks and randomness. Everything here is a pure
//! function of its arguments, so that a simulator can drive it through every fault.

pub mod change;
pub mod client;
pub mod digest;
pub mod id;
pub mod merge;
pub mod model;
pub mod permission;
pub mod protocol;
pub mod schema;
pub mod scope;
pub mod text_merge;
pub mod time;
pub mod upcast;
pub mod validate;
pub mod value;

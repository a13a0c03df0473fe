//! The floors: what the same rows cost when nothing is done but what must be done.

pub mod copy;
pub mod edits;
pub mod pipeline;
pub mod sqlite;

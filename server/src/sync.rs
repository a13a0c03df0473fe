//! What devices and the server exchange: entries up, rows down. How a device is told that there is
//! something to fetch is elsewhere.

pub mod pull;
pub mod push;
pub mod testify;

//! What every request may use. It holds connections and caches, never truth: several servers may
//! stand before one database.

use crate::auth::Door;
use crate::db::Database;
use crate::live::Live;
use crate::marks::Marks;
use crate::sync::pull::gate::Gate;
use std::sync::Arc;

#[derive(Clone, Debug)]
pub struct App {
    pub database: Database,
    pub door: Arc<Door>,
    pub live: Live,
    pub pulls: Arc<Gate>,
    pub marks: Arc<Marks>,
    /// The largest body of a push, in bytes of JSON.
    pub push_bytes: usize,
}

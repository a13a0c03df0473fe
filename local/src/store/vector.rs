//! Makes sqlite-vec part of every connection of this process. The only unsafe code of the crate.

use rusqlite::auto_extension::{RawAutoExtension, register_auto_extension};
use std::sync::Once;

/// Must run before the first connection is opened; runs once.
pub fn register() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        // SAFETY: `sqlite3_vec_init` is the extension's entry point and has the shape of one; the
        // crate declares it without its arguments. It opens, closes and registers nothing else.
        #[allow(unsafe_code, reason = "SQLite takes extensions as C functions only")]
        let registered = unsafe {
            let entry = sqlite_vec::sqlite3_vec_init as *const ();
            register_auto_extension(std::mem::transmute::<*const (), RawAutoExtension>(entry))
        };
        registered.expect("SQLite runs out of memory only when the process does");
    });
}

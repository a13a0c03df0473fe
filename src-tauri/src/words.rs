//! Times and numbers as people say them.

use guildhall_sync::time::Timestamp;
use jiff::tz::TimeZone;
use jiff::{Timestamp as Instant, Zoned};

pub mod changes;
pub mod model;

/// `09:14`, by this machine's time zone.
pub fn clock_time(time: Timestamp) -> String {
    local(time).map_or_else(|| time.print(), |local| local.strftime("%H:%M").to_string())
}

/// `2026-11-18 09:14`, by this machine's time zone.
pub fn date_and_time(time: Timestamp) -> String {
    local(time).map_or_else(|| time.print(), |local| local.strftime("%Y-%m-%d %H:%M").to_string())
}

/// `1 page`, `3 pages`.
pub fn count(number: u64, one: &str, many: &str) -> String {
    if number == 1 { format!("1 {one}") } else { format!("{number} {many}") }
}

/// With a capital at its begin and a stop at its end, as errors of programs often come without.
pub fn sentence(text: &str) -> String {
    let mut letters = text.trim_end().chars();
    let first: String = letters.next().into_iter().flat_map(char::to_uppercase).collect();
    let text = first + letters.as_str();
    if text.ends_with(['.', '?', '!']) { text } else { text + "." }
}

fn local(time: Timestamp) -> Option<Zoned> {
    Some(Instant::from_microsecond(time.0).ok()?.to_zoned(TimeZone::system()))
}

/// `pin-failures` as `Pin failures`.
pub fn readable(word: &str) -> String {
    let spaced = word.replace(['-', '_'], " ");
    let mut letters = spaced.trim().chars();
    letters.next().into_iter().flat_map(char::to_uppercase).chain(letters).collect()
}

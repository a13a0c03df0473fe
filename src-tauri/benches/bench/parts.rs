//! What is measured, in the order of the table.

use crate::figure::Figure;

pub mod capture;
pub mod download;
pub mod filling;
pub mod floors;
pub mod growth;
pub mod lists;
pub mod live;
#[cfg(all(feature = "desktop", target_os = "linux"))]
pub mod palette;
pub mod push;
pub mod pushers;
pub mod search;
#[cfg(all(feature = "desktop", target_os = "linux"))]
pub mod window;
pub mod write;

#[derive(Debug)]
pub struct Part {
    pub name: &'static str,
    /// Parts that are asked for together.
    pub group: &'static str,
    pub title: &'static str,
    pub run: fn() -> anyhow::Result<Vec<Figure>>,
}

pub const PARTS: &[Part] = &[
    Part { name: "search", group: "device", title: "Full-text search", run: search::measure },
    Part { name: "lists", group: "device", title: "Long lists", run: lists::measure },
    Part { name: "write", group: "device", title: "A local write", run: write::measure },
    Part {
        name: "floors",
        group: "sync",
        title: "Floors: what the same rows cost without Guildhall",
        run: floors::measure,
    },
    Part { name: "download", group: "sync", title: "First download", run: download::measure },
    Part { name: "filling", group: "sync", title: "Saves while a mirror fills", run: filling::measure },
    Part { name: "push", group: "sync", title: "Offline edits", run: push::measure },
    Part { name: "pushers", group: "sync", title: "Many who push at once", run: pushers::measure },
    Part { name: "live", group: "sync", title: "While everybody is online", run: live::measure },
    Part { name: "growth", group: "sync", title: "As a guild grows", run: growth::measure },
    Part { name: "capture", group: "server", title: "Capture of changes in Postgres", run: capture::measure },
    #[cfg(all(feature = "desktop", target_os = "linux"))]
    Part { name: "window", group: "window", title: "The window", run: window::measure },
    #[cfg(all(feature = "desktop", target_os = "linux"))]
    Part { name: "palette", group: "window", title: "The palette in the window", run: palette::measure },
];

impl Part {
    /// No wish is a wish for everything.
    pub fn is_wished(&self, wishes: &[String]) -> bool {
        wishes.is_empty() || wishes.iter().any(|wish| wish == self.name || wish == self.group)
    }
}

//! Every screen of the window, and how a person comes there.

use crate::desk::press_all;
use crate::window::Window;
use serde_json::json;

/// In place of a key: opened from the rail.
const MENU: &str = "the menu of the guild";

#[derive(Debug)]
pub struct Stop {
    pub name: &'static str,
    /// `{page}` and `{ticket}` stand for ids.
    address: &'static str,
    /// What is there before the keys are pressed.
    first: &'static str,
    keys: &'static [&'static str],
    types: &'static str,
    says: &'static str,
    /// What one comes for; it has to be in sight.
    pub button: Option<&'static str>,
    /// Lies over the screen, and goes with Escape.
    is_over: bool,
}

const fn at(name: &'static str, address: &'static str, says: &'static str) -> Stop {
    Stop { name, address, says, first: "", keys: &[], types: "", button: None, is_over: false }
}

impl Stop {
    const fn after(self, first: &'static str) -> Self {
        Self { first, ..self }
    }

    const fn keys(self, keys: &'static [&'static str]) -> Self {
        Self { keys, ..self }
    }

    const fn types(self, types: &'static str) -> Self {
        Self { types, ..self }
    }

    const fn button(self, name: &'static str) -> Self {
        Self { button: Some(name), ..self }
    }

    const fn over(self) -> Self {
        Self { is_over: true, ..self }
    }

    pub async fn reach(&self, window: &Window, ids: &Ids) {
        let address = self.address.replace("{page}", &ids.page).replace("{ticket}", &ids.ticket);
        window.go_to(&address).await;
        window.says(self.first).await;
        window.rest().await;
        match self.keys {
            [] => {}
            [MENU] => {
                let menu = window.find("button", "Menu of the guild").await;
                window.script("arguments[0].focus()", json!([menu])).await;
                window.press("Enter").await;
            }
            keys => press_all(window, keys).await,
        }
        window.write(self.types).await;
        window.says(self.says).await;
        if let Some(name) = self.button {
            window.find("button", name).await;
        }
        window.rest().await;
    }

    pub async fn leave(&self, window: &Window) {
        if self.is_over {
            window.press("Escape").await;
            window.rest().await;
        }
    }
}

/// A page that has two versions, and a ticket with messages.
pub struct Ids {
    pub page: String,
    pub ticket: String,
}

/// With everything on the server.
pub const QUIET: [Stop; 20] = [
    at("home", "home", "Pinned"),
    at("palette", "home", "Lock").keys(&["Ctrl+Shift+K"]).over(),
    at("palette-results", "home", "PIN failures").keys(&["Ctrl+K"]).types("pin failures").over(),
    at("ask", "ask", "Works offline"),
    at("ask-passage", "ask?q=pin+failures&hit={page}", "PIN failures").button("Copy for the customer"),
    at("knowledge", "knowledge", "Booking"),
    at("knowledge-filtered", "knowledge", "PIN failures").keys(&["/"]).types("pin"),
    at("reader", "knowledge/{page}", "Write down").button("Edit"),
    at("versions", "knowledge/{page}?to=2", "1 paragraph").button("Next"),
    at("editor", "knowledge/{page}?edit=1", "Why").button("Save"),
    at("new-page", "knowledge", "A new page").keys(&["N"]).button("Create"),
    at("tickets", "tickets", "Resolved").button("New ticket"),
    at("ticket", "tickets/{ticket}", "Mine").button("Save the message"),
    at("new-ticket", "tickets", "What is it about?").keys(&["T"]).button("Save the ticket").over(),
    at("sync", "sync", "It is safe to close the lid.").button("Sync now"),
    at("history", "history?row={page}", "edited the text"),
    at("needs-you", "needs-you", "Nothing needs you."),
    at("keys", "home", "Next pane").keys(&["?"]).over(),
    at("menu", "home", "More contrast").keys(&[MENU]).over(),
    at("nowhere", "nowhere", "There is nothing at this address.").button("Go home"),
];

/// With one change that the laptop keeps, and the server away.
pub const OFFLINE: [Stop; 2] = [
    at("sync-offline", "sync", "1 to send").button("Sync now"),
    at("reader-saved-here", "knowledge/{page}", "Saved here").button("Edit"),
];

/// With a sentence that two have rewritten.
pub const DISAGREED: [Stop; 3] = [
    at("conflict", "needs-you", "Before").after(LISTED).keys(&["J"]).button("Finish"),
    at("conflict-chosen", "needs-you", "Copy mine").after(LISTED).keys(&["J", "2"]).button("Finish"),
    at("conflict-own-text", "needs-you", "Your new text").after(LISTED).keys(&["J", "E"]).button("Finish"),
];
const LISTED: &str = "Two people changed it";

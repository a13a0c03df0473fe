//! Which scopes a row is in: the rules of the registry, evaluated over one row.
//!
//! Who holds which scope is not decided here: grants are the server's. A deleted row stays in its
//! scopes, because deleting is an edit that every holder has to see.

use crate::model::knowledge::{PageStatus, Sensitivity};
use crate::model::mission::Section;
use crate::schema::{Scope, Table, WINDOW};
use crate::value::{Cells, Value};
use std::collections::BTreeSet;
use uuid::Uuid;

/// Everyone, kiosk and customer too.
pub const PUBLIC: &str = "public";
/// Every active user but kiosk and customer.
pub const GUILD: &str = "guild";
pub const MANAGERS: &str = "managers";

/// Whether the scope is shown only for the shorter time without contact.
pub fn is_guarded(name: &str) -> bool {
    name == MANAGERS || name.starts_with("classified/")
}

pub fn location(id: Uuid) -> String {
    format!("location:{id}")
}

pub fn assistant(id: Uuid) -> String {
    format!("assistant:{id}")
}

/// The rank and all that are more senior.
pub fn rank(id: Uuid) -> String {
    format!("rank:{id}")
}

/// That person alone.
pub fn user(id: Uuid) -> String {
    format!("user:{id}")
}

/// The scope of a section of something that is in `parent`.
pub fn section(section: Section, parent: &str) -> String {
    match section {
        Section::Brief => parent.to_owned(),
        Section::Tactical => format!("tactical/{parent}"),
        Section::Classified => format!("classified/{parent}"),
    }
}

/// The names of all scopes that the row is in. None for a row outside its window, and for one
/// whose scope the server has still to copy from its parent.
pub fn scopes_of_row(table: &Table, cells: &Cells) -> BTreeSet<String> {
    if table.column(WINDOW).is_some_and(|window| window.value_in(cells).as_int() == Some(0)) {
        return BTreeSet::new();
    }
    let row = Row { table, cells };
    table.scopes.iter().flat_map(|rule| row.scopes_by(*rule)).collect()
}

#[derive(Clone, Copy)]
struct Row<'a> {
    table: &'a Table,
    cells: &'a Cells,
}

impl Row<'_> {
    fn scopes_by(self, rule: Scope) -> Vec<String> {
        match rule {
            Scope::Public => vec![PUBLIC.to_owned()],
            Scope::PublicWhenPublished if self.is_public() => vec![PUBLIC.to_owned()],
            Scope::PublicWhenPublished => Vec::new(),
            Scope::Guild => vec![GUILD.to_owned()],
            Scope::Managers => vec![MANAGERS.to_owned()],
            Scope::Location(column) => self.named_by(column, location),
            Scope::Assistant(column) => self.named_by(column, assistant),
            Scope::Rank(column) => self.named_by(column, rank),
            Scope::User(column) => self.named_by(column, user),
            Scope::Copied(column) => self.copied(column),
            Scope::CopiedBySection(column, word) => self.copied_by_section(column, word),
        }
    }

    fn is_public(self) -> bool {
        self.says("status", PageStatus::Published.word())
            && self.says("sensitivity", Sensitivity::Public.word())
    }

    fn says(self, column: &str, word: &str) -> bool {
        self.table.value(self.cells, column).as_text() == Some(word)
    }

    fn named_by(self, column: &str, name: fn(Uuid) -> String) -> Vec<String> {
        self.table.value(self.cells, column).as_id().map(name).into_iter().collect()
    }

    fn copied(self, column: &str) -> Vec<String> {
        match self.table.value(self.cells, column).as_ref() {
            Value::Text(names) => names.split_ascii_whitespace().map(str::to_owned).collect(),
            _ => Vec::new(),
        }
    }

    fn copied_by_section(self, column: &str, word: &str) -> Vec<String> {
        let named = self.table.value(self.cells, word).as_text().and_then(Section::from_word);
        let Some(named) = named else { return Vec::new() };
        self.copied(column).iter().map(|parent| section(named, parent)).collect()
    }
}

//! Whether a person may write a row. The server asks before it applies an entry; a device asks
//! before it takes an edit, so that what is refused later is mostly refused at once.
//!
//! Reading is not decided here: who holds a scope reads its rows. Which scopes a person holds is
//! the server's to say. Other rows that a rule needs are fetched by the caller: [`related_rows`]
//! names them.

mod forbidden;
mod rules;

pub use forbidden::Forbidden;

use crate::id::{GuildId, UserId};
use crate::model::mission::Section;
use crate::model::people::{DeskEdits, Role};
use crate::schema::{Column, Rows, Table, common};
use crate::scope::{self, scopes_of_row};
use crate::value::{Cells, Type};
use std::collections::{BTreeMap, BTreeSet};
use uuid::Uuid;

/// A person, with all that decides what they may do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Principal {
    pub user: UserId,
    pub guild: GuildId,
    pub role: Role,
    /// The `hierarchy_level` of their rank; a larger one is more senior.
    pub rank_level: Option<i64>,
    /// What the access levels of their rank open, as in `objective.edit`.
    pub actions: BTreeSet<String>,
    /// The scopes that they are granted.
    pub scopes: BTreeSet<String>,
    /// What the guild lets operators and support do to desk texts.
    pub desk_edits: DeskEdits,
}

impl Principal {
    /// Whether they may do what an access level opens; admins may.
    pub fn manages(&self, action: &str) -> bool {
        self.role == Role::Admin || self.role.is_of_the_guild() && self.actions.contains(action)
    }
}

/// Rows that a rule needs beside the written one, by table and id.
pub type Related = BTreeMap<(&'static str, Uuid), Cells>;

/// The rows to fetch before [`may_write`] is asked. One that is not there is left out.
pub fn related_rows(
    table: &'static Table,
    before: Option<&Cells>,
    after: &Cells,
) -> BTreeSet<(&'static str, Uuid)> {
    let columns = rules::links(table).iter().filter_map(|name| table.column(name));
    let rows = || before.into_iter().chain([after]);
    columns.flat_map(|column| rows().filter_map(move |row| link(column, row))).collect()
}

/// Whether the person may turn the row as it is stored, none for a new one, into the row as it
/// would be. Both are whole rows.
pub fn may_write(
    principal: &Principal,
    table: &'static Table,
    before: Option<&Cells>,
    after: &Cells,
    related: &Related,
) -> Result<(), Forbidden> {
    let write = Write { principal, table, before, after, related };
    let Some(rule) = rules::find_rule(table).filter(|_| table.rows == Rows::Edited) else {
        return Err(Forbidden::ServerDecides { table: table.name });
    };
    write.is_in_sight()?;
    rule(&write)
}

/// One write, and what a rule may look at.
struct Write<'a> {
    principal: &'a Principal,
    table: &'static Table,
    before: Option<&'a Cells>,
    after: &'a Cells,
    related: &'a Related,
}

impl<'a> Write<'a> {
    /// Rows before and after: what holds for a write holds for both.
    fn rows(&self) -> impl Iterator<Item = &'a Cells> {
        self.before.into_iter().chain([self.after])
    }

    /// A row is written only by those who hold a scope of it, before and after.
    fn is_in_sight(&self) -> Result<(), Forbidden> {
        let guild = Some(self.principal.guild.0);
        if !self.principal.role.is_of_the_guild() {
            return Err(Forbidden::Guest);
        }
        if self.rows().any(|row| row.value(common::GUILD_ID).as_id() != guild) {
            return Err(Forbidden::OutOfSight);
        }
        if let Some(before) = self.before {
            self.holds_a_scope_of(before).then_some(()).ok_or(Forbidden::OutOfSight)?;
        } else if rules::opens_a_scope(self.table) {
            return Ok(());
        }
        self.holds_a_scope_of(self.after).then_some(()).ok_or(Forbidden::OutOfReach)
    }

    fn holds_a_scope_of(&self, row: &Cells) -> bool {
        self.scopes_of(row).iter().any(|scope| self.principal.scopes.contains(scope))
    }

    /// What the server copies from a parent is worked out from the parent: the row of a device does
    /// not have it yet, and must not be believed.
    fn scopes_of(&self, row: &Cells) -> BTreeSet<String> {
        let Some((parent, section)) = rules::parent_of(self.table) else {
            return scopes_of_row(self.table, row);
        };
        let parents = self.related_row(parent, row).map(|(table, row)| scopes_of_row(table, row));
        let Some(parents) = parents else { return BTreeSet::new() };
        let Some(section) = section else { return parents };
        let section = self.table.value(row, section);
        match section.as_text().and_then(Section::from_word) {
            Some(section) => parents.iter().map(|parent| scope::section(section, parent)).collect(),
            None => BTreeSet::new(),
        }
    }

    fn related_row(&self, column: &str, row: &Cells) -> Option<(&'static Table, &'a Cells)> {
        let key = link(self.table.column(column)?, row)?;
        Some((crate::model::find_table(key.0)?, self.related.get(&key)?))
    }

    /// The columns that the write changes; for a new row those that are not at their default.
    fn changed(&self) -> impl Iterator<Item = &'static Column> {
        let nothing = Cells::default();
        let before = self.before.cloned().unwrap_or(nothing);
        let differs = move |column: &&Column| {
            column.is_writable()
                && !crate::merge::is_same(&column.value_in(&before), &column.value_in(self.after))
        };
        self.table.columns.iter().filter(move |column| column.number > common::GUILD_ID).filter(differs)
    }

    fn can(&self, action: &str) -> bool {
        self.principal.actions.contains(action)
    }

    fn is_admin(&self) -> bool {
        self.principal.role == Role::Admin
    }
}

fn link(column: &Column, row: &Cells) -> Option<(&'static str, Uuid)> {
    match column.kind {
        Type::Id(table) => Some((table, row.value(column.number).as_id()?)),
        _ => None,
    }
}

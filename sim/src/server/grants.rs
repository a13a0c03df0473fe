//! Who holds which scope, and all else that decides what a person may do: worked out from the
//! rows at every request.

use super::{Guild, Key, Row};
use guildhall_sync::id::{GuildId, UserId};
use guildhall_sync::model::people::{DeskEdits, Role};
use guildhall_sync::permission::Principal;
use guildhall_sync::schema::{Table, common};
use guildhall_sync::scope;
use guildhall_sync::value::{Cells, Value};
use std::collections::BTreeSet;
use std::rc::Rc;
use uuid::Uuid;

impl Row {
    pub fn text(&self, column: &str) -> String {
        self.table.value(&self.cells, column).as_text().unwrap_or_default().to_owned()
    }

    pub fn number(&self, column: &str) -> Option<i64> {
        self.table.value(&self.cells, column).as_int()
    }

    pub fn link(&self, column: &str) -> Option<Uuid> {
        self.table.value(&self.cells, column).as_id()
    }

    pub fn holds(&self, column: &str, word: &str) -> bool {
        self.table.value(&self.cells, column).as_set().is_some_and(|words| words.contains(word))
    }

    pub fn id(&self) -> Uuid {
        self.cells.value(common::ID).as_id().expect("a row has an id")
    }

    pub fn key(&self) -> Key {
        (self.table.number, self.id())
    }

    pub fn is_deleted(&self) -> bool {
        !self.cells.value(common::DELETED_AT).is_null()
    }
}

impl Guild {
    /// None for somebody who may not sign in.
    pub fn role(&self, user: Uuid) -> Option<Role> {
        let row =
            self.find("users", user).filter(|row| !row.is_deleted() && row.number("is_active") == Some(1))?;
        Role::from_word(&row.text("role"))
    }

    /// All scopes that a person is granted.
    pub fn grants(&self, user: Uuid) -> BTreeSet<String> {
        let Some(role) = self.role(user) else { return BTreeSet::new() };
        let mut grants = BTreeSet::from([scope::PUBLIC.to_owned()]);
        if !role.is_of_the_guild() {
            return grants;
        }
        grants.extend([scope::GUILD.to_owned(), scope::user(user)]);
        let assistants = self.rows_of("assistants").filter(|row| row.holds("access_roles", role.word()));
        grants.extend(assistants.map(|row| scope::assistant(row.id())));
        if role.works_at_the_desk() {
            grants.insert("desk".to_owned());
        }
        if role.leads() {
            grants.insert(scope::MANAGERS.to_owned());
            grants.extend(self.rows_of("locations").map(|row| scope::location(row.id())));
        } else if role.works_at_the_desk() {
            let own = |row: &&Rc<Row>| row.link("user_id") == Some(user) && !row.is_deleted();
            let places = self.rows_of("user_locations").filter(own).filter_map(|row| row.link("location_id"));
            grants.extend(places.map(scope::location));
        }
        if role == Role::Admin {
            grants.insert("admins".to_owned());
        }
        grants.extend(self.rank_scopes(user));
        grants
    }

    /// The rank that counts: one's own, or the lowest.
    pub fn rank(&self, user: Uuid) -> Option<&Rc<Row>> {
        let own = self.find("users", user).and_then(|row| row.link("rank_id"));
        let lives = || self.rows_of("ranks").filter(|row| !row.is_deleted());
        let lowest = || lives().min_by_key(|row| (row.number("hierarchy_level"), row.id()));
        lives().find(|row| Some(row.id()) == own).or_else(lowest)
    }

    pub fn actions(&self, rank: &Row) -> BTreeSet<String> {
        let held = self.rows_of("rank_access_levels").filter(|row| !row.is_deleted());
        let held = held.filter(|row| row.link("rank_id") == Some(rank.id()));
        let levels = held.filter_map(|row| self.find("access_levels", row.link("access_level_id")?));
        let words = levels
            .filter(|level| !level.is_deleted())
            .filter_map(|level| level.table.value(&level.cells, "user_actions").as_set().cloned());
        words.flatten().collect()
    }

    fn rank_scopes(&self, user: Uuid) -> BTreeSet<String> {
        let Some(own) = self.rank(user) else { return BTreeSet::new() };
        let actions = self.actions(own);
        let below = self
            .rows_of("ranks")
            .filter(|row| row.number("hierarchy_level") <= own.number("hierarchy_level"));
        let mut scopes = BTreeSet::new();
        for rank in below {
            let name = scope::rank(rank.id());
            for clearance in ["tactical", "classified"] {
                if actions.contains(&format!("objective.read.{clearance}")) {
                    scopes.insert(format!("{clearance}/{name}"));
                }
            }
            scopes.insert(name);
        }
        scopes
    }

    pub fn principal(&self, user: Uuid) -> Option<Principal> {
        let role = self.role(user)?;
        // What one may do comes from one's own rank alone.
        let own = self.find("users", user).and_then(|row| self.find("ranks", row.link("rank_id")?));
        let guild = self.rows_of("guilds").next();
        let desk_edits = guild.and_then(|row| DeskEdits::from_word(&row.text("desk_edits")));
        Some(Principal {
            user: UserId(user),
            guild: GuildId(self.id),
            role,
            rank_level: own.and_then(|rank| rank.number("hierarchy_level")),
            actions: own.map(|rank| self.actions(rank)).unwrap_or_default(),
            scopes: self.grants(user),
            desk_edits: desk_edits.unwrap_or(DeskEdits::Direct),
        })
    }

    /// Whether a row like this could not be stored beside the others.
    pub fn would_clash(&self, table: &'static Table, cells: &Cells) -> bool {
        let (hash, bytes, scopes) = ([0; 16], Vec::new(), BTreeSet::new());
        let mut cells = cells.clone();
        table.fill_defaults(&mut cells);
        if cells.value(common::ID).is_null() {
            cells.set(common::ID, Value::Id(Uuid::nil()));
        }
        self.clash(&Row { table, version: 0, hash, bytes, scopes, cells }).is_some()
    }

    /// The live row with the same business key, and the columns of the key.
    pub fn clash(&self, row: &Row) -> Option<(&'static [&'static str], Key)> {
        if row.is_deleted() {
            return None;
        }
        for key in row.table.keys {
            let values =
                |of: &Row| key.iter().map(|name| of.table.value(&of.cells, name).into_owned()).collect();
            let mine: Vec<Value> = values(row);
            let others =
                self.rows_of(row.table.name).filter(|other| !other.is_deleted() && other.id() != row.id());
            for other in others {
                let theirs: Vec<Value> = values(other);
                if theirs == mine {
                    return Some((key, other.key()));
                }
            }
        }
        None
    }
}

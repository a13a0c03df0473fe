//! Who may read a row, said a second time and in other words: not by scopes but as row-level
//! security says it, table by table. Compared with what devices hold.

use super::{Guild, Row};
use guildhall_sync::model::people::Role;
use std::rc::Rc;
use uuid::Uuid;

impl Guild {
    /// The rows that a person may see.
    pub fn visible(&self, user: Uuid) -> Vec<&Rc<Row>> {
        let Some(role) = self.role(user) else { return Vec::new() };
        let reader = Reader { guild: self, user, role };
        self.rows.values().filter(|row| reader.may_read(row)).collect()
    }
}

struct Reader<'a> {
    guild: &'a Guild,
    user: Uuid,
    role: Role,
}

impl Reader<'_> {
    fn may_read(&self, row: &Row) -> bool {
        let of_guild = self.role.is_of_the_guild();
        match row.table.name {
            "locations" | "public_info" => true,
            "guilds" | "users" | "user_locations" | "ranks" | "access_levels" | "rank_access_levels"
            | "squads" => of_guild,
            "user_contacts" => self.role.leads() || of_guild && row.link("user_id") == Some(self.user),
            "assistants" => of_guild && self.is_admitted(row),
            "sops" | "knowledge_items" => {
                is_public(row) || of_guild && self.admits("assistants", row, "assistant_id")
            }
            "tickets" => of_guild && self.works_at(row.link("location_id")),
            "ticket_messages" | "ticket_resolutions" => self.admits("tickets", row, "ticket_id"),
            "sop_versions" => row.number("on_devices") == Some(1) && self.admits("sops", row, "sop_id"),
            "knowledge_versions" => {
                row.number("on_devices") == Some(1) && self.admits("knowledge_items", row, "item_id")
            }
            "sop_reads" => of_guild && row.link("user_id") == Some(self.user),
            "objectives" => of_guild && self.outranks(row),
            "objective_sections" => self.may_read_section(row),
            "competitors" => self.role.leads(),
            "sync_conflicts" => {
                let target = row.link("target_id");
                target.is_some_and(|id| self.admits_row(&row.text("target_table"), id))
            }
            other => panic!("say who may read {other}"),
        }
    }

    fn admits(&self, table: &str, row: &Row, column: &str) -> bool {
        row.link(column).is_some_and(|id| self.admits_row(table, id))
    }

    fn admits_row(&self, table: &str, id: Uuid) -> bool {
        self.guild.find(table, id).is_some_and(|row| match row.table.name {
            "assistants" => self.role.is_of_the_guild() && self.is_admitted(row),
            _ => self.may_read(row),
        })
    }

    fn is_admitted(&self, assistant: &Row) -> bool {
        assistant.holds("access_roles", self.role.word())
    }

    fn works_at(&self, place: Option<Uuid>) -> bool {
        let works = |row: &Rc<Row>| {
            !row.is_deleted() && row.link("user_id") == Some(self.user) && row.link("location_id") == place
        };
        self.role.leads() || self.role.works_at_the_desk() && self.guild.rows_of("user_locations").any(works)
    }

    fn outranks(&self, objective: &Row) -> bool {
        let needed = objective.link("rank_id").and_then(|id| self.guild.find("ranks", id));
        let own = self.guild.rank(self.user);
        match (own, needed) {
            (Some(own), Some(needed)) => own.number("hierarchy_level") >= needed.number("hierarchy_level"),
            (None, _) | (_, None) => false,
        }
    }

    fn may_read_section(&self, row: &Row) -> bool {
        let objective = row.link("objective_id").and_then(|id| self.guild.find("objectives", id));
        let sees = self.role.is_of_the_guild() && objective.is_some_and(|objective| self.outranks(objective));
        let section = row.text("section");
        let actions = self.guild.rank(self.user).map(|rank| self.guild.actions(rank)).unwrap_or_default();
        sees && (section == "brief" || actions.contains(&format!("objective.read.{section}")))
    }
}

fn is_public(row: &Row) -> bool {
    row.text("status") == "published" && row.text("sensitivity") == "public"
}

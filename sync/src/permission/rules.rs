//! Who may write what, one rule per table. That the writer holds a scope of the row is asked
//! elsewhere, of every table.

use super::{Forbidden, Write};
use crate::model::desk::AuthorKind;
use crate::model::knowledge::Sensitivity;
use crate::model::people::{DeskEdits, Role};
use crate::schema::{Table, common};
use crate::value::{Cells, Value};

pub(super) type Rule = fn(&Write) -> Result<(), Forbidden>;

/// Assistants whose pages stay with admins and managers.
const GUARDED_ASSISTANTS: [&str; 2] = ["emergency", "strategy"];

/// The rule of a table that people write; none for tables that only the server writes.
pub(super) fn find_rule(table: &Table) -> Option<Rule> {
    match table.name {
        "guilds" | "access_levels" | "rank_access_levels" => None,
        "sop_versions" | "knowledge_versions" | "sync_conflicts" => None,
        "locations" | "assistants" => Some(by_admin),
        "users" => Some(person),
        "user_contacts" => Some(contact),
        "user_locations" => Some(workplace),
        "ranks" => Some(rank),
        "squads" => Some(squad),
        "sops" | "knowledge_items" => Some(page),
        "public_info" => Some(by_leaders),
        "tickets" | "ticket_resolutions" => Some(by_desk),
        "ticket_messages" => Some(message),
        "sop_reads" => Some(by_oneself),
        "objectives" => Some(objective),
        "objective_sections" => Some(section),
        "competitors" => Some(strategy),
        _ => None,
    }
}

/// The columns that lead to rows which a rule looks at.
pub(super) fn links(table: &Table) -> &'static [&'static str] {
    match table.name {
        "users" => &["rank_id"],
        "user_contacts" => &["user_id"],
        "sops" | "knowledge_items" => &["assistant_id"],
        "objective_sections" => &["objective_id"],
        "ticket_messages" | "ticket_resolutions" => &["ticket_id"],
        _ => &[],
    }
}

/// The column that leads to the row whose scopes are copied, and the one that names the section
/// where the rows are parted by sections.
pub(super) fn parent_of(table: &Table) -> Option<(&'static str, Option<&'static str>)> {
    match table.name {
        "objective_sections" => Some(("objective_id", Some("section"))),
        "ticket_messages" | "ticket_resolutions" => Some(("ticket_id", None)),
        _ => None,
    }
}

/// Whether a new row makes the scope that it is in: nobody can hold that before.
pub(super) fn opens_a_scope(table: &Table) -> bool {
    table.name == "assistants"
}

fn by_admin(write: &Write) -> Result<(), Forbidden> {
    allow(write.is_admin(), Forbidden::OnlyFor { whom: "admins" })
}

fn by_leaders(write: &Write) -> Result<(), Forbidden> {
    allow(write.principal.role.leads(), Forbidden::OnlyFor { whom: "admins and managers" })
}

fn by_desk(write: &Write) -> Result<(), Forbidden> {
    allow(write.principal.role.works_at_the_desk(), Forbidden::OnlyFor { whom: "the desk" })
}

/// The desk writes down what was said, and nobody speaks for a colleague. What was said stays;
/// leaders may take away what should never have been written down.
fn message(write: &Write) -> Result<(), Forbidden> {
    by_desk(write)?;
    if write.before.is_some() {
        return by_leaders(write);
    }
    let by_staff = write.table.value(write.after, "author_kind").as_text() == Some(AuthorKind::Staff.word());
    let author = write.table.value(write.after, "author_id").as_id();
    allow(author == by_staff.then_some(write.principal.user.0), Forbidden::NotOneself)
}

fn by_oneself(write: &Write) -> Result<(), Forbidden> {
    let own = Value::Id(write.principal.user.0);
    let is_own = write.rows().all(|row| *write.table.value(row, "user_id") == own);
    allow(is_own, Forbidden::NotOneself)
}

fn by_action(write: &Write, action: &'static str) -> Result<(), Forbidden> {
    allow(write.is_admin() || write.can(action), Forbidden::NeedsAction { action })
}

fn squad(write: &Write) -> Result<(), Forbidden> {
    by_action(write, "squad.manage")
}

/// Nobody lifts their own rank by lifting its level, and leaders order only what is below them.
fn rank(write: &Write) -> Result<(), Forbidden> {
    by_action(write, "rank.manage")?;
    let level = |row: &Cells| write.table.value(row, "hierarchy_level").as_int();
    let own = write.principal.rank_level;
    let is_own = own.is_some() && write.before.is_some_and(|row| level(row) == own);
    if is_own && level(write.after) > own {
        return Err(Forbidden::OwnStanding);
    }
    let is_below = write.rows().all(|row| level(row) < own);
    allow(write.is_admin() || is_below, Forbidden::NotBelowOwnRank)
}

fn person(write: &Write) -> Result<(), Forbidden> {
    let is_own = write.after.value(common::ID).as_id() == Some(write.principal.user.0);
    for column in write.changed() {
        match column.name {
            "role" | "rank_id" | "is_active" | "deleted_at" if is_own => return Err(Forbidden::OwnStanding),
            _ if write.is_admin() => {}
            "phonetic" | "preferences" if is_own => {}
            "squad_id" if write.can("squad.manage") => {}
            "rank_id" if write.can("rank.manage") => is_ranked_below(write)?,
            "rank_id" => by_action(write, "user.manage").and_then(|()| is_ranked_below(write))?,
            "role" => is_new_member(write)?,
            "name" | "phonetic" | "preferences" | "squad_id" | "is_active" | "deleted_at" => {
                by_action(write, "user.manage")?;
                is_led(write, write.table, "role", write.rows())?;
            }
            _ => return by_admin(write),
        }
    }
    Ok(())
}

/// Roles are given by admins; who may manage people may bring in plain members.
fn is_new_member(write: &Write) -> Result<(), Forbidden> {
    let is_member = write.table.value(write.after, "role").as_text() == Some(Role::Member.word());
    allow(write.before.is_none() && is_member, Forbidden::OnlyFor { whom: "admins" })?;
    by_action(write, "user.manage")
}

fn is_ranked_below(write: &Write) -> Result<(), Forbidden> {
    let own = write.principal.rank_level;
    for row in write.rows() {
        if write.table.value(row, "rank_id").is_null() {
            continue;
        }
        let (table, rank) =
            write.related_row("rank_id", row).ok_or(Forbidden::ParentMissing { table: "ranks" })?;
        allow(table.value(rank, "hierarchy_level").as_int() < own, Forbidden::NotBelowOwnRank)?;
    }
    Ok(())
}

/// Admins and managers are managed by admins.
fn is_led<'a>(
    write: &Write,
    table: &Table,
    role: &str,
    rows: impl Iterator<Item = &'a Cells>,
) -> Result<(), Forbidden> {
    for row in rows {
        let role = table.value(row, role).as_text().and_then(Role::from_word);
        let leads = role.is_none_or(Role::leads);
        allow(write.is_admin() || !leads, Forbidden::OnlyFor { whom: "admins" })?;
    }
    Ok(())
}

fn contact(write: &Write) -> Result<(), Forbidden> {
    by_action(write, "user.manage")?;
    for row in write.rows() {
        let (users, user) =
            write.related_row("user_id", row).ok_or(Forbidden::ParentMissing { table: "users" })?;
        is_led(write, users, "role", std::iter::once(user))?;
    }
    Ok(())
}

/// Working at a place opens what belongs to it, so nobody sends themselves there.
fn workplace(write: &Write) -> Result<(), Forbidden> {
    by_action(write, "user.manage")?;
    let is_of_others = by_oneself(write).is_err();
    allow(write.is_admin() || is_of_others, Forbidden::OwnStanding)
}

fn page(write: &Write) -> Result<(), Forbidden> {
    match write.principal.role {
        Role::Admin | Role::Manager => Ok(()),
        Role::Operator | Role::Support => match write.principal.desk_edits {
            DeskEdits::Direct => write.rows().try_for_each(|row| is_open_to_the_desk(write, row)),
            DeskEdits::Propose => Err(Forbidden::OnlyFor { whom: "admins and managers" }),
        },
        Role::Member | Role::Kiosk | Role::Customer => Err(Forbidden::OnlyFor { whom: "the desk" }),
    }
}

/// What the public reads, what is read in an emergency and what is strategy stays with admins and
/// managers.
fn is_open_to_the_desk(write: &Write, row: &Cells) -> Result<(), Forbidden> {
    let guarded = Forbidden::OnlyFor { whom: "admins and managers" };
    let is_public = write.table.value(row, "sensitivity").as_text() == Some(Sensitivity::Public.word());
    allow(!is_public, guarded.clone())?;
    let (assistants, assistant) =
        write.related_row("assistant_id", row).ok_or(Forbidden::ParentMissing { table: "assistants" })?;
    let slug = assistants.value(assistant, "slug");
    let is_guarded = slug.as_text().is_none_or(|slug| GUARDED_ASSISTANTS.contains(&slug));
    let roles = assistants.value(assistant, "access_roles");
    let admits = roles.as_set().is_some_and(|roles| roles.contains(write.principal.role.word()));
    allow(admits && !is_guarded, guarded)
}

fn objective(write: &Write) -> Result<(), Forbidden> {
    if write.before.is_none() {
        return by_action(write, "objective.create");
    }
    let actions = write.changed().map(|column| match column.number {
        common::DELETED_AT => "objective.delete",
        _ => "objective.edit",
    });
    actions.into_iter().try_for_each(|action| by_action(write, action))
}

fn section(write: &Write) -> Result<(), Forbidden> {
    let makes_it = write.before.is_none() && write.can("objective.create");
    if makes_it { Ok(()) } else { by_action(write, "objective.edit") }
}

fn strategy(write: &Write) -> Result<(), Forbidden> {
    if write.can("strategy.edit") { Ok(()) } else { by_leaders(write) }
}

fn allow(is_allowed: bool, otherwise: Forbidden) -> Result<(), Forbidden> {
    if is_allowed { Ok(()) } else { Err(otherwise) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::TABLES;
    use crate::schema::Rows;

    #[test]
    fn every_table_that_people_write_has_a_rule_and_no_other_has_one() {
        for table in TABLES {
            assert_eq!(find_rule(table).is_some(), table.rows == Rows::Edited, "{}", table.name);
        }
    }

    #[test]
    fn links_lead_to_rows() {
        for table in TABLES {
            let parent = parent_of(table).map(|(parent, _)| parent);
            for name in links(table).iter().copied().chain(parent) {
                let column = table.column(name).unwrap_or_else(|| panic!("{}.{name}", table.name));
                assert!(matches!(column.kind, crate::value::Type::Id(_)), "{}.{name}", table.name);
            }
            assert!(parent.is_none_or(|parent| links(table).contains(&parent)), "{}", table.name);
        }
    }
}

//! In which order tables are written: what is referred to comes first. Where two tables refer to
//! each other, the database looks at the end.

use guildhall_sync::model::{TABLES, find_table};
use guildhall_sync::schema::{Table, common};
use guildhall_sync::value::Type;
use std::sync::LazyLock;

/// Constraints that wait for the end of a transaction. They are asked for before a verdict is given.
pub const DEFERRED_CONSTRAINTS: [(&str, &str); 3] = [
    ("ranks", "ranks_key_hierarchy_level"),
    ("users", "users_squad_id_fkey"),
    ("squads", "squads_squad_lead_id_fkey"),
];

/// Every synced table, after those that it refers to.
pub static WRITE_ORDER: LazyLock<Vec<&'static Table>> = LazyLock::new(|| {
    let mut order = Vec::new();
    let mut seen = Vec::new();
    TABLES.iter().for_each(|table| visit(table, &mut seen, &mut order));
    order
});

fn visit(table: &'static Table, seen: &mut Vec<u16>, order: &mut Vec<&'static Table>) {
    if seen.contains(&table.number) {
        return;
    }
    seen.push(table.number);
    for column in table.columns.iter().filter(|column| column.number >= common::FIRST_OWN) {
        if let Type::Id(parent) = column.kind
            && let Some(parent) = find_table(parent)
        {
            visit(parent, seen, order);
        }
    }
    order.push(table);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parents_are_written_before_their_children() {
        let at = |name| WRITE_ORDER.iter().position(|table| table.name == name).expect(name);
        assert_eq!(WRITE_ORDER.len(), TABLES.len());
        for (parent, child) in [
            ("ranks", "users"),
            ("users", "user_contacts"),
            ("locations", "tickets"),
            ("assistants", "tickets"),
            ("tickets", "ticket_messages"),
            ("sops", "ticket_resolutions"),
            ("assistants", "sops"),
            ("sops", "sop_reads"),
            ("ranks", "objectives"),
            ("objectives", "objective_sections"),
        ] {
            assert!(at(parent) < at(child), "{parent} before {child}");
        }
    }
}

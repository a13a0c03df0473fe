//! The registry itself: what every later release depends on.

use guildhall_sync::model::{TABLES, find_table, find_table_by_number};
use guildhall_sync::schema::{Column, Default, Merge, Rows, Scope, Table, WINDOW, common};
use guildhall_sync::value::{Type, Value};
use std::collections::BTreeSet;

fn column(table: &'static Table, name: &str) -> &'static Column {
    table.column(name).unwrap_or_else(|| panic!("{} has no column {name}", table.name))
}

#[test]
fn tables_have_numbers_and_names_of_their_own() {
    let numbers: BTreeSet<u16> = TABLES.iter().map(|table| table.number).collect();
    let names: BTreeSet<&str> = TABLES.iter().map(|table| table.name).collect();
    assert_eq!((numbers.len(), names.len()), (TABLES.len(), TABLES.len()));
    for table in TABLES {
        assert!(std::ptr::eq(find_table(table.name).expect("it is listed"), *table));
        assert!(std::ptr::eq(find_table_by_number(table.number).expect("it is listed"), *table));
    }
}

#[test]
fn columns_have_ascending_numbers_and_names_of_their_own() {
    for table in TABLES {
        assert!(table.columns.is_sorted_by(|left, right| left.number < right.number), "{}", table.name);
        let names: BTreeSet<&str> = table.columns.iter().map(|column| column.name).collect();
        assert_eq!(names.len(), table.columns.len(), "{}", table.name);
        assert!(table.own_columns().count() > 0 && column(table, "id").number == common::ID);
    }
}

#[test]
fn every_table_and_column_says_what_it_is() {
    for table in TABLES {
        let docs = table.columns.iter().map(|column| (column.name, column.doc));
        for (name, doc) in docs.chain([(table.name, table.doc)]) {
            assert!(doc.trim().ends_with('.'), "{}.{name}", table.name);
        }
    }
}

#[test]
fn defaults_fit_their_columns() {
    for table in TABLES {
        for column in table.columns {
            let fits = match column.default.value() {
                None => !column.nullable,
                Some(Value::Null) => column.nullable,
                Some(value) => column.kind.admits(&value) && column.default.is(&value),
            };
            assert!(fits, "{}.{}", table.name, column.name);
        }
    }
}

#[test]
fn keys_units_and_windows_name_columns() {
    for table in TABLES {
        for name in table.keys.iter().chain(table.units).flat_map(|names| names.iter()) {
            column(table, name);
        }
        let mut seen = BTreeSet::new();
        for name in table.units.iter().flat_map(|unit| unit.iter()) {
            assert!(seen.insert(name), "{}.{name} is in two units", table.name);
            let merge = column(table, name).merge;
            assert!(
                matches!(merge, Merge::Guarded | Merge::Soft | Merge::Status(_)),
                "{}.{name}: a unit merges as one, so its columns have no rule that mixes",
                table.name
            );
        }
        assert!(table.units.iter().all(|unit| unit.len() > 1), "{}", table.name);
        assert!(table.column(WINDOW).is_none_or(|window| window.kind == Type::Bool));
    }
}

#[test]
fn merge_rules_fit_their_columns() {
    for table in TABLES {
        for column in table.columns {
            let fits = match column.merge {
                Merge::Text => column.kind == Type::Markdown && !column.nullable,
                Merge::Set => column.kind == Type::Set && !column.nullable,
                Merge::Json => column.kind == Type::Json && !column.nullable,
                Merge::HighWater => {
                    matches!(column.kind, Type::Int | Type::Decimal(_) | Type::Time | Type::Date)
                }
                Merge::Status(machine) => {
                    let words: Vec<&str> = machine.ways.iter().map(|(state, _)| *state).collect();
                    let ways = machine.ways.iter().flat_map(|(_, next)| next.iter());
                    ways.into_iter().all(|next| words.contains(next))
                        && matches!(column.kind, Type::Enum(all) if all.len() == words.len() && all.iter().all(|word| words.contains(word)))
                }
                Merge::Claim => matches!(column.kind, Type::Id(_)) && column.nullable,
                Merge::ServerOnly | Merge::SetOnce | Merge::Guarded | Merge::Soft => true,
            };
            assert!(fits, "{}.{}", table.name, column.name);
            let is_written = column.is_writable() && column.number >= common::FIRST_OWN;
            assert!(!is_written || table.rows == Rows::Edited, "{}.{}", table.name, column.name);
        }
    }
}

#[test]
fn scope_rules_name_columns_that_fit() {
    for table in TABLES {
        for scope in table.scopes {
            let fits = |name: &str, kind: Type| {
                let column = column(table, name);
                let is_own_id =
                    column.number == common::ID && matches!(kind, Type::Id(id) if id == table.name);
                is_own_id || column.kind == kind && !column.nullable
            };
            let is_copy =
                |name: &str| fits(name, Type::Text) && column(table, name).merge == Merge::ServerOnly;
            let holds = match *scope {
                Scope::Public | Scope::Guild | Scope::Managers => true,
                Scope::PublicWhenPublished => ["status", "sensitivity"]
                    .iter()
                    .all(|name| matches!(column(table, name).kind, Type::Enum(words) if words.contains(&"published") || words.contains(&"public"))),
                Scope::Location(name) => fits(name, Type::Id("locations")),
                Scope::Assistant(name) => fits(name, Type::Id("assistants")),
                Scope::Rank(name) => fits(name, Type::Id("ranks")),
                Scope::User(name) => fits(name, Type::Id("users")),
                Scope::Copied(name) => is_copy(name),
                Scope::CopiedBySection(name, section) => {
                    is_copy(name) && column(table, section).merge == Merge::SetOnce
                }
            };
            assert!(holds, "{}: {scope:?}", table.name);
        }
    }
}

/// What the first tables do not use is not tried by any test drawn from them.
#[test]
fn every_rule_type_and_default_is_used() {
    let columns = || TABLES.iter().flat_map(|table| table.columns);
    let merges: BTreeSet<String> = columns().map(|column| first_word(&column.merge)).collect();
    assert_eq!(merges.len(), 10, "{merges:?}");
    let kinds: BTreeSet<String> = columns().map(|column| first_word(&column.kind)).collect();
    assert_eq!(kinds.len(), 11, "{kinds:?}");
    let defaults: BTreeSet<String> = columns().map(|column| first_word(&column.default)).collect();
    assert_eq!(defaults.len(), 6, "{defaults:?}");
    assert!(!columns().any(|column| column.default == Default::Required && column.nullable));
    let scopes: BTreeSet<String> = TABLES.iter().flat_map(|table| table.scopes).map(first_word).collect();
    assert_eq!(scopes.len(), 10, "{scopes:?}");
}

fn first_word(value: &impl std::fmt::Debug) -> String {
    format!("{value:?}").chars().take_while(|c| c.is_alphanumeric()).collect()
}

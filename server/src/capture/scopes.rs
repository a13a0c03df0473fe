//! The scopes of a row, in SQL: the same names as the registry's rules give on the device.

use guildhall_sync::schema::{Scope, Table, WINDOW};

/// `sync.scopes_{table}(row)`: the names of all scopes that the row is in.
pub fn scopes_function(table: &Table) -> String {
    let rules: Vec<String> = table.scopes.iter().map(rule).collect();
    let all = rules.join("\n    || ");
    let scopes = match table.column(WINDOW) {
        Some(_) => format!("case when r.{WINDOW} then {all} else '{{}}'::text[] end"),
        None => all,
    };
    format!(
        "create or replace function sync.scopes_{name}(r guildhall.{name}) returns text[]
language sql stable as $$
  select {scopes}
$$;
",
        name = table.name
    )
}

fn rule(scope: &Scope) -> String {
    match scope {
        Scope::Public => "array['public']".to_owned(),
        Scope::Guild => "array['guild']".to_owned(),
        Scope::Managers => "array['managers']".to_owned(),
        Scope::PublicWhenPublished => {
            "case when r.status = 'published' and r.sensitivity = 'public' then array['public'] else '{}'::text[] end"
                .to_owned()
        }
        Scope::Location(column) => named("location", column),
        Scope::Assistant(column) => named("assistant", column),
        Scope::Rank(column) => named("rank", column),
        Scope::User(column) => named("user", column),
        Scope::Copied(column) => copied(column),
        Scope::CopiedBySection(column, section) => format!(
            "case when r.{section} = 'brief' then {all} else array(select r.{section} || '/' || s from unnest({all}) as s) end",
            all = copied(column)
        ),
    }
}

fn named(kind: &str, column: &str) -> String {
    format!("array['{kind}:' || r.{column}]")
}

fn copied(column: &str) -> String {
    format!("array_remove(string_to_array(r.{column}, ' '), '')")
}

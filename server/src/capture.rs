//! Writes the SQL that captures changes of the synced tables, from the registry: for each table
//! its canonical hash, its scopes, and the triggers that keep the projection, straight-line.
//!
//! The result is checked in as `migrations-server/generated/capture.sql`, so that what runs can be
//! read; [`crate::migrate`] applies that file. The parts that are alike for all tables are written
//! by hand, in `migrations-server/0009_engine.sql`.

mod canonical;
mod scopes;
mod triggers;
pub mod wire;

use guildhall_sync::model::TABLES;
use guildhall_sync::schema::Table;
use sha2::{Digest, Sha256};

/// Captures changes of every table of the registry.
pub fn generate() -> String {
    let mut tables: Vec<&Table> = TABLES.to_vec();
    tables.sort_by_key(|table| table.number);
    let mut sql = String::from(HEAD);
    for table in tables {
        sql.push_str(&table_section(table));
    }
    sql
}

const HEAD: &str = "-- Generated from the registry in sync/src/model; not edited by hand.
-- To renew it: GUILDHALL_RENEW=1 cargo test -p guildhall-server generated

-- Before changes were captured by the statement, they were by the row. With the functions go their
-- triggers.
do $$
declare
  old record;
begin
  for old in
    select p.oid::regprocedure as name from pg_proc p
    where p.pronamespace = 'sync'::regnamespace and p.proname like 'after\\_%' and p.prorettype = 'trigger'::regtype
  loop
    execute format('drop function %s cascade', old.name);
  end loop;
end
$$;
";

fn table_section(table: &Table) -> String {
    let projection = format!("{}{}", canonical::hash_function(table), scopes::scopes_function(table));
    let signature = hex(&Sha256::digest(&projection));
    format!(
        "\n-- {number} {name}: {doc}\n{projection}{triggers}\nselect sync.set_projection({number}::smallint, '{name}', '{signature}');\n",
        number = table.number,
        name = table.name,
        doc = table.doc.trim(),
        triggers = triggers::triggers(table),
    )
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

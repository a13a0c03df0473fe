//! The mirror's tables against the registry.

use crate::fixture::Mirror;
use guildhall_local::store::rows::statements::OWN_COLUMNS;
use guildhall_local::{Result, Store};
use guildhall_sync::model::TABLES;
use guildhall_sync::value::Type;
use std::collections::BTreeSet;

/// Name, type and whether it must be given, for each column that the mirror has.
fn stored_columns(store: &Store, table: &str) -> BTreeSet<(String, String, bool)> {
    store
        .read(|connection| {
            let mut info = connection.prepare("select name, type, \"notnull\" from pragma_table_info(?)")?;
            let columns = info.query_map([table], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?;
            Ok(columns.collect::<std::result::Result<_, _>>()?)
        })
        .expect("the columns")
}

fn stored_type(kind: Type) -> &'static str {
    match kind {
        Type::Bool | Type::Int | Type::Decimal(_) | Type::Time | Type::Date => "INTEGER",
        Type::Text | Type::Markdown | Type::Enum(_) | Type::Json | Type::Set => "TEXT",
        Type::Id(_) => "BLOB",
    }
}

#[test]
fn the_mirrors_tables_are_those_of_the_registry() {
    let Mirror { store, dir: _dir } = Mirror::new();
    for table in TABLES {
        let registry = table
            .columns
            .iter()
            .map(|column| (column.name.to_owned(), stored_type(column.kind).to_owned(), !column.nullable));
        let own =
            [("sync_hash", "BLOB", false), ("sync_scopes", "TEXT", true), ("sync_dirty", "INTEGER", true)];
        let own = own.into_iter().chain([("sync_aside", "BLOB", false), ("sync_row", "INTEGER", false)]);
        let own = own.map(|(name, kind, given)| (name.to_owned(), kind.to_owned(), given));
        assert_eq!(stored_columns(&store, table.name), registry.chain(own).collect(), "{}", table.name);
    }
}

#[test]
fn every_synced_looking_table_of_the_mirror_is_in_the_registry() {
    let Mirror { store, dir: _dir } = Mirror::new();
    let select = "select name from sqlite_schema where type = 'table' and sql like '%sync_dirty%'";
    let names: Result<BTreeSet<String>> = store.read(|connection| {
        let mut select = connection.prepare(select)?;
        let names = select.query_map([], |row| row.get(0))?;
        Ok(names.collect::<std::result::Result<_, _>>()?)
    });
    let registry: BTreeSet<String> = TABLES.iter().map(|table| table.name.to_owned()).collect();
    assert_eq!(names.expect("the names"), registry);
    assert_eq!(OWN_COLUMNS.len(), 4);
}

#[test]
fn each_searched_table_has_an_index_of_exactly_its_searched_columns() {
    let Mirror { store, dir: _dir } = Mirror::new();
    for table in TABLES {
        let searched: BTreeSet<String> =
            table.searched_columns().map(|column| column.name.to_owned()).collect();
        let indexed = stored_columns(&store, &format!("fts_{}", table.name));
        let indexed: BTreeSet<String> = indexed.into_iter().map(|(name, ..)| name).collect();
        assert_eq!(indexed, searched, "{}", table.name);
    }
}

#[test]
fn the_mirror_knows_fts5_and_vectors_and_waits_for_the_disk() {
    let Mirror { store, dir: _dir } = Mirror::new();
    store
        .record(|connection| {
            let vec: String = connection.query_row("select vec_version()", [], |row| row.get(0))?;
            assert_eq!(vec, "v0.1.9");
            for (pragma, expected) in [("synchronous", 2), ("secure_delete", 1), ("foreign_keys", 0)] {
                let value: i64 = connection.pragma_query_value(None, pragma, |row| row.get(0))?;
                assert_eq!(value, expected, "{pragma}");
            }
            let mode: String = connection.pragma_query_value(None, "journal_mode", |row| row.get(0))?;
            assert_eq!(mode, "wal");
            Ok(())
        })
        .expect("the pragmas");
}

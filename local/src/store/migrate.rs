//! Brings a mirror's tables up to this program's. Each step is one transaction that also raises
//! `user_version`; a mirror that holds something is copied first, under the same key.

use super::Store;
use crate::error::{Error, Result, StoreError};
use rusqlite::{Connection, TransactionBehavior};
use std::path::{Path, PathBuf};

/// The history of the tables. A released step never changes.
const STEPS: &[&str] = &[
    include_str!("../../../migrations-local/0001_tables.sql"),
    include_str!("../../../migrations-local/0002_outbox.sql"),
    include_str!("../../../migrations-local/0003_state.sql"),
    include_str!("../../../migrations-local/0004_fulltext.sql"),
    include_str!("../../../migrations-local/0005_inbox.sql"),
    include_str!("../../../migrations-local/0006_open_conflicts.sql"),
    include_str!("../../../migrations-local/0007_tickets.sql"),
    include_str!("../../../migrations-local/0008_window.sql"),
    include_str!("../../../migrations-local/0009_drafts.sql"),
    include_str!("../../../migrations-local/0010_history.sql"),
    include_str!("../../../migrations-local/0011_lease.sql"),
    include_str!("../../../migrations-local/0012_check.sql"),
    include_str!("../../../migrations-local/0013_restore.sql"),
    include_str!("../../../migrations-local/0014_errands.sql"),
    include_str!("../../../migrations-local/0015_guard.sql"),
    include_str!("../../../migrations-local/0016_asked.sql"),
    include_str!("../../../migrations-local/0017_large_groups.sql"),
    include_str!("../../../migrations-local/0018_unheard.sql"),
    include_str!("../../../migrations-local/0019_outbox.sql"),
    include_str!("../../../migrations-local/0020_unkept.sql"),
];

pub fn run(connection: &mut Connection, path: &Path) -> Result<()> {
    run_steps(connection, path, STEPS)
}

fn run_steps(connection: &mut Connection, path: &Path, steps: &[&str]) -> Result<()> {
    let known = u32::try_from(steps.len()).expect("there are few steps");
    let found = version(connection)?;
    if found > known {
        return Err(StoreError::NewerMirror { found, known }.into());
    }
    if found > 0 && found < known {
        keep_safety_copy(connection, path, found)?;
    }
    (found..known).try_for_each(|step| take_step(connection, step, steps))
}

pub fn version(connection: &Connection) -> Result<u32> {
    Ok(connection.pragma_query_value(None, "user_version", |row| row.get(0))?)
}

/// Where the mirror is kept as it was before it left `version`.
pub fn safety_copy_path(path: &Path, version: u32) -> PathBuf {
    path.with_extension(format!("before-{version:04}.db"))
}

/// The version is read again inside the transaction: another process may have been faster.
fn take_step(connection: &mut Connection, step: u32, steps: &[&str]) -> Result<()> {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    if version(&transaction)? == step {
        transaction.execute_batch(steps[step as usize])?;
        transaction.pragma_update(None, "user_version", step + 1)?;
    }
    Ok(transaction.commit()?)
}

/// Only the copy before the latest migration is kept.
fn keep_safety_copy(connection: &Connection, path: &Path, version: u32) -> Result<()> {
    let copy = safety_copy_path(path, version);
    let unfinished = copy.with_extension("unfinished");
    remove_if_there(&unfinished)?;
    connection.execute("vacuum into ?1", [unfinished.to_string_lossy()])?;
    (0..version).try_for_each(|older| remove_if_there(&safety_copy_path(path, older)))?;
    std::fs::rename(&unfinished, &copy).map_err(|error| Error::io(copy, error))
}

/// Where the mirror is kept as it was before very many rows were to be removed.
pub fn removal_copy_path(path: &Path) -> PathBuf {
    path.with_extension("before-removal.db")
}

/// Keeps the mirror as it is, in place of an earlier such copy.
pub fn keep_copy_before_removal(store: &Store) -> Result<()> {
    let copy = removal_copy_path(store.path());
    let unfinished = copy.with_extension("unfinished");
    remove_if_there(&unfinished)?;
    let connection = super::connection::open(store.path(), &store.key)?;
    connection.execute("vacuum into ?1", [unfinished.to_string_lossy()])?;
    std::fs::rename(&unfinished, &copy).map_err(|error| Error::io(copy, error))
}

/// Copies hold what the mirror held: a purge takes them along.
pub fn remove_safety_copies(path: &Path) -> Result<()> {
    let removal = removal_copy_path(path);
    remove_if_there(&removal.with_extension("unfinished"))?;
    remove_if_there(&removal)?;
    let versions = 0..=u32::try_from(STEPS.len()).expect("there are few steps");
    versions.map(|version| safety_copy_path(path, version)).try_for_each(|copy| {
        remove_if_there(&copy.with_extension("unfinished"))?;
        remove_if_there(&copy)
    })
}

fn remove_if_there(path: &Path) -> Result<()> {
    match std::fs::remove_file(path) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(Error::io(path, error)),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plain(path: &Path) -> Connection {
        Connection::open(path).expect("the folder can be written")
    }

    #[test]
    fn a_mirror_that_holds_something_is_copied_before_it_changes() {
        let dir = tempfile::tempdir().expect("a folder");
        let path = dir.path().join("mirror.db");
        let mut connection = plain(&path);
        run_steps(&mut connection, &path, &["create table a (x); insert into a values (7)"]).expect("step 1");
        assert!(!safety_copy_path(&path, 0).exists(), "an empty file needs no copy");

        let steps = ["create table a (x); insert into a values (7)", "delete from a", "create table c (x)"];
        run_steps(&mut connection, &path, &steps[..2]).expect("step 2");
        let copy = plain(&safety_copy_path(&path, 1));
        assert_eq!(copy.query_row("select x from a", [], |row| row.get(0)), Ok(7));

        run_steps(&mut connection, &path, &steps).expect("step 3");
        assert!(!safety_copy_path(&path, 1).exists(), "the next copy takes the place of the last");
        assert!(safety_copy_path(&path, 2).exists());
        assert_eq!(version(&connection).expect("a version"), 3);
    }

    #[test]
    fn a_step_that_fails_leaves_the_tables_as_they_were() {
        let dir = tempfile::tempdir().expect("a folder");
        let path = dir.path().join("mirror.db");
        let mut connection = plain(&path);
        let steps = ["create table a (x)", "create table b (x); insert into nowhere values (1)"];
        run_steps(&mut connection, &path, &steps).expect_err("the second step is wrong");
        assert_eq!(version(&connection).expect("a version"), 1);
        let tables = connection.query_row("select count(*) from sqlite_schema", [], |row| row.get(0));
        assert_eq!(tables, Ok(1));
    }

    #[test]
    fn a_newer_mirror_is_refused() {
        let dir = tempfile::tempdir().expect("a folder");
        let path = dir.path().join("mirror.db");
        let mut connection = plain(&path);
        run_steps(&mut connection, &path, &["create table a (x)", "create table b (x)"]).expect("two steps");
        let refused = run_steps(&mut connection, &path, &["create table a (x)"]);
        let Err(Error::Store(StoreError::NewerMirror { found: 2, known: 1 })) = refused else {
            panic!("{refused:?}");
        };
    }
}

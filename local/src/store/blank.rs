//! Emptying a mirror without closing it, for simulations, which begin thousands of times.

use super::{Store, state};
use crate::error::Result;
use rusqlite::Connection;
use uuid::Uuid;

impl Store {
    /// As if the file had just been made.
    pub fn empty(&self, profile: Uuid) -> Result<()> {
        let incarnation = self.clock.new_id();
        self.record(|connection| {
            for statement in list_statements(connection)? {
                connection.prepare_cached(&statement)?.execute([])?;
            }
            state::begin(connection, profile, incarnation)
        })
    }
}

fn list_statements(connection: &Connection) -> Result<Vec<String>> {
    let mut select = connection.prepare_cached(
        "select iif(sql like 'create virtual %', 'insert into ' || name || ' (' || name || ') values (''delete-all'')',
                    'delete from ' || name)
           from sqlite_schema
          where type = 'table' and name not like 'sqlite~_%' escape '~'
            and (name not like 'fts~_%' escape '~' or sql like 'create virtual %')
          order by name",
    )?;
    let statements = select.query_map([], |row| row.get(0))?;
    Ok(statements.collect::<rusqlite::Result<_>>()?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::Clock;
    use crate::keys::Key;
    use guildhall_sync::model::TABLES;

    #[test]
    fn an_emptied_mirror_is_as_a_new_one() {
        let dir = tempfile::tempdir().expect("a folder");
        let profile = Uuid::from_u128(1);
        let store = Store::create(dir.path(), Key::none(), profile, Clock::system()).expect("a mirror");
        let new = store.read(count_rows).expect("counts");
        assert!(new.len() > TABLES.len(), "tables of the mirror's own are counted");
        let used = "insert into sync_scope (scope, state, granted_at, confirmed_at) values ('guild', 'live', 1, 1);
                    insert into locations (id, guild_id, rev, created_at, updated_at, code, name, timezone, address)
                        values (x'01', x'02', 1, 1, 1, 'Q', 'Quay', 'UTC', '');
                    insert into fts_locations (fts_locations, rank) values ('merge', 1);
                    update sync_state set next_device_seq = 9;";
        store.record(|connection| Ok(connection.execute_batch(used)?)).expect("rows");
        assert_ne!(store.read(count_rows).expect("counts"), new);
        store.empty(profile).expect("it can be emptied");
        assert_eq!(store.read(count_rows).expect("counts"), new);
        assert_eq!(store.read(state::read).expect("a state").next_device_seq, 1);
    }

    fn count_rows(connection: &Connection) -> Result<Vec<(String, i64)>> {
        let mut names = connection.prepare(
            "select name from sqlite_schema where type = 'table' and sql not like 'create virtual %'
                and name not like 'fts~_%' escape '~' order by name",
        )?;
        let names = names.query_map([], |row| row.get(0))?.collect::<rusqlite::Result<Vec<String>>>()?;
        let count = |name: String| {
            let count =
                connection.query_row(&format!("select count(*) from {name}"), [], |row| row.get(0))?;
            Ok((name, count))
        };
        names.into_iter().map(count).collect()
    }
}

//! A mirror without a server: what a device does alone is measured on it.

use std::path::Path;

use guildhall_local::Store;
use guildhall_local::clock::Clock;
use guildhall_local::fold::{self, Shadow};
use guildhall_local::keys::Key;
use guildhall_local::search::fulltext::Indexing;
use guildhall_local::store::{rows, state};
use guildhall_sync::id::{DeviceId, GuildId, UserId};
use guildhall_sync::model::people::Role;
use guildhall_sync::schema::{Table, common};
use guildhall_sync::value::Cells;
use uuid::Uuid;

pub const GUILD: Uuid = Uuid::from_u128(1);
const USER: Uuid = Uuid::from_u128(2);
const DEVICE: Uuid = Uuid::from_u128(3);
const ROWS_AT_ONCE: usize = 500;

/// A new mirror that somebody has signed in to.
pub fn create(folder: &Path) -> anyhow::Result<Store> {
    let clock = Clock::system();
    let store = Store::create(folder, Key::new(&clock), clock.new_id(), clock)?;
    store.record(|connection| state::set_account(connection, &account()))?;
    Ok(store)
}

pub fn account() -> state::Account {
    state::Account {
        server_url: None,
        device: DeviceId(DEVICE),
        device_name: "bench".to_owned(),
        guild: GuildId(GUILD),
        guild_name: "Bench".to_owned(),
        user: UserId(USER),
        user_name: "bench".to_owned(),
        role: Role::Manager,
    }
}

/// Stores rows as a pull stores them, findable at once.
pub fn receive(store: &Store, table: &'static Table, rows: &[Cells]) -> anyhow::Result<()> {
    for chunk in rows.chunks(ROWS_AT_ONCE) {
        store.apply(|connection| {
            for cells in chunk {
                let mut cells = cells.clone();
                table.fill_defaults(&mut cells);
                let id = cells.value(common::ID).as_id().expect("rows of the work have ids");
                let hash = rows::hash_of(table, &cells);
                let shadow = Shadow { cells, hash, scopes: " guild ".to_owned() };
                fold::put_server_row(connection, table, id, shadow, Indexing::Now)?;
            }
            Ok(())
        })?;
    }
    Ok(())
}

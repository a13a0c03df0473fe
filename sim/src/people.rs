//! A guild as it is in the beginning: people of several roles and ranks, and a few rows in every
//! table.

use crate::random::Random;
use crate::server::{By, Durability, Guild, Key, Row, parents_first, table_of};
use crate::values::Values;
use crate::world::World;
use guildhall_sync::model::find_table;
use guildhall_sync::schema::{Rows, Table, common};
use guildhall_sync::value::{Cells, Value};
use std::collections::BTreeSet;
use uuid::Uuid;

/// Who owns devices, and how likely: admin, manager, two operators, support, member, kiosk.
const ROLES: [&str; 8] = ["admin", "manager", "operator", "operator", "support", "member", "member", "kiosk"];

/// Tables whose first rows are written here by hand, because rights hang on them.
const BY_HAND: [&str; 8] = [
    "guilds",
    "ranks",
    "access_levels",
    "rank_access_levels",
    "users",
    "locations",
    "user_locations",
    "assistants",
];
const ROWS: usize = 2;
/// Rows that many edits are about.
const HOT: usize = 4;
/// Locations whose time zones always change together.
pub const TWINS: [&str; 2] = ["twin one", "twin two"];

/// A guild with its first rows, all of them numbered.
pub fn found(world: &mut World) -> Guild {
    let id = world.random.id();
    let mut guild = Guild::new(id, world.random.fork());
    let by = By { user: None, entry: None, now: world.now() };
    people(&mut guild, &mut world.random, by);
    for table in parents_first() {
        if BY_HAND.contains(&table.name) || table.rows != Rows::Edited {
            continue;
        }
        for _ in 0..ROWS {
            add_row(&mut guild, table, &mut world.random, &mut world.markers, by);
        }
    }
    guild.commit(Durability::OnDisk, None);
    guild.seal();
    guild
}

fn people(guild: &mut Guild, random: &mut Random, by: By) {
    let id = guild.id;
    add(guild, "guilds", Some(id), &[("name", Value::text("Harbour"))], by);
    let ranks: Vec<Uuid> = (0..3_i64)
        .map(|step| {
            let name = Value::Text(format!("Rank {step}"));
            let row = [("name", name), ("hierarchy_level", Value::Int(step * 10))];
            add_new(guild, random, "ranks", &row, by)
        })
        .collect();
    for (step, action) in [(1, "objective.read.tactical"), (2, "objective.read.classified")] {
        let common = ["objective.create", "objective.edit", "objective.delete", "squad.manage", action];
        let words: BTreeSet<String> = common.iter().map(|word| (*word).to_owned()).collect();
        let row = [("name", Value::text(action)), ("user_actions", Value::Set(words))];
        let level = add_new(guild, random, "access_levels", &row, by);
        for rank in &ranks[step..] {
            let row = [("rank_id", Value::Id(*rank)), ("access_level_id", Value::Id(level))];
            add_new(guild, random, "rank_access_levels", &row, by);
        }
    }
    let places: Vec<Uuid> = TWINS
        .iter()
        .map(|name| {
            let row = [
                ("code", Value::text(*name)),
                ("name", Value::text(*name)),
                ("timezone", Value::text("UTC")),
            ];
            add_new(guild, random, "locations", &row, by)
        })
        .collect();
    for (number, role) in ROLES.iter().enumerate() {
        let rank = ranks[random.below(ranks.len())];
        let name = Value::Text(format!("{role} {number}"));
        let row = [("name", name), ("role", Value::text(*role)), ("rank_id", Value::Id(rank))];
        let user = add_new(guild, random, "users", &row, by);
        if random.one_in(2) {
            let row = [("user_id", Value::Id(user)), ("location_id", Value::Id(places[random.below(2)]))];
            add_new(guild, random, "user_locations", &row, by);
        }
    }
    for (slug, roles) in [
        ("desk", ["admin", "manager", "operator", "support"].as_slice()),
        ("strategy", ["admin", "manager"].as_slice()),
        ("floor", ["admin", "manager", "operator", "member"].as_slice()),
    ] {
        let words = roles.iter().map(|word| (*word).to_owned()).collect();
        let row =
            [("slug", Value::text(slug)), ("name", Value::text(slug)), ("access_roles", Value::Set(words))];
        add_new(guild, random, "assistants", &row, by);
    }
}

fn add_new(guild: &mut Guild, random: &mut Random, table: &str, row: &[(&str, Value)], by: By) -> Uuid {
    let id = random.id();
    add(guild, table, Some(id), row, by);
    id
}

fn add(guild: &mut Guild, table: &str, id: Option<Uuid>, row: &[(&str, Value)], by: By) {
    let table = find_table(table).expect("a table of the registry");
    let number = |name: &str| table.column(name).expect("a column of the table").number;
    let mut cells: Cells = row.iter().map(|(name, value)| (number(name), value.clone())).collect();
    cells.set(common::ID, id.map_or(Value::Null, Value::Id));
    guild.put(table, cells, by);
}

/// A row of random values, with its key where it could be made.
pub fn add_row(
    guild: &mut Guild,
    table: &'static Table,
    random: &mut Random,
    markers: &mut u64,
    by: By,
) -> Option<Key> {
    let id = random.id();
    let cells = {
        let rows = |name: &str, random: &mut Random| pick_row(guild, name, random);
        Values { random, markers, rows: &rows }.row(table, None, false)
    };
    let mut cells = cells?;
    cells.set(common::ID, Value::Id(id));
    let is_taken = guild.would_clash(table, &cells);
    (!is_taken).then(|| {
        guild.put(table, cells, by);
        (table.number, id)
    })
}

pub fn pick_row(guild: &Guild, table: &str, random: &mut Random) -> Option<Uuid> {
    find_table(table)?;
    let ids: Vec<Uuid> = guild.rows_of(table).map(|row| row.id()).collect();
    random.pick(&ids).copied()
}

/// Somebody who has a device: more often one who may write much.
pub fn choose_user(world: &mut World, guild: usize) -> Uuid {
    let users: Vec<(bool, Uuid)> =
        world.guilds[guild].rows_of("users").map(|row| (leads(row), row.id())).collect();
    let leaders: Vec<(bool, Uuid)> = users.iter().copied().filter(|(leads, _)| *leads).collect();
    let from = if world.random.one_in(2) { &leaders } else { &users };
    world.random.pick(from).expect("a guild has people").1
}

fn leads(row: &Row) -> bool {
    ["admin", "manager"].contains(&row.text("role").as_str())
}

/// A few rows on which people meet.
pub fn choose_hot(guild: &Guild, random: &mut Random) -> Vec<Key> {
    let is_edited =
        |key: &Key| table_of(*key).rows == Rows::Edited && !BY_HAND.contains(&table_of(*key).name);
    let keys: Vec<Key> = guild.rows.keys().copied().filter(is_edited).collect();
    (0..HOT).filter_map(|_| random.pick(&keys).copied()).collect()
}

/// The two rows that always change together.
pub fn twins(guild: &Guild) -> [Uuid; 2] {
    let named = |name: &str| guild.rows_of("locations").find(|row| row.text("code") == name);
    TWINS.map(|name| named(name).expect("they were just made").id())
}

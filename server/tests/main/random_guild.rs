//! A random guild with rows in every table, whose references lead to rows that are there.

use guildhall_server::db::rows::{insert_rows, update_rows};
use guildhall_sync::model::{TABLES, find_table};
use guildhall_sync::schema::{Column, Rows, Table, common};
use guildhall_sync::value::{Cells, Type, Value};
use sqlx::PgConnection;
use std::collections::BTreeMap;
use uuid::Uuid;

use crate::asking;
use crate::random::Random;

/// Parents before children; a squad's lead and a conflict's row come as they find them.
const ORDER: [&str; 23] = [
    "guilds",
    "ranks",
    "access_levels",
    "rank_access_levels",
    "squads",
    "users",
    "user_contacts",
    "locations",
    "user_locations",
    "assistants",
    "tickets",
    "sops",
    "sop_versions",
    "sop_reads",
    "knowledge_items",
    "knowledge_versions",
    "ticket_messages",
    "ticket_resolutions",
    "public_info",
    "objectives",
    "objective_sections",
    "competitors",
    "sync_conflicts",
];

pub struct RandomGuild {
    pub id: Uuid,
    pub random: Random,
    ids: BTreeMap<&'static str, Vec<Uuid>>,
    /// Makes business keys differ.
    count: u64,
}

impl RandomGuild {
    /// A guild with about `rows` rows in each table.
    pub async fn new(connection: &mut PgConnection, seed: u64, rows: usize) -> Self {
        let mut random = Random::new(seed);
        let id = random.id();
        let mut guild = Self { id, random, ids: BTreeMap::new(), count: seed };
        for name in ORDER {
            let table = find_table(name).expect("a synced table");
            let rows = if name == "guilds" { 1 } else { rows };
            for _ in 0..rows {
                guild.add(connection, table).await;
            }
        }
        assert_eq!(ORDER.len(), TABLES.len(), "a table is missing in the order");
        guild
    }

    pub fn ids(&self, table: &str) -> &[Uuid] {
        self.ids.get(table).map_or(&[], Vec::as_slice)
    }

    /// Adds a random row; one that clashes with a row that is there is left out.
    pub async fn add(&mut self, connection: &mut PgConnection, table: &'static Table) {
        let cells = self.random_row(table);
        match insert_rows(connection, table, std::slice::from_ref(&cells)).await {
            Ok(()) => self.ids.entry(table.name).or_default().push(asking::id_of(&cells)),
            Err(error) if asking::is_clash(&error) => {}
            Err(error) => panic!("{}: {error} in {cells:?}", table.name),
        }
    }

    /// Changes a few random columns of a random row.
    pub async fn change(&mut self, connection: &mut PgConnection, table: &'static Table) {
        let Some(id) = self.pick_id(table.name) else { return };
        let columns: Vec<&Column> =
            table.columns.iter().filter(|column| is_changeable(table, column)).collect();
        let chosen: Vec<&Column> = (0..3).map(|_| *self.random.pick(&columns)).collect();
        let mut cells: Cells =
            chosen.iter().map(|column| (column.number, self.random_value(table, column))).collect();
        cells.set(common::ID, Value::Id(id));
        cells.set(common::GUILD_ID, Value::Id(self.id));
        match update_rows(connection, table, std::slice::from_ref(&cells)).await {
            Ok(()) => {}
            // Two rows may not come to the same business key; the row stays as it was.
            Err(error) if asking::is_clash(&error) => {}
            Err(error) => panic!("{}: {error} in {cells:?}", table.name),
        }
    }

    fn random_row(&mut self, table: &'static Table) -> Cells {
        let columns = table.columns.iter().filter(|column| !matches!(column.number, common::REV));
        let mut cells: Cells =
            columns.map(|column| (column.number, self.random_value(table, column))).collect();
        let id = if table.name == "guilds" { self.id } else { self.random.id() };
        cells.set(common::ID, Value::Id(id));
        cells.set(common::GUILD_ID, Value::Id(self.id));
        if table.name == "sync_conflicts" {
            // Only what people edit can be in conflict.
            let edited: Vec<&str> =
                TABLES.iter().filter(|table| table.rows == Rows::Edited).map(|table| table.name).collect();
            let target = *self.random.pick(&edited);
            let set = |cells: &mut Cells, name: &str, value| {
                cells.set(table.column(name).expect("a column").number, value);
            };
            set(&mut cells, "target_table", Value::text(target));
            set(&mut cells, "target_id", Value::Id(self.pick_id(target).expect("a row")));
        }
        cells
    }

    fn random_value(&mut self, table: &Table, column: &Column) -> Value {
        let value = self.random.value(column);
        match (column.kind, &value) {
            // Most rows are live: what is deleted is alike in nothing but its deletion.
            _ if column.number == common::DELETED_AT && !self.random.one_in(6) => Value::Null,
            (Type::Id(of), Value::Id(_)) if of != "any" => self.pick_id(of).map_or(Value::Null, Value::Id),
            // Versions are numbered by a trigger, and must leave room for it.
            (Type::Int, Value::Int(number)) if column.name == "version" => {
                Value::Int(number.rem_euclid(1 << 40))
            }
            (Type::Int, Value::Int(number)) if column.name.ends_with("lease_hours") => {
                Value::Int(1 + number.rem_euclid(1 << 20))
            }
            (Type::Set, Value::Set(_)) if column.name == "access_roles" => self.random_words(ROLES),
            (Type::Set, Value::Set(_)) if column.name == "user_actions" => self.random_words(ACTIONS),
            (Type::Text | Type::Markdown, Value::Text(text)) if is_key(table, column) => {
                self.count += 1;
                Value::Text(format!("{text} {}", self.count))
            }
            _ => value,
        }
    }

    fn random_words(&mut self, from: &[&str]) -> Value {
        Value::Set(
            (0..=self.random.below(from.len())).map(|_| (*self.random.pick(from)).to_owned()).collect(),
        )
    }

    fn pick_id(&mut self, table: &str) -> Option<Uuid> {
        let ids = self.ids.get(table)?;
        Some(*self.random.pick(ids))
    }
}

const ROLES: &[&str] = &["admin", "manager", "operator", "support", "kiosk", "customer", "member"];
const ACTIONS: &[&str] =
    &["objective.read.tactical", "objective.read.classified", "objective.edit", "squad.manage"];

fn is_key(table: &Table, column: &Column) -> bool {
    table.keys.iter().any(|key| key.contains(&column.name))
}

/// What anybody with a connection may write; copies of a parent's scopes follow the parent.
fn is_changeable(table: &Table, column: &Column) -> bool {
    let is_about = table.name == "sync_conflicts" && column.name.starts_with("target_");
    !matches!(column.number, common::ID | common::GUILD_ID | common::REV)
        && column.name != "scope_key"
        && !is_about
}

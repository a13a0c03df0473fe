//! The statements for one synced table, written once from the registry.

use guildhall_sync::model::TABLES;
use guildhall_sync::schema::Table;
use std::collections::HashMap;
use std::sync::LazyLock;

/// The mirror's own columns, in the order in which they are read and written.
pub const OWN_COLUMNS: [&str; 4] = ["sync_hash", "sync_scopes", "sync_dirty", "sync_aside"];

#[derive(Debug)]
pub struct Statements {
    select: String,
    pub select_by_id: String,
    pub select_present: String,
    pub upsert: String,
    pub delete: String,
    /// As `select`, with the place in the file at the end: column number [`Self::columns`].
    pub select_all: String,
    pub delete_at: String,
    pub columns: usize,
}

static ALL: LazyLock<HashMap<u16, Statements>> =
    LazyLock::new(|| TABLES.iter().map(|table| (table.number, Statements::write(table))).collect());

impl Statements {
    pub fn of(table: &Table) -> &'static Self {
        ALL.get(&table.number).expect("every synced table is in the registry")
    }

    pub fn select_where(&self, condition: &str) -> String {
        format!("{} where {condition}", self.select)
    }

    fn write(table: &Table) -> Self {
        let name = table.name;
        let columns: Vec<&str> = table.columns.iter().map(|column| column.name).chain(OWN_COLUMNS).collect();
        let list = columns.join(", ");
        let places = vec!["?"; columns.len()].join(", ");
        let sets: Vec<_> =
            columns[1..].iter().map(|column| format!("{column} = excluded.{column}")).collect();
        let sets = sets.join(", ");
        let select = format!("select {list} from {name}");
        Self {
            select_by_id: format!("{select} where id = ?"),
            select_present: format!("select 1 from {name} where id = ?"),
            upsert: format!(
                "insert into {name} ({list}) values ({places}) on conflict (id) do update set {sets}"
            ),
            delete: format!("delete from {name} where id = ?"),
            select_all: format!("select {list}, sync_row from {name} order by sync_row"),
            delete_at: format!("delete from {name} where sync_row = ?"),
            columns: columns.len(),
            select,
        }
    }
}

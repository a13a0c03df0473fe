//! Values for columns, drawn from the registry: a column that is added tomorrow is simulated
//! tomorrow. Every text that is written holds a marker, a word that stands nowhere else, so that
//! it can be looked for later.

use crate::random::Random;
use guildhall_sync::model::people::Role;
use guildhall_sync::schema::{Column, Default, Merge, Table, common};
use guildhall_sync::validate::validate;
use guildhall_sync::value::{Cells, Type, Value};
use std::collections::BTreeSet;
use uuid::Uuid;

/// How often a row is drawn anew until it is legal.
const TRIES: usize = 12;
const ACTIONS: [&str; 8] = [
    "objective.read.tactical",
    "objective.read.classified",
    "objective.create",
    "objective.edit",
    "objective.delete",
    "squad.manage",
    "rank.manage",
    "user.manage",
];
/// 2027-01-15, when every simulation begins, in microseconds.
pub const BEGINNING: i64 = 1_800_000_000_000_000;

/// Where values come from.
pub struct Values<'a> {
    pub random: &'a mut Random,
    /// Counts markers.
    pub markers: &'a mut u64,
    /// Rows that may be referred to.
    pub rows: &'a dyn Fn(&str, &mut Random) -> Option<Uuid>,
}

impl Values<'_> {
    pub fn marker(&mut self) -> String {
        *self.markers += 1;
        format!("mk{}k", self.markers)
    }

    /// A whole row as somebody writes it. None where no legal one was found, for example because
    /// there is nothing to refer to.
    pub fn row(
        &mut self,
        table: &'static Table,
        author: Option<Uuid>,
        with_server_only: bool,
    ) -> Option<Cells> {
        for _ in 0..TRIES {
            let own = table.own_columns().filter(|column| {
                column.name != "scope_key"
                    && (column.is_writable() || with_server_only && !is_counted(column))
            });
            let mut cells: Cells = own.map(|column| (column.number, self.born(column))).collect();
            if let Some(author) = author {
                put_author(table, &mut cells, author);
            }
            if validate(table, &cells).is_ok() {
                return Some(cells);
            }
        }
        None
    }

    fn born(&mut self, column: &Column) -> Value {
        if column.nullable && self.random.one_in(2) {
            return Value::Null;
        }
        match column.default.value().filter(|default| !default.is_null()) {
            Some(default) if self.random.one_in(3) => default,
            _ => self.value(column, &Value::Null),
        }
    }

    /// Some columns of a row, with other values than they have.
    pub fn changes(&mut self, table: &'static Table, row: &Cells, is_open: fn(&Column) -> bool) -> Cells {
        let columns: Vec<&Column> = table
            .own_columns()
            .filter(|column| column.name != "scope_key" && !is_counted(column) && is_open(column))
            .collect();
        let count = 1 + self.random.below(3);
        let mut cells = Cells::default();
        for _ in 0..count {
            let Some(column) = self.random.pick(&columns).copied() else { break };
            let from = column.value_in(row).into_owned();
            let value = match column.nullable && self.random.one_in(6) {
                true => Value::Null,
                false => self.value(column, &from),
            };
            cells.set(column.number, value);
        }
        cells
    }

    fn value(&mut self, column: &Column, from: &Value) -> Value {
        match column.kind {
            Type::Bool => Value::bool(from.as_int() != Some(1)),
            Type::Int if column.merge == Merge::HighWater => Value::Int(self.random.between(0, 9)),
            Type::Int | Type::Decimal(_) => Value::Int(self.random.between(1, 100)),
            Type::Time => Value::Int(BEGINNING + self.random.between(-900, 900) * 1_000_000),
            Type::Date => Value::Int(self.random.between(20_000, 20_400)),
            Type::Text => Value::Text(self.text(column)),
            Type::Markdown => Value::Text(self.page(from.as_text().unwrap_or_default())),
            Type::Enum(words) => Value::text(*self.random.pick(words).expect("an enum has words")),
            Type::Id(table) => (self.rows)(table, self.random).map_or(Value::Null, Value::Id),
            Type::Json => Value::Json(self.document(from.as_text())),
            Type::Set => Value::Set(self.words(column, from.as_set())),
        }
    }

    fn text(&mut self, column: &Column) -> String {
        let marker = self.marker();
        match column.name {
            "email" => format!("{marker}@guild.example"),
            "timezone" => format!("Zone/{marker}"),
            _ if column.default == Default::Required || self.random.one_in(2) => marker,
            _ => format!("so {marker} it is"),
        }
    }

    /// A page with one place changed: a paragraph more, a word more, or a paragraph less.
    fn page(&mut self, from: &str) -> String {
        let marker = self.marker();
        let mut parts: Vec<String> =
            from.split("\n\n").filter(|part| !part.is_empty()).map(str::to_owned).collect();
        if parts.is_empty() || self.random.one_in(2) {
            let at = self.random.below(parts.len() + 1);
            parts.insert(at, format!("The {marker} stands here."));
        } else if parts.len() > 2 && self.random.one_in(5) {
            let at = self.random.below(parts.len());
            parts.remove(at);
            let at = self.random.below(parts.len());
            parts[at].push_str(&format!(" Not {marker}."));
        } else {
            let at = self.random.below(parts.len());
            parts[at].push_str(&format!(" Then {marker}."));
        }
        parts.join("\n\n")
    }

    fn document(&mut self, from: Option<&str>) -> String {
        let mut object: serde_json::Map<String, serde_json::Value> =
            from.and_then(|text| serde_json::from_str(text).ok()).unwrap_or_default();
        let name = *self.random.pick(&["a", "b", "c", "d"]).expect("four names");
        if object.contains_key(name) && self.random.one_in(4) {
            object.remove(name);
        } else {
            object.insert(name.to_owned(), self.marker().into());
        }
        serde_json::Value::Object(object).to_string()
    }

    fn words(&mut self, column: &Column, from: Option<&BTreeSet<String>>) -> BTreeSet<String> {
        let mut words = from.cloned().unwrap_or_default();
        let fixed: &[&str] = match column.name {
            "access_roles" => Role::WORDS,
            "user_actions" => &ACTIONS,
            _ => &[],
        };
        let drop = words.iter().nth(self.random.below(words.len().max(1))).cloned();
        match (drop, self.random.pick(fixed)) {
            (Some(word), _) if self.random.one_in(3) => drop_word(&mut words, &word),
            (_, Some(word)) => drop_or_add(&mut words, word),
            (_, None) => drop_or_add(&mut words, &self.marker()),
        }
        words
    }
}

fn drop_word(words: &mut BTreeSet<String>, word: &str) {
    words.remove(word);
}

fn drop_or_add(words: &mut BTreeSet<String>, word: &str) {
    words.insert(word.to_owned());
}

/// What the server counts or works out by itself.
fn is_counted(column: &Column) -> bool {
    matches!(column.name, "sha256" | "parents")
        || column.name == "version" && column.merge == Merge::ServerOnly
}

/// Rows that belong to whoever writes them.
fn put_author(table: &Table, cells: &mut Cells, author: Uuid) {
    let mut set = |name: &str, value: Value| {
        if let Some(column) = table.column(name) {
            cells.set(column.number, value);
        }
    };
    if table.name == "sop_reads" {
        set("user_id", Value::Id(author));
    }
    if table.name == "ticket_messages" {
        set("author_kind", Value::text("staff"));
        set("author_id", Value::Id(author));
    }
}

/// Columns that a person may change in a row that is there.
pub fn is_editable(column: &Column) -> bool {
    column.is_writable() && column.merge != Merge::SetOnce && column.number >= common::FIRST_OWN
}

/// Columns that whoever has a connection to the database may change.
pub fn is_changeable(column: &Column) -> bool {
    column.number >= common::FIRST_OWN && column.merge != Merge::SetOnce
}

/// The markers in a text.
pub fn markers(text: &str) -> impl Iterator<Item = &str> {
    text.split(|letter: char| !letter.is_ascii_alphanumeric()).filter(|word| {
        let digits = word.strip_prefix("mk").and_then(|rest| rest.strip_suffix('k'));
        digits.is_some_and(|digits| !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit()))
    })
}

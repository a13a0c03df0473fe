//! Random values of every type of column, repeatable by seed, with the texts that break things.

#[path = "../../../local/tests/main/chance.rs"]
mod chance;

use chance::Chance;
use guildhall_sync::schema::Column;
use guildhall_sync::value::{Type, Value};
use uuid::Uuid;

#[derive(Clone, Debug)]
pub struct Random(Chance);

/// Characters that a hash, an encoding or a parser may stumble over.
const SYLLABLES: [&str; 14] =
    ["", "a", "Bay 3", "ä", "e\u{301}", "日本", "🏌️", "'", "\"", "\\", "\n\n", "\t", "$1 -- ;", "\u{202e}x"];

impl Random {
    pub fn new(seed: u64) -> Self {
        Self(Chance::new(seed))
    }

    pub fn number(&mut self) -> u64 {
        self.0.number()
    }

    pub fn below(&mut self, limit: usize) -> usize {
        self.0.below(limit)
    }

    pub fn one_in(&mut self, chances: usize) -> bool {
        self.below(chances) == 0
    }

    pub fn pick<'a, T>(&mut self, from: &'a [T]) -> &'a T {
        &from[self.below(from.len())]
    }

    pub fn id(&mut self) -> Uuid {
        Uuid::from_u64_pair(self.number(), self.number())
    }

    pub fn text(&mut self) -> String {
        (0..self.below(6)).map(|_| *self.pick(&SYLLABLES)).collect()
    }

    /// A value of the column's type; ids of other rows are the caller's to choose.
    pub fn value(&mut self, column: &Column) -> Value {
        if column.nullable && self.one_in(3) {
            return Value::Null;
        }
        if let Some(default) = column.default.value().filter(|default| !default.is_null())
            && self.one_in(3)
        {
            return default;
        }
        match column.kind {
            Type::Bool => Value::bool(self.one_in(2)),
            Type::Int => Value::Int(self.whole_number()),
            Type::Decimal(_) => Value::Int(self.whole_number() % 1_000_000_000_000_000_000),
            // Within three centuries of 1970, in microseconds.
            Type::Time => Value::Int(self.whole_number() % 9_000_000_000_000_000),
            Type::Date => Value::Int(self.whole_number() % 300_000),
            Type::Text | Type::Markdown => Value::Text(self.text()),
            Type::Enum(words) => Value::text(*self.pick(words)),
            Type::Id(_) => Value::Id(self.id()),
            Type::Json => Value::Json(self.json(3).to_string()),
            Type::Set => Value::Set((0..self.below(5)).map(|_| self.text()).collect()),
        }
    }

    fn whole_number(&mut self) -> i64 {
        let number = i64::from_ne_bytes(self.number().to_ne_bytes());
        number >> self.below(63)
    }

    fn json(&mut self, depth: usize) -> serde_json::Value {
        match self.below(if depth == 0 { 4 } else { 6 }) {
            0 => serde_json::Value::Null,
            1 => self.one_in(2).into(),
            2 => self.whole_number().into(),
            3 => self.text().into(),
            4 => (0..self.below(4)).map(|_| self.json(depth - 1)).collect(),
            _ => {
                let pairs = (0..self.below(4)).map(|_| (self.text(), self.json(depth - 1)));
                serde_json::Value::Object(pairs.collect())
            }
        }
    }
}

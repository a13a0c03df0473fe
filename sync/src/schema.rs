//! The registry: what a synced table is, and the macro that declares one.
//!
//! A `synced_table!` block is the one place where a table is said. It expands to the plain row
//! struct and to a constant [`Table`]; schemas, triggers, hashes, merges, scopes and tests follow
//! from that constant. There is no default merge rule, no default scope and no unnamed default.

use crate::value::{Cells, Type, Value};
use std::borrow::Cow;
use uuid::Uuid;

mod macros;

/// A synced table.
#[derive(Debug)]
pub struct Table {
    /// Stands for the table in change records and frames. Never changes, never used again.
    pub number: u16,
    pub name: &'static str,
    /// What one row is, in a sentence.
    pub doc: &'static str,
    /// Common columns first, then the table's own, in the order of numbers.
    pub columns: &'static [Column],
    /// A row is in every scope whose rule holds for it.
    pub scopes: &'static [Scope],
    /// Business keys: columns that together name one live row of the guild.
    pub keys: &'static [&'static [&'static str]],
    /// Columns that must agree and therefore merge as one.
    pub units: &'static [&'static [&'static str]],
    pub rows: Rows,
}

/// Who writes the rows of a table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rows {
    /// People add and edit rows on devices.
    Edited,
    /// Rows are only added; columns that are `ServerOnly` may still change.
    Appended,
    /// Devices read; people write through the server's commands, online.
    ServerDecided,
}

/// A column of a synced table.
#[derive(Debug)]
pub struct Column {
    /// Stands for the column in canonical bytes. Never changes, never used again.
    pub number: u16,
    pub name: &'static str,
    pub doc: &'static str,
    pub kind: Type,
    pub nullable: bool,
    /// Left out of the canonical bytes at this value, so that adding a column changes no hash.
    pub default: Default,
    pub merge: Merge,
    /// Part of full-text search.
    pub searched: bool,
}

/// The value that a column has when nothing is said.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Default {
    /// There is none: each row says its value.
    Required,
    Null,
    Int(i64),
    Text(&'static str),
    EmptySet,
    /// `{}`
    EmptyObject,
}

/// What happens to a unit that two sides changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Merge {
    /// Devices only read it.
    ServerOnly,
    /// Given at birth, refused afterwards.
    SetOnce,
    /// A conflict for a person; the server's value stays live.
    Guarded,
    /// Somebody takes what is free: the first has it, and the second hears who that is. What is
    /// handed on from one to another is `Guarded`.
    Claim,
    /// The later in server order; the loser stays in history.
    Soft,
    /// The larger.
    HighWater,
    /// Markdown, three-way by paragraph, line and word.
    Text,
    /// Add wins.
    Set,
    /// By key, recursively; arrays without a key are scalars.
    Json,
    /// A transition that the machine allows from the server's state.
    Status(&'static Machine),
}

/// The states of a column and the ways between them.
#[derive(Debug, PartialEq, Eq)]
pub struct Machine {
    pub ways: &'static [(&'static str, &'static [&'static str])],
}

impl Machine {
    pub fn allows(&self, from: &str, to: &str) -> bool {
        self.next(from).contains(&to)
    }

    /// The states that can follow.
    pub fn next(&self, from: &str) -> &'static [&'static str] {
        self.ways.iter().find(|(state, _)| *state == from).map_or(&[], |(_, next)| next)
    }
}

/// One rule by which a row is in a scope.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scope {
    /// Everyone, kiosk and customer too.
    Public,
    /// Everyone, but only while the row is published and its sensitivity is public.
    PublicWhenPublished,
    /// Every active user but kiosk and customer.
    Guild,
    Managers,
    Location(&'static str),
    Assistant(&'static str),
    /// The rank in the column and all that are more senior.
    Rank(&'static str),
    /// The person in the column, alone.
    User(&'static str),
    /// The scopes named in the column, parted by spaces: copied from the parent by the server.
    Copied(&'static str),
    /// As `Copied`, and as the section in the second column says: brief as it is, others behind
    /// `tactical/` or `classified/`.
    CopiedBySection(&'static str, &'static str),
}

impl Default {
    pub fn is(&self, value: &Value) -> bool {
        match (self, value) {
            (Self::Null, Value::Null) => true,
            (Self::Int(default), Value::Int(number)) => default == number,
            (Self::Text(default), Value::Text(text)) => default == text,
            (Self::EmptySet, Value::Set(words)) => words.is_empty(),
            (Self::EmptyObject, Value::Json(text)) => text == "{}",
            _ => false,
        }
    }

    pub fn value(&self) -> Option<Value> {
        match self {
            Self::Required => None,
            Self::Null => Some(Value::Null),
            Self::Int(number) => Some(Value::Int(*number)),
            Self::Text(text) => Some(Value::text(*text)),
            Self::EmptySet => Some(Value::Set(std::collections::BTreeSet::new())),
            Self::EmptyObject => Some(Value::Json("{}".to_owned())),
        }
    }
}

impl Column {
    /// What the row has in this column: the default where it says nothing, null where there is none.
    pub fn value_in<'a>(&self, cells: &'a Cells) -> Cow<'a, Value> {
        match cells.get(self.number) {
            Some(value) => Cow::Borrowed(value),
            None => Cow::Owned(self.default.value().unwrap_or(Value::Null)),
        }
    }

    /// Whether a device may ever name the column in an entry.
    pub fn is_writable(&self) -> bool {
        self.merge != Merge::ServerOnly
    }
}

impl Table {
    pub fn column(&self, name: &str) -> Option<&'static Column> {
        self.columns.iter().find(|column| column.name == name)
    }

    pub fn column_by_number(&self, number: u16) -> Option<&'static Column> {
        let at = self.columns.binary_search_by_key(&number, |column| column.number).ok()?;
        Some(&self.columns[at])
    }

    /// The columns that are this table's own, without the common ones.
    pub fn own_columns(&self) -> impl Iterator<Item = &'static Column> {
        self.columns.iter().filter(|column| column.number >= common::FIRST_OWN)
    }

    pub fn searched_columns(&self) -> impl Iterator<Item = &'static Column> {
        self.columns.iter().filter(|column| column.searched)
    }

    /// The unit that a column merges in: the named one, or the column alone.
    pub fn unit_of(&self, column: &'static str) -> Vec<&'static str> {
        match self.units.iter().find(|unit| unit.contains(&column)) {
            Some(unit) => unit.to_vec(),
            None => vec![column],
        }
    }

    /// Gives each absent column its default. Columns without one stay absent.
    pub fn fill_defaults(&self, cells: &mut Cells) {
        for column in self.columns {
            if cells.get(column.number).is_none()
                && let Some(value) = column.default.value()
            {
                cells.set(column.number, value);
            }
        }
    }

    /// The value of a column by name, as [`Column::value_in`]; null where there is no such column.
    pub fn value<'a>(&self, cells: &'a Cells, column: &str) -> Cow<'a, Value> {
        self.column(column).map_or(Cow::Owned(Value::Null), |column| column.value_in(cells))
    }
}

/// The column that a job sets to false when a row falls out of its window (the last versions, the
/// last 90 days): the row is then in no scope.
pub const WINDOW: &str = "on_devices";

/// The columns that every synced table has, added by the macro.
pub mod common {
    pub const ID: u16 = 1;
    pub const GUILD_ID: u16 = 2;
    pub const REV: u16 = 3;
    pub const CREATED_AT: u16 = 4;
    pub const CREATED_BY: u16 = 5;
    pub const UPDATED_AT: u16 = 6;
    pub const UPDATED_BY: u16 = 7;
    pub const DELETED_AT: u16 = 8;
    pub const FIRST_OWN: u16 = 10;
}

/// A plain row struct of a synced table.
pub trait Row: Sized {
    const TABLE: &'static Table;

    /// Reads a whole row; absent columns take their default.
    fn from_cells(cells: Cells) -> Result<Self, RowError>;

    fn to_cells(&self) -> Cells;

    fn id(&self) -> Uuid;
}

/// A column that is missing or of another type than its table says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RowError {
    pub table: &'static str,
    pub column: &'static str,
}

impl std::fmt::Display for RowError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}.{} is missing or of another type", self.table, self.column)
    }
}

impl std::error::Error for RowError {}

/// Reads one column of a row; used by what the macro writes.
#[doc(hidden)]
pub fn read_cell<T: crate::value::Cell>(
    table: &Table,
    cells: &Cells,
    number: u16,
    column: &'static str,
) -> Result<T, RowError> {
    cells.get(number).and_then(T::from_value).ok_or(RowError { table: table.name, column })
}

//! The value of one column, in the few shapes that SQLite, Postgres and the wire share, and its
//! canonical bytes. How a database stores a value is known only beside that database.

use std::collections::BTreeSet;
use uuid::Uuid;

pub mod cells;
pub mod json;

pub use cells::{Cells, Hash};

/// What one column of one row holds.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Value {
    Null,
    /// Booleans (0, 1), whole numbers, decimals times their scale, microseconds, days.
    Int(i64),
    Text(String),
    Id(Uuid),
    /// A JSON document as the server prints it, or as the device wrote it.
    Json(String),
    Set(BTreeSet<String>),
    /// A column newer than this program: its type letter and bytes (none for null), kept and sent back unread.
    Aside(u8, Option<Vec<u8>>),
}

/// The type of a column: which [`Value`] it holds and what that value means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Type {
    Bool,
    Int,
    /// A decimal number, held as a whole number of 10^-scale.
    Decimal(u8),
    /// Microseconds since 1970, UTC.
    Time,
    /// Days since 1970.
    Date,
    Text,
    /// Text that is Markdown and merges by paragraph, line and word.
    Markdown,
    /// One of a fixed list of words.
    Enum(&'static [&'static str]),
    /// The id of a row of the named table.
    Id(&'static str),
    Json,
    /// A set of words.
    Set,
}

impl Type {
    /// The letter that stands for the type in the canonical bytes. Never changes.
    pub const fn code(self) -> u8 {
        match self {
            Self::Bool => b'b',
            Self::Int => b'i',
            Self::Decimal(_) => b'd',
            Self::Time => b't',
            Self::Date => b'y',
            Self::Text | Self::Markdown | Self::Enum(_) => b's',
            Self::Id(_) => b'u',
            Self::Json => b'j',
            Self::Set => b'a',
        }
    }

    /// Whether a column of this type may hold the value; null is judged by the column.
    pub fn admits(self, value: &Value) -> bool {
        match (self, value) {
            (_, Value::Null) => true,
            (Self::Bool, Value::Int(number)) => matches!(number, 0 | 1),
            (Self::Date, Value::Int(number)) => i32::try_from(*number).is_ok(),
            (Self::Int | Self::Decimal(_) | Self::Time, Value::Int(_)) => true,
            (Self::Text | Self::Markdown, Value::Text(text)) => !text.contains('\0'),
            (Self::Enum(words), Value::Text(text)) => words.contains(&text.as_str()),
            (Self::Id(_), Value::Id(_)) => true,
            (Self::Json, Value::Json(text)) => json::is_storable(text),
            (Self::Set, Value::Set(words)) => words.iter().all(|word| !word.contains('\0')),
            _ => false,
        }
    }
}

impl Value {
    pub fn text(text: impl Into<String>) -> Self {
        Self::Text(text.into())
    }

    pub fn bool(flag: bool) -> Self {
        Self::Int(flag.into())
    }

    pub fn as_int(&self) -> Option<i64> {
        match self {
            Self::Int(number) => Some(*number),
            _ => None,
        }
    }

    pub fn as_text(&self) -> Option<&str> {
        match self {
            Self::Text(text) | Self::Json(text) => Some(text),
            _ => None,
        }
    }

    pub fn as_id(&self) -> Option<Uuid> {
        match self {
            Self::Id(id) => Some(*id),
            _ => None,
        }
    }

    pub fn as_set(&self) -> Option<&BTreeSet<String>> {
        match self {
            Self::Set(words) => Some(words),
            _ => None,
        }
    }

    pub fn is_null(&self) -> bool {
        matches!(self, Self::Null)
    }
}

/// A Rust type that can stand in a column of a synced table.
pub trait Cell: Sized {
    const TYPE: Type;
    const NULLABLE: bool = false;

    fn to_value(&self) -> Value;

    /// None when the value has another shape.
    fn from_value(value: &Value) -> Option<Self>;
}

/// Text that merges as Markdown: by paragraph, then line, then word.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Markdown(pub String);

/// A JSON document, kept as text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Json(pub String);

/// A decimal number with two places, held as hundredths.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Hundredths(pub i64);

impl<T: Cell> Cell for Option<T> {
    const TYPE: Type = T::TYPE;
    const NULLABLE: bool = true;

    fn to_value(&self) -> Value {
        self.as_ref().map_or(Value::Null, T::to_value)
    }

    fn from_value(value: &Value) -> Option<Self> {
        match value {
            Value::Null => Some(None),
            other => T::from_value(other).map(Some),
        }
    }
}

macro_rules! cells {
    ($($type:ty as $kind:expr, $to:expr, $from:expr;)*) => {$(
        impl Cell for $type {
            const TYPE: Type = $kind;

            fn to_value(&self) -> Value {
                let to: fn(&$type) -> Value = $to;
                to(self)
            }

            fn from_value(value: &Value) -> Option<Self> {
                let from: fn(&Value) -> Option<$type> = $from;
                from(value)
            }
        }
    )*};
}

cells! {
    bool as Type::Bool, |flag| Value::bool(*flag), |value| Some(value.as_int()? != 0);
    i64 as Type::Int, |number| Value::Int(*number), Value::as_int;
    String as Type::Text, |text| Value::text(text), |value| Some(value.as_text()?.to_owned());
    Markdown as Type::Markdown, |text| Value::text(&text.0), |value| Some(Markdown(value.as_text()?.to_owned()));
    Json as Type::Json, |json| Value::Json(json.0.clone()), |value| Some(Json(value.as_text()?.to_owned()));
    Hundredths as Type::Decimal(2), |number| Value::Int(number.0), |value| value.as_int().map(Hundredths);
    BTreeSet<String> as Type::Set, |words| Value::Set(words.clone()), |value| value.as_set().cloned();
    Uuid as Type::Id("any"), |id| Value::Id(*id), Value::as_id;
}

/// Declares an enum of fixed words that can stand in a column.
#[macro_export]
macro_rules! text_enum {
    ($(#[$doc:meta])* $name:ident { $($(#[$vdoc:meta])* $variant:ident = $word:literal),* $(,)? }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
        pub enum $name { $($(#[$vdoc])* #[serde(rename = $word)] $variant),* }

        impl $name {
            pub const WORDS: &'static [&'static str] = &[$($word),*];

            pub const fn word(self) -> &'static str {
                match self { $(Self::$variant => $word),* }
            }

            pub fn from_word(word: &str) -> Option<Self> {
                match word { $($word => Some(Self::$variant),)* _ => None }
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self.word())
            }
        }

        impl $crate::value::Cell for $name {
            const TYPE: $crate::value::Type = $crate::value::Type::Enum(Self::WORDS);

            fn to_value(&self) -> $crate::value::Value {
                $crate::value::Value::text(self.word())
            }

            fn from_value(value: &$crate::value::Value) -> Option<Self> {
                Self::from_word(value.as_text()?)
            }
        }
    };
}

//! The cells of a row: values by column number, their canonical bytes and their hash.
//!
//! Canonical bytes, in the order of column numbers, for each column that is not at its default:
//! number (2 bytes, big endian) · type letter (1) · length (4, big endian, −1 for null) · value.
//! Numbers are written in decimal, ids as 16 bytes, text and JSON as they are, sets as their
//! sorted words, each with its length before it. Postgres builds the same bytes in SQL.

use super::Value;
use crate::schema::Table;
use sha2::{Digest, Sha256};
use std::collections::BTreeSet;
use uuid::Uuid;

/// The first 16 bytes of the SHA-256 of a row's canonical bytes.
pub type Hash = [u8; 16];

/// Values by column number, in the order of numbers. May be a whole row or the touched columns.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Cells(Vec<(u16, Value)>);

/// Why canonical bytes could not be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DecodeError {
    Truncated,
    UnknownType(u8),
    /// The type letter is not the one of the column with this number.
    WrongType(u16),
    NotUtf8,
    NotANumber,
    NotAnId,
    OutOfOrder,
}

impl std::fmt::Display for DecodeError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "the row's bytes cannot be read: {self:?}")
    }
}

impl std::error::Error for DecodeError {}

impl Cells {
    pub fn get(&self, number: u16) -> Option<&Value> {
        let at = self.0.binary_search_by_key(&number, |(n, _)| *n).ok()?;
        Some(&self.0[at].1)
    }

    /// The value, or null where the column is absent.
    pub fn value(&self, number: u16) -> &Value {
        self.get(number).unwrap_or(&Value::Null)
    }

    pub fn set(&mut self, number: u16, value: Value) {
        match self.0.binary_search_by_key(&number, |(n, _)| *n) {
            Ok(at) => self.0[at].1 = value,
            Err(at) => self.0.insert(at, (number, value)),
        }
    }

    pub fn remove(&mut self, number: u16) -> Option<Value> {
        let at = self.0.binary_search_by_key(&number, |(n, _)| *n).ok()?;
        Some(self.0.remove(at).1)
    }

    pub fn iter(&self) -> impl Iterator<Item = (u16, &Value)> {
        self.0.iter().map(|(number, value)| (*number, value))
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// The canonical bytes of a row of `table`. Columns that the table does not know are kept.
    pub fn encode(&self, table: &Table) -> Vec<u8> {
        let mut out = Vec::with_capacity(256);
        for (number, value) in self.iter() {
            match table.column_by_number(number) {
                Some(column) if column.default.is(value) => {}
                Some(column) => encode_cell(&mut out, number, column.kind.code(), value),
                None => encode_aside(&mut out, number, value),
            }
        }
        out
    }

    /// Reads canonical bytes. Columns at their default are absent from the result; columns that
    /// the table does not know are kept as they are.
    pub fn decode(bytes: &[u8], table: &Table) -> Result<Self, DecodeError> {
        let mut rest = bytes;
        let mut cells = Vec::new();
        while !rest.is_empty() {
            let (number, value) = decode_cell(&mut rest, table)?;
            if cells.last().is_some_and(|(last, _)| *last >= number) {
                return Err(DecodeError::OutOfOrder);
            }
            cells.push((number, value));
        }
        Ok(Self(cells))
    }
}

impl FromIterator<(u16, Value)> for Cells {
    fn from_iter<I: IntoIterator<Item = (u16, Value)>>(iter: I) -> Self {
        let mut cells: Vec<_> = iter.into_iter().collect();
        cells.sort_by_key(|(number, _)| *number);
        cells.dedup_by_key(|(number, _)| *number);
        Self(cells)
    }
}

/// The hash of canonical bytes.
pub fn hash(canonical: &[u8]) -> Hash {
    let digest = Sha256::digest(canonical);
    let mut hash = Hash::default();
    hash.copy_from_slice(&digest[..16]);
    hash
}

fn encode_cell(out: &mut Vec<u8>, number: u16, code: u8, value: &Value) {
    out.extend_from_slice(&number.to_be_bytes());
    out.push(code);
    match value {
        Value::Null | Value::Aside(_, None) => out.extend_from_slice(&(-1_i32).to_be_bytes()),
        Value::Int(number) => prefixed(out, number.to_string().as_bytes()),
        Value::Text(text) | Value::Json(text) => prefixed(out, text.as_bytes()),
        Value::Id(id) => prefixed(out, id.as_bytes()),
        Value::Set(words) => {
            let mut inner = Vec::new();
            for word in words {
                prefixed(&mut inner, word.as_bytes());
            }
            prefixed(out, &inner);
        }
        Value::Aside(_, Some(bytes)) => prefixed(out, bytes),
    }
}

fn prefixed(out: &mut Vec<u8>, bytes: &[u8]) {
    let length = i32::try_from(bytes.len()).expect("a value is far below 2 GiB");
    out.extend_from_slice(&length.to_be_bytes());
    out.extend_from_slice(bytes);
}

/// A column that the table does not know can only have come from newer canonical bytes.
fn encode_aside(out: &mut Vec<u8>, number: u16, value: &Value) {
    if let Value::Aside(code, _) = value {
        encode_cell(out, number, *code, value);
    }
}

fn decode_cell(rest: &mut &[u8], table: &Table) -> Result<(u16, Value), DecodeError> {
    let number = u16::from_be_bytes(take::<2>(rest)?);
    let [code] = take::<1>(rest)?;
    let length = i32::from_be_bytes(take::<4>(rest)?);
    let known = table.column_by_number(number);
    if known.is_some_and(|column| column.kind.code() != code) {
        return Err(DecodeError::WrongType(number));
    }
    if length == -1 {
        return Ok((number, if known.is_some() { Value::Null } else { Value::Aside(code, None) }));
    }
    let length = usize::try_from(length).map_err(|_| DecodeError::Truncated)?;
    let bytes = rest.split_off(..length).ok_or(DecodeError::Truncated)?;
    let value =
        if known.is_some() { decode_value(code, bytes)? } else { Value::Aside(code, Some(bytes.to_vec())) };
    Ok((number, value))
}

fn decode_value(code: u8, bytes: &[u8]) -> Result<Value, DecodeError> {
    let text = || std::str::from_utf8(bytes).map_err(|_| DecodeError::NotUtf8);
    match code {
        b'b' | b'i' | b'd' | b't' | b'y' => {
            text()?.parse().map(Value::Int).map_err(|_| DecodeError::NotANumber)
        }
        b's' => Ok(Value::text(text()?)),
        b'j' => Ok(Value::Json(text()?.to_owned())),
        b'u' => Uuid::from_slice(bytes).map(Value::Id).map_err(|_| DecodeError::NotAnId),
        b'a' => decode_words(bytes).map(Value::Set),
        other => Err(DecodeError::UnknownType(other)),
    }
}

fn decode_words(bytes: &[u8]) -> Result<BTreeSet<String>, DecodeError> {
    let mut rest = bytes;
    let mut words = BTreeSet::new();
    while !rest.is_empty() {
        let length = i32::from_be_bytes(take::<4>(&mut rest)?);
        let length = usize::try_from(length).map_err(|_| DecodeError::Truncated)?;
        let word = rest.split_off(..length).ok_or(DecodeError::Truncated)?;
        words.insert(String::from_utf8(word.to_vec()).map_err(|_| DecodeError::NotUtf8)?);
    }
    Ok(words)
}

fn take<const N: usize>(rest: &mut &[u8]) -> Result<[u8; N], DecodeError> {
    let (head, tail) = rest.split_first_chunk::<N>().ok_or(DecodeError::Truncated)?;
    *rest = tail;
    Ok(*head)
}

//! Canonical bytes and the JSON of entries: what is written is read back, and hostile bytes do no
//! harm.

use crate::property::holds;
use crate::rows::value;
use guildhall_sync::model::TABLES;
use guildhall_sync::protocol::frame::FrameReader;
use guildhall_sync::schema::Table;
use guildhall_sync::value::cells::{DecodeError, hash};
use guildhall_sync::value::json::{from_json, to_json};
use guildhall_sync::value::{Cells, Value};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::{Index, select};

fn any_row() -> impl Strategy<Value = (&'static Table, Cells)> {
    select(TABLES).prop_flat_map(|table| {
        let values: Vec<BoxedStrategy<Value>> = table.columns.iter().map(value).collect();
        let numbers = table.columns.iter().map(|column| column.number);
        let row = values.prop_map(move |values| numbers.clone().zip(values).collect());
        (Just(table), row)
    })
}

#[test]
fn a_row_comes_back_from_its_bytes() {
    holds(15_000, any_row(), |(table, row)| {
        let bytes = row.encode(table);
        let mut read = Cells::decode(&bytes, table).expect("its own bytes can be read");
        prop_assert_eq!(&read.encode(table), &bytes);
        let said = |number| table.column_by_number(number).expect("it was encoded");
        let is_sparse = read.iter().all(|(number, value)| !said(number).default.is(value));
        prop_assert!(is_sparse, "a default was written");
        table.fill_defaults(&mut read);
        prop_assert_eq!(read, row);
        Ok(())
    });
}

#[test]
fn a_default_said_or_unsaid_is_one_row() {
    holds(5_000, any_row(), |(table, row)| {
        let sparse = Cells::decode(&row.encode(table), table).expect("its own bytes can be read");
        prop_assert_eq!(hash(&sparse.encode(table)), hash(&row.encode(table)));
        for column in table.columns {
            prop_assert_eq!(sparse.get(column.number).is_none(), column.default.is(row.value(column.number)));
        }
        Ok(())
    });
}

#[test]
fn columns_newer_than_the_program_are_kept() {
    let newer = proptest::option::of(vec(any::<u8>(), 0..20));
    holds(
        5_000,
        (any_row(), 900..1000_u16, b'a'..=b'z', newer),
        |((table, mut row), number, code, bytes)| {
            row.set(number, Value::Aside(code, bytes));
            let encoded = row.encode(table);
            let read = Cells::decode(&encoded, table).expect("its own bytes can be read");
            prop_assert_eq!(read.get(number), row.get(number));
            prop_assert_eq!(read.encode(table), encoded);
            Ok(())
        },
    );
}

#[test]
fn a_row_comes_back_from_its_json() {
    holds(10_000, any_row(), |(table, row)| {
        let json = serde_json::to_string(&to_json(table, &row)).expect("names are strings");
        let object = serde_json::from_str(&json).expect("it was just printed");
        prop_assert_eq!(from_json(table, &object), Ok(row));
        Ok(())
    });
}

#[test]
fn random_bytes_are_refused_and_never_panic() {
    holds(30_000, (select(TABLES), vec(any::<u8>(), 0..120)), |(table, bytes)| {
        if let Ok(cells) = Cells::decode(&bytes, table) {
            cells.encode(table);
        }
        let mut reader = FrameReader::default();
        reader.push(&bytes);
        while let Ok(Some(_)) = reader.next_frame() {}
        Ok(())
    });
}

#[test]
fn damaged_bytes_never_panic_and_never_keep_the_hash() {
    holds(
        15_000,
        (any_row(), any::<Index>(), 1..=255_u8, any::<Index>()),
        |((table, row), at, flip, cut)| {
            let whole = row.encode(table);
            let mut bytes = whole.clone();
            let at = at.index(bytes.len());
            bytes[at] ^= flip;
            prop_assert_ne!(hash(&bytes), hash(&whole));
            for damaged in [&bytes[..], &bytes[..cut.index(bytes.len())]] {
                if let Ok(cells) = Cells::decode(damaged, table) {
                    cells.encode(table);
                }
            }
            Ok(())
        },
    );
}

/// A column twice, columns out of order, and a column with the letter of another type.
#[test]
fn bytes_that_no_row_has_are_refused() {
    let ranks = TABLES.iter().copied().find(|table| table.name == "ranks").expect("there are ranks");
    let name = b"\x00\x0as\x00\x00\x00\x01a";
    let phonetic = b"\x00\x0bs\x00\x00\x00\x01b";
    let level = b"\x00\x0cs\x00\x00\x00\x011";
    assert_eq!(Cells::decode(&[*name, *phonetic].concat(), ranks).map(|cells| cells.len()), Ok(2));
    for (pieces, why) in [
        ([*name, *name], DecodeError::OutOfOrder),
        ([*phonetic, *name], DecodeError::OutOfOrder),
        ([*name, *level], DecodeError::WrongType(12)),
    ] {
        assert_eq!(Cells::decode(&pieces.concat(), ranks), Err(why));
    }
}

//! Properties of single columns, for every column of every table.

use crate::property::holds;
use crate::rows;
use guildhall_sync::merge::{Outcome, is_same, merge_cell};
use guildhall_sync::model::TABLES;
use guildhall_sync::schema::{Column, Machine, Merge, Table};
use guildhall_sync::value::Value;
use proptest::prelude::*;
use proptest::sample::select;

fn columns() -> Vec<(&'static Table, &'static Column)> {
    TABLES.iter().flat_map(|table| table.columns.iter().map(move |column| (*table, column))).collect()
}

fn three_values() -> impl Strategy<Value = (&'static Column, Value, Value, Value)> {
    select(columns()).prop_flat_map(|(_, column)| {
        (Just(column), rows::value(column), rows::value(column), rows::value(column))
    })
}

fn allows(machine: &Machine, from: &Value, to: &Value) -> bool {
    from.as_text().zip(to.as_text()).is_some_and(|(from, to)| machine.allows(from, to))
}

/// What the column holds afterwards; none for a conflict or a refusal.
fn result(rule: Merge, base: &Value, theirs: &Value, mine: &Value) -> Option<Value> {
    match merge_cell(rule, base, theirs, mine) {
        Outcome::Theirs => Some(theirs.clone()),
        Outcome::Mine => Some(mine.clone()),
        Outcome::Merged(value) => Some(value),
        Outcome::Conflict(_) | Outcome::Refused(_) => None,
    }
}

#[test]
fn what_one_side_changed_is_taken() {
    holds(60_000, three_values(), |(column, base, value, _)| {
        let rule = column.merge;
        prop_assume!(rule != Merge::ServerOnly);
        prop_assert_eq!(merge_cell(rule, &base, &value, &base), Outcome::Theirs);
        prop_assert_eq!(merge_cell(rule, &base, &value, &value), Outcome::Theirs);
        let taken = result(rule, &base, &base, &value);
        let may_take = match rule {
            _ if is_same(&base, &value) => true,
            Merge::ServerOnly | Merge::SetOnce => false,
            Merge::Status(machine) => allows(machine, &base, &value),
            _ => true,
        };
        let is_taken = taken.as_ref().is_some_and(|taken| is_same(taken, &value));
        let is_lower = rule == Merge::HighWater && value.as_int() < base.as_int();
        prop_assert_eq!(is_taken, may_take && !is_lower);
        prop_assert!(!is_lower || taken == Some(base));
        Ok(())
    });
}

#[test]
fn what_both_sides_changed_follows_the_rule() {
    holds(100_000, three_values(), |(column, base, theirs, mine)| {
        let rule = column.merge;
        let outcome = merge_cell(rule, &base, &theirs, &mine);
        prop_assert_eq!(&outcome, &merge_cell(rule, &base, &theirs, &mine));
        if is_same(&base, &theirs) || is_same(&base, &mine) || is_same(&theirs, &mine) {
            return Ok(());
        }
        let merged = result(rule, &base, &theirs, &mine);
        match rule {
            Merge::ServerOnly | Merge::SetOnce => prop_assert!(matches!(outcome, Outcome::Refused(_))),
            Merge::Guarded => prop_assert!(matches!(outcome, Outcome::Conflict(_))),
            Merge::Claim => {
                let is_race = base.is_null();
                prop_assert_eq!(matches!(outcome, Outcome::Refused(_)), is_race);
                prop_assert_eq!(matches!(outcome, Outcome::Conflict(_)), !is_race);
            }
            Merge::Soft => prop_assert_eq!(merged, Some(mine)),
            Merge::HighWater => {
                prop_assert_eq!(merged, Some(Value::Int(theirs.as_int().max(mine.as_int()).unwrap_or(0))))
            }
            Merge::Status(machine) => {
                prop_assert_eq!(merged, allows(machine, &theirs, &mine).then_some(mine));
            }
            Merge::Set => is_union(&base, &theirs, &mine, merged)?,
            Merge::Text => prop_assert_eq!(merged, result(rule, &base, &mine, &theirs)),
            Merge::Json => is_by_key(&base, &theirs, &mine, merged)?,
        }
        Ok(())
    });
}

fn is_union(base: &Value, theirs: &Value, mine: &Value, merged: Option<Value>) -> Result<(), TestCaseError> {
    prop_assert_eq!(&merged, &result(Merge::Set, base, mine, theirs));
    let words = |value: &Value| value.as_set().cloned().unwrap_or_default();
    let (base, theirs, mine) = (words(base), words(theirs), words(mine));
    let merged = words(&merged.expect("sets always merge"));
    for word in base.iter().chain(&theirs).chain(&mine) {
        let was_added = !base.contains(word);
        let was_kept = theirs.contains(word) && mine.contains(word);
        prop_assert_eq!(merged.contains(word), was_added || was_kept, "{}", word);
    }
    prop_assert!(merged.iter().all(|word| theirs.contains(word) || mine.contains(word)));
    Ok(())
}

/// A key that one side changed is as that side has it; one that both changed is the same on both,
/// or an object on both.
fn is_by_key(base: &Value, theirs: &Value, mine: &Value, merged: Option<Value>) -> Result<(), TestCaseError> {
    prop_assert_eq!(&merged, &result(Merge::Json, base, mine, theirs));
    let read = |value: &Value| -> serde_json::Map<String, serde_json::Value> {
        serde_json::from_str(value.as_text().unwrap_or_default()).expect("documents are objects here")
    };
    let (base, theirs, mine) = (read(base), read(theirs), read(mine));
    let merged = merged.as_ref().map(read);
    for key in base.keys().chain(theirs.keys()).chain(mine.keys()) {
        let (base, theirs, mine) = (base.get(key), theirs.get(key), mine.get(key));
        let expected = match (theirs, mine) {
            _ if theirs == mine || mine == base => theirs,
            _ if theirs == base => mine,
            (Some(serde_json::Value::Object(_)), Some(serde_json::Value::Object(_))) => continue,
            _ => {
                prop_assert!(merged.is_none(), "{}", key);
                continue;
            }
        };
        prop_assert!(merged.as_ref().is_none_or(|merged| merged.get(key) == expected), "{}", key);
    }
    Ok(())
}

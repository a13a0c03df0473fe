//! JSON documents merged by key. Everything that is not an object is a scalar, arrays too.

use serde_json::{Map, Value};
use std::collections::BTreeSet;

/// Whether both texts say the same document, whatever their blanks and the order of their keys.
/// Texts that are no documents are the same when they are equal.
pub fn is_same_document(left: &str, right: &str) -> bool {
    if left == right {
        return true;
    }
    match (serde_json::from_str::<Value>(left), serde_json::from_str::<Value>(right)) {
        (Ok(left), Ok(right)) => is_same(&left, &right),
        _ => false,
    }
}

/// The merged document; none where both changed one key in two ways.
pub fn merge(base: Option<&str>, theirs: Option<&str>, mine: Option<&str>) -> Option<String> {
    let read = |text: &str| serde_json::from_str::<Value>(text).ok();
    let base = base.and_then(read);
    let merged = merge_values(base.as_ref(), Some(&read(theirs?)?), Some(&read(mine?)?))?;
    merged.map(|document| document.to_string())
}

/// None for a conflict; `Some(None)` for a key that is gone.
#[allow(clippy::option_option, reason = "the outer one is the conflict, the inner one the absence")]
fn merge_values(base: Option<&Value>, theirs: Option<&Value>, mine: Option<&Value>) -> Option<Option<Value>> {
    if is_same_place(mine, base) || is_same_place(mine, theirs) {
        return Some(theirs.cloned());
    }
    if is_same_place(theirs, base) {
        return Some(mine.cloned());
    }
    let (Some(Value::Object(theirs)), Some(Value::Object(mine))) = (theirs, mine) else {
        return None;
    };
    let nothing = Map::new();
    let base = match base {
        Some(Value::Object(base)) => base,
        None => &nothing,
        Some(_) => return None,
    };
    merge_objects(base, theirs, mine).map(Some)
}

fn merge_objects(
    base: &Map<String, Value>,
    theirs: &Map<String, Value>,
    mine: &Map<String, Value>,
) -> Option<Value> {
    let keys: BTreeSet<&String> = theirs.keys().chain(mine.keys()).collect();
    let mut merged = Map::new();
    for key in keys {
        if let Some(value) = merge_values(base.get(key), theirs.get(key), mine.get(key))? {
            merged.insert(key.clone(), value);
        }
    }
    Some(Value::Object(merged))
}

fn is_same_place(left: Option<&Value>, right: Option<&Value>) -> bool {
    match (left, right) {
        (Some(left), Some(right)) => is_same(left, right),
        (None, None) => true,
        _ => false,
    }
}

fn is_same(left: &Value, right: &Value) -> bool {
    match (left, right) {
        (Value::Number(left), Value::Number(right)) => is_same_number(&left.to_string(), &right.to_string()),
        (Value::Array(left), Value::Array(right)) => {
            left.len() == right.len() && left.iter().zip(right).all(|(left, right)| is_same(left, right))
        }
        (Value::Object(left), Value::Object(right)) => {
            left.len() == right.len()
                && left.iter().all(|(key, value)| right.get(key).is_some_and(|other| is_same(value, other)))
        }
        _ => left == right,
    }
}

/// Postgres writes `1e2` as `100`; numbers without an exponent are kept digit by digit.
fn is_same_number(left: &str, right: &str) -> bool {
    let has_exponent = |number: &str| number.contains(['e', 'E']);
    left == right
        || (has_exponent(left) || has_exponent(right))
            && left.parse::<f64>().ok() == right.parse::<f64>().ok()
}

//! Entries of older programs, read as if this one had written them. An entry is hashed, remembered
//! and answered as it came; only what it says of its row is brought up.
//!
//! Two programs back is as far as it goes. A program older than that may still be given the newest
//! one to send again from its outbox.

use crate::change::SCHEMA;
use serde_json::{Map, Value};

/// The oldest [`SCHEMA`] whose entries are taken.
pub const OLDEST: u32 = SCHEMA - 2;

/// Brings the named values of a table's row from one schema to the next. What it does not know it
/// leaves alone.
type Step = fn(table: &str, named: &mut Map<String, Value>);

/// From [`OLDEST`] to the next, and so on.
const STEPS: [Step; 2] = [
    // 2: what was said in tickets, and what answered them, in tables of their own.
    |_, _| {},
    // 3: leases of the guild, which only the server writes.
    |_, _| {},
];

/// The named values as this program would have written them; none for a schema that is too old or
/// too new.
pub fn upcast(schema: u32, table: &str, named: &Map<String, Value>) -> Option<Map<String, Value>> {
    through(&STEPS, OLDEST, schema, table, named)
}

fn through(
    steps: &[Step],
    oldest: u32,
    schema: u32,
    table: &str,
    named: &Map<String, Value>,
) -> Option<Map<String, Value>> {
    let taken = usize::try_from(schema.checked_sub(oldest)?).ok()?;
    let mut named = named.clone();
    steps.get(taken..)?.iter().for_each(|step| step(table, &mut named));
    Some(named)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    /// A column got another name, then its values other words.
    const MADE_UP: [Step; 2] = [
        |table, named| {
            if table == "tickets"
                && let Some(state) = named.remove("state")
            {
                named.insert("status".to_owned(), state);
            }
        },
        |table, named| match named.get_mut("status") {
            Some(status) if table == "tickets" && *status == "done" => *status = json!("resolved"),
            _ => {}
        },
    ];

    fn brought_up(schema: u32, table: &str, named: &Value) -> Option<Value> {
        let named = named.as_object().expect("an object");
        through(&MADE_UP, 7, schema, table, named).map(Value::Object)
    }

    #[test]
    fn an_entry_takes_the_steps_that_its_program_had_not_taken() {
        let done = Some(json!({"status": "resolved"}));
        assert_eq!(brought_up(7, "tickets", &json!({"state": "done"})), done);
        assert_eq!(brought_up(8, "tickets", &json!({"status": "done"})), done);
        assert_eq!(brought_up(9, "tickets", &json!({"status": "done"})), Some(json!({"status": "done"})));
        assert_eq!(brought_up(7, "sops", &json!({"state": "done"})), Some(json!({"state": "done"})));
    }

    #[test]
    fn what_is_too_old_or_too_new_is_not_guessed_at() {
        assert_eq!(brought_up(6, "tickets", &json!({})), None);
        assert_eq!(brought_up(10, "tickets", &json!({})), None);
        assert!(upcast(SCHEMA, "sops", &Map::new()).is_some());
        assert!(upcast(OLDEST, "sops", &Map::new()).is_some());
        assert!(upcast(SCHEMA + 1, "sops", &Map::new()).is_none());
    }
}

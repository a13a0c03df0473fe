//! What a person typed, out of an entry on a row that they may read no longer: words that they
//! added to a text, words that they added to a set, values that they chose. Of the text around
//! it, nothing. Pure.

use guildhall_sync::schema::Table;
use guildhall_sync::value::Type;
use serde_json::{Map, Value as Json};
use similar::{ChangeTag, DiffTag, TextDiff};
use std::collections::HashSet;

/// A passage of this many bytes that stood in the old text was moved, not typed.
const MOVED_BYTES: usize = 24;
/// Of larger changes, the words that stood nowhere in the replaced place are kept.
const MAX_COMPARED_WORDS: usize = 4_000;

pub fn only_typed(table: &Table, before: &Map<String, Json>, after: &Map<String, Json>) -> Map<String, Json> {
    let mut typed = Map::new();
    for (name, wish) in after {
        let old = before.get(name).unwrap_or(&Json::Null);
        let kind = table.column(name).map(|column| column.kind);
        let value = match (old, wish, kind) {
            (old, wish, _) if old == wish => None,
            (_, _, None) => None,
            (Json::String(old), Json::String(wish), Some(Type::Text | Type::Markdown)) => {
                Some(Json::String(typed_words(old, wish))).filter(|text| text.as_str() != Some(""))
            }
            (Json::Array(old), Json::Array(wish), Some(Type::Set)) => {
                Some(Json::Array(wish.iter().filter(|word| !old.contains(word)).cloned().collect()))
            }
            (old, wish, Some(Type::Json)) => typed_members(old, wish),
            (_, wish, _) => Some(wish.clone()),
        };
        typed.extend(value.map(|value| (name.clone(), value)));
    }
    typed
}

/// Members that are new or other; objects are looked into.
fn typed_members(old: &Json, wish: &Json) -> Option<Json> {
    let (Json::Object(old), Json::Object(wish)) = (old, wish) else {
        return if old == wish { None } else { Some(wish.clone()) };
    };
    let members = wish.iter().filter_map(|(name, wish)| {
        let value = typed_members(old.get(name).unwrap_or(&Json::Null), wish)?;
        Some((name.clone(), value))
    });
    let members: Map<String, Json> = members.collect();
    if members.is_empty() { None } else { Some(Json::Object(members)) }
}

/// The runs of words that were added, a line each.
pub(crate) fn typed_words(old: &str, wish: &str) -> String {
    let mut runs = Vec::new();
    let (old_lines, new_lines) = (lines(old), lines(wish));
    let diff = TextDiff::from_slices(&old_lines, &new_lines);
    for op in diff.ops().iter().filter(|op| op.tag() != DiffTag::Equal) {
        add_runs(&old_lines[op.old_range()].concat(), &new_lines[op.new_range()].concat(), &mut runs);
    }
    runs.retain(|run| run.len() < MOVED_BYTES || !old.contains(run.as_str()));
    runs.join("\n")
}

fn add_runs(removed: &str, added: &str, runs: &mut Vec<String>) {
    let (removed, added) = (words(removed), words(added));
    let (mut run, mut gap) = (String::new(), String::new());
    if removed.len().max(added.len()) > MAX_COMPARED_WORDS {
        let known: HashSet<&str> = removed.into_iter().collect();
        for word in added {
            if known.contains(word) { end_run(&mut run, runs) } else { run.push_str(word) }
        }
    } else {
        let diff = TextDiff::from_slices(&removed, &added);
        // Of two ways that are as short, one takes a name that stood there for one that was typed.
        let deleted = diff.iter_all_changes().filter(|change| change.tag() == ChangeTag::Delete);
        let stood: HashSet<&str> = deleted.map(|change| change.value()).collect();
        for change in diff.iter_all_changes() {
            match change.tag() {
                ChangeTag::Insert if is_telling(change.value()) && stood.contains(change.value()) => {
                    gap.clear();
                    end_run(&mut run, runs);
                }
                ChangeTag::Insert => {
                    run.push_str(&gap);
                    gap.clear();
                    run.push_str(change.value());
                }
                // What parts two added words goes with them, whoever wrote it.
                ChangeTag::Equal if !is_word(change.value()) && !run.is_empty() => {
                    gap.push_str(change.value())
                }
                ChangeTag::Equal => {
                    gap.clear();
                    end_run(&mut run, runs);
                }
                ChangeTag::Delete => {}
            }
        }
    }
    end_run(&mut run, runs);
}

fn lines(text: &str) -> Vec<&str> {
    text.split_inclusive('\n').collect()
}

/// Words, and what stands between them.
fn words(text: &str) -> Vec<&str> {
    let mut words = Vec::new();
    let mut start = 0;
    let mut last_is_word = None;
    for (at, letter) in text.char_indices() {
        let is_word = letter.is_alphanumeric();
        if last_is_word.is_some_and(|last| last != is_word) {
            words.push(&text[start..at]);
            start = at;
        }
        last_is_word = Some(is_word);
    }
    words.extend(Some(&text[start..]).filter(|rest| !rest.is_empty()));
    words
}

fn is_word(text: &str) -> bool {
    text.contains(char::is_alphanumeric)
}

/// A word that says something by itself, as names and numbers do, and not only in its sentence.
fn is_telling(word: &str) -> bool {
    is_word(word) && (word.chars().count() > 3 || word.contains(|letter: char| !letter.is_lowercase()))
}

fn end_run(run: &mut String, runs: &mut Vec<String>) {
    let lines = run.lines().map(str::trim).filter(|line| !line.is_empty());
    runs.extend(lines.map(str::to_owned));
    run.clear();
}

#[cfg(test)]
mod tests {
    use super::*;
    use guildhall_sync::model::find_table;
    use serde_json::json;

    fn check(table: &str, before: Json, after: Json, expected: Json) {
        let table = find_table(table).expect("a table");
        let object = |json: Json| json.as_object().cloned().expect("an object");
        assert_eq!(Json::Object(only_typed(table, &object(before), &object(after))), expected);
    }

    #[test]
    fn of_a_text_the_added_words_are_kept() {
        check(
            "sops",
            json!({"content": "# Alarm\n\nThe code is 4711.\n\nCall the owner.\n", "title": "Alarm"}),
            json!({"content": "# Alarm\n\nThe code is 4711, twice.\n\nCall the owner.\n\nThen wait.\n", "title": "Alarm"}),
            json!({"content": ", twice\nThen wait."}),
        );
        check(
            "sops",
            json!({"title": "Secret plan"}),
            json!({"title": "Secret plan B"}),
            json!({"title": "B"}),
        );
        check("sops", json!({"content": "all\nof\nit\n"}), json!({"content": ""}), json!({}));
        check(
            "sops",
            json!({"content": "Knock. The lock knows it at once. Wait."}),
            json!({"content": "Knock. Ask the guard, at the second door. Wait."}),
            json!({"content": "Ask the guard, at the second door"}),
        );
    }

    #[test]
    fn a_name_that_stood_there_is_not_taken_for_a_typed_one() {
        check(
            "sops",
            json!({"content": "The owl stands here.\n\nThe heron stands here.\n\nThe stork stands here."}),
            json!({"content": "The owl stands here.\n\nThe stork stands here. Not today."}),
            json!({"content": ". Not today"}),
        );
    }

    #[test]
    fn what_was_only_moved_is_not_kept() {
        let (secret, rest) =
            ("The vault opens at midnight on Sundays.\n", "Sweep the floor.\nLock the door.\n");
        check(
            "sops",
            json!({"content": format!("{secret}{rest}")}),
            json!({"content": format!("{rest}My remark.\n{secret}")}),
            json!({"content": "My remark."}),
        );
    }

    #[test]
    fn a_page_written_anew_keeps_its_new_words_and_takes_no_time() {
        let old: String = (0..60_000).map(|at| format!("old{at} ")).collect();
        let new: String =
            (0..60_000).map(|at| if at == 7 { "old7 ".into() } else { format!("new{at} ") }).collect();
        let typed = typed_words(&old, &new);
        assert!(!typed.contains("old") && typed.contains("new59999"), "{}", &typed[..80]);
    }

    #[test]
    fn of_other_values_what_was_chosen_is_kept() {
        check(
            "tickets",
            json!({"status": "open", "priority": "low", "subject": ""}),
            json!({"status": "closed", "priority": "low", "subject": "Wet floor"}),
            json!({"status": "closed", "subject": "Wet floor"}),
        );
        check(
            "knowledge_items",
            json!({"tags": ["secret"], "metadata": {"a": {"secret": 1, "b": 1}, "c": 2}}),
            json!({"tags": ["mine", "secret"], "metadata": {"a": {"secret": 1, "b": 5}, "c": 2, "d": "mine"}}),
            json!({"tags": ["mine"], "metadata": {"a": {"b": 5}, "d": "mine"}}),
        );
        check("tickets", json!({}), json!({"subject": "Wet floor"}), json!({"subject": "Wet floor"}));
    }
}

//! Whether a row is legal beyond the types of its columns. The device asks before it stores what a
//! person typed; the server asks again, of every entry and of every merge.
//!
//! Rules that need other rows (business keys, parents) are not here: only a database knows them.
//! Columns that devices only read are not judged either.

use crate::model::knowledge::{KnowledgeKind, MAX_PAGE_BYTES};
use crate::schema::{Column, Default, Table, common};
use crate::value::{Cells, Type, Value};
use std::borrow::Cow;
use std::ops::RangeInclusive;

/// The longest name or heading of anything, in characters.
pub const MAX_NAME: usize = 200;
/// The longest folder of a page, and the longest heading, in characters.
pub const MAX_LINE: usize = 400;
/// The longest question or purpose, in characters.
pub const MAX_QUESTION: usize = 4000;
/// The most words that one set holds.
pub const MAX_WORDS: usize = 1000;

/// 0001-01-01 to 9999-12-31 in microseconds: what both databases hold and people can read.
pub const TIMES: RangeInclusive<i64> = -62_135_596_800_000_000..=253_402_300_799_999_999;
/// The same in days.
const DAYS: RangeInclusive<i64> = -719_162..=2_932_896;

/// A column that is not legal, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Invalid {
    pub column: &'static str,
    pub why: Flaw,
}

/// What is wrong with a value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Flaw {
    Missing,
    /// It has another type, or is not one of the column's words.
    NotOfType,
    Blank,
    /// More characters than this.
    TooLong(usize),
    /// Front matter and text together have more bytes than this.
    PageTooLarge(usize),
    TooManyWords(usize),
    ControlCharacter,
    /// A part of a path is empty, `.` or `..`, or holds a backslash.
    NotAPath,
    OutOfRange(RangeInclusive<i64>),
    NotAnAddress,
    /// Only one of this column and that one is given.
    OneOfTwo(&'static str),
}

impl std::fmt::Display for Invalid {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let column = self.column.replace('_', " ");
        match &self.why {
            Flaw::Missing => write!(f, "The {column} is missing."),
            Flaw::NotOfType => write!(f, "The {column} is not of the right kind."),
            Flaw::Blank => write!(f, "The {column} must not be empty."),
            Flaw::TooLong(most) => write!(f, "The {column} is longer than {most} characters."),
            Flaw::PageTooLarge(most) => write!(f, "The page is larger than {} KiB.", most / 1024),
            Flaw::TooManyWords(most) => write!(f, "The {column} are more than {most}."),
            Flaw::ControlCharacter => write!(f, "The {column} holds a character that cannot be shown."),
            Flaw::NotAPath => write!(f, "The {column} is not a plain path: no “..”, no “\\”, no empty part."),
            Flaw::OutOfRange(range) => {
                write!(f, "The {column} must lie between {} and {}.", range.start(), range.end())
            }
            Flaw::NotAnAddress => write!(f, "The {column} is not an e-mail address."),
            Flaw::OneOfTwo(other) => {
                write!(f, "The {column} and the {} exclude each other.", other.replace('_', " "))
            }
        }
    }
}

impl std::error::Error for Invalid {}

/// Judges a whole row, as it would be stored.
pub fn validate(table: &Table, cells: &Cells) -> Result<(), Invalid> {
    for column in table.columns.iter().filter(|column| column.is_writable()) {
        judge(column, cells).map_err(|why| Invalid { column: column.name, why })?;
    }
    judge_together(table, cells)
}

fn judge(column: &Column, cells: &Cells) -> Result<(), Flaw> {
    let value = column.value_in(cells);
    if value.is_null() {
        let may_be_absent = column.nullable || column.number < common::FIRST_OWN;
        return if may_be_absent { Ok(()) } else { Err(Flaw::Missing) };
    }
    if value.as_text().is_some_and(|text| text.contains('\0')) {
        return Err(Flaw::ControlCharacter);
    }
    if !column.kind.admits(&value) {
        return Err(Flaw::NotOfType);
    }
    match value.as_ref() {
        Value::Text(text) if matches!(column.kind, Type::Text) => judge_text(column, text),
        Value::Text(text) | Value::Json(text) => judge_size(text),
        Value::Set(words) if words.len() > MAX_WORDS => Err(Flaw::TooManyWords(MAX_WORDS)),
        Value::Set(words) => words.iter().try_for_each(|word| judge_line(word, MAX_NAME)),
        Value::Int(number) => judge_number(column, *number),
        Value::Null | Value::Id(_) | Value::Aside(..) => Ok(()),
    }
}

fn judge_text(column: &Column, text: &str) -> Result<(), Flaw> {
    if column.default == Default::Required && text.trim().is_empty() {
        return Err(Flaw::Blank);
    }
    match column.name {
        "front_matter" => judge_size(text),
        "question" | "purpose" | "note" => judge_length(text, MAX_QUESTION),
        "category" | "section" => {
            judge_line(text, if column.name == "section" { MAX_NAME } else { MAX_LINE })?;
            judge_path(text)
        }
        "email" => judge_line(text, MAX_NAME).and_then(|()| judge_address(text)),
        "title" | "subject" | "topic" | "escalation_contact" => judge_line(text, MAX_LINE),
        _ => judge_line(text, MAX_NAME),
    }
}

fn judge_line(text: &str, most: usize) -> Result<(), Flaw> {
    if text.chars().any(char::is_control) {
        return Err(Flaw::ControlCharacter);
    }
    judge_length(text, most)
}

fn judge_length(text: &str, most: usize) -> Result<(), Flaw> {
    if text.chars().nth(most).is_some() { Err(Flaw::TooLong(most)) } else { Ok(()) }
}

fn judge_size(text: &str) -> Result<(), Flaw> {
    if text.len() > MAX_PAGE_BYTES { Err(Flaw::PageTooLarge(MAX_PAGE_BYTES)) } else { Ok(()) }
}

/// Pages are exported as files, so their folders and names must not lead anywhere else. A page may
/// lie in the outermost folder.
fn judge_path(text: &str) -> Result<(), Flaw> {
    if text.is_empty() {
        return Ok(());
    }
    let is_plain =
        |part: &str| !part.trim().is_empty() && part != "." && part != ".." && !part.contains('\\');
    if text.split('/').all(is_plain) { Ok(()) } else { Err(Flaw::NotAPath) }
}

fn judge_address(text: &str) -> Result<(), Flaw> {
    let is_address = text.split_once('@').is_some_and(|(name, host)| {
        !name.is_empty() && !host.is_empty() && !host.contains('@') && !text.contains(char::is_whitespace)
    });
    if is_address { Ok(()) } else { Err(Flaw::NotAnAddress) }
}

fn judge_number(column: &Column, number: i64) -> Result<(), Flaw> {
    let range = match (column.kind, column.name) {
        (Type::Time, _) => TIMES,
        (Type::Date, _) => DAYS,
        (_, "progress") => 0..=100,
        (_, "temperature") => 0..=200,
        (_, "market_share") => 0..=10_000,
        (_, "max_tokens") => 1..=1_000_000,
        (_, "version") => 0..=i64::MAX,
        _ => i64::MIN..=i64::MAX,
    };
    if range.contains(&number) { Ok(()) } else { Err(Flaw::OutOfRange(range)) }
}

fn judge_together(table: &Table, cells: &Cells) -> Result<(), Invalid> {
    match table.name {
        "sops" => judge_page(table, cells),
        "knowledge_items" => judge_item(table, cells),
        "ticket_messages" => judge_message(table, cells),
        "ticket_resolutions" => judge_answer(table, cells),
        _ => Ok(()),
    }
}

fn judge_page(table: &Table, cells: &Cells) -> Result<(), Invalid> {
    let bytes = |column| text(table, cells, column).len();
    if bytes("front_matter") + bytes("content") > MAX_PAGE_BYTES {
        return Err(Invalid { column: "content", why: Flaw::PageTooLarge(MAX_PAGE_BYTES) });
    }
    Ok(())
}

fn judge_item(table: &Table, cells: &Cells) -> Result<(), Invalid> {
    let column = match KnowledgeKind::from_word(&text(table, cells, "kind")) {
        Some(KnowledgeKind::Qa) => "question",
        Some(KnowledgeKind::Article) => "title",
        Some(KnowledgeKind::Coaching) | None => return Ok(()),
    };
    if text(table, cells, column).trim().is_empty() {
        return Err(Invalid { column, why: Flaw::Missing });
    }
    Ok(())
}

/// Nobody says nothing.
fn judge_message(table: &Table, cells: &Cells) -> Result<(), Invalid> {
    if text(table, cells, "body").trim().is_empty() {
        return Err(Invalid { column: "body", why: Flaw::Blank });
    }
    Ok(())
}

/// One page, or one piece of knowledge.
fn judge_answer(table: &Table, cells: &Cells) -> Result<(), Invalid> {
    let is_given = |column: &str| !table.value(cells, column).is_null();
    match (is_given("sop_id"), is_given("knowledge_item_id")) {
        (true, false) | (false, true) => Ok(()),
        (true, true) => Err(Invalid { column: "sop_id", why: Flaw::OneOfTwo("knowledge_item_id") }),
        (false, false) => Err(Invalid { column: "sop_id", why: Flaw::Missing }),
    }
}

fn text<'a>(table: &Table, cells: &'a Cells, column: &str) -> Cow<'a, str> {
    match table.value(cells, column) {
        Cow::Borrowed(value) => value.as_text().map_or(Cow::Borrowed(""), Cow::Borrowed),
        Cow::Owned(value) => Cow::Owned(value.as_text().unwrap_or_default().to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::find_table;
    use uuid::Uuid;

    fn page() -> Vec<(&'static str, Value)> {
        vec![
            ("assistant_id", Value::Id(Uuid::nil())),
            ("category", Value::text("till/opening")),
            ("section", Value::text("count-the-coins")),
            ("title", Value::text("Counting the coins")),
        ]
    }

    fn item(kind: &str) -> Vec<(&'static str, Value)> {
        let assistant = ("assistant_id", Value::Id(Uuid::nil()));
        vec![("kind", Value::text(kind)), assistant, ("category", Value::text("hours"))]
    }

    fn check(
        table: &str,
        row: Vec<(&'static str, Value)>,
        change: Option<(&'static str, Value)>,
        expected: &str,
    ) {
        let table = find_table(table).expect("the table is one of the registry");
        let number = |name: &str| table.column(name).expect("the column is one of the table").number;
        let cells: Cells = change.into_iter().chain(row).map(|(name, value)| (number(name), value)).collect();
        let answer = validate(table, &cells).map_or_else(|invalid| invalid.to_string(), |()| String::new());
        assert_eq!(answer, expected);
    }

    #[test]
    fn a_flaw_is_said_in_a_sentence() {
        check("sops", page(), None, "");
        check("sops", page(), Some(("category", Value::text(""))), "");
        let flaws: [(&str, Value, &str); 9] = [
            ("content", Value::text("a\0b"), "The content holds a character that cannot be shown."),
            ("title", Value::text(" "), "The title must not be empty."),
            ("title", Value::text("a\u{7}"), "The title holds a character that cannot be shown."),
            ("section", Value::text("x".repeat(201)), "The section is longer than 200 characters."),
            (
                "category",
                Value::text("../etc"),
                "The category is not a plain path: no “..”, no “\\”, no empty part.",
            ),
            (
                "category",
                Value::text("a//b"),
                "The category is not a plain path: no “..”, no “\\”, no empty part.",
            ),
            ("status", Value::text("gone"), "The status is not of the right kind."),
            ("content", Value::text("x".repeat(MAX_PAGE_BYTES + 1)), "The page is larger than 512 KiB."),
            (
                "review_due_at",
                Value::Int(3_000_000),
                "The review due at must lie between -719162 and 2932896.",
            ),
        ];
        for (column, value, expected) in flaws {
            check("sops", page(), Some((column, value)), expected);
        }
        let mut row = page();
        row.remove(0);
        check("sops", row, None, "The assistant id is missing.");
    }

    #[test]
    fn front_matter_and_text_share_one_limit() {
        let mut row = page();
        row.push(("front_matter", Value::text("x".repeat(MAX_PAGE_BYTES / 2))));
        check("sops", row.clone(), Some(("content", Value::text("x".repeat(MAX_PAGE_BYTES / 2)))), "");
        let content = Value::text("x".repeat(MAX_PAGE_BYTES / 2 + 1));
        check("sops", row, Some(("content", content)), "The page is larger than 512 KiB.");
    }

    #[test]
    fn a_question_is_asked_and_an_article_is_headed() {
        check("knowledge_items", item("qa"), None, "The question is missing.");
        check("knowledge_items", item("qa"), Some(("question", Value::text("When?"))), "");
        check("knowledge_items", item("article"), None, "The title is missing.");
        check("knowledge_items", item("coaching"), None, "");
    }

    #[test]
    fn somebody_says_something_and_one_thing_answers() {
        let message = |body: &str| {
            vec![
                ("ticket_id", Value::Id(Uuid::nil())),
                ("author_kind", Value::text("customer")),
                ("body", Value::text(body)),
                ("said_at", Value::Int(0)),
            ]
        };
        check("ticket_messages", message("Is it open?"), None, "");
        check("ticket_messages", message(" \n"), None, "The body must not be empty.");
        let answer = vec![("ticket_id", Value::Id(Uuid::nil())), ("sop_id", Value::Id(Uuid::nil()))];
        check("ticket_resolutions", answer.clone(), None, "");
        check("ticket_resolutions", answer[..1].to_vec(), None, "The sop id is missing.");
        let both = Some(("knowledge_item_id", Value::Id(Uuid::nil())));
        check("ticket_resolutions", answer, both, "The sop id and the knowledge item id exclude each other.");
    }
}

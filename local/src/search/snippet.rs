//! Text with the found words marked.

use super::searched;
use super::tokens::{Match, query};
use crate::error::Result;
use guildhall_sync::schema::Table;
use guildhall_sync::value::Type;
use rusqlite::{Connection, OptionalExtension, params};
use std::ops::Range;

/// The longest passage, in words.
const PASSAGE_TOKENS: u32 = 24;

/// Stand for the beginning and the end of a found word on the way out of SQLite. Characters that
/// no keyboard makes; where a text holds them all the same, a mark is wrong and nothing else.
const BEGIN: char = '\u{f8f1}';
const END: char = '\u{f8f2}';

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Snippet {
    pub text: String,
    /// The found words, as byte ranges of the text, in order and apart.
    pub marks: Vec<Range<usize>>,
}

impl Snippet {
    pub fn plain(text: String) -> Self {
        Self { text, marks: Vec::new() }
    }

    fn read(marked: &str) -> Self {
        let mut snippet = Self::default();
        let mut begun = None;
        for letter in marked.chars() {
            match letter {
                BEGIN => begun = Some(snippet.text.len()),
                END => snippet.marks.extend(begun.take().map(|begin| begin..snippet.text.len())),
                other => snippet.text.push(other),
            }
        }
        snippet
    }

    /// As it is read aloud: a passage begins and ends anywhere, so that a parser would take half a
    /// table or half a heading for something else.
    fn without_markdown(&self) -> Self {
        let mut plain = Self::default();
        let mut marks = self.marks.iter().peekable();
        let mut begun = None;
        for (at, letter) in self.text.char_indices() {
            if marks.peek().is_some_and(|mark| mark.end <= at) {
                let begin: Option<usize> = begun.take();
                plain.marks.extend(begin.map(|begin| begin..plain.text.len()));
                marks.next();
            }
            if marks.peek().is_some_and(|mark| mark.contains(&at)) {
                begun.get_or_insert(plain.text.len());
                plain.text.push(letter);
            } else {
                plain.add(letter, &self.text[at..]);
            }
        }
        plain.marks.extend(begun.map(|begin| begin..plain.text.len()));
        plain.text.truncate(plain.text.trim_end().len());
        plain
    }

    /// Adds a letter that is followed by the rest of the text, if it is one that people read.
    fn add(&mut self, letter: char, rest: &str) {
        let after_space = self.text.is_empty() || self.text.ends_with(' ');
        match letter {
            '*' | '`' | '~' => {}
            '#' | '>' if after_space => {}
            '-' | '+' | ':' | '|' if after_space && !rest[1..].starts_with(char::is_alphanumeric) => {}
            '|' => self.text.push(' '),
            letter if letter.is_whitespace() && after_space => {}
            letter if letter.is_whitespace() => self.text.push(' '),
            letter => self.text.push(letter),
        }
    }
}

/// One searched column as a whole, by its place among them.
pub(super) fn whole(
    connection: &Connection,
    table: &Table,
    row: i64,
    at: usize,
    words: &[String],
    how: Match,
) -> Result<Snippet> {
    let name = table.name;
    let select = format!(
        "select highlight(fts_{name}, {at}, '{BEGIN}', '{END}') from fts_{name}
         where fts_{name} match ? and rowid = ?"
    );
    read(connection, &select, table, row, words, how)
}

/// The passage with most of the words, whichever column it is in, without marks of Markdown that
/// stand between its words.
pub(super) fn best(
    connection: &Connection,
    table: &Table,
    row: i64,
    words: &[String],
    how: Match,
) -> Result<Snippet> {
    let name = table.name;
    let column = match columns_with_text(table)[..] {
        [only] => i64::try_from(only).unwrap_or(-1),
        _ => -1,
    };
    let select = format!(
        "select snippet(fts_{name}, {column}, '{BEGIN}', '{END}', '…', {PASSAGE_TOKENS}) from fts_{name}
         where fts_{name} match ? and rowid = ?"
    );
    Ok(read(connection, &select, table, row, words, how)?.without_markdown())
}

fn read(
    connection: &Connection,
    select: &str,
    table: &Table,
    row: i64,
    words: &[String],
    how: Match,
) -> Result<Snippet> {
    let query = query(words, &searched(table), how);
    let marked: Option<Option<String>> =
        connection.prepare_cached(select)?.query_row(params![query, row], |row| row.get(0)).optional()?;
    Ok(marked.flatten().map(|marked| Snippet::read(&marked)).unwrap_or_default())
}

fn columns_with_text(table: &Table) -> Vec<usize> {
    let columns = table.searched_columns().enumerate();
    let is_text = |kind| kind == Type::Markdown;
    columns.filter(|(_, column)| is_text(column.kind)).map(|(at, _)| at).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_are_byte_ranges_of_the_text() {
        let snippet = Snippet::read(&format!("Die {BEGIN}Tür{END} zur {BEGIN}Bay{END} geht"));
        assert_eq!(snippet.text, "Die Tür zur Bay geht");
        let words: Vec<&str> = snippet.marks.iter().map(|mark| &snippet.text[mark.clone()]).collect();
        assert_eq!(words, ["Tür", "Bay"]);
        assert_eq!(Snippet::read(&format!("{END}a{BEGIN}")), Snippet::plain("a".to_owned()));
    }

    #[test]
    fn a_passage_has_no_marks_of_markdown() {
        let check = |marked: &str, text: &str, words: &[&str]| {
            let marked = marked.replace('[', &BEGIN.to_string()).replace(']', &END.to_string());
            let plain = Snippet::read(&marked).without_markdown();
            assert_eq!(plain.text, text);
            let found: Vec<&str> = plain.marks.iter().map(|mark| &plain.text[mark.clone()]).collect();
            assert_eq!(found, words);
        };
        check("…| Bay | [Price] |\n|---|:--:|\n| 4 | **[12 €]** |", "… Bay Price 4 12 €", &["Price", "12 €"]);
        check(
            "## The [door]\n\n- first\n- [x] then `[reset]`",
            "The door first x then reset",
            &["door", "x", "reset"],
        );
        check("open 9–17, well-known, -5 degrees, a|b", "open 9–17, well-known, -5 degrees, a b", &[]);
        check("[Tür]", "Tür", &["Tür"]);
        check("", "", &[]);
    }
}

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

/// The passage with most of the words, whichever column it is in.
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
    read(connection, &select, table, row, words, how)
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
}

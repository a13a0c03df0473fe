//! Finding pages, questions and tickets by their words, and the passage that answers.

use crate::app::App;
use crate::failure::{Code, Failure};
use crate::views::Mark;
use guildhall_local::search::{self, Query, Snippet, place};
use guildhall_local::store::rows;
use guildhall_local::{Connection, markdown, names, standing};
use guildhall_sync::id::UserId;
use guildhall_sync::model::desk::Assistant;
use guildhall_sync::model::find_table;
use guildhall_sync::schema::{Table, common};
use guildhall_sync::time::Timestamp;
use guildhall_sync::value::{Cells, Type};
use serde::{Deserialize, Serialize};
use ts_rs::TS;
use uuid::Uuid;

/// More are not looked for at once.
const MAX_HITS: usize = 200;

#[derive(Clone, Debug, Deserialize, TS)]
pub struct SearchRequest {
    pub text: String,
    /// All that can be searched where none is named.
    pub tables: Vec<String>,
    pub limit: usize,
}

#[derive(Debug, Serialize, TS)]
pub struct Hits {
    /// The words that were looked for.
    pub words: Vec<String>,
    /// The best first.
    pub hits: Vec<HitView>,
}

#[derive(Debug, Serialize, TS)]
pub struct HitView {
    pub table: &'static str,
    pub id: Uuid,
    pub path: String,
    pub title: Marked,
    pub passage: Marked,
    /// Whether all words are in it.
    pub has_all: bool,
}

/// A text with the places of the words that were found, in UTF-16 units as a screen counts them.
#[derive(Debug, PartialEq, Eq, Serialize, TS)]
pub struct Marked {
    pub text: String,
    pub marks: Vec<(usize, usize)>,
}

#[derive(Clone, Debug, Deserialize, TS)]
pub struct PassageRequest {
    pub table: String,
    pub id: Uuid,
    /// As it was typed.
    pub text: String,
}

#[derive(Debug, Serialize, TS)]
pub struct Passage {
    pub table: String,
    pub id: Uuid,
    pub title: String,
    pub path: String,
    pub heading: Option<String>,
    /// Safe to be shown as it is, with the found words in `<mark>`.
    pub html: String,
    /// Plain text for a customer.
    pub copy: String,
    pub mark: Mark,
    #[ts(type = "number")]
    pub changed_at: Timestamp,
    pub changed_by: Option<String>,
    /// The assistant that answers from it.
    pub assistant: Option<String>,
}

/// Without a word there is nothing to find, and that is no failure. The last word may be begun.
pub fn search(app: &App, request: SearchRequest) -> Result<Hits, Failure> {
    let tables: Vec<&'static Table> =
        request.tables.iter().map(|name| table(name)).collect::<Result<_, _>>()?;
    let query = Query { typed: &request.text, tables: &tables, limit: request.limit.min(MAX_HITS) };
    let found = app.store.read(|connection| search::find_typing(connection, &query))?;
    let hits = found.hits.into_iter().map(|hit| HitView {
        table: hit.table,
        id: hit.id,
        path: hit.path,
        title: Marked::from(hit.title),
        passage: Marked::from(hit.passage),
        has_all: hit.has_all,
    });
    Ok(Hits { hits: hits.collect(), words: found.words })
}

/// The part of a row that answers best what was typed.
pub fn passage(app: &App, request: PassageRequest) -> Result<Passage, Failure> {
    let table = table(&request.table)?;
    Ok(app.store.read(|connection| read_passage(connection, table, &request))?)
}

fn read_passage(
    connection: &Connection,
    table: &'static Table,
    request: &PassageRequest,
) -> guildhall_local::Result<Passage> {
    let cells = rows::get(connection, table, request.id)?.cells;
    let column = table.searched_columns().find(|column| column.kind == Type::Markdown);
    let text = column.and_then(|column| column.value_in(&cells).as_text().map(str::to_owned));
    let places = search::places(connection, table, request.id, &request.text)?;
    let passage = text.map(|text| markdown::passage(&text, &places)).unwrap_or_default();
    let changed_by = cells.value(common::UPDATED_BY).as_id().map(UserId);
    Ok(Passage {
        table: request.table.clone(),
        id: request.id,
        title: place::title(connection, table, &cells)?,
        path: place::path(connection, table, &cells)?,
        heading: passage.heading,
        html: passage.html,
        copy: passage.copy,
        mark: standing::of_row(connection, table, request.id)?.into(),
        changed_at: Timestamp(cells.value(common::UPDATED_AT).as_int().unwrap_or_default()),
        changed_by: names::find_user(connection, changed_by)?,
        assistant: assistant(connection, table, &cells)?,
    })
}

fn assistant(
    connection: &Connection,
    table: &Table,
    cells: &Cells,
) -> guildhall_local::Result<Option<String>> {
    let Some(id) = table.value(cells, "assistant_id").as_id() else { return Ok(None) };
    Ok(rows::find_typed::<Assistant>(connection, id)?.map(|assistant| assistant.name))
}

fn table(name: &str) -> Result<&'static Table, Failure> {
    find_table(name)
        .ok_or_else(|| Failure::new(Code::BadRequest, format!("There is no table {name:?} to look in.")))
}

impl From<Snippet> for Marked {
    fn from(snippet: Snippet) -> Self {
        let Snippet { text, marks } = snippet;
        let (mut bytes, mut units) = (0, 0);
        let mut place = |at: usize| {
            units += text.get(bytes..at).map_or(0, |part| part.encode_utf16().count());
            bytes = at;
            units
        };
        let marks = marks.into_iter().map(|mark| (place(mark.start), place(mark.end))).collect();
        Self { marks, text }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_count_as_a_screen_counts() {
        let snippet = Snippet { text: "👩‍👧 Tür, Bay 7".to_owned(), marks: vec![12..16, 18..21] };
        let words: Vec<&str> = snippet.marks.iter().map(|mark| &snippet.text[mark.clone()]).collect();
        assert_eq!(words, ["Tür", "Bay"]);
        assert_eq!(Marked::from(snippet).marks, [(6, 9), (11, 14)]);
    }
}

//! Finding pages, questions and tickets by their words.

use crate::app::App;
use crate::failure::{Code, Failure};
use guildhall_local::search::{self, Query, Snippet};
use guildhall_sync::schema::Table;
use serde::{Deserialize, Serialize};
use ts_rs::TS;
use uuid::Uuid;

#[derive(Clone, Debug, Deserialize, TS)]
pub struct SearchRequest {
    pub text: String,
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

/// A text with the places of the words that were found, in bytes.
#[derive(Debug, Serialize, TS)]
pub struct Marked {
    pub text: String,
    pub marks: Vec<(usize, usize)>,
}

pub fn search(app: &App, request: SearchRequest) -> Result<Hits, Failure> {
    let query = Query { typed: &request.text, tables: NO_TABLES, limit: request.limit };
    let found = app.store.read(|connection| search::find(connection, &query))?;
    if found.words.is_empty() {
        return Err(Failure::new(Code::BadRequest, "There is no word to look for."));
    }
    let hits = found.hits.into_iter().map(|hit| HitView {
        table: hit.table,
        id: hit.id,
        path: hit.path,
        title: marked(hit.title),
        passage: marked(hit.passage),
        has_all: hit.has_all,
    });
    Ok(Hits { hits: hits.collect(), words: found.words })
}

const NO_TABLES: &[&Table] = &[];

fn marked(snippet: Snippet) -> Marked {
    Marked {
        text: snippet.text,
        marks: snippet.marks.into_iter().map(|mark| (mark.start, mark.end)).collect(),
    }
}

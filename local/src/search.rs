//! Finding things in the mirror by their words: rows that have all of them first, then rows that
//! have some. Meaning is not looked at here. What was said in a ticket is found as the ticket.

use crate::error::Result;
use crate::store::rows;
use guildhall_sync::model::TABLES;
use guildhall_sync::model::desk::{Ticket, TicketMessage};
use guildhall_sync::schema::{Row, Table};
use guildhall_sync::value::Type;
use rusqlite::{Connection, OptionalExtension, params};
use std::collections::HashSet;
use std::ops::Range;
use tokens::Match;
use uuid::Uuid;

mod conversations;
pub mod fulltext;
pub mod place;
pub mod snippet;
pub mod tokens;

pub use snippet::Snippet;

/// A word in a name or a heading counts this much against one in a text.
const HEADING_WEIGHT: &str = "5.0";
const TEXT_WEIGHT: &str = "1.0";

#[derive(Clone, Copy, Debug)]
pub struct Query<'a> {
    pub typed: &'a str,
    /// Only these tables; all that can be searched where it is empty.
    pub tables: &'a [&'static Table],
    pub limit: usize,
}

#[derive(Clone, Debug, PartialEq)]
pub struct Found {
    /// The best first.
    pub hits: Vec<Hit>,
    /// The words that were looked for.
    pub words: Vec<String>,
}

#[derive(Clone, Debug, PartialEq)]
pub struct Hit {
    pub table: &'static str,
    pub id: Uuid,
    /// The name or heading, with the words that were found.
    pub title: Snippet,
    /// Where people look for it, as in `booking/refunds`.
    pub path: String,
    /// The passage with most of the words; empty where the row has no text.
    pub passage: Snippet,
    /// Whether all words are in it.
    pub has_all: bool,
    /// Larger is better; comparable within one answer.
    pub score: f64,
}

/// A row that matched, before it is looked at closer.
struct Candidate {
    table: &'static Table,
    row: i64,
    id: Uuid,
    /// What is shown as found: the ticket, for what was said in it.
    found: (&'static Table, Uuid),
    how: Match,
    score: f64,
}

pub fn find(connection: &Connection, query: &Query<'_>) -> Result<Found> {
    find_words(connection, query, tokens::tokens(query.typed))
}

/// As [`find`], while somebody types: the last word may be the beginning of one.
pub fn find_typing(connection: &Connection, query: &Query<'_>) -> Result<Found> {
    let mut found = find_words(connection, query, tokens::tokens_typing(query.typed))?;
    found.words = tokens::tokens(query.typed);
    Ok(found)
}

fn find_words(connection: &Connection, query: &Query<'_>, words: Vec<String>) -> Result<Found> {
    let mut tables: Vec<&'static Table> = match query.tables {
        [] => TABLES.to_vec(),
        some => some.to_vec(),
    };
    let asks_for = |table: &Table| tables.iter().any(|other| other.number == table.number);
    if asks_for(Ticket::TABLE) && !asks_for(TicketMessage::TABLE) {
        tables.push(TicketMessage::TABLE);
    }
    let mut best = collect(connection, &tables, &words, Match::All, query.limit)?;
    if best.len() < query.limit && words.len() > 1 {
        let known: HashSet<Uuid> = best.iter().map(|hit| hit.found.1).collect();
        let more = collect(connection, &tables, &words, Match::Any, query.limit)?;
        best.extend(more.into_iter().filter(|hit| !known.contains(&hit.found.1)));
    }
    best.truncate(query.limit);
    let hits = best.iter().map(|candidate| look_at(connection, candidate, &words));
    Ok(Found { hits: hits.collect::<Result<_>>()?, words })
}

/// Where words that were typed stand in the text of a row, as byte ranges of its Markdown.
pub fn places(
    connection: &Connection,
    table: &'static Table,
    id: Uuid,
    typed: &str,
) -> Result<Vec<Range<usize>>> {
    let (_, Some(at)) = columns_shown(table) else { return Ok(Vec::new()) };
    let words = tokens::tokens_typing(typed);
    if words.is_empty() {
        return Ok(Vec::new());
    }
    let select = format!("select sync_row, {} from {} where id = ?", searched(table)[at], table.name);
    let found: Option<(i64, String)> = connection
        .prepare_cached(&select)?
        .query_row([id], |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()?;
    let Some((row, text)) = found else { return Ok(Vec::new()) };
    let marked = snippet::whole(connection, table, row, at, &words, Match::Any)?;
    // Not so where the text holds the characters that stand for marks.
    Ok(if marked.text == text { marked.marks } else { Vec::new() })
}

/// The best of all tables, the best first.
fn collect(
    connection: &Connection,
    tables: &[&'static Table],
    words: &[String],
    how: Match,
    limit: usize,
) -> Result<Vec<Candidate>> {
    let mut all = Vec::new();
    for table in tables {
        all.extend(collect_from(connection, table, words, how, limit)?);
    }
    all.sort_by(|a, b| b.score.total_cmp(&a.score));
    let mut all = conversations::as_tickets(connection, all)?;
    all.truncate(limit);
    Ok(all)
}

fn collect_from(
    connection: &Connection,
    table: &'static Table,
    words: &[String],
    how: Match,
    limit: usize,
) -> Result<Vec<Candidate>> {
    let Some(query) = tokens::query(words, &searched(table), how) else { return Ok(Vec::new()) };
    let (name, weights) = (table.name, weights(table));
    // The best are chosen by the index alone, which holds no deleted rows; only they are looked up.
    let mut select = connection.prepare_cached(&format!(
        "select sync_row, id, -score
         from (select rowid as found, rank as score from fts_{name}
               where fts_{name} match ? and rank match 'bm25({weights})' order by rank limit ?)
         join {name} on sync_row = found order by score"
    ))?;
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    let candidates = select.query_map(params![query, limit], |row| {
        let id = row.get(1)?;
        Ok(Candidate { table, row: row.get(0)?, id, found: (table, id), how, score: row.get(2)? })
    })?;
    Ok(candidates.collect::<std::result::Result<_, _>>()?)
}

fn look_at(connection: &Connection, candidate: &Candidate, words: &[String]) -> Result<Hit> {
    let Candidate { table, row, id, found, how, score } = *candidate;
    let cells = rows::get(connection, table, id)?.cells;
    let (heading, text) = columns_shown(table);
    let marked = match heading {
        Some(at) => snippet::whole(connection, table, row, at, words, how)?,
        None => Snippet::default(),
    };
    let title = match marked.text.as_str() {
        "" => Snippet::plain(place::title(connection, table, &cells)?),
        _ => marked,
    };
    let passage = match text {
        Some(_) => snippet::best(connection, table, row, words, how)?,
        None => Snippet::default(),
    };
    let path = place::path(connection, table, &cells)?;
    Ok(Hit { table: found.0.name, id: found.1, title, path, passage, has_all: how == Match::All, score })
}

fn searched(table: &Table) -> Vec<&'static str> {
    table.searched_columns().map(|column| column.name).collect()
}

fn weights(table: &Table) -> String {
    let weights = table.searched_columns().map(|column| match column.kind {
        Type::Markdown => TEXT_WEIGHT,
        _ => HEADING_WEIGHT,
    });
    weights.collect::<Vec<_>>().join(", ")
}

/// The places of the first heading and the first text among the searched columns.
fn columns_shown(table: &Table) -> (Option<usize>, Option<usize>) {
    let is_text = |kind| kind == Type::Markdown;
    let at = |wanted| table.searched_columns().position(|column| is_text(column.kind) == wanted);
    (at(false), at(true))
}

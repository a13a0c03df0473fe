//! Full-text search among 10,000 pages: the device's search, with passages and places, beside one
//! bare FTS5 query that gives ids only.

use std::borrow::Cow;
use std::path::Path;

use guildhall_local::search::{self, Query};
use guildhall_sync::model::knowledge::KnowledgeItem;
use guildhall_sync::schema::Row;
use rusqlite::Connection;

use crate::cells::article;
use crate::figure::{Figure, Goal};
use crate::floor::sqlite::{self, Cipher};
use crate::language::Language;
use crate::measure::{Samples, timed};
use crate::random::Random;
use crate::work::{Page, Pages};
use crate::{mirror, new_folder};

const ROWS: usize = 10_000;
const QUERIES: usize = 200;
const HITS: usize = 20;

pub fn measure() -> anyhow::Result<Vec<Figure>> {
    let folder = new_folder()?;
    let pages = Pages::list(ROWS);
    let rows: Vec<_> = pages.iter().map(|page| article(page, mirror::GUILD)).collect();
    let store = mirror::create(folder.path())?;
    mirror::receive(&store, KnowledgeItem::TABLE, &rows)?;
    let bare = fill_bare(&folder.path().join("bare.db"), &pages)?;
    let (mut ours, mut alone) = <(Samples, Samples)>::default();
    let mut hits = 0;
    for words in list_queries(&pages) {
        let query = Query { typed: &words.join(" "), tables: &[], limit: HITS };
        let (found, took) = timed(|| Ok(store.read(|connection| search::find(connection, &query))?))?;
        ours.add(took);
        hits += found.hits.len();
        alone.add(timed(|| find_bare(&bare, &words))?.1);
    }
    anyhow::ensure!(hits > QUERIES, "the queries found next to nothing");
    let figure = |name: &str, part: f64| {
        Figure::new(format!("{QUERIES} queries among {ROWS} pages, {name}"), ours.milliseconds_at(part), "ms")
            .beside(format!("bare FTS5, {name}"), alone.milliseconds_at(part))
    };
    Ok(vec![figure("p50", 0.5), figure("p95", 0.95).goal(Goal::AtMost(50.0))])
}

/// One to four words each: out of one page, or just any.
fn list_queries(pages: &[Page]) -> Vec<Vec<String>> {
    let (mut language, mut random) = (Language::new(7), Random::new(8));
    let query = |number: usize| {
        let count = 1 + random.below(4);
        if number.is_multiple_of(4) {
            return (0..count).map(|_| language.telling_word().to_owned()).collect();
        }
        let page = &pages[random.below(pages.len())];
        let words: Vec<&str> = page.body.split(|letter: char| !letter.is_alphabetic()).collect();
        let long: Vec<&&str> = words.iter().filter(|word| word.len() > 4).collect();
        (0..count).map(|_| long[random.below(long.len())].to_string()).collect()
    };
    (0..QUERIES).map(query).collect()
}

/// The rows in a bare file, with a full text of their own.
fn fill_bare(file: &Path, pages: &[Page]) -> anyhow::Result<Connection> {
    let connection = sqlite::open(file, Cipher::Encrypted)?;
    sqlite::insert_all(&connection, std::iter::empty::<Cow<'_, [u8]>>())?;
    connection.execute_batch("begin")?;
    let mut insert = connection.prepare(
        "insert into page (id, org, title, body, status, tags, version, updated_at) \
         values (?, ?, ?, ?, ?, ?, ?, ?)",
    )?;
    for page in pages {
        let tags = page.tags.join(" ");
        let (title, body) = (&page.title, &page.body);
        insert.execute((page.id, page.org, title, body, page.status, tags, page.version, page.updated_at))?;
    }
    drop(insert);
    connection.execute_batch("commit")?;
    sqlite::build_fulltext(&connection)?;
    Ok(connection)
}

fn find_bare(connection: &Connection, words: &[String]) -> anyhow::Result<Vec<i64>> {
    let quoted: Vec<String> = words.iter().map(|word| format!("\"{word}\"")).collect();
    let mut select = connection
        .prepare_cached("select rowid from page_text where page_text match ? order by rank limit ?")?;
    let rows = select.query_map((quoted.join(" AND "), HITS as i64), |row| row.get(0))?;
    Ok(rows.collect::<Result<_, _>>()?)
}

//! An editor's save: one page of 5 KB through the write door, beside one update of such a page in
//! a bare SQLite file with the same settings, and beside what the disk takes to flush a file.

use std::fs::File;
use std::io::Write;
use std::path::Path;

use guildhall_local::Store;
use guildhall_local::write::Why;
use guildhall_sync::model::knowledge::{KnowledgeItem, Sop};
use guildhall_sync::schema::Row;
use guildhall_sync::value::Value;
use rusqlite::Connection;
use uuid::Uuid;

use crate::cells::{article, named, sop};
use crate::figure::{Figure, Goal};
use crate::floor::sqlite::{self, Cipher};
use crate::language::Language;
use crate::measure::{Samples, timed};
use crate::work::Pages;
use crate::{mirror, new_folder};

const OTHER_ROWS: usize = 10_000;
const EDITED_PAGES: usize = 500;
const PAGE_BYTES: usize = 5 * 1024;
const SAVES: usize = 1_000;
const BLOCK: [u8; 4096] = [7; 4096];

pub fn measure() -> anyhow::Result<Vec<Figure>> {
    let folder = new_folder()?;
    let mut language = Language::new(5);
    let pages: Vec<Edited> = (0..EDITED_PAGES).map(|_| Edited::new(&mut language)).collect();
    let store = fill_mirror(folder.path(), &pages)?;
    let bare = fill_bare(folder.path(), &pages)?;
    let mut flushed = File::create(folder.path().join("flushed"))?;
    let (mut door, mut update, mut flush) = <(Samples, Samples, Samples)>::default();
    for round in 0..SAVES {
        let page = &pages[round % EDITED_PAGES];
        let content = page.edited(&language.text(40), round);
        door.add(timed(|| save(&store, page.id, &content))?.1);
        update.add(timed(|| save_bare(&bare, page.id, &content))?.1);
        flush.add(timed(|| append_and_flush(&mut flushed))?.1);
    }
    Ok(vec![
        figure("p50", &door, 0.5).beside("bare update, p50", update.milliseconds_at(0.5)),
        figure("p99", &door, 0.99).beside("bare update, p99", update.milliseconds_at(0.99)),
        figure("p99", &door, 0.99)
            .beside("the disk's flush, p99", flush.milliseconds_at(0.99))
            .goal(Goal::Beyond(10.0)),
    ])
}

fn figure(name: &str, door: &Samples, part: f64) -> Figure {
    let name = format!("save a 5 KB page among {OTHER_ROWS} rows, {name}");
    Figure::new(name, door.milliseconds_at(part), "ms")
}

struct Edited {
    id: Uuid,
    title: String,
    content: String,
}

impl Edited {
    fn new(language: &mut Language) -> Self {
        let id = language.random().id(0);
        Self { id, title: language.title(), content: language.text(PAGE_BYTES) }
    }

    /// The page with a sentence more somewhere inside, which is where people write.
    fn edited(&self, sentence: &str, round: usize) -> String {
        let middle = self.content.len() / 2;
        let (before, after) = self.content.split_at(middle);
        format!("{before}. {sentence} {round} {after}")
    }
}

fn fill_mirror(folder: &Path, pages: &[Edited]) -> anyhow::Result<Store> {
    let store = mirror::create(folder)?;
    let others: Vec<_> = Pages::begin().take(OTHER_ROWS).map(|page| article(&page, mirror::GUILD)).collect();
    mirror::receive(&store, KnowledgeItem::TABLE, &others)?;
    let assistant = Pages::orgs()[0];
    let edited: Vec<_> =
        pages.iter().map(|page| sop(page.id, assistant, mirror::GUILD, &page.title, &page.content)).collect();
    mirror::receive(&store, Sop::TABLE, &edited)?;
    Ok(store)
}

fn fill_bare(folder: &Path, pages: &[Edited]) -> anyhow::Result<Connection> {
    let connection = sqlite::open(&folder.join("bare.db"), Cipher::Encrypted)?;
    let table = "create table page (row integer primary key, id blob not null unique, title text not null, \
                 content text not null)";
    connection.execute(table, [])?;
    for page in pages {
        let insert = "insert into page (id, title, content) values (?, ?, ?)";
        connection.prepare_cached(insert)?.execute((page.id, &page.title, &page.content))?;
    }
    connection.pragma_update(None, "synchronous", "full")?;
    Ok(connection)
}

fn save(store: &Store, id: Uuid, content: &str) -> anyhow::Result<()> {
    let changes = named(Sop::TABLE, [("content", Value::text(content))]);
    let written = store.write(|write| write.update(Sop::TABLE, id, changes, Why::default()))?;
    anyhow::ensure!(written.value, "the save changed nothing");
    Ok(())
}

fn save_bare(connection: &Connection, id: Uuid, content: &str) -> anyhow::Result<()> {
    let changed =
        connection.prepare_cached("update page set content = ? where id = ?")?.execute((content, id))?;
    anyhow::ensure!(changed == 1, "the bare update found no page");
    Ok(())
}

fn append_and_flush(file: &mut File) -> anyhow::Result<()> {
    file.write_all(&BLOCK)?;
    Ok(file.sync_data()?)
}

//! The same rows in one bare SQLite table, plain or encrypted.

use std::path::{Path, PathBuf};

use rusqlite::Connection;

use super::copy::{Columns, RowReader, text, whole_number};

/// Whether the file is encrypted as the mirror is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cipher {
    Plain,
    Encrypted,
}

/// A file with the settings of the mirror; a new one where there is none.
pub fn open(path: &Path, cipher: Cipher) -> anyhow::Result<Connection> {
    let connection = Connection::open(path)?;
    if cipher == Cipher::Encrypted {
        connection.pragma_update(None, "key", format!("x'{}'", "5a".repeat(32)))?;
    }
    connection.pragma_update(None, "journal_mode", "wal")?;
    connection.pragma_update(None, "synchronous", "normal")?;
    Ok(connection)
}

/// The file and what SQLite keeps beside it.
pub fn files(path: &Path) -> Vec<PathBuf> {
    ["", "-wal", "-shm"].map(|ending| PathBuf::from(format!("{}{ending}", path.display()))).to_vec()
}

/// Inserts rows in the binary form of COPY, all in one transaction.
pub fn insert_all<'a>(
    connection: &Connection,
    pieces: impl IntoIterator<Item = std::borrow::Cow<'a, [u8]>>,
) -> anyhow::Result<()> {
    let table = "create table page (row integer primary key, id blob not null unique, org blob not null, \
                 title text not null, body text not null, status text not null, tags text not null, \
                 version integer not null, updated_at integer not null)";
    connection.execute(table, [])?;
    connection.execute_batch("begin immediate")?;
    let mut reader = RowReader::default();
    let mut insert = connection.prepare(
        "insert into page (id, org, title, body, status, tags, version, updated_at) \
         values (?, ?, ?, ?, ?, ?, ?, ?)",
    )?;
    for piece in pieces {
        reader.read(&piece, |row| insert_row(&mut insert, row))?;
    }
    Ok(connection.execute_batch("commit")?)
}

fn insert_row(insert: &mut rusqlite::Statement<'_>, row: Columns<'_>) -> anyhow::Result<()> {
    let [id, org, title, body, status, tags, version, updated_at] = row;
    insert.execute((
        id,
        org,
        text(title)?,
        text(body)?,
        text(status)?,
        text(tags)?,
        whole_number(version)?,
        whole_number(updated_at)?,
    ))?;
    Ok(())
}

/// Full text over title and body, built after the rows, as the mirror has it.
pub fn build_fulltext(connection: &Connection) -> anyhow::Result<()> {
    let table = "create virtual table page_text using fts5 (title, body, content = 'page', \
                 content_rowid = 'row', tokenize = \"porter unicode61 remove_diacritics 2\")";
    connection.execute(table, [])?;
    connection.execute("insert into page_text (page_text) values ('rebuild')", [])?;
    Ok(())
}

pub fn count_rows(connection: &Connection) -> anyhow::Result<i64> {
    Ok(connection.query_row("select count(*) from page", [], |row| row.get(0))?)
}

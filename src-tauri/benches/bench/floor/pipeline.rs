//! The floor of a first download: COPY, zstd, unzstd and SQLite at once, each on a thread of its
//! own, so that the slowest stage decides.

use std::borrow::Cow;
use std::io::{Read, Write};
use std::path::Path;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread;

use anyhow::{Context, ensure};
use sqlx::{Connection, PgConnection};

use super::copy::copy_pages;
use super::sqlite::{self, Cipher, count_rows, insert_all};

pub const ZSTD_LEVEL: i32 = 3;
const PIECES_WAITING: usize = 64;
const PIECE_BYTES: usize = 64 * 1024;

/// Brings all pages of the bare database into a new SQLite file.
pub fn download(url: &str, file: &Path, cipher: Cipher, rows: usize) -> anyhow::Result<()> {
    let (copied, to_compress) = sync_channel(PIECES_WAITING);
    let (compressed, to_expand) = sync_channel(PIECES_WAITING);
    let (expanded, to_insert) = sync_channel(PIECES_WAITING);
    let connection = sqlite::open(file, cipher)?;
    thread::scope(|scope| {
        let stages = [
            scope.spawn(move || copy_out(url, Pieces::new(copied))),
            scope.spawn(move || compress(Incoming::new(to_compress), Pieces::new(compressed))),
            scope.spawn(move || expand(Incoming::new(to_expand), &expanded)),
        ];
        insert_all(&connection, to_insert.into_iter().map(Cow::Owned))?;
        for stage in stages {
            stage.join().map_err(|_| anyhow::anyhow!("a stage of the floor panicked"))??;
        }
        anyhow::Ok(())
    })?;
    let found = count_rows(&connection)?;
    ensure!(usize::try_from(found)? == rows, "the floor brought {found} rows of {rows}");
    Ok(())
}

fn copy_out(url: &str, mut out: Pieces) -> anyhow::Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        let mut connection = PgConnection::connect(url).await?;
        copy_pages(&mut connection, |piece| Ok(out.write_all(piece)?)).await
    })?;
    Ok(out.flush()?)
}

fn compress(mut input: Incoming, out: Pieces) -> anyhow::Result<()> {
    let mut encoder = zstd::stream::Encoder::new(out, ZSTD_LEVEL)?;
    std::io::copy(&mut input, &mut encoder)?;
    Ok(encoder.finish()?.flush()?)
}

fn expand(input: Incoming, out: &SyncSender<Vec<u8>>) -> anyhow::Result<()> {
    let mut decoder = zstd::stream::Decoder::new(input)?;
    loop {
        let mut piece = vec![0; PIECE_BYTES];
        let length = decoder.read(&mut piece)?;
        if length == 0 {
            return Ok(());
        }
        piece.truncate(length);
        out.send(piece).context("SQLite stopped early")?;
    }
}

/// Gathers small writes into pieces for the next stage.
struct Pieces {
    gathered: Vec<u8>,
    next: SyncSender<Vec<u8>>,
}

impl Pieces {
    fn new(next: SyncSender<Vec<u8>>) -> Self {
        Self { gathered: Vec::with_capacity(PIECE_BYTES), next }
    }
}

impl Write for Pieces {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.gathered.extend_from_slice(bytes);
        if self.gathered.len() >= PIECE_BYTES {
            self.flush()?;
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        let piece = std::mem::replace(&mut self.gathered, Vec::with_capacity(PIECE_BYTES));
        self.next.send(piece).map_err(std::io::Error::other)
    }
}

/// Pieces of the stage before, as one stream of bytes.
struct Incoming {
    before: Receiver<Vec<u8>>,
    piece: Vec<u8>,
    taken: usize,
}

impl Incoming {
    fn new(before: Receiver<Vec<u8>>) -> Self {
        Self { before, piece: Vec::new(), taken: 0 }
    }
}

impl Read for Incoming {
    fn read(&mut self, out: &mut [u8]) -> std::io::Result<usize> {
        while self.taken == self.piece.len() {
            match self.before.recv() {
                Ok(piece) => (self.piece, self.taken) = (piece, 0),
                Err(_) => return Ok(0),
            }
        }
        let length = out.len().min(self.piece.len() - self.taken);
        out[..length].copy_from_slice(&self.piece[self.taken..self.taken + length]);
        self.taken += length;
        Ok(length)
    }
}

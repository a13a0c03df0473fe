//! Rows out of Postgres in the binary form of COPY, and how such a row is read.

use anyhow::Context;
use futures_util::TryStreamExt;
use sqlx::PgConnection;

/// Signature, flags and the length of an extension that is empty.
const HEADER_BYTES: usize = 19;
const COLUMNS: usize = 8;

/// Copies all pages out in the order of their ids, piece by piece.
pub async fn copy_pages(
    connection: &mut PgConnection,
    mut take: impl FnMut(&[u8]) -> anyhow::Result<()>,
) -> anyhow::Result<()> {
    let copy = "copy (select id, org, title, body, status, array_to_string(tags, ' '), version, updated_at \
                from page order by id) to stdout (format binary)";
    let mut pieces = connection.copy_out_raw(copy).await?;
    while let Some(piece) = pieces.try_next().await? {
        take(&piece)?;
    }
    Ok(())
}

/// The columns of one page, as bytes in Postgres' own form.
pub type Columns<'a> = [&'a [u8]; COLUMNS];

/// Reads whole rows from bytes that arrive in pieces.
#[derive(Debug, Default)]
pub struct RowReader {
    buffer: Vec<u8>,
    has_begun: bool,
}

impl RowReader {
    /// Takes a piece in and gives out each row that is now whole.
    pub fn read(
        &mut self,
        piece: &[u8],
        mut take: impl FnMut(Columns<'_>) -> anyhow::Result<()>,
    ) -> anyhow::Result<()> {
        self.buffer.extend_from_slice(piece);
        let mut rest = self.buffer.as_slice();
        if !self.has_begun {
            let Some((_, body)) = rest.split_at_checked(HEADER_BYTES) else { return Ok(()) };
            (rest, self.has_begun) = (body, true);
        }
        while let Some((row, after)) = split_row(rest) {
            take(row)?;
            rest = after;
        }
        let left = self.buffer.len() - rest.len();
        self.buffer.drain(..left);
        Ok(())
    }
}

/// None where the row is not whole yet, and at the mark that ends the copy.
fn split_row(bytes: &[u8]) -> Option<(Columns<'_>, &[u8])> {
    let (count, mut rest) = bytes.split_first_chunk::<2>()?;
    let count = usize::try_from(i16::from_be_bytes(*count)).ok()?;
    let mut columns: Columns<'_> = [&[]; COLUMNS];
    for column in &mut columns[..count] {
        let (length, after) = rest.split_first_chunk::<4>()?;
        let length = usize::try_from(i32::from_be_bytes(*length)).ok()?;
        (*column, rest) = after.split_at_checked(length)?;
    }
    Some((columns, rest))
}

pub fn text(column: &[u8]) -> anyhow::Result<&str> {
    std::str::from_utf8(column).context("Postgres sends UTF-8")
}

pub fn whole_number(column: &[u8]) -> anyhow::Result<i64> {
    Ok(i64::from_be_bytes(column.try_into().context("a bigint has 8 bytes")?))
}

//! Edits taken in by Postgres alone: for each batch one update and one line of history a row, set
//! by set, in one transaction. No rights, no merge, no verdict, no triggers.

use serde::Serialize;
use sqlx::{Connection, PgConnection};
use uuid::Uuid;

use crate::random::Random;
use crate::work::Page;

pub const EDITS_AT_ONCE: usize = 500;

#[derive(Debug, Serialize)]
struct Edit<'a> {
    id: Uuid,
    entry: Uuid,
    before: &'a str,
    body: String,
}

/// What a person adds to a page.
pub fn edited(body: &str) -> String {
    format!("{body} Ask at the desk if it does not help.")
}

pub async fn create_history(connection: &mut PgConnection) -> anyhow::Result<()> {
    let table = "create table history (entry uuid primary key, page uuid not null, version bigint not null, \
                 before text not null, after text not null, at timestamptz not null default now())";
    sqlx::query(table).execute(connection).await?;
    Ok(())
}

/// The batches as they would come over the wire.
pub fn list_batches(pages: &[Page]) -> anyhow::Result<Vec<String>> {
    let mut entries = Random::new(10);
    let edits: Vec<Edit<'_>> = pages
        .iter()
        .map(|page| Edit {
            id: page.id,
            entry: entries.id(page.number),
            before: &page.body,
            body: edited(&page.body),
        })
        .collect();
    edits.chunks(EDITS_AT_ONCE).map(|chunk| Ok(serde_json::to_string(chunk)?)).collect()
}

/// Takes one batch in. When it returns, it is on the disk.
pub async fn take_in(connection: &mut PgConnection, batch: &str) -> anyhow::Result<()> {
    let mut transaction = connection.begin().await?;
    let statement = "with edit as (
            select id, entry, before, body
            from jsonb_to_recordset($1::jsonb) as e (id uuid, entry uuid, before text, body text)
        ), edited as (
            update page p set body = edit.body, version = p.version + 1
            from edit where p.id = edit.id
            returning p.id, p.version
        )
        insert into history (entry, page, version, before, after)
        select edit.entry, edit.id, edited.version, edit.before, edit.body from edit join edited using (id)";
    let done = sqlx::query(statement).bind(batch).execute(&mut *transaction).await?;
    anyhow::ensure!(done.rows_affected() > 0, "the floor took no edit in");
    Ok(transaction.commit().await?)
}

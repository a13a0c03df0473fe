//! The private Postgres that the figures are measured on. Commits reach the disk.

use guildhall_server::cluster::{Binaries, Cluster, ClusterOptions};
use sqlx::{Connection, PgConnection};

use crate::work::Page;

const OPTIONS: ClusterOptions = ClusterOptions { durable: true, max_connections: 40 };
const PAGES_AT_ONCE: usize = 1_000;

pub fn start() -> anyhow::Result<Cluster> {
    Ok(Cluster::start_temporary(&Binaries::find()?, OPTIONS)?)
}

/// A database with nothing but the pages in one bare table: no triggers, no rules, no roles.
pub async fn create_bare(cluster: &Cluster, name: &str, pages: &[Page]) -> anyhow::Result<PgConnection> {
    cluster.create_database(name).await?;
    let mut connection = PgConnection::connect(&cluster.url(name)).await?;
    let table = "create table page (id uuid primary key, org uuid not null, title text not null, \
                 body text not null, status text not null, tags text[] not null, version bigint not null, \
                 updated_at bigint not null)";
    sqlx::query(table).execute(&mut connection).await?;
    for chunk in pages.chunks(PAGES_AT_ONCE) {
        let insert = "insert into page (id, org, title, body, status, tags, version, updated_at) \
                      select id, org, title, body, status, tags, version, updated_at \
                      from jsonb_populate_recordset(null::page, $1::jsonb)";
        sqlx::query(insert).bind(serde_json::to_string(chunk)?).execute(&mut connection).await?;
    }
    sqlx::query("vacuum (analyze, freeze) page").execute(&mut connection).await?;
    Ok(connection)
}

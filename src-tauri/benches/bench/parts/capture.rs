//! What capture costs a row: the same statements on a synced table and on a copy of it that has
//! its columns, indexes and foreign keys, but not its triggers. Both ways of writing: as a push
//! does (which keeps history itself), and as any SQL client does (history by the triggers).

use std::time::Duration;

use guildhall_server::cluster::Cluster;
use guildhall_sync::model::knowledge::KnowledgeItem;
use guildhall_sync::schema::Row;
use guildhall_sync::value::Cells;
use sqlx::{AssertSqlSafe, Connection, PgConnection, Row as _};

use crate::cells::article;
use crate::figure::{Figure, Goal};
use crate::work::Pages;
use crate::{guild, postgres};

const ROWS: usize = 10_000;
const ROWS_AT_ONCE: usize = 500;
const CAPTURED: &str = "guildhall.knowledge_items";
const BARE: &str = "bare_items";

/// Who writes.
#[derive(Clone, Copy, Debug)]
enum Writer {
    Push,
    Sql,
    /// A push, with a version of each page kept, which is a row of its own.
    WithVersions,
}

#[derive(Debug, Default)]
struct Spent {
    captured: Duration,
    bare: Duration,
}

pub fn measure() -> anyhow::Result<Vec<Figure>> {
    let cluster = postgres::start()?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let mut figures = Vec::new();
    let writers = [
        (Writer::Push, "as a push"),
        (Writer::Sql, "by SQL, history included"),
        (Writer::WithVersions, "as a push, a version kept"),
    ];
    for (writer, name) in writers {
        let [insert, update] = runtime.block_on(run(&cluster, writer))?;
        let goal = if matches!(writer, Writer::WithVersions) { Goal::None } else { Goal::Beyond(60.0) };
        figures.push(figure(&format!("insert {name}"), &insert).goal(goal));
        figures.push(figure(&format!("update {name}"), &update).goal(goal));
    }
    Ok(figures)
}

fn figure(name: &str, spent: &Spent) -> Figure {
    let microseconds = |duration: Duration| duration.as_secs_f64() * 1e6 / ROWS as f64;
    Figure::new(format!("{name}, a row of {ROWS}"), microseconds(spent.captured), "µs")
        .beside("without triggers", microseconds(spent.bare))
}

async fn run(cluster: &Cluster, writer: Writer) -> anyhow::Result<[Spent; 2]> {
    let database = format!("capture_{writer:?}").to_lowercase();
    let guild = guild::create(cluster, &database).await?.0;
    let mut connection = PgConnection::connect(&cluster.url(&database)).await?;
    if !matches!(writer, Writer::WithVersions) {
        let versions_off = "alter table guildhall.knowledge_items disable trigger keep_first_version, disable trigger keep_version";
        sqlx::query(versions_off).execute(&mut connection).await?;
    }
    copy_without_triggers(&mut connection).await?;
    let rows: Vec<Cells> = Pages::begin().take(ROWS).map(|page| article(&page, guild)).collect();
    let (mut insert, mut update) = (Spent::default(), Spent::default());
    for chunk in rows.chunks(ROWS_AT_ONCE) {
        let json = guild::as_json(KnowledgeItem::TABLE, chunk)?;
        both(&mut connection, writer, &mut insert, insert_pages, &json).await?;
    }
    for chunk in rows.chunks(ROWS_AT_ONCE) {
        let json = guild::as_json(KnowledgeItem::TABLE, chunk)?;
        both(&mut connection, writer, &mut update, update_answers, &json).await?;
    }
    Ok([insert, update])
}

fn insert_pages(name: &str) -> String {
    guild::insert_into(name, KnowledgeItem::TABLE)
}

fn update_answers(name: &str) -> String {
    format!(
        "update {name} t set answer_md = t.answer_md || ' Ask the desk.' \
         from jsonb_populate_recordset(null::{name}, $1::jsonb) n where t.guild_id = n.guild_id and t.id = n.id"
    )
}

async fn both(
    connection: &mut PgConnection,
    writer: Writer,
    spent: &mut Spent,
    statement: fn(&str) -> String,
    json: &str,
) -> anyhow::Result<()> {
    for (name, total) in [(BARE, &mut spent.bare), (CAPTURED, &mut spent.captured)] {
        *total += write(connection, writer, statement(name), json).await?;
    }
    Ok(())
}

/// One transaction, its commit on the disk included.
async fn write(
    connection: &mut PgConnection,
    writer: Writer,
    statement: String,
    json: &str,
) -> anyhow::Result<Duration> {
    let mut transaction = connection.begin().await?;
    if !matches!(writer, Writer::Sql) {
        sqlx::query("set local guildhall.push = 'on'").execute(&mut *transaction).await?;
    }
    let begin = std::time::Instant::now();
    let done = sqlx::query(AssertSqlSafe(statement)).bind(json).execute(&mut *transaction).await?;
    anyhow::ensure!(done.rows_affected() == ROWS_AT_ONCE as u64, "{} rows written", done.rows_affected());
    transaction.commit().await?;
    Ok(begin.elapsed())
}

async fn copy_without_triggers(connection: &mut PgConnection) -> anyhow::Result<()> {
    let copy = format!("create table {BARE} (like {CAPTURED} including all)");
    sqlx::query(AssertSqlSafe(copy)).execute(&mut *connection).await?;
    let keys = "select pg_get_constraintdef(oid) as definition from pg_constraint \
                where conrelid = $1::regclass and contype = 'f'";
    for row in sqlx::query(keys).bind(CAPTURED).fetch_all(&mut *connection).await? {
        let key = format!("alter table {BARE} add {}", row.try_get::<String, _>("definition")?);
        sqlx::query(AssertSqlSafe(key)).execute(&mut *connection).await?;
    }
    Ok(())
}

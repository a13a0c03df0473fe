//! A guild in a real database: made as an administrator makes it, with one manager, the
//! assistants that own the pages, and the pages themselves.
//!
//! Pages are loaded without their first versions: a version is a row of its own with the same
//! text, and what is measured is so many rows, not twice as many.

use guildhall_server::admin::{self, NewUser};
use guildhall_server::auth::password::PasswordCost;
use guildhall_server::cluster::Cluster;
use guildhall_server::db::{Database, DatabaseOptions};
use guildhall_server::migrate::migrate;
use guildhall_sync::id::GuildId;
use guildhall_sync::model::desk::Assistant;
use guildhall_sync::model::knowledge::KnowledgeItem;
use guildhall_sync::model::people::Role;
use guildhall_sync::schema::{Row, Table};
use guildhall_sync::value::json::to_json;
use guildhall_sync::value::{Cells, Value};
use sqlx::{AssertSqlSafe, Connection, PgConnection, PgPool};
use uuid::Uuid;

use crate::cells::{article, named, stamped};
use crate::work::{Page, Pages};

pub const NAME: &str = "Bench";
pub const MANAGER: &str = "Mara";
pub const PASSWORD: &str = "copper kettle on a windy pier";
const ROWS_AT_ONCE: usize = 1_000;

/// A database of its own with the guild in it, and no pages yet.
pub async fn create(cluster: &Cluster, database: &str) -> anyhow::Result<GuildId> {
    cluster.create_database(database).await?;
    let url = cluster.url(database);
    let pool = PgPool::connect(&url).await?;
    migrate(&pool).await?;
    pool.close().await;
    let database = Database::connect(&url, DatabaseOptions::default()).await?;
    let guild = admin::add_guild(&database, NAME, "en", "UTC").await?;
    let manager =
        NewUser { name: MANAGER.to_owned(), email: None, role: Role::Manager, password: PASSWORD.to_owned() };
    admin::add_user(&database, guild, manager, PasswordCost::default()).await?;
    let assistants = Pages::orgs().into_iter().map(|id| assistant(id, guild.0)).collect();
    admin::insert_rows(&database, guild, &[(Assistant::TABLE, assistants)], "bench").await?;
    database.close().await;
    Ok(guild)
}

/// Adds pages as any SQL client does.
pub async fn add_pages(url: &str, guild: GuildId, pages: &[Page]) -> anyhow::Result<()> {
    let mut connection = PgConnection::connect(url).await?;
    let versions_off = "alter table guildhall.knowledge_items disable trigger keep_first_version";
    let versions_on = "alter table guildhall.knowledge_items enable always trigger keep_first_version";
    sqlx::query(versions_off).execute(&mut connection).await?;
    for chunk in pages.chunks(ROWS_AT_ONCE) {
        let rows: Vec<Cells> = chunk.iter().map(|page| article(page, guild.0)).collect();
        let insert = insert_into("guildhall.knowledge_items", KnowledgeItem::TABLE);
        let json = as_json(KnowledgeItem::TABLE, &rows)?;
        sqlx::query(AssertSqlSafe(insert)).bind(json).execute(&mut connection).await?;
    }
    sqlx::query(versions_on).execute(&mut connection).await?;
    sqlx::query("vacuum (analyze)").execute(&mut connection).await?;
    Ok(connection.close().await?)
}

/// The statement that adds rows given as JSON to a table that looks like one of the registry.
pub fn insert_into(name: &str, table: &Table) -> String {
    let columns: Vec<&str> = table.columns.iter().map(|column| column.name).collect();
    let columns = columns.join(", ");
    format!(
        "insert into {name} ({columns}) select {columns} from jsonb_populate_recordset(null::{name}, $1::jsonb)"
    )
}

/// Whole rows as JSON, defaults written out.
pub fn as_json(table: &Table, rows: &[Cells]) -> anyhow::Result<String> {
    let whole = |row: &Cells| {
        let mut row = row.clone();
        table.fill_defaults(&mut row);
        to_json(table, &row)
    };
    Ok(serde_json::to_string(&rows.iter().map(whole).collect::<Vec<_>>())?)
}

fn assistant(id: Uuid, guild: Uuid) -> Cells {
    let slug = id.simple().to_string();
    let roles = ["manager", "operator", "support"].map(str::to_owned).into_iter().collect();
    let cells = named(
        Assistant::TABLE,
        [("slug", Value::text(&slug)), ("name", Value::text(&slug)), ("access_roles", Value::Set(roles))],
    );
    stamped(cells, id, guild, 0)
}

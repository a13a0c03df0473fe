//! The work as rows of Guildhall's own tables.

use guildhall_sync::model::knowledge::{KnowledgeItem, Sop};
use guildhall_sync::schema::{Row, Table, common};
use guildhall_sync::value::{Cells, Value};
use uuid::Uuid;

use crate::work::Page;

/// Cells by the names of columns.
pub fn named<const N: usize>(table: &Table, values: [(&str, Value); N]) -> Cells {
    values
        .into_iter()
        .map(|(name, value)| (table.column(name).expect("the registry has this column").number, value))
        .collect()
}

/// A page as an article of the knowledge base, as the server has it. Its topic is its own, because
/// two articles of one topic may not have one title.
pub fn article(page: &Page, guild: Uuid) -> Cells {
    let cells = named(
        KnowledgeItem::TABLE,
        [
            ("kind", Value::text("article")),
            ("assistant_id", Value::Id(page.org)),
            ("category", Value::text("notes")),
            ("topic", Value::text(page.topic())),
            ("title", Value::text(&page.title)),
            ("answer_md", Value::text(&page.body)),
            ("status", Value::text(page.status)),
            ("tags", Value::Set(page.tags.iter().map(|&tag| tag.to_owned()).collect())),
        ],
    );
    stamped(cells, page.id, guild, page.updated_at)
}

/// A page that people edit, as the server has it.
pub fn sop(id: Uuid, assistant: Uuid, guild: Uuid, title: &str, content: &str) -> Cells {
    let cells = named(
        Sop::TABLE,
        [
            ("assistant_id", Value::Id(assistant)),
            ("category", Value::text("desk")),
            ("section", Value::text(id.to_string())),
            ("title", Value::text(title)),
            ("content", Value::text(content)),
        ],
    );
    stamped(cells, id, guild, 0)
}

/// The row with the columns that every table has.
pub fn stamped(mut cells: Cells, id: Uuid, guild: Uuid, at: i64) -> Cells {
    cells.set(common::ID, Value::Id(id));
    cells.set(common::GUILD_ID, Value::Id(guild));
    cells.set(common::REV, Value::Int(1));
    cells.set(common::CREATED_AT, Value::Int(at));
    cells.set(common::UPDATED_AT, Value::Int(at));
    cells
}

//! The knowledge screen: the tree of folders and windows of its list.

use crate::app::App;
use crate::failure::Failure;
use crate::views::{Mark, Nothing};
use guildhall_local::pages::{self, Filter, Order, Wanted};
use guildhall_local::{Connection, names, sops, standing};
use guildhall_sync::id::AssistantId;
use guildhall_sync::model::desk::Assistant;
use guildhall_sync::model::knowledge::Sop;
use guildhall_sync::schema::Row;
use guildhall_sync::time::Timestamp;
use serde::{Deserialize, Serialize};
use ts_rs::TS;
use uuid::Uuid;

pub mod tree;

use tree::FolderNode;

/// What this laptop knows, by assistant and folder.
#[derive(Clone, Debug, Serialize, TS)]
pub struct KnowledgeTree {
    pub assistants: Vec<AssistantNode>,
    /// Live pages.
    pub total: u64,
    /// Pages that somebody is writing here, new ones too.
    pub drafts: u64,
    pub deleted: u64,
}

#[derive(Clone, Debug, Serialize, TS)]
pub struct AssistantNode {
    pub id: Uuid,
    pub slug: String,
    pub name: String,
    /// Live pages, in all its folders.
    pub rows: u64,
    /// Whether this person may make pages of it.
    pub may_write: bool,
    pub folders: Vec<FolderNode>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum SopFilter {
    All,
    Unsent,
    Mine,
    Unread,
    NeedsYou,
    Deleted,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum SopOrder {
    Path,
    Title,
    Changed,
}

#[derive(Clone, Debug, Deserialize, TS)]
pub struct SopsRequest {
    pub assistant: Option<Uuid>,
    /// And the folders below it.
    pub folder: Option<String>,
    pub filter: SopFilter,
    pub order: SopOrder,
    /// Words that are all in the title or the path.
    pub text: String,
    pub offset: usize,
    pub limit: usize,
}

#[derive(Clone, Copy, Debug, Deserialize, TS)]
pub struct SopRequest {
    pub id: Uuid,
}

#[derive(Clone, Debug, Serialize, TS)]
pub struct Sops {
    /// How many there are in all; `lines` is the window that was asked for.
    pub total: u64,
    pub lines: Vec<SopLine>,
}

/// A page in a list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
pub struct SopLine {
    pub id: Uuid,
    /// As people call it: `booking/refunds`.
    pub path: String,
    pub category: String,
    pub section: String,
    pub title: String,
    /// The assistant's name.
    pub assistant: String,
    pub mark: Mark,
    /// None of a page that the server does not have yet.
    pub version: Option<i64>,
    #[ts(type = "number")]
    pub changed_at: Timestamp,
    pub changed_by: Option<String>,
    pub is_pinned: bool,
    /// Whether it is not published.
    pub is_draft: bool,
    /// Whether something is typed into it and not saved.
    pub has_draft: bool,
    pub is_unread: bool,
    pub is_deleted: bool,
}

pub fn knowledge_tree(app: &App, _: Nothing) -> Result<KnowledgeTree, Failure> {
    let tree = app.store.read(|connection| {
        let counts = pages::count_by_folder(connection)?;
        let node = |assistant: Assistant| {
            let own = counts.iter().filter(|count| count.assistant == assistant.id);
            Ok(AssistantNode {
                id: assistant.id.0,
                rows: own.clone().map(|count| count.rows).sum(),
                may_write: sops::may_create(connection, assistant.id)?,
                folders: tree::build(own.map(|count| (count.category.as_str(), count.rows))),
                slug: assistant.slug,
                name: assistant.name,
            })
        };
        let assistants = names::list_assistants(connection)?.into_iter().map(node);
        let totals = pages::count(connection)?;
        Ok(KnowledgeTree {
            assistants: assistants.collect::<guildhall_local::Result<_>>()?,
            total: totals.live,
            drafts: totals.drafts,
            deleted: totals.deleted,
        })
    });
    Ok(tree?)
}

pub fn list_sops(app: &App, request: SopsRequest) -> Result<Sops, Failure> {
    let wanted = Wanted {
        assistant: request.assistant.map(AssistantId),
        folder: request.folder.as_deref(),
        filter: request.filter.into(),
        order: request.order.into(),
        text: &request.text,
        offset: request.offset,
        limit: request.limit,
    };
    let sops = app.store.read(|connection| {
        let window = pages::list(connection, &wanted)?;
        Ok(Sops { total: window.total, lines: marked(connection, window.lines)? })
    });
    Ok(sops?)
}

/// Lines with their marks, which one question answers for all.
pub fn marked(connection: &Connection, lines: Vec<pages::Line>) -> guildhall_local::Result<Vec<SopLine>> {
    let ids: Vec<Uuid> = lines.iter().map(|line| line.id.0).collect();
    let marks = standing::of_rows(connection, Sop::TABLE, &ids)?;
    Ok(lines.into_iter().zip(marks).map(|(line, standing)| SopLine::new(line, standing.into())).collect())
}

impl SopLine {
    fn new(line: pages::Line, mark: Mark) -> Self {
        Self {
            id: line.id.0,
            path: sops::path_of(&line.category, &line.section),
            category: line.category,
            section: line.section,
            title: line.title,
            assistant: line.assistant,
            mark,
            version: line.version,
            changed_at: line.changed_at,
            changed_by: line.changed_by,
            is_pinned: line.is_pinned,
            is_draft: line.is_draft,
            has_draft: line.has_draft,
            is_unread: line.is_unread,
            is_deleted: line.is_deleted,
        }
    }
}

impl From<SopFilter> for Filter {
    fn from(filter: SopFilter) -> Self {
        match filter {
            SopFilter::All => Self::All,
            SopFilter::Unsent => Self::Unsent,
            SopFilter::Mine => Self::Mine,
            SopFilter::Unread => Self::Unread,
            SopFilter::NeedsYou => Self::NeedsYou,
            SopFilter::Deleted => Self::Deleted,
        }
    }
}

impl From<SopOrder> for Order {
    fn from(order: SopOrder) -> Self {
        match order {
            SopOrder::Path => Self::Path,
            SopOrder::Title => Self::Title,
            SopOrder::Changed => Self::Changed,
        }
    }
}

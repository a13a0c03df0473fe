//! What the guild knows: SOPs, knowledge items, their versions, and what a person has read.

use crate::id::{
    AssistantId, KnowledgeItemId, KnowledgeVersionId, LocationId, SopId, SopReadId, SopVersionId, UserId,
};
use crate::schema::Scope;
use crate::time::{Date, Timestamp};
use crate::value::{Json, Markdown};
use crate::{synced_table, text_enum};
use std::collections::BTreeSet;

/// The largest page: front matter and text together, in bytes.
pub const MAX_PAGE_BYTES: usize = 512 * 1024;

text_enum! {
    /// Whether a page is live.
    PageStatus { Draft = "draft", Published = "published" }
}

text_enum! {
    /// How far a page may travel.
    Sensitivity { Public = "public", Internal = "internal", Private = "private", Confidential = "confidential" }
}

text_enum! {
    /// What kind of change made a version.
    ChangedKind {
        Human = "human",
        System = "system",
        Claude = "claude",
        Import = "import",
        Merge = "merge",
        Rollback = "rollback",
    }
}

synced_table! {
    /// A standard operating procedure: how this guild does one thing.
    pub struct Sop(SopId) in "sops" number 13;
    rows Edited;
    scopes [Scope::Assistant("assistant_id"), Scope::PublicWhenPublished];
    keys [["category", "section"]];
    units [["verified_by", "verified_at"]];
    columns {
        /// The assistant that answers from it.
        10 assistant_id: AssistantId = Default::Required => Merge::Guarded;
        /// The folder that it lies in, parted by `/`; empty for the outermost one.
        11 category: String = Default::Text("") => Merge::Guarded;
        /// Its name inside the folder, as in `pin-failures`.
        12 section: String = Default::Required => Merge::Guarded;
        /// Its heading.
        13 title: String = Default::Required => Merge::Guarded, searched;
        /// The page, in Markdown.
        14 content: Markdown = Default::Text("") => Merge::Text, searched;
        /// The lines before the page, kept as they were imported.
        15 front_matter: String = Default::Text("") => Merge::Guarded;
        /// Whether it is live.
        16 status: PageStatus = Default::Text("published") => Merge::Guarded;
        /// How far it may travel.
        17 sensitivity: Sensitivity = Default::Text("internal") => Merge::Guarded;
        /// Shown first.
        18 is_pinned: bool = Default::Int(0) => Merge::Soft;
        /// Who last said that it is right.
        19 verified_by: Option<UserId> = Default::Null => Merge::Guarded;
        /// When they said so.
        20 verified_at: Option<Timestamp> = Default::Null => Merge::Guarded;
        /// When somebody should look at it again.
        21 review_due_at: Option<Date> = Default::Null => Merge::Guarded;
        /// The place that it is about, where it is about one.
        22 location_id: Option<LocationId> = Default::Null => Merge::Guarded;
        /// Raised by the server when title or content changes; what people see as `v8`.
        23 version: i64 = Default::Int(0) => Merge::ServerOnly;
        /// SHA-256 of the content, in hexadecimal.
        24 sha256: String = Default::Text("") => Merge::ServerOnly;
    }
}

synced_table! {
    /// A version of an SOP, as it stood.
    pub struct SopVersion(SopVersionId) in "sop_versions" number 14;
    rows Appended;
    scopes [Scope::Copied("scope_key")];
    keys [["sop_id", "version"]];
    units [];
    columns {
        /// The page.
        10 sop_id: SopId = Default::Required => Merge::ServerOnly;
        /// The number that people see.
        11 version: i64 = Default::Required => Merge::ServerOnly;
        /// The heading, as it stood.
        12 title: String = Default::Required => Merge::ServerOnly;
        /// The page, as it stood.
        13 content: Markdown = Default::Text("") => Merge::ServerOnly;
        /// SHA-256 of the content, in hexadecimal.
        14 sha256: String = Default::Text("") => Merge::ServerOnly;
        /// What kind of change made it.
        15 changed_kind: ChangedKind = Default::Text("human") => Merge::ServerOnly;
        /// Who made it; none for the system.
        16 changed_by: Option<UserId> = Default::Null => Merge::ServerOnly;
        /// Why, in the words of who made it.
        17 change_reason: Option<String> = Default::Null => Merge::ServerOnly;
        /// For a merge: the numbers of the versions that went into it.
        18 parents: BTreeSet<String> = Default::EmptySet => Merge::ServerOnly;
        /// Whether devices hold it; a job keeps the latest ones.
        19 on_devices: bool = Default::Int(1) => Merge::ServerOnly;
        /// The scopes of the page, copied by the server.
        20 scope_key: String = Default::Text("") => Merge::ServerOnly;
    }
}

synced_table! {
    /// How far a person has read a page.
    pub struct SopRead(SopReadId) in "sop_reads" number 15;
    rows Edited;
    scopes [Scope::User("user_id")];
    keys [["user_id", "sop_id"]];
    units [];
    columns {
        /// Who read it.
        10 user_id: UserId = Default::Required => Merge::SetOnce;
        /// What was read.
        11 sop_id: SopId = Default::Required => Merge::SetOnce;
        /// The highest version that was read.
        12 version: i64 = Default::Int(0) => Merge::HighWater;
        /// When it was last read, by the reader's clock.
        13 read_at: Timestamp = Default::Required => Merge::HighWater;
    }
}

text_enum! {
    /// What a knowledge item is: a question with its answer, an article, or coaching material.
    KnowledgeKind { Qa = "qa", Article = "article", Coaching = "coaching" }
}

text_enum! {
    /// Where a knowledge item comes from.
    KnowledgeSource { Sop = "sop", Manual = "manual", Learned = "learned", Claude = "claude", Import = "import" }
}

synced_table! {
    /// A piece of knowledge smaller than an SOP.
    pub struct KnowledgeItem(KnowledgeItemId) in "knowledge_items" number 16;
    rows Edited;
    scopes [Scope::Assistant("assistant_id"), Scope::PublicWhenPublished];
    keys [["kind", "category", "topic", "question", "title"]];
    units [["verified_by", "verified_at"]];
    columns {
        /// What it is.
        10 kind: KnowledgeKind = Default::Required => Merge::SetOnce;
        /// The assistant that answers from it.
        11 assistant_id: AssistantId = Default::Required => Merge::Guarded;
        /// What it belongs to.
        12 category: String = Default::Required => Merge::Guarded;
        /// A finer word for it.
        13 subcategory: Option<String> = Default::Null => Merge::Guarded;
        /// What it is about.
        14 topic: String = Default::Text("") => Merge::Guarded;
        /// The heading of an article.
        15 title: Option<String> = Default::Null => Merge::Guarded, searched;
        /// As people ask it.
        16 question: Option<String> = Default::Null => Merge::Guarded, searched;
        /// The answer or the article, in Markdown.
        17 answer_md: Markdown = Default::Text("") => Merge::Text, searched;
        /// For coaching: what kind of text it is.
        18 content_type: Option<String> = Default::Null => Merge::Guarded;
        /// Where it comes from.
        19 source: KnowledgeSource = Default::Text("manual") => Merge::Guarded;
        /// Words to find it by.
        20 tags: BTreeSet<String> = Default::EmptySet => Merge::Set;
        /// More words to find it by.
        21 search_keywords: BTreeSet<String> = Default::EmptySet => Merge::Set;
        /// The place that it is about, where it is about one.
        22 location_id: Option<LocationId> = Default::Null => Merge::Guarded;
        /// What came with it and has no column.
        23 metadata: Json = Default::EmptyObject => Merge::Json;
        /// Whether a person should look before it is given out.
        24 requires_human_review: bool = Default::Int(0) => Merge::Guarded;
        /// How far it may travel.
        25 sensitivity: Sensitivity = Default::Text("internal") => Merge::Guarded;
        /// Whether it is live.
        26 status: PageStatus = Default::Text("published") => Merge::Guarded;
        /// Who last said that it is right.
        27 verified_by: Option<UserId> = Default::Null => Merge::Guarded;
        /// When they said so.
        28 verified_at: Option<Timestamp> = Default::Null => Merge::Guarded;
        /// When somebody should look at it again.
        29 review_due_at: Option<Date> = Default::Null => Merge::Guarded;
        /// Raised by the server when title, question or answer changes.
        30 version: i64 = Default::Int(0) => Merge::ServerOnly;
        /// SHA-256 of the answer, in hexadecimal.
        31 sha256: String = Default::Text("") => Merge::ServerOnly;
    }
}

synced_table! {
    /// A version of a knowledge item, as it stood.
    pub struct KnowledgeVersion(KnowledgeVersionId) in "knowledge_versions" number 17;
    rows Appended;
    scopes [Scope::Copied("scope_key")];
    keys [["item_id", "version"]];
    units [];
    columns {
        /// The item.
        10 item_id: KnowledgeItemId = Default::Required => Merge::ServerOnly;
        /// The number that people see.
        11 version: i64 = Default::Required => Merge::ServerOnly;
        /// Title, question and answer, as they stood.
        12 snapshot: Json = Default::EmptyObject => Merge::ServerOnly;
        /// SHA-256 of the answer, in hexadecimal.
        13 sha256: String = Default::Text("") => Merge::ServerOnly;
        /// What kind of change made it.
        14 changed_kind: ChangedKind = Default::Text("human") => Merge::ServerOnly;
        /// Who made it; none for the system.
        15 changed_by: Option<UserId> = Default::Null => Merge::ServerOnly;
        /// Why, in the words of who made it.
        16 change_reason: Option<String> = Default::Null => Merge::ServerOnly;
        /// Whether devices hold it; a job keeps the latest ones.
        17 on_devices: bool = Default::Int(1) => Merge::ServerOnly;
        /// The scopes of the item, copied by the server.
        18 scope_key: String = Default::Text("") => Merge::ServerOnly;
    }
}

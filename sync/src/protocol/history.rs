//! History, asked for online: what anybody wrote into rows that the asker may read today. A page of
//! lines says what happened; the texts of a line are asked for by themselves, because they may be
//! whole pages.
//!
//! Which lines a filter lets through is said here once. The server says it a second time in SQL.

use crate::change::{Operation, Verdict};
use crate::id::{ConflictId, DeviceId, EntryId, UserId};
use crate::time::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value as Json};
use uuid::Uuid;

pub const HISTORY: &str = "/sync/v1/history";
pub const HISTORY_ENTRY: &str = "/sync/v1/history/entry";

/// The most lines of one page.
pub const MAX_LINES: u32 = 200;
/// The most rows that a request names.
pub const MAX_ROWS: usize = 500;
/// The longest text that is looked for, in bytes.
pub const MAX_TEXT_BYTES: usize = 200;

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HistoryRequest {
    pub filter: HistoryFilter,
    /// The last line of the page before.
    pub before: Option<HistoryPlace>,
    pub limit: u32,
}

/// What somebody looks for. Whatever is not said lets everything through.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HistoryFilter {
    pub who: Option<Who>,
    /// Names of tables; none for all but those that only go along with others.
    pub tables: Vec<String>,
    pub rows: Vec<Uuid>,
    pub kinds: Vec<ChangeKind>,
    pub since: Option<Timestamp>,
    /// Not itself.
    pub until: Option<Timestamp>,
    pub text: Option<TextFilter>,
    /// The laptops on which it was written.
    #[serde(default)]
    pub devices: Vec<DeviceId>,
    #[serde(default)]
    pub status: Option<LineStatus>,
}

/// Who wrote a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Who {
    Person(UserId),
    /// Jobs, imports, and people with a connection to the database.
    Programs,
}

/// A piece of what was or what became, of the reason, or of the name of the row.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TextFilter {
    pub text: String,
    /// Rows that have the text in their name, as far as the asker knows them.
    pub titled: Vec<Uuid>,
}

/// What a line did, as people look for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ChangeKind {
    Added,
    Edited,
    /// By a person, who can bring it back.
    Deleted,
    BroughtBack,
    /// A conflict.
    Settled,
    /// An earlier line was taken back.
    TakenBack,
    /// By a job, for good.
    Removed,
}

/// A place in history. Lines of one transaction have one time and are told apart by their number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HistoryPlace {
    pub at: Timestamp,
    pub line: u64,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct HistoryAnswer {
    /// The newest first.
    pub lines: Vec<HistoryLine>,
    /// Where the next page begins; none where history begins here. A page may have few lines or
    /// none and a next one all the same: so many lines were looked through for it.
    pub next: Option<HistoryPlace>,
}

/// A line of history without its texts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct HistoryLine {
    pub id: EntryId,
    pub table: String,
    pub row: Uuid,
    pub kind: ChangeKind,
    /// The columns that became something else; none where the whole row came or went.
    pub columns: Vec<String>,
    /// None where nobody signed in wrote it.
    pub by: Option<UserId>,
    /// `user:{id}`, `sql:{role}`, or how a job calls itself.
    pub actor: String,
    pub device: Option<DeviceId>,
    pub reason: Option<String>,
    pub status: LineStatus,
    pub undo_of: Option<EntryId>,
    pub settles: Option<ConflictId>,
    /// What came of it: the row's rev, and the place among several lines that made that rev.
    pub row_rev: Option<i64>,
    pub row_ord: u32,
    /// By the author's clock.
    pub authored_at: Timestamp,
    /// By the server's.
    pub at: Timestamp,
}

/// The three words of history.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LineStatus {
    /// Not sent yet, or both sides are kept until somebody settles it.
    Pending,
    Committed,
    RolledBack,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HistoryEntryRequest {
    pub id: EntryId,
}

/// A line with its texts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct HistoryEntry {
    pub line: HistoryLine,
    /// The touched columns; empty where there was no row.
    pub before: Map<String, Json>,
    /// Empty where there is no row any more.
    pub after: Map<String, Json>,
    /// The row's hash, in hexadecimal.
    pub sha_before: Option<String>,
    pub sha_after: Option<String>,
    pub verdict: Option<Verdict>,
}

/// A change with its texts, wherever it is kept.
#[derive(Clone, Copy, Debug)]
pub struct Change<'a> {
    pub table: &'a str,
    pub row: Uuid,
    pub kind: ChangeKind,
    pub by: Option<UserId>,
    pub at: Timestamp,
    pub reason: Option<&'a str>,
    pub device: Option<DeviceId>,
    pub status: LineStatus,
    pub before: &'a Map<String, Json>,
    pub after: &'a Map<String, Json>,
}

impl ChangeKind {
    /// Of a change that a person made on a device.
    pub fn of(
        operation: Operation,
        before: &Map<String, Json>,
        after: &Map<String, Json>,
        is_undo: bool,
        settles: bool,
    ) -> Self {
        let is_deleted =
            |side: &Map<String, Json>| side.get("deleted_at").is_some_and(|deleted_at| !deleted_at.is_null());
        match operation {
            _ if settles => Self::Settled,
            _ if is_undo => Self::TakenBack,
            Operation::Insert => Self::Added,
            Operation::Update => match (is_deleted(before), is_deleted(after)) {
                (false, true) => Self::Deleted,
                (true, false) if after.contains_key("deleted_at") => Self::BroughtBack,
                _ => Self::Edited,
            },
        }
    }

    pub const fn word(self) -> &'static str {
        match self {
            Self::Added => "added",
            Self::Edited => "edited",
            Self::Deleted => "deleted",
            Self::BroughtBack => "brought_back",
            Self::Settled => "settled",
            Self::TakenBack => "taken_back",
            Self::Removed => "removed",
        }
    }
}

impl LineStatus {
    pub const ALL: [Self; 3] = [Self::Pending, Self::Committed, Self::RolledBack];

    pub const fn word(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Committed => "committed",
            Self::RolledBack => "rolled_back",
        }
    }
}

impl HistoryFilter {
    /// Whether the change is looked for. `companions` are the tables that only go along.
    pub fn admits(&self, change: &Change<'_>, companions: &[&str]) -> bool {
        self.admits_writer(change.by)
            && self.admits_table(change.table, companions)
            && (self.rows.is_empty() || self.rows.contains(&change.row))
            && (self.kinds.is_empty() || self.kinds.contains(&change.kind))
            && self.since.is_none_or(|since| change.at >= since)
            && self.until.is_none_or(|until| change.at < until)
            && (self.devices.is_empty() || change.device.is_some_and(|device| self.devices.contains(&device)))
            && self.status.is_none_or(|status| status == change.status)
            && self.text.as_ref().is_none_or(|text| text.is_in(change))
    }

    fn admits_writer(&self, by: Option<UserId>) -> bool {
        match self.who {
            None => true,
            Some(Who::Person(person)) => by == Some(person),
            Some(Who::Programs) => by.is_none(),
        }
    }

    fn admits_table(&self, table: &str, companions: &[&str]) -> bool {
        match self.tables.as_slice() {
            [] => !companions.contains(&table),
            tables => tables.iter().any(|wanted| wanted == table),
        }
    }
}

impl TextFilter {
    fn is_in(&self, change: &Change<'_>) -> bool {
        let wanted = self.text.to_lowercase();
        let has = |text: &str| text.to_lowercase().contains(&wanted);
        let holds = |side: &Map<String, Json>| side.values().filter_map(Json::as_str).any(has);
        self.titled.contains(&change.row)
            || change.reason.is_some_and(has)
            || holds(change.before)
            || holds(change.after)
    }
}

/// The columns that became something else. Changes name more: those that only had to agree.
pub fn changed_columns<'a>(
    before: &'a Map<String, Json>,
    after: &'a Map<String, Json>,
) -> impl Iterator<Item = &'a str> {
    after.iter().filter(|(name, after)| before.get(*name) != Some(after)).map(|(name, _)| name.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn named(json: Json) -> Map<String, Json> {
        json.as_object().cloned().expect("an object")
    }

    fn kind(before: Json, after: Json) -> ChangeKind {
        ChangeKind::of(Operation::Update, &named(before), &named(after), false, false)
    }

    #[test]
    fn a_change_is_called_what_people_did() {
        let gone = "2026-05-01T09:30:00Z";
        assert_eq!(kind(json!({"deleted_at": null}), json!({"deleted_at": gone})), ChangeKind::Deleted);
        assert_eq!(kind(json!({"deleted_at": gone}), json!({"deleted_at": null})), ChangeKind::BroughtBack);
        assert_eq!(kind(json!({"title": "a"}), json!({"title": "b"})), ChangeKind::Edited);
        let (none, row) = (Map::new(), named(json!({"title": "a", "deleted_at": null})));
        assert_eq!(ChangeKind::of(Operation::Insert, &none, &row, false, false), ChangeKind::Added);
        assert_eq!(ChangeKind::of(Operation::Update, &row, &row, true, false), ChangeKind::TakenBack);
        assert_eq!(ChangeKind::of(Operation::Update, &row, &row, true, true), ChangeKind::Settled);
    }

    #[test]
    fn a_filter_that_says_nothing_leaves_out_only_what_goes_along() {
        let (before, after) = (named(json!({"content": "nine"})), named(json!({"content": "Ten o’clock"})));
        let change = Change {
            table: "sops",
            row: Uuid::from_u128(1),
            kind: ChangeKind::Edited,
            by: None,
            at: Timestamp(10),
            reason: Some("winter"),
            device: None,
            status: LineStatus::Committed,
            before: &before,
            after: &after,
        };
        let admits = |filter: HistoryFilter| filter.admits(&change, &["sop_reads"]);
        let text = |text: &str| {
            let text = Some(TextFilter { text: text.to_owned(), titled: Vec::new() });
            HistoryFilter { text, ..HistoryFilter::default() }
        };
        assert!(admits(HistoryFilter::default()));
        assert!(!HistoryFilter::default().admits(&Change { table: "sop_reads", ..change }, &["sop_reads"]));
        assert!(
            admits(text("TEN")) && admits(text("nine")) && admits(text("Winter")) && !admits(text("content"))
        );
        assert!(admits(HistoryFilter { who: Some(Who::Programs), ..HistoryFilter::default() }));
        assert!(!admits(HistoryFilter { until: Some(Timestamp(10)), ..HistoryFilter::default() }));
        assert!(admits(HistoryFilter { since: Some(Timestamp(10)), ..HistoryFilter::default() }));
        let devices = vec![DeviceId(Uuid::from_u128(2))];
        assert!(!admits(HistoryFilter { devices, ..HistoryFilter::default() }), "no laptop wrote it");
        assert!(!admits(HistoryFilter { status: Some(LineStatus::Pending), ..HistoryFilter::default() }));
    }
}

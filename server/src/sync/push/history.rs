//! History: one line for every entry that was accepted, with what it did to its row.

use super::Sent;
use super::claim::print_verdict;
use super::plan::{Line, Plan};
use super::wish::Key;
use crate::auth::Session;
use crate::error::Error;
use guildhall_sync::change::{Operation, Verdict};
use guildhall_sync::model::find_table_by_number;
use guildhall_sync::value::{Cells, Hash, cells};
use serde_json::{Map, Value as Json};
use sqlx::PgConnection;
use std::collections::{BTreeMap, HashMap};
use uuid::Uuid;

pub async fn write(
    connection: &mut PgConnection,
    session: &Session,
    sent: &[Sent<'_>],
    plan: &Plan,
    states: &HashMap<Key, (i64, Hash)>,
    verdicts: &BTreeMap<usize, Verdict>,
) -> Result<(), Error> {
    if plan.lines.is_empty() {
        return Ok(());
    }
    let before = hashes_before(plan);
    let mut columns = Columns::default();
    for line in &plan.lines {
        let after = states.get(&line.key).map(|(_, hash)| hex(hash));
        let before = match before.get(&line.key) {
            Some(hash) => hash.as_ref().map(|hash| hex(hash)),
            None => after.clone(),
        };
        columns.add(&sent[line.place], line, &verdicts[&line.place], (before, after));
    }
    columns.write(connection, session).await?;
    mark_undone(connection, session, sent, plan).await
}

/// Of the rows that are written; none for a row that is new.
fn hashes_before(plan: &Plan) -> HashMap<Key, Option<Hash>> {
    let hash = |(key, cells): (u16, &Cells)| {
        let table = find_table_by_number(key).expect("plans are made of tables of the registry");
        cells::hash(&cells.encode(table))
    };
    plan.rows
        .iter()
        .map(|(key, change)| (*key, change.before.as_ref().map(|cells| hash((key.0, cells)))))
        .collect()
}

/// Lines as the columns that Postgres takes: many values of one kind are read faster than many
/// objects.
#[derive(Default)]
struct Columns<'a> {
    ids: Vec<Uuid>,
    device_seqs: Vec<i64>,
    groups: Vec<Uuid>,
    operations: Vec<&'static str>,
    tables: Vec<&'a str>,
    rows: Vec<Uuid>,
    before_states: Vec<Option<String>>,
    after_states: Vec<Option<String>>,
    /// Names of columns, parted by commas.
    dirty_fields: Vec<String>,
    base_revs: Vec<Option<i64>>,
    row_revs: Vec<Option<i64>>,
    row_ords: Vec<i32>,
    reasons: Vec<Option<&'a str>>,
    shas_before: Vec<Option<String>>,
    shas_after: Vec<Option<String>>,
    statuses: Vec<&'static str>,
    verdicts: Vec<String>,
    undone: Vec<Option<Uuid>>,
    settled: Vec<Option<Uuid>>,
    authored_at: Vec<String>,
}

impl<'a> Columns<'a> {
    fn add(
        &mut self,
        sent: &Sent<'a>,
        line: &Line,
        verdict: &Verdict,
        (sha_before, sha_after): (Option<String>, Option<String>),
    ) {
        let entry = sent.entry;
        let is_open = matches!(verdict, Verdict::Conflict { .. });
        let dirty: Vec<&str> = line.after.keys().map(String::as_str).collect();
        self.ids.push(entry.id.0);
        self.device_seqs.push(entry.device_seq.cast_signed());
        self.groups.push(sent.group.0);
        self.operations.push(match entry.operation {
            Operation::Insert => "insert",
            Operation::Update => "update",
        });
        self.tables.push(&entry.table);
        self.rows.push(entry.row);
        self.before_states.push(none_if_empty(&line.before));
        self.after_states.push(none_if_empty(&line.after));
        self.dirty_fields.push(dirty.join(","));
        self.base_revs.push(entry.base_rev);
        self.row_revs.push(states_rev(verdict));
        self.row_ords.push(line.ord.cast_signed());
        self.reasons.push(entry.reason.as_deref());
        self.shas_before.push(sha_before);
        self.shas_after.push(sha_after);
        self.statuses.push(if is_open { "pending" } else { "committed" });
        self.verdicts.push(print_verdict(verdict));
        self.undone.push(entry.undo_of.map(|undone| undone.0));
        self.settled.push(entry.settles.map(|settled| settled.0));
        self.authored_at.push(entry.authored_at.print());
    }

    async fn write(self, connection: &mut PgConnection, session: &Session) -> Result<(), Error> {
        sqlx::query(include_str!("write_history.sql"))
            .bind(session.guild.0)
            .bind(session.device.0)
            .bind(session.user.0)
            .bind(self.ids)
            .bind(self.device_seqs)
            .bind(self.groups)
            .bind(self.operations)
            .bind(self.tables)
            .bind(self.rows)
            .bind(self.before_states)
            .bind(self.after_states)
            .bind(self.dirty_fields)
            .bind(self.base_revs)
            .bind(self.row_revs)
            .bind(self.row_ords)
            .bind(self.reasons)
            .bind(self.shas_before)
            .bind(self.shas_after)
            .bind(self.statuses)
            .bind(self.verdicts)
            .bind(self.undone)
            .bind(self.settled)
            .bind(self.authored_at)
            .execute(connection)
            .await?;
        Ok(())
    }
}

/// None where there is no row, because it could not be made.
fn states_rev(verdict: &Verdict) -> Option<i64> {
    match verdict {
        Verdict::Committed { rev, .. } | Verdict::Merged { rev, .. } | Verdict::Conflict { rev, .. } => {
            Some(*rev).filter(|rev| *rev > 0)
        }
        Verdict::Rejected { .. } | Verdict::Deferred { .. } => None,
    }
}

fn none_if_empty(named: &Map<String, Json>) -> Option<String> {
    (!named.is_empty())
        .then(|| serde_json::to_string(named).expect("objects in memory can always be written"))
}

/// Marks the lines that were taken back, where they are about the same row.
async fn mark_undone(
    connection: &mut PgConnection,
    session: &Session,
    sent: &[Sent<'_>],
    plan: &Plan,
) -> Result<(), Error> {
    let undone = plan.lines.iter().filter_map(|line| {
        let entry = sent[line.place].entry;
        entry.undo_of.map(|undone| (undone.0, entry.row))
    });
    let (undone, rows): (Vec<_>, Vec<_>) = undone.unzip();
    if undone.is_empty() {
        return Ok(());
    }
    sqlx::query("select sync.mark_undone($1, $2, $3)")
        .bind(session.guild.0)
        .bind(undone)
        .bind(rows)
        .execute(connection)
        .await?;
    Ok(())
}

pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

//! History: one line for every entry that was accepted, with what it did to its row.

use super::Sent;
use super::plan::{Line, Plan};
use super::wish::Key;
use crate::auth::Session;
use crate::error::Error;
use guildhall_sync::change::{Operation, Verdict};
use guildhall_sync::model::find_table_by_number;
use guildhall_sync::value::{Cells, Hash, cells};
use serde_json::{Map, Value as Json, json};
use sqlx::PgConnection;
use std::collections::{BTreeMap, HashMap};

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
    let lines: Vec<Json> = plan
        .lines
        .iter()
        .map(|line| {
            let verdict = &verdicts[&line.place];
            let after = states.get(&line.key).map(|(_, hash)| hex(hash));
            let before = match before.get(&line.key) {
                Some(hash) => hash.as_ref().map(|hash| hex(hash)),
                None => after.clone(),
            };
            describe(session, &sent[line.place], line, verdict, (before, after))
        })
        .collect();
    let text = serde_json::to_string(&lines).expect("lines in memory can always be written");
    sqlx::query(include_str!("write_history.sql")).bind(text).execute(&mut *connection).await?;
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

fn describe(
    session: &Session,
    sent: &Sent<'_>,
    line: &Line,
    verdict: &Verdict,
    (sha_before, sha_after): (Option<String>, Option<String>),
) -> Json {
    let entry = sent.entry;
    let dirty: Vec<&String> = line.after.keys().collect();
    let is_open = matches!(verdict, Verdict::Conflict { .. });
    let row_rev = states_rev(verdict);
    json!({
        "id": entry.id, "guild_id": session.guild, "device_id": session.device,
        "device_seq": entry.device_seq, "group_id": sent.group,
        "operation_type": match entry.operation { Operation::Insert => "insert", Operation::Update => "update" },
        "target_table": entry.table, "target_id": entry.row,
        "before_state": none_if_empty(&line.before), "after_state": none_if_empty(&line.after),
        "dirty_fields": dirty, "base_rev": entry.base_rev, "row_rev": row_rev, "row_ord": line.ord,
        "change_reason": entry.reason, "sha_before": sha_before, "sha_after": sha_after,
        "status": if is_open { "pending" } else { "committed" }, "verdict": verdict,
        "created_by": session.user, "undo_of": entry.undo_of, "settles": entry.settles,
        "authored_at": entry.authored_at.print(),
    })
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

fn none_if_empty(named: &Map<String, Json>) -> Option<&Map<String, Json>> {
    (!named.is_empty()).then_some(named)
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

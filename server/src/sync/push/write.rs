//! Carries a plan out: each row is written once, in sets, then its lines of history, its conflicts
//! and its settlements. Nothing is decided here.

use super::Sent;
use super::conflict::Conflict;
use super::decision::{Decision, Place};
use super::duplicate;
use super::history;
use super::order::{DEFERRED_CONSTRAINTS, WRITE_ORDER};
use super::plan::{Change, Plan};
use super::returning;
use super::version::{self, Told};
use super::wish::Key;
use crate::auth::Session;
use crate::db::{members, rows};
use crate::error::Error;
use guildhall_sync::change::Verdict;
use guildhall_sync::id::GuildId;
use guildhall_sync::merge::is_same;
use guildhall_sync::model::settlement::SyncConflict;
use guildhall_sync::schema::{Row as _, Table, common};
use guildhall_sync::value::json::to_json;
use guildhall_sync::value::{Cells, Value};
use sqlx::{AssertSqlSafe, PgConnection};
use std::collections::BTreeMap;
use uuid::Uuid;

/// Writes a plan and gives the verdicts of its entries, by their places in the push.
pub async fn write(
    connection: &mut PgConnection,
    session: &Session,
    sent: &[Sent<'_>],
    plan: &Plan,
) -> Result<BTreeMap<usize, Verdict>, Error> {
    for table in WRITE_ORDER.iter() {
        write_table(connection, session.guild, table, sent, plan).await?;
    }
    check_deferred(connection, plan).await?;
    let keys = plan.lines.iter().map(|line| line.key);
    let states = members::read_states(connection, session.guild, keys).await?;
    let rev = |key| states.get(key).map_or(0, |(version, _)| *version);
    let places = plan.lines.iter().map(|line| (line.place, Place { rev: rev(&line.key), ord: line.ord }));
    let places: BTreeMap<usize, Place> = places.collect();
    let verdict = |(place, decision): (&usize, &Decision)| {
        (*place, decision.clone().into_verdict(places.get(place).copied().unwrap_or_default()))
    };
    let verdicts = plan.decisions.iter().map(verdict).collect();
    history::write(connection, session, sent, plan, &states, &verdicts).await?;
    write_conflicts(connection, session, plan).await?;
    duplicate::write(connection, session, plan).await?;
    returning::write(connection, session.guild, plan).await?;
    Ok(verdicts)
}

async fn write_table(
    connection: &mut PgConnection,
    guild: GuildId,
    table: &'static Table,
    sent: &[Sent<'_>],
    plan: &Plan,
) -> Result<(), Error> {
    let changes: Vec<(&Key, &Change)> =
        plan.rows.range((table.number, Uuid::nil())..=(table.number, Uuid::max())).collect();
    if changes.is_empty() {
        return Ok(());
    }
    let told = version::tell(connection, guild, table, sent, plan, &changes).await?;
    for (told, changes) in told {
        let is_said = told != Told::default();
        if is_said {
            version::say(connection, &told).await?;
        }
        let (new, old): (Vec<&Change>, Vec<&Change>) =
            changes.into_iter().partition(|change| change.before.is_none());
        let new: Vec<Cells> = new.into_iter().map(|change| change.after.clone()).collect();
        rows::insert_rows(connection, table, &new).await?;
        let old: Vec<Cells> = old.into_iter().map(changed_cells).collect();
        rows::update_rows(connection, table, &old).await?;
        if is_said {
            version::say(connection, &Told::default()).await?;
        }
    }
    Ok(())
}

/// The row's id and guild, and the columns that say something else now.
fn changed_cells(change: &Change) -> Cells {
    let nothing = Cells::default();
    let before = change.before.as_ref().unwrap_or(&nothing);
    let is_changed = |number: u16, value: &Value| {
        let column = change.table.column_by_number(number);
        column.is_some_and(|column| column.is_writable() && !is_same(value, &column.value_in(before)))
    };
    let is_key = |number| [common::ID, common::GUILD_ID].contains(&number);
    let cells = change.after.iter().filter(|(number, value)| is_key(*number) || is_changed(*number, value));
    cells.map(|(number, value)| (number, value.clone())).collect()
}

/// Asks for the constraints that would otherwise speak at the commit.
async fn check_deferred(connection: &mut PgConnection, plan: &Plan) -> Result<(), Error> {
    for (table, constraint) in DEFERRED_CONSTRAINTS {
        if plan.rows.values().any(|change| change.table.name == table) {
            for when in ["immediate", "deferred"] {
                let set = format!("set constraints guildhall.{constraint} {when}");
                sqlx::query(AssertSqlSafe(set)).execute(&mut *connection).await?;
            }
        }
    }
    Ok(())
}

async fn write_conflicts(connection: &mut PgConnection, session: &Session, plan: &Plan) -> Result<(), Error> {
    let (known, new): (Vec<&Conflict>, Vec<&Conflict>) =
        plan.conflicts.values().partition(|conflict| conflict.is_stored);
    let cells = |conflicts: Vec<&Conflict>| -> Vec<Cells> {
        conflicts.into_iter().map(|conflict| conflict_row(session.guild, conflict)).collect()
    };
    rows::insert_rows(connection, SyncConflict::TABLE, &cells(new)).await?;
    rows::update_rows(connection, SyncConflict::TABLE, &cells(known)).await?;
    if plan.settled.is_empty() {
        return Ok(());
    }
    let settled: Vec<Uuid> = plan.settled.iter().map(|conflict| conflict.0).collect();
    sqlx::query(
        "update guildhall.sync_conflicts set resolved_at = now(), resolved_by = $3
          where guild_id = $1 and id = any ($2) and resolved_at is null",
    )
    .bind(session.guild.0)
    .bind(settled)
    .bind(session.user.0)
    .execute(connection)
    .await?;
    Ok(())
}

fn conflict_row(guild: GuildId, conflict: &Conflict) -> Cells {
    let named =
        |cells: &Cells| Value::Json(serde_json::Value::Object(to_json(conflict.table, cells)).to_string());
    let columns = [
        ("id", Value::Id(conflict.id.0)),
        ("guild_id", Value::Id(guild.0)),
        ("entry_id", Value::Id(conflict.entry.0)),
        ("target_table", Value::text(conflict.table.name)),
        ("target_id", Value::Id(conflict.row)),
        ("kind", Value::text(conflict.kind.word())),
        ("units", Value::Set(conflict.units().into_iter().collect())),
        ("base", named(&conflict.base)),
        ("mine", named(&conflict.mine)),
        ("theirs", named(&conflict.theirs)),
        ("author_id", conflict.author.map_or(Value::Null, |author| Value::Id(author.0))),
    ];
    let number = |name| SyncConflict::TABLE.column(name).expect("conflicts have it").number;
    columns.into_iter().map(|(name, value)| (number(name), value)).collect()
}

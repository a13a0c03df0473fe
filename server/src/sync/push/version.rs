//! What is said of the versions that a push makes of pages and knowledge items: what kind of
//! change it was, why, and from which versions a merge was made. Triggers write the versions.

use super::Sent;
use super::plan::{Change, Plan};
use super::wish::Key;
use crate::error::Error;
use guildhall_sync::id::GuildId;
use guildhall_sync::model::knowledge::{ChangedKind, Sop};
use guildhall_sync::schema::{Row as _, Table};
use sha2::{Digest, Sha256};
use sqlx::{PgConnection, Row};
use std::collections::BTreeMap;

/// What a version's trigger is told. Nothing for most tables.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Told {
    kind: Option<ChangedKind>,
    reason: String,
    parents: Vec<String>,
}

/// Changes by what is to be told of them: rows of which the same is told are written together.
pub async fn tell<'p>(
    connection: &mut PgConnection,
    guild: GuildId,
    table: &'static Table,
    sent: &[Sent<'_>],
    plan: &Plan,
    changes: &[(&Key, &'p Change)],
) -> Result<BTreeMap<Told, Vec<&'p Change>>, Error> {
    let mut told: BTreeMap<Told, Vec<&'p Change>> = BTreeMap::new();
    let has_versions = table.column("sha256").is_some();
    for (key, change) in changes {
        let what = match has_versions {
            true => tell_row(connection, guild, sent, plan, key, change).await?,
            false => Told::default(),
        };
        told.entry(what).or_default().push(change);
    }
    Ok(told)
}

async fn tell_row(
    connection: &mut PgConnection,
    guild: GuildId,
    sent: &[Sent<'_>],
    plan: &Plan,
    key: &Key,
    change: &Change,
) -> Result<Told, Error> {
    let mut told = Told::default();
    for line in plan.lines.iter().filter(|line| line.key == *key) {
        let entry = sent[line.place].entry;
        told.reason = entry.reason.clone().unwrap_or_default();
        if entry.undo_of.is_some() {
            told.kind = Some(ChangedKind::Rollback);
        }
        if line.is_merge {
            let seen = entry.before.get("content").and_then(|content| content.as_str());
            told.kind = Some(ChangedKind::Merge);
            told.parents = list_parents(connection, guild, change, seen).await?;
        }
    }
    Ok(told)
}

/// The numbers of the versions that a merge was made from: the live one, and the one that the
/// author saw, where it is still known.
async fn list_parents(
    connection: &mut PgConnection,
    guild: GuildId,
    change: &Change,
    seen: Option<&str>,
) -> Result<Vec<String>, Error> {
    let Some(theirs) = change.before.as_ref().filter(|_| change.table.number == Sop::TABLE.number) else {
        return Ok(Vec::new());
    };
    let live = change.table.value(theirs, "version").as_int().unwrap_or_default();
    let mut parents = vec![live.to_string()];
    if let Some(seen) = seen {
        let sha256: String = Sha256::digest(seen).iter().map(|byte| format!("{byte:02x}")).collect();
        let id = theirs.value(guildhall_sync::schema::common::ID).as_id();
        let row = sqlx::query(
            "select max(version)::text as version from guildhall.sop_versions
              where guild_id = $1 and sop_id = $2 and sha256 = $3",
        )
        .bind(guild.0)
        .bind(id)
        .bind(sha256)
        .fetch_one(connection)
        .await?;
        parents.extend(row.try_get::<Option<String>, _>("version")?);
    }
    parents.sort();
    parents.dedup();
    Ok(parents)
}

/// Tells the triggers of the statements that follow.
pub async fn say(connection: &mut PgConnection, told: &Told) -> Result<(), Error> {
    sqlx::query(
        "select set_config('guildhall.change_kind', $1, true), set_config('guildhall.change_reason', $2, true),
                set_config('guildhall.change_parents', $3, true)",
    )
    .bind(told.kind.map_or("", ChangedKind::word))
    .bind(&told.reason)
    .bind(told.parents.join(","))
    .execute(connection)
    .await?;
    Ok(())
}

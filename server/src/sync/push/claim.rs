//! The inbox: every entry is claimed before it is decided and keeps its verdict for ever, so that
//! a push that is repeated, or sent twice at once, is decided once.

use crate::auth::Session;
use crate::error::Error;
use guildhall_sync::change::Verdict;
use guildhall_sync::id::{EntryId, GuildId};
use sqlx::{PgConnection, Row};
use std::collections::HashMap;
use uuid::Uuid;

/// An entry as it asks for a verdict.
#[derive(Clone, Debug)]
pub struct Claim {
    pub entry: EntryId,
    pub device_seq: u64,
    pub hash: String,
}

/// What the inbox says to a claim.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Claimed {
    /// To be decided now.
    Fresh,
    /// Decided before.
    Decided(Verdict),
    /// The id belongs to other content.
    Reused,
}

/// Claims entries; whoever claims the same ones at this moment is waited for. Fails where the
/// device's number was used for another entry: then its file lives twice.
pub async fn claim(
    connection: &mut PgConnection,
    session: &Session,
    incarnation: Uuid,
    claims: &[Claim],
) -> Result<HashMap<EntryId, Claimed>, Error> {
    let claimed = insert(&mut *connection, session, incarnation, claims).await?;
    let mut answers: HashMap<EntryId, Claimed> =
        claimed.into_iter().map(|entry| (entry, Claimed::Fresh)).collect();
    let known: Vec<&Claim> = claims.iter().filter(|claim| !answers.contains_key(&claim.entry)).collect();
    let stored = find(connection, session.guild, &known).await?;
    for claim in known {
        let answer = match stored.get(&claim.entry) {
            Some((hash, verdict)) if *hash == claim.hash => Claimed::Decided(verdict.clone()),
            Some(_) => Claimed::Reused,
            None => return Err(Error::Forked),
        };
        answers.insert(claim.entry, answer);
    }
    Ok(answers)
}

async fn insert(
    connection: &mut PgConnection,
    session: &Session,
    incarnation: Uuid,
    claims: &[Claim],
) -> Result<Vec<EntryId>, Error> {
    let entries: Vec<Uuid> = claims.iter().map(|claim| claim.entry.0).collect();
    let numbers: Vec<i64> = claims.iter().map(|claim| claim.device_seq.cast_signed()).collect();
    let hashes: Vec<&str> = claims.iter().map(|claim| claim.hash.as_str()).collect();
    let rows = sqlx::query(
        "insert into sync.inbox (guild_id, entry_id, device_id, incarnation, device_seq, content_hash)
         select $1, entry, $2, $3, number, hash
           from unnest($4::uuid[], $5::bigint[], $6::text[]) as sent (entry, number, hash)
          order by entry
         on conflict do nothing
         returning entry_id",
    )
    .bind(session.guild.0)
    .bind(session.device.0)
    .bind(incarnation)
    .bind(entries)
    .bind(numbers)
    .bind(hashes)
    .fetch_all(connection)
    .await?;
    rows.iter().map(|row| Ok(EntryId(row.try_get("entry_id")?))).collect()
}

async fn find(
    connection: &mut PgConnection,
    guild: GuildId,
    claims: &[&Claim],
) -> Result<HashMap<EntryId, (String, Verdict)>, Error> {
    if claims.is_empty() {
        return Ok(HashMap::new());
    }
    let entries: Vec<Uuid> = claims.iter().map(|claim| claim.entry.0).collect();
    let rows = sqlx::query(
        "select entry_id, content_hash, verdict::text as verdict from sync.inbox
          where guild_id = $1 and entry_id = any ($2) and verdict is not null",
    )
    .bind(guild.0)
    .bind(entries)
    .fetch_all(connection)
    .await?;
    rows.iter()
        .map(|row| {
            let verdict = read_verdict(row.try_get("verdict")?)?;
            Ok((EntryId(row.try_get("entry_id")?), (row.try_get("content_hash")?, verdict)))
        })
        .collect()
}

/// Which of the entries were decided before, and whether they had an effect.
pub async fn list_decided(
    connection: &mut PgConnection,
    guild: GuildId,
    entries: Vec<Uuid>,
) -> Result<HashMap<EntryId, bool>, Error> {
    if entries.is_empty() {
        return Ok(HashMap::new());
    }
    let rows = sqlx::query(
        "select entry_id, not verdict ? 'rejected' as has_effect from sync.inbox
          where guild_id = $1 and entry_id = any ($2) and verdict is not null",
    )
    .bind(guild.0)
    .bind(entries)
    .fetch_all(connection)
    .await?;
    rows.iter().map(|row| Ok((EntryId(row.try_get("entry_id")?), row.try_get("has_effect")?))).collect()
}

/// Stores what was decided, and gives back the claims of what was not.
pub async fn conclude(
    connection: &mut PgConnection,
    guild: GuildId,
    verdicts: &[(EntryId, Verdict)],
) -> Result<(), Error> {
    let (decided, deferred): (Vec<_>, Vec<_>) = verdicts.iter().partition(|(_, verdict)| verdict.is_final());
    let ids =
        |verdicts: &[&(EntryId, Verdict)]| verdicts.iter().map(|(entry, _)| entry.0).collect::<Vec<_>>();
    let texts: Vec<String> = decided.iter().map(|(_, verdict)| print_verdict(verdict)).collect();
    sqlx::query(
        "update sync.inbox i set verdict = decided.verdict::jsonb, decided_at = now()
           from unnest($2::uuid[], $3::text[]) as decided (entry, verdict)
          where i.guild_id = $1 and i.entry_id = decided.entry",
    )
    .bind(guild.0)
    .bind(ids(&decided))
    .bind(texts)
    .execute(&mut *connection)
    .await?;
    if deferred.is_empty() {
        return Ok(());
    }
    sqlx::query("delete from sync.inbox where guild_id = $1 and entry_id = any ($2)")
        .bind(guild.0)
        .bind(ids(&deferred))
        .execute(connection)
        .await?;
    Ok(())
}

pub fn print_verdict(verdict: &Verdict) -> String {
    serde_json::to_string(verdict).expect("a verdict has only string keys")
}

pub fn read_verdict(text: &str) -> Result<Verdict, Error> {
    serde_json::from_str(text).map_err(|_| Error::Damaged { what: "a verdict of the inbox" })
}

//! The inbox: an entry keeps its verdict for ever, and is looked up before it is decided, so that a
//! push that is repeated, or sent twice at once, is decided once.

use crate::auth::Session;
use crate::error::Error;
use guildhall_sync::change::Verdict;
use guildhall_sync::id::{EntryId, GuildId};
use sqlx::{PgConnection, Row};
use std::collections::{HashMap, HashSet};
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

/// Finds out which entries are to be decided. Pushes of one device come one after the other, so
/// none of them is decided twice at once. Fails where the device's number was used for another
/// entry: then its file lives twice.
pub async fn claim(
    connection: &mut PgConnection,
    session: &Session,
    incarnation: Uuid,
    claims: &[Claim],
) -> Result<HashMap<EntryId, Claimed>, Error> {
    wait_for_turn(&mut *connection, session).await?;
    let known = find(connection, session, incarnation, claims).await?;
    let mut numbers = HashSet::new();
    let mut answers = HashMap::new();
    for claim in claims {
        let answer = match known.by_id.get(&claim.entry) {
            Some((hash, verdict)) if *hash == claim.hash => Claimed::Decided(verdict.clone()),
            Some(_) => Claimed::Reused,
            None if known.numbers.contains(&claim.device_seq) || !numbers.insert(claim.device_seq) => {
                return Err(Error::Forked);
            }
            None => Claimed::Fresh,
        };
        answers.insert(claim.entry, answer);
    }
    Ok(answers)
}

async fn wait_for_turn(connection: &mut PgConnection, session: &Session) -> Result<(), Error> {
    sqlx::query("select pg_advisory_xact_lock(hashtextextended('guildhall.push ' || $1::text, 0))")
        .bind(session.device.0)
        .execute(connection)
        .await?;
    Ok(())
}

/// What the inbox has of some claims.
#[derive(Default)]
struct Known {
    by_id: HashMap<EntryId, (String, Verdict)>,
    /// Numbers that the device has used in this life.
    numbers: HashSet<u64>,
}

async fn find(
    connection: &mut PgConnection,
    session: &Session,
    incarnation: Uuid,
    claims: &[Claim],
) -> Result<Known, Error> {
    let (entries, numbers): (Vec<Uuid>, Vec<i64>) =
        claims.iter().map(|claim| (claim.entry.0, claim.device_seq.cast_signed())).unzip();
    let rows = sqlx::query(
        "select entry_id, device_seq, content_hash, verdict::text as verdict,
                device_id = $2 and incarnation = $3 as is_of_this_life
           from sync.inbox where guild_id = $1 and entry_id = any ($4)
         union all
         select entry_id, device_seq, content_hash, verdict::text, true
           from sync.inbox where guild_id = $1 and device_id = $2 and incarnation = $3 and device_seq = any ($5)",
    )
    .bind(session.guild.0)
    .bind(session.device.0)
    .bind(incarnation)
    .bind(entries)
    .bind(numbers)
    .fetch_all(connection)
    .await?;
    let mut known = Known::default();
    for row in rows {
        let verdict = read_verdict(row.try_get("verdict")?)?;
        known.by_id.insert(EntryId(row.try_get("entry_id")?), (row.try_get("content_hash")?, verdict));
        if row.try_get("is_of_this_life")? {
            known.numbers.insert(row.try_get::<i64, _>("device_seq")?.cast_unsigned());
        }
    }
    Ok(known)
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
          where guild_id = $1 and entry_id = any ($2)",
    )
    .bind(guild.0)
    .bind(entries)
    .fetch_all(connection)
    .await?;
    rows.iter().map(|row| Ok((EntryId(row.try_get("entry_id")?), row.try_get("has_effect")?))).collect()
}

/// Stores what was decided, for ever. What is deferred leaves nothing. Another device that has just
/// stored one of these entries makes this fail, to be tried again.
pub async fn conclude(
    connection: &mut PgConnection,
    session: &Session,
    incarnation: Uuid,
    decided: &[(Claim, Verdict)],
) -> Result<(), Error> {
    let decided: Vec<_> = decided.iter().filter(|(_, verdict)| verdict.is_final()).collect();
    let entries: Vec<Uuid> = decided.iter().map(|(claim, _)| claim.entry.0).collect();
    let numbers: Vec<i64> = decided.iter().map(|(claim, _)| claim.device_seq.cast_signed()).collect();
    let hashes: Vec<&str> = decided.iter().map(|(claim, _)| claim.hash.as_str()).collect();
    let verdicts: Vec<String> = decided.iter().map(|(_, verdict)| print_verdict(verdict)).collect();
    if decided.is_empty() {
        return Ok(());
    }
    sqlx::query(
        "insert into sync.inbox (guild_id, entry_id, device_id, incarnation, device_seq, content_hash, verdict)
         select $1, entry, $2, $3, number, hash, verdict::jsonb
           from unnest($4::uuid[], $5::bigint[], $6::text[], $7::text[]) as decided (entry, number, hash, verdict)
          order by entry",
    )
    .bind(session.guild.0)
    .bind(session.device.0)
    .bind(incarnation)
    .bind(entries)
    .bind(numbers)
    .bind(hashes)
    .bind(verdicts)
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

//! The end of a pull that asks to be compared: digests, buckets, or the rows that differ, all from
//! the snapshot that the rest of the answer is from.

use super::answer::Writer;
use crate::db::digests;
use crate::error::Error;
use guildhall_sync::digest::{Difference, compare};
use guildhall_sync::model::TABLES;
use guildhall_sync::protocol::check::{Check, HeldBucket, MAX_LISTED_ROWS, ScopeDigest};
use guildhall_sync::protocol::{Effect, Frame, GoneRow, RowKey};
use std::collections::{BTreeMap, BTreeSet};
use uuid::Uuid;

/// Refuses what no device of ours asks.
pub fn judge(check: &Check) -> Result<(), Error> {
    match check {
        Check::Rows { held } if held.iter().map(|held| held.rows.len()).sum::<usize>() > MAX_LISTED_ROWS => {
            Err(Error::BadRequest(format!("at most {MAX_LISTED_ROWS} rows are listed at once")))
        }
        Check::Digests | Check::Buckets { .. } | Check::Rows { .. } => Ok(()),
    }
}

impl Writer<'_> {
    pub(super) async fn check(&mut self, check: Check) -> Result<(), Error> {
        match check {
            Check::Digests => self.send_digests().await,
            Check::Buckets { scopes } => {
                for scope in scopes {
                    self.send_buckets(&scope).await?;
                }
                Ok(())
            }
            Check::Rows { held } => self.send_difference(held).await,
        }
    }

    async fn send_digests(&mut self) -> Result<(), Error> {
        let (guild, granted) = (self.transaction.guild, self.granted);
        let found = digests::read_digests(self.transaction.connection(), guild, granted).await?;
        let of = |scope: &String| {
            let place = self.places.get(scope.as_str()).copied()?;
            Some(ScopeDigest { scope: place, digest: found.get(scope).copied().unwrap_or_default() })
        };
        self.frames.send(Frame::Digests(granted.iter().filter_map(of).collect())).await
    }

    /// A scope that is not granted is passed over: the device hears of that by its grants.
    async fn send_buckets(&mut self, scope: &str) -> Result<(), Error> {
        let Some(place) = self.places.get(scope).copied() else { return Ok(()) };
        let guild = self.transaction.guild;
        let digests = digests::read_buckets(self.transaction.connection(), guild, scope).await?;
        self.frames.send(Frame::Buckets { scope: place, digests }).await
    }

    async fn send_difference(&mut self, held: Vec<HeldBucket>) -> Result<(), Error> {
        let mut wanted = BTreeSet::new();
        let mut surplus: BTreeMap<RowKey, Vec<u16>> = BTreeMap::new();
        for (scope, buckets) in by_scope(held) {
            let Some(place) = self.places.get(scope.as_str()).copied() else { continue };
            let difference = self.compare(&scope, buckets).await?;
            wanted.extend(difference.wanted);
            difference.surplus.into_iter().for_each(|key| surplus.entry(key).or_default().push(place));
        }
        let rows = (wanted.len() + surplus.len()) as u64;
        self.frames.send(Frame::RepairBegin { rows }).await?;
        for table in TABLES {
            let of_table = |key: &&RowKey| key.table == table.number;
            let ids: Vec<Uuid> = wanted.iter().filter(of_table).map(|key| key.id).collect();
            self.send_members(table, &ids).await?;
        }
        if !surplus.is_empty() {
            let gone = |(RowKey { table, id }, scopes)| GoneRow {
                table,
                id,
                version: 0,
                effect: Effect::Leave,
                scopes,
            };
            self.frames.send(Frame::Gone(surplus.into_iter().map(gone).collect())).await?;
        }
        self.frames.send(Frame::RepairEnd).await
    }

    async fn compare(&mut self, scope: &str, buckets: Vec<HeldBucket>) -> Result<Difference, Error> {
        let guild = self.transaction.guild;
        let numbers: Vec<u8> = buckets.iter().map(|held| held.bucket).collect();
        let connection = self.transaction.connection();
        let rows = digests::list_bucket_rows(connection, guild, scope, &numbers).await?;
        let all = buckets.into_iter().flat_map(|held| held.rows).collect();
        Ok(compare(&HeldBucket { scope: scope.to_owned(), bucket: 0, rows: all }, rows))
    }
}

fn by_scope(held: Vec<HeldBucket>) -> BTreeMap<String, Vec<HeldBucket>> {
    let mut scopes: BTreeMap<String, Vec<HeldBucket>> = BTreeMap::new();
    for bucket in held {
        scopes.entry(bucket.scope.clone()).or_default().push(bucket);
    }
    scopes
}

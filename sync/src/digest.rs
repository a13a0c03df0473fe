//! Digests: a few numbers that say whether two sides hold the same rows of a scope, and which part
//! of them to look at where they do not. They are sums, so a digest moves by what changed, and the
//! order of rows does not matter. Pure.

use crate::protocol::RowKey;
use crate::protocol::check::{HeldBucket, HeldRow};
use crate::value::Hash;
use serde::{Deserialize, Serialize};
use std::collections::HashMap;
use uuid::Uuid;

/// Parts of a scope that are compared on their own.
pub const BUCKETS: usize = 256;

/// Of the rows of a scope, or of a bucket of it: how many they are, and the sums of their versions
/// and of the four words of their hashes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Digest {
    pub rows: u64,
    pub versions: i64,
    /// Each word of 4 bytes, big endian, summed by itself; what overflows is lost.
    pub lanes: [u32; 4],
}

impl Digest {
    pub fn add(&mut self, version: i64, hash: &Hash) {
        self.rows += 1;
        self.versions = self.versions.wrapping_add(version);
        for (lane, word) in self.lanes.iter_mut().zip(hash.chunks_exact(4)) {
            let word = u32::from_be_bytes(word.try_into().expect("a chunk of 4 bytes"));
            *lane = lane.wrapping_add(word);
        }
    }

    pub fn join(&mut self, other: &Self) {
        self.rows += other.rows;
        self.versions = self.versions.wrapping_add(other.versions);
        for (lane, sum) in self.lanes.iter_mut().zip(other.lanes) {
            *lane = lane.wrapping_add(sum);
        }
    }
}

/// The bucket of a row: the last byte of its id, which is random in every kind of id.
pub fn bucket_of(row: Uuid) -> u8 {
    row.as_bytes()[15]
}

/// The digest of each bucket of a scope.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Buckets(Vec<Digest>);

impl Default for Buckets {
    fn default() -> Self {
        Self(vec![Digest::default(); BUCKETS])
    }
}

impl Buckets {
    pub fn add(&mut self, row: Uuid, version: i64, hash: &Hash) {
        self.0[usize::from(bucket_of(row))].add(version, hash);
    }

    /// Of the whole scope.
    pub fn digest(&self) -> Digest {
        self.0.iter().fold(Digest::default(), |mut all, bucket| {
            all.join(bucket);
            all
        })
    }

    pub fn list(&self) -> &[Digest] {
        &self.0
    }

    /// The buckets in which the other side holds something else.
    pub fn differing(&self, others: &[Digest]) -> Vec<u8> {
        (0..=u8::MAX).filter(|at| others.get(usize::from(*at)) != Some(&self.0[usize::from(*at)])).collect()
    }
}

/// What sets a bucket of a device right.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Difference {
    /// The device lacks them or has them otherwise.
    pub wanted: Vec<RowKey>,
    /// The device has them in this scope, and the server has not.
    pub surplus: Vec<RowKey>,
}

/// Compares what a device holds of a bucket with what the server has of it.
pub fn compare(held: &HeldBucket, server: impl IntoIterator<Item = HeldRow>) -> Difference {
    let mut left: HashMap<RowKey, &HeldRow> = held.rows.iter().map(|row| (row.key(), row)).collect();
    let mut difference = Difference::default();
    for row in server {
        if left.remove(&row.key()) != Some(&row) {
            difference.wanted.push(row.key());
        }
    }
    difference.surplus = left.into_keys().collect();
    difference.surplus.sort_unstable();
    difference
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(number: u128, version: i64, first: u8) -> HeldRow {
        HeldRow { table: 7, id: Uuid::from_u128(number), version, hash: [first; 16] }
    }

    fn buckets(rows: &[HeldRow]) -> Buckets {
        let mut buckets = Buckets::default();
        rows.iter().for_each(|row| buckets.add(row.id, row.version, &row.hash));
        buckets
    }

    #[test]
    fn a_digest_is_the_sum_of_its_buckets_in_any_order() {
        let mut rows: Vec<HeldRow> = (0..1000).map(|at| row(at, at as i64, (at % 251) as u8)).collect();
        let forth = buckets(&rows);
        rows.reverse();
        let back = buckets(&rows);
        assert_eq!(forth, back);
        assert_eq!(forth.digest().rows, 1000);
        assert_eq!(forth.digest().versions, 499_500);
        assert_eq!(forth.differing(back.list()), Vec::<u8>::new());
    }

    #[test]
    fn a_flipped_bit_is_in_one_bucket() {
        let rows: Vec<HeldRow> = (0..1000).map(|at| row(at, 1, 9)).collect();
        let whole = buckets(&rows);
        for byte in 0..16 {
            let mut damaged = rows.clone();
            damaged[300].hash[byte] ^= 1;
            let damaged = buckets(&damaged);
            assert_ne!(whole.digest(), damaged.digest(), "byte {byte}");
            assert_eq!(whole.differing(damaged.list()), [44], "300 is 44 in the last byte");
        }
        let older = HeldRow { version: 0, ..rows[300].clone() };
        let mut damaged = rows.clone();
        damaged[300] = older;
        assert_ne!(whole.digest(), buckets(&damaged).digest());
    }

    #[test]
    fn only_what_differs_is_wanted() {
        let held = HeldBucket {
            scope: "guild".into(),
            bucket: 0,
            rows: vec![row(0, 1, 1), row(256, 1, 1), row(512, 1, 1)],
        };
        let server = vec![row(0, 1, 1), row(256, 2, 1), row(768, 1, 1)];
        let difference = compare(&held, server);
        assert_eq!(difference.wanted, [row(256, 0, 0).key(), row(768, 0, 0).key()]);
        assert_eq!(difference.surplus, [row(512, 0, 0).key()]);
        assert_eq!(compare(&HeldBucket { rows: Vec::new(), ..held }, Vec::new()), Difference::default());
    }
}

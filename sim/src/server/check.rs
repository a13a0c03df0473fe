//! The end of a pull that asks to be compared: digests of scopes, of their buckets, or the rows
//! that differ.

use super::pull::{places, pulled};
use super::{Guild, Row};
use guildhall_sync::digest::{Buckets, bucket_of, compare};
use guildhall_sync::protocol::check::{Check, HeldBucket, HeldRow, ScopeDigest};
use guildhall_sync::protocol::{Effect, Frame, GoneRow, RowKey};
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

impl Guild {
    pub fn tell_check(&self, check: &Check, granted: &[String], frames: &mut Vec<Frame>) {
        let place = |scope: &String| {
            let place = places(granted, &BTreeSet::from([scope.clone()]));
            place.first().copied()
        };
        match check {
            Check::Digests => {
                let digest = |scope: &String| ScopeDigest {
                    scope: place(scope).expect("a granted scope has a place"),
                    digest: self.buckets(scope).digest(),
                };
                frames.push(Frame::Digests(granted.iter().map(digest).collect()));
            }
            Check::Buckets { scopes } => {
                for scope in scopes {
                    let Some(place) = place(scope) else { continue };
                    let digests = self.buckets(scope).list().to_vec();
                    frames.push(Frame::Buckets { scope: place, digests });
                }
            }
            Check::Rows { held } => self.tell_difference(held, granted, frames),
        }
    }

    fn members(&self, scope: &str) -> impl Iterator<Item = &Rc<Row>> {
        self.rows.values().filter(move |row| row.scopes.contains(scope))
    }

    fn buckets(&self, scope: &str) -> Buckets {
        let mut buckets = Buckets::default();
        self.members(scope).for_each(|row| buckets.add(row.id(), row.version, &row.hash));
        buckets
    }

    fn tell_difference(&self, held: &[HeldBucket], granted: &[String], frames: &mut Vec<Frame>) {
        let (mut wanted, mut surplus) = (BTreeSet::new(), BTreeMap::<RowKey, BTreeSet<String>>::new());
        for bucket in held.iter().filter(|bucket| granted.contains(&bucket.scope)) {
            let rows = self.members(&bucket.scope).filter(|row| bucket_of(row.id()) == bucket.bucket);
            let rows = rows.map(|row| HeldRow {
                table: row.table.number,
                id: row.id(),
                version: row.version,
                hash: row.hash,
            });
            let difference = compare(bucket, rows);
            wanted.extend(difference.wanted.into_iter().map(|key| (key.table, key.id)));
            for key in difference.surplus {
                surplus.entry(key).or_default().insert(bucket.scope.clone());
            }
        }
        frames.push(Frame::RepairBegin { rows: (wanted.len() + surplus.len()) as u64 });
        let rows: Vec<_> =
            wanted.iter().filter_map(|key| self.row(*key)).map(|row| pulled(row, granted)).collect();
        frames.push(Frame::Rows(rows));
        let gone = surplus.iter().map(|(RowKey { table, id }, scopes)| GoneRow {
            table: *table,
            id: *id,
            version: 0,
            effect: Effect::Leave,
            scopes: places(granted, scopes),
        });
        frames.push(Frame::Gone(gone.collect()));
        frames.push(Frame::RepairEnd);
    }
}

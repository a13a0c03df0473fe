//! Numbers from a seed (SplitMix64). Good enough to vary a workload; nothing secret comes from here.

use uuid::Uuid;

#[derive(Clone, Debug)]
pub struct Random(u64);

impl Random {
    pub fn new(seed: u64) -> Self {
        Self(seed)
    }

    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A number below `limit`, each as likely.
    pub fn below(&mut self, limit: usize) -> usize {
        let limit = u64::try_from(limit).expect("a count fits 64 bits");
        usize::try_from(self.next() % limit).expect("below a count")
    }

    /// A number below `limit`; each half as likely as the one half as large.
    pub fn skewed(&mut self, limit: usize) -> usize {
        let part = (self.next() >> 11) as f64 / (1_u64 << 53) as f64;
        ((limit as f64 + 1.0).powf(part) as usize - 1).min(limit - 1)
    }

    /// An id of version 7, as devices and servers make them: ids made later sort later.
    pub fn id(&mut self, made_at_ms: u64) -> Uuid {
        let rest = (u128::from(self.next()) << 64) | u128::from(self.next());
        let mut bytes = [0; 10];
        bytes.copy_from_slice(&rest.to_be_bytes()[..10]);
        uuid::Builder::from_unix_timestamp_millis(made_at_ms, &bytes).into_uuid()
    }
}

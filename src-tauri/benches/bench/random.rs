//! Numbers from a seed. Good enough to vary a workload; nothing secret comes from here.

#[path = "../../../local/tests/main/chance.rs"]
mod chance;

use chance::Chance;
use uuid::Uuid;

#[derive(Clone, Debug)]
pub struct Random(Chance);

impl Random {
    pub fn new(seed: u64) -> Self {
        Self(Chance::new(seed))
    }

    pub fn next(&mut self) -> u64 {
        self.0.number()
    }

    /// A number below `limit`, each as likely.
    pub fn below(&mut self, limit: usize) -> usize {
        self.0.below(limit)
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

//! The only place of the server that makes randomness: secrets, salts and ids.

use crate::clock;
use uuid::Uuid;

/// Bytes that nobody can guess.
pub fn bytes<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).expect("the system has randomness once it has booted");
    bytes
}

/// A new id; ids of one day lie together in an index.
pub fn id() -> Uuid {
    let millis = u64::try_from(clock::now().0 / 1000).unwrap_or_default();
    uuid::Builder::from_unix_timestamp_millis(millis, &bytes()).into_uuid()
}

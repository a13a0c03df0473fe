//! Tokens: random, opaque, and kept only as their SHA-256. A token is looked up by its hash, so
//! no comparison of secrets takes a time that depends on them.
//!
//! A refresh token names its family (one sign-in of one device) beside its secret: a token that
//! names a family and is not one of its living ones has been used before.

use crate::random;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest, Sha256};

const SECRET_BYTES: usize = 32;
const FAMILY_BYTES: usize = 16;

/// What the server keeps of a token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TokenHash(pub [u8; 32]);

/// What names a family in its refresh tokens.
pub type Family = [u8; FAMILY_BYTES];

/// A refresh token that somebody sent.
#[derive(Debug)]
pub struct SentRefresh {
    pub family: TokenHash,
    pub token: TokenHash,
}

/// A new access token and its hash.
pub fn new_access() -> (String, TokenHash) {
    let secret: [u8; SECRET_BYTES] = random::bytes();
    (URL_SAFE_NO_PAD.encode(secret), hash(&secret))
}

pub fn new_family() -> Family {
    random::bytes()
}

/// A new refresh token of the family, and its hash.
pub fn new_refresh(family: Family) -> (String, TokenHash) {
    let secret: [u8; SECRET_BYTES] = random::bytes();
    let token = [&family[..], &secret[..]].concat();
    (URL_SAFE_NO_PAD.encode(&token), hash(&token))
}

/// The hash of an access token, if it can be one at all.
pub fn read_access(token: &str) -> Option<TokenHash> {
    let secret = URL_SAFE_NO_PAD.decode(token).ok()?;
    (secret.len() == SECRET_BYTES).then(|| hash(&secret))
}

/// The hashes of a refresh token, and its family, if it can be one at all.
pub fn read_refresh(token: &str) -> Option<(Family, SentRefresh)> {
    let bytes = URL_SAFE_NO_PAD.decode(token).ok()?;
    let family: Family = *bytes.first_chunk()?;
    let sent = SentRefresh { family: hash(&family), token: hash(&bytes) };
    (bytes.len() == FAMILY_BYTES + SECRET_BYTES).then_some((family, sent))
}

pub fn family_hash(family: &Family) -> TokenHash {
    hash(family)
}

fn hash(secret: &[u8]) -> TokenHash {
    TokenHash(Sha256::digest(secret).into())
}

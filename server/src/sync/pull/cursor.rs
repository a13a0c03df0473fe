//! Cursors: places in the order of commits, signed so that a device can only send back what it was
//! given. What a place leads to is decided elsewhere.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use guildhall_sync::id::GuildId;
use guildhall_sync::protocol::Cursor;
use hmac::{Hmac, KeyInit, Mac};
use serde::{Deserialize, Serialize};
use sha2::Sha256;
use uuid::Uuid;

/// Bytes of a signature that a cursor carries.
const TAG_BYTES: usize = 16;
/// Said before what is signed, so that the key may sign other things too.
const DOMAIN: &[u8] = b"guildhall cursor 1";

/// Where a device is in the order of commits of one stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Place {
    pub stream: GuildId,
    pub epoch: Uuid,
    /// The device has all changes of commits up to this number.
    pub hi: u64,
    /// The last commit that the device may have seen something of.
    pub seen: Mark,
}

/// A commit's number and the random word given with it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mark {
    pub number: u64,
    pub tag: i64,
}

/// What cursors are signed with: 32 random bytes that only servers of one database know.
#[derive(Clone)]
pub struct CursorKey([u8; 32]);

impl std::fmt::Debug for CursorKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("CursorKey")
    }
}

impl CursorKey {
    pub const BYTES: usize = 32;

    pub fn new(bytes: [u8; Self::BYTES]) -> Self {
        Self(bytes)
    }

    pub fn write(&self, place: &Place) -> Cursor {
        let mut bytes = postcard::to_stdvec(place).expect("a place in memory can always be written");
        let tag = self.mac(&bytes).finalize().into_bytes();
        bytes.extend_from_slice(&tag[..TAG_BYTES]);
        Cursor(URL_SAFE_NO_PAD.encode(bytes))
    }

    /// None for what this key did not sign.
    pub fn read(&self, cursor: &Cursor) -> Option<Place> {
        let bytes = URL_SAFE_NO_PAD.decode(&cursor.0).ok()?;
        let (place, tag) = bytes.split_at_checked(bytes.len().checked_sub(TAG_BYTES)?)?;
        self.mac(place).verify_truncated_left(tag).ok()?;
        postcard::from_bytes(place).ok()
    }

    fn mac(&self, bytes: &[u8]) -> Hmac<Sha256> {
        let mut mac = Hmac::<Sha256>::new_from_slice(&self.0).expect("a key may have any length");
        mac.update(DOMAIN);
        mac.update(bytes);
        mac
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place() -> Place {
        Place {
            stream: GuildId(Uuid::from_u128(1)),
            epoch: Uuid::from_u128(2),
            hi: 300,
            seen: Mark { number: 301, tag: -7 },
        }
    }

    #[test]
    fn a_place_comes_back_from_its_cursor() {
        let key = CursorKey::new([7; 32]);
        assert_eq!(key.read(&key.write(&place())), Some(place()));
    }

    #[test]
    fn a_cursor_with_any_letter_changed_is_none() {
        let key = CursorKey::new([7; 32]);
        let cursor = key.write(&place());
        for at in 0..cursor.0.len() {
            for letter in ['A', '_', '='] {
                let mut changed = cursor.0.clone();
                changed.replace_range(at..=at, letter.encode_utf8(&mut [0; 4]));
                let is_same = changed == cursor.0;
                assert_eq!(key.read(&Cursor(changed)).is_some(), is_same, "letter {at}");
            }
            assert_eq!(key.read(&Cursor(cursor.0[..at].to_owned())), None, "cut at {at}");
        }
        assert_eq!(CursorKey::new([8; 32]).read(&cursor), None, "another server's");
    }
}

//! Cursors: places in the order of commits, signed so that a device can only send back what it was
//! given. What a place leads to is decided elsewhere.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use guildhall_sync::id::GuildId;
use guildhall_sync::protocol::Cursor;
use guildhall_sync::time::Timestamp;
use hmac::{Hmac, KeyInit, Mac};
use serde::{Deserialize, Serialize};
use sha2::Sha256;
use uuid::Uuid;

/// Bytes of a signature that a cursor carries.
const TAG_BYTES: usize = 16;
/// Said before what is signed, so that the key may sign other things too.
const DOMAIN: &[u8] = b"guildhall cursor 2";

/// Where a device is in the order of commits of one stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    pub stream: GuildId,
    pub epoch: Uuid,
    /// The device has all changes of commits up to this number.
    pub hi: u64,
    /// The last commit that the device may have seen something of.
    pub seen: Mark,
    /// When it was handed out, by the clock of the database.
    pub at: Timestamp,
}

/// What a cursor says of its place. The stream is signed with it, and is that of whoever shows it.
type Written = (Uuid, u64, Mark, Timestamp);

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
        let Place { stream, epoch, hi, seen, at } = *place;
        let written: Written = (epoch, hi, seen, at);
        let mut bytes = postcard::to_stdvec(&written).expect("a place in memory can always be written");
        let tag = self.mac(stream, &bytes).finalize().into_bytes();
        bytes.extend_from_slice(&tag[..TAG_BYTES]);
        Cursor(URL_SAFE_NO_PAD.encode(bytes))
    }

    /// None for what this key did not sign for this stream.
    pub fn read(&self, stream: GuildId, cursor: &Cursor) -> Option<Place> {
        let bytes = URL_SAFE_NO_PAD.decode(&cursor.0).ok()?;
        let (written, tag) = bytes.split_at_checked(bytes.len().checked_sub(TAG_BYTES)?)?;
        self.mac(stream, written).verify_truncated_left(tag).ok()?;
        let (epoch, hi, seen, at): Written = postcard::from_bytes(written).ok()?;
        Some(Place { stream, epoch, hi, seen, at })
    }

    fn mac(&self, stream: GuildId, bytes: &[u8]) -> Hmac<Sha256> {
        let mut mac = Hmac::<Sha256>::new_from_slice(&self.0).expect("a key may have any length");
        mac.update(DOMAIN);
        mac.update(stream.0.as_bytes());
        mac.update(bytes);
        mac
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const STREAM: GuildId = GuildId(Uuid::from_u128(1));

    fn place() -> Place {
        let (epoch, at) = (Uuid::from_u128(2), Timestamp(1_800_000_000_000_000));
        Place { stream: STREAM, epoch, hi: 300, seen: Mark { number: 301, tag: -7 }, at }
    }

    #[test]
    fn a_place_comes_back_from_its_cursor() {
        let key = CursorKey::new([7; 32]);
        let cursor = key.write(&place());
        assert_eq!(key.read(STREAM, &cursor), Some(place()));
        assert_eq!(key.read(GuildId(Uuid::from_u128(3)), &cursor), None, "another guild's");
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
                assert_eq!(key.read(STREAM, &Cursor(changed)).is_some(), is_same, "letter {at}");
            }
            assert_eq!(key.read(STREAM, &Cursor(cursor.0[..at].to_owned())), None, "cut at {at}");
        }
        assert_eq!(CursorKey::new([8; 32]).read(STREAM, &cursor), None, "another server's");
    }
}

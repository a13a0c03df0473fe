//! The key slots of a profile: the mirror's key, wrapped once for each way to it, in one small
//! file beside the mirror. Nothing secret stands in it in clear.
//!
//! Each slot is bound to guild, user, device, kind and version: a slot cut out of another file
//! opens nothing. The file is a line of JSON and a line with its check sum, which tells a damaged
//! file from a wrong password.

use super::Key;
use super::password::{Cost, Stretching};
use crate::atomic_file;
use crate::clock::Clock;
use crate::error::{Error, KeyError, Result};
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use chacha20poly1305::aead::{Aead, KeyInit, Payload};
use chacha20poly1305::{XChaCha20Poly1305, XNonce};
use guildhall_sync::id::{DeviceId, GuildId, UserId};
use hkdf::Hkdf;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::path::Path;
use uuid::Uuid;
use zeroize::Zeroizing;

const VERSION: u32 = 1;

/// Whose mirror the slots open.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Owner {
    /// Names this folder's entries in the keyring.
    pub profile: Uuid,
    pub guild: GuildId,
    pub user: UserId,
    pub device: DeviceId,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SlotKind {
    Password,
    Keyring,
}

impl SlotKind {
    pub const fn word(self) -> &'static str {
        match self {
            Self::Password => "password",
            Self::Keyring => "keyring",
        }
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Slots {
    content: Content,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Content {
    version: u32,
    owner: Owner,
    slots: Vec<Slot>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Slot {
    kind: SlotKind,
    /// For the password slot: how the password became a key.
    stretching: Option<Stretching>,
    nonce: [u8; 24],
    /// The wrapped key, in base64.
    sealed: String,
}

impl Slots {
    pub(super) const fn of(owner: Owner) -> Self {
        Self { content: Content { version: VERSION, owner, slots: Vec::new() } }
    }

    pub fn owner(&self) -> &Owner {
        &self.content.owner
    }

    pub fn has(&self, kind: SlotKind) -> bool {
        self.content.slots.iter().any(|slot| slot.kind == kind)
    }

    pub(super) fn demand(&self, kind: SlotKind) -> Result<(), KeyError> {
        if self.has(kind) { Ok(()) } else { Err(KeyError::NoSlot(kind.word())) }
    }

    pub(super) fn wrap_with_password(&mut self, key: &Key, password: &str, cost: Cost, clock: &Clock) {
        let stretching = Stretching::new(cost, clock.random());
        let stretched = stretching.stretch(password).expect("these parameters are within bounds");
        self.wrap(SlotKind::Password, key, &stretched, Some(stretching), clock);
    }

    pub(super) fn wrap_with_secret(&mut self, key: &Key, secret: &[u8; 32], clock: &Clock) {
        self.wrap(SlotKind::Keyring, key, secret, None, clock);
    }

    pub(super) fn unwrap_with_password(&self, password: &str) -> Result<Key, KeyError> {
        let slot = self.find(SlotKind::Password)?;
        let stretching = slot.stretching.as_ref().ok_or(KeyError::NoSlot("password"))?;
        let stretched = stretching.stretch(password).ok_or(KeyError::WrongPassword)?;
        self.open(slot, &stretched).ok_or(KeyError::WrongPassword)
    }

    pub(super) fn unwrap_with_secret(&self, secret: &[u8]) -> Result<Key, KeyError> {
        let slot = self.find(SlotKind::Keyring)?;
        let secret = secret.try_into().map_err(|_| KeyError::WrongKeyringSecret)?;
        self.open(slot, secret).ok_or(KeyError::WrongKeyringSecret)
    }

    pub(super) fn remove(&mut self, kind: SlotKind) {
        self.content.slots.retain(|slot| slot.kind != kind);
    }

    fn find(&self, kind: SlotKind) -> Result<&Slot, KeyError> {
        self.content.slots.iter().find(|slot| slot.kind == kind).ok_or(KeyError::NoSlot(kind.word()))
    }

    fn wrap(
        &mut self,
        kind: SlotKind,
        key: &Key,
        secret: &[u8; 32],
        stretching: Option<Stretching>,
        clock: &Clock,
    ) {
        let nonce: [u8; 24] = clock.random();
        let payload = Payload { msg: key.bytes(), aad: &self.binding(kind) };
        let sealed = cipher(kind, secret)
            .encrypt(&XNonce::from(nonce), payload)
            .expect("32 bytes are never too long for the cipher");
        self.remove(kind);
        self.content.slots.push(Slot { kind, stretching, nonce, sealed: BASE64_STANDARD.encode(sealed) });
    }

    fn open(&self, slot: &Slot, secret: &[u8; 32]) -> Option<Key> {
        let sealed = BASE64_STANDARD.decode(&slot.sealed).ok()?;
        let payload = Payload { msg: &sealed, aad: &self.binding(slot.kind) };
        let opened = cipher(slot.kind, secret).decrypt(&XNonce::from(slot.nonce), payload).ok()?;
        let opened = Zeroizing::new(opened);
        let mut bytes = Zeroizing::new([0; 32]);
        (opened.len() == bytes.len()).then(|| bytes.copy_from_slice(&opened))?;
        Some(Key::from_bytes(bytes))
    }

    /// What the cipher vouches for beside the key.
    fn binding(&self, kind: SlotKind) -> Vec<u8> {
        let Owner { profile, guild, user, device } = self.content.owner;
        let mut bytes = Vec::with_capacity(80);
        for id in [profile, guild.0, user.0, device.0] {
            bytes.extend_from_slice(id.as_bytes());
        }
        bytes.extend_from_slice(&self.content.version.to_be_bytes());
        bytes.extend_from_slice(kind.word().as_bytes());
        bytes
    }

    pub(super) fn save(&self, path: &Path) -> Result<()> {
        let content = serde_json::to_string(&self.content).expect("slots can always be printed");
        let check = check(&content);
        atomic_file::write(path, format!("{content}\n{check}").as_bytes())
    }

    pub(super) fn load(path: &Path) -> Result<Self> {
        let bytes = match std::fs::read(path) {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                return Err(KeyError::NoSlots { path: path.to_owned() }.into());
            }
            Err(error) => return Err(Error::io(path, error)),
        };
        Ok(Self::parse(&bytes).map_err(|damage| damage.at(path))?)
    }

    fn parse(bytes: &[u8]) -> Result<Self, Damage> {
        let text = std::str::from_utf8(bytes).map_err(|_| Damage::Unreadable)?;
        let (content, sum) = text.split_once('\n').ok_or(Damage::Unreadable)?;
        if check(content) != sum {
            return Err(Damage::Unreadable);
        }
        let Versioned { version } = read_json(content)?;
        if version > VERSION {
            return Err(Damage::Newer(version));
        }
        Ok(Self { content: read_json(content)? })
    }
}

fn read_json<T: DeserializeOwned>(content: &str) -> Result<T, Damage> {
    serde_json::from_str(content).map_err(|_| Damage::Unreadable)
}

/// The part of the content that every version has.
#[derive(Deserialize)]
struct Versioned {
    version: u32,
}

enum Damage {
    Unreadable,
    Newer(u32),
}

impl Damage {
    fn at(self, path: &Path) -> KeyError {
        match self {
            Self::Unreadable => KeyError::DamagedSlots { path: path.to_owned() },
            Self::Newer(found) => KeyError::NewerSlots { found },
        }
    }
}

fn check(content: &str) -> String {
    BASE64_STANDARD.encode(Sha256::digest(content.as_bytes()))
}

/// The key that wraps: one for each kind of slot, even if two had the same secret.
fn cipher(kind: SlotKind, secret: &[u8; 32]) -> XChaCha20Poly1305 {
    let mut wrapping = Zeroizing::new([0; 32]);
    let info = format!("guildhall mirror key, {} slot", kind.word());
    Hkdf::<Sha256>::new(None, secret)
        .expand(info.as_bytes(), &mut *wrapping)
        .expect("32 bytes are never too long for the derivation");
    XChaCha20Poly1305::new((&*wrapping).into())
}

//! The key of the mirror: 32 random bytes that exist in memory only while the mirror is open, and
//! on the disk only wrapped.

use crate::clock::Clock;
use std::fmt::Write as _;
use zeroize::Zeroizing;

#[derive(Clone)]
pub struct Key(Zeroizing<[u8; 32]>);

impl Key {
    /// A key that nobody has had before. Only ever called where no mirror exists.
    pub fn new(clock: &Clock) -> Self {
        let mut bytes = Zeroizing::new([0; 32]);
        (clock.fill)(bytes.as_mut());
        Self(bytes)
    }

    pub fn from_bytes(bytes: Zeroizing<[u8; 32]>) -> Self {
        Self(bytes)
    }

    /// No key: the file is not encrypted. For simulations, which open many thousands of files
    /// with nothing in them.
    #[cfg(feature = "faults")]
    pub fn none() -> Self {
        Self(Zeroizing::new([0; 32]))
    }

    /// Whether there is a key; always, but in simulations.
    pub fn encrypts(&self) -> bool {
        !cfg!(feature = "faults") || self.0.iter().any(|byte| *byte != 0)
    }

    pub fn bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// The key as SQLCipher takes it without deriving another: `x'…'`, in hexadecimal.
    pub fn pragma(&self) -> Zeroizing<String> {
        let mut text = Zeroizing::new(String::with_capacity(67));
        text.push_str("x'");
        for byte in self.0.iter() {
            write!(text, "{byte:02x}").expect("writing to a string cannot fail");
        }
        text.push('\'');
        text
    }
}

impl std::fmt::Debug for Key {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Key")
    }
}

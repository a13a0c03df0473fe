//! Passwords: how strong they must be, and how a key comes out of one.
//!
//! The password of the server account is the same word, and whoever holds a copied file can guess
//! as fast as their machines allow: so it must be strong, and each guess dear.

use crate::error::KeyError;
use argon2::{Algorithm, Argon2, Params, Version};
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

pub const LEAST_CHARACTERS: usize = 12;

/// Of zxcvbn's 0 to 4: safe against somebody who has the file and patience.
const LEAST_SCORE: zxcvbn::Score = zxcvbn::Score::Three;

/// More than this a file that somebody has changed may not ask for.
const MAX_MEMORY_KIB: u32 = 1024 * 1024;
const MAX_ROUNDS: u32 = 64;
const MAX_LANES: u32 = 64;

/// How dear one guess is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cost {
    /// 64 MiB, three rounds, four lanes.
    Full,
    /// For tests that make many profiles.
    #[cfg(feature = "faults")]
    Least,
}

/// Argon2id's parameters, kept beside what they made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Stretching {
    pub memory_kib: u32,
    pub rounds: u32,
    pub lanes: u32,
    pub salt: [u8; 16],
}

impl Stretching {
    pub fn new(cost: Cost, salt: [u8; 16]) -> Self {
        match cost {
            Cost::Full => Self { memory_kib: 64 * 1024, rounds: 3, lanes: 4, salt },
            #[cfg(feature = "faults")]
            Cost::Least => Self { memory_kib: 64, rounds: 1, lanes: 1, salt },
        }
    }

    /// None when the parameters are not ones that this program has written.
    pub fn stretch(&self, password: &str) -> Option<Zeroizing<[u8; 32]>> {
        if self.memory_kib > MAX_MEMORY_KIB || self.rounds > MAX_ROUNDS || self.lanes > MAX_LANES {
            return None;
        }
        let params = Params::new(self.memory_kib, self.rounds, self.lanes, Some(32)).ok()?;
        let mut out = Zeroizing::new([0; 32]);
        Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
            .hash_password_into(password.as_bytes(), &self.salt, out.as_mut())
            .ok()?;
        Some(out)
    }
}

/// `known` are words that somebody who knows the person would try first: names, the guild.
pub fn demand_strong(password: &str, known: &[&str]) -> Result<(), KeyError> {
    if password.chars().count() < LEAST_CHARACTERS {
        return Err(KeyError::PasswordTooShort { least: LEAST_CHARACTERS });
    }
    let judged = zxcvbn::zxcvbn(password, known);
    if judged.score() >= LEAST_SCORE {
        return Ok(());
    }
    let hint = judged.feedback().and_then(|feedback| {
        let warning = feedback.warning().map(|warning| warning.to_string());
        warning.or_else(|| feedback.suggestions().first().map(ToString::to_string))
    });
    Err(KeyError::PasswordTooWeak { hint })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn short_common_and_personal_passwords_are_refused() {
        let known = ["harbour", "anastasia"];
        assert_eq!(
            demand_strong("Tr0ub4dor&3", &known),
            Err(KeyError::PasswordTooShort { least: LEAST_CHARACTERS })
        );
        for weak in ["passwordpassword", "aaaaaaaaaaaaaaaa", "harbouranastasia", "qwertyuiop123"] {
            let judged = demand_strong(weak, &known);
            assert!(matches!(judged, Err(KeyError::PasswordTooWeak { .. })), "{weak}: {judged:?}");
        }
        assert_eq!(demand_strong("nine grey herons over the pier", &known), Ok(()));
    }

    #[test]
    fn parameters_that_would_eat_the_laptop_are_refused() {
        let greedy = Stretching { memory_kib: u32::MAX, rounds: 1, lanes: 1, salt: [0; 16] };
        assert!(greedy.stretch("anything").is_none());
    }
}

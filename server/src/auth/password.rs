//! Passwords: Argon2id on threads that may block, a few at a time. Judging how strong a password
//! is happens on the device; here only its length counts, when an administrator sets it.

use crate::error::Error;
use crate::random;
use argon2::password_hash::phc::PasswordHash;
use argon2::{Algorithm, Argon2, Params, PasswordHasher, PasswordVerifier, Version};
use std::sync::Arc;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// The shortest password that an administrator may give, in characters.
pub const MIN_CHARS: usize = 12;
/// The longest, in bytes: longer ones only cost time.
pub const MAX_BYTES: usize = 1024;
/// Sign-ins that are computed at once …
const RUNNING: usize = 2;
/// … and that wait for their turn; more are sent away.
const WAITING: usize = 32;

/// What one hash costs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PasswordCost {
    memory_kib: u32,
    passes: u32,
    lanes: u32,
}

impl Default for PasswordCost {
    fn default() -> Self {
        Self { memory_kib: 32 * 1024, passes: 2, lanes: 1 }
    }
}

#[cfg(feature = "faults")]
impl PasswordCost {
    /// For tests that sign in many devices.
    pub fn cheap() -> Self {
        Self { memory_kib: 64, passes: 1, lanes: 1 }
    }
}

/// Computes hashes, and sees to it that not too many are computed.
#[derive(Debug)]
pub struct Passwords {
    cost: PasswordCost,
    places: Arc<Semaphore>,
    running: Arc<Semaphore>,
    /// Computed with for people who are not there, so that they take as long as the others.
    nobody: String,
}

/// A place among those who wait; whoever has none was sent away.
#[derive(Debug)]
pub struct Place(#[expect(dead_code, reason = "held, not read")] OwnedSemaphorePermit);

#[derive(Debug, PartialEq, Eq)]
pub enum Checked {
    Wrong,
    Right {
        /// The hash at today's cost, where the stored one has another.
        renewed: Option<String>,
    },
}

impl Passwords {
    pub fn new(cost: PasswordCost) -> Self {
        let secret: [u8; 32] = random::bytes();
        Self {
            cost,
            places: Arc::new(Semaphore::new(RUNNING + WAITING)),
            running: Arc::new(Semaphore::new(RUNNING)),
            nobody: hash(&secret, cost),
        }
    }

    pub fn find_place(&self) -> Result<Place, Error> {
        Arc::clone(&self.places).try_acquire_owned().map(Place).map_err(|_| Error::Busy)
    }

    /// Compares a password with a stored hash. Without one it takes the same time to say no.
    pub async fn check(
        &self,
        place: Place,
        password: String,
        stored: Option<String>,
    ) -> Result<Checked, Error> {
        let permit = Arc::clone(&self.running).acquire_owned().await.map_err(|_| Error::Busy)?;
        let cost = self.cost;
        let is_known = stored.is_some();
        let stored = stored.unwrap_or_else(|| self.nobody.clone());
        // The permits go along: whoever hangs up does not make room before the work is done.
        let work = tokio::task::spawn_blocking(move || {
            let checked = compare(&password, &stored, cost);
            drop((permit, place));
            checked
        });
        let checked = work.await.map_err(|_| Error::Busy)?;
        Ok(if is_known { checked } else { Checked::Wrong })
    }

    /// The hash of a password that an administrator sets.
    pub async fn hash(password: String, cost: PasswordCost) -> Result<String, Error> {
        let chars = password.chars().count();
        if chars < MIN_CHARS {
            return Err(Error::PasswordTooShort { chars, needed: MIN_CHARS });
        }
        tokio::task::spawn_blocking(move || hash(password.as_bytes(), cost)).await.map_err(|_| Error::Busy)
    }
}

fn compare(password: &str, stored: &str, cost: PasswordCost) -> Checked {
    let Ok(parsed) = PasswordHash::new(stored) else {
        tracing::error!("a stored password hash cannot be read");
        return Checked::Wrong;
    };
    if Argon2::default().verify_password(password.as_bytes(), &parsed).is_err() {
        return Checked::Wrong;
    }
    let is_current = Params::try_from(&parsed).is_ok_and(|params| is_of_cost(&params, cost));
    Checked::Right { renewed: (!is_current).then(|| hash(password.as_bytes(), cost)) }
}

fn is_of_cost(params: &Params, cost: PasswordCost) -> bool {
    (params.m_cost(), params.t_cost(), params.p_cost()) == (cost.memory_kib, cost.passes, cost.lanes)
}

fn hash(password: &[u8], cost: PasswordCost) -> String {
    let params =
        Params::new(cost.memory_kib, cost.passes, cost.lanes, None).expect("the costs are within bounds");
    let salt: [u8; 16] = random::bytes();
    Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
        .hash_password_with_salt(password, &salt)
        .expect("salt and password are within bounds")
        .to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    const CHEAP: PasswordCost = PasswordCost { memory_kib: 64, passes: 1, lanes: 1 };
    const DEARER: PasswordCost = PasswordCost { memory_kib: 128, passes: 1, lanes: 1 };

    async fn check(passwords: &Passwords, password: &str, stored: Option<&str>) -> Checked {
        let place = passwords.find_place().expect("there is room");
        passwords.check(place, password.to_owned(), stored.map(str::to_owned)).await.expect("computed")
    }

    #[tokio::test]
    async fn a_password_is_known_again_and_only_that() {
        let passwords = Passwords::new(CHEAP);
        let stored = hash(b"correct horse battery", CHEAP);
        assert!(stored.starts_with("$argon2id$v=19$m=64,t=1,p=1$"), "{stored}");
        let right = check(&passwords, "correct horse battery", Some(&stored)).await;
        assert_eq!(right, Checked::Right { renewed: None });
        assert_eq!(check(&passwords, "correct horse batterz", Some(&stored)).await, Checked::Wrong);
        assert_eq!(check(&passwords, "correct horse battery", None).await, Checked::Wrong);
        assert_eq!(check(&passwords, "correct horse battery", Some("$argon2id$v=19$")).await, Checked::Wrong);
    }

    #[tokio::test]
    async fn a_hash_of_another_cost_is_renewed() {
        let passwords = Passwords::new(DEARER);
        let stored = hash(b"correct horse battery", CHEAP);
        let Checked::Right { renewed: Some(renewed) } =
            check(&passwords, "correct horse battery", Some(&stored)).await
        else {
            panic!("it is right, and it is old");
        };
        let again = check(&passwords, "correct horse battery", Some(&renewed)).await;
        assert_eq!(again, Checked::Right { renewed: None });
    }

    #[test]
    fn who_finds_no_place_is_sent_away() {
        let passwords = Passwords::new(CHEAP);
        let places: Vec<_> = std::iter::from_fn(|| passwords.find_place().ok()).collect();
        assert_eq!(places.len(), RUNNING + WAITING);
        drop(places);
        assert!(passwords.find_place().is_ok());
    }
}

//! New tokens for old. Each use of a refresh token gives another; using an old one again ends the
//! family, because somebody else must have it. One repetition is honest: the answer to the last
//! use may have been lost, or overtaken by the answer to its repetition. So the token used last
//! works again, and every token that it led to works until one of them is used.

use super::token::{self, TokenHash};
use crate::db::Database;
use crate::db::accounts::Renewal;
use crate::error::Error;
use guildhall_sync::id::DeviceId;
use guildhall_sync::protocol::{Refresh, Tokens};

/// Tokens of one family that work at the same time; beyond that the oldest is forgotten.
const MAX_LIVING: usize = 16;

/// The refresh tokens of one sign-in, as Postgres keeps them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct FamilyState {
    pub device: DeviceId,
    /// Given out and not used yet.
    pub living: Vec<TokenHash>,
    /// Used last.
    pub spent: Option<TokenHash>,
}

impl FamilyState {
    /// The state after a token was used and `next` given for it; none if that use ends the family.
    pub fn after_use(&self, device: DeviceId, used: TokenHash, next: TokenHash) -> Option<Self> {
        if self.device != device {
            return None;
        }
        if self.living.contains(&used) {
            return Some(Self { device, living: vec![next], spent: Some(used) });
        }
        if self.spent != Some(used) {
            return None;
        }
        let forgotten = (self.living.len() + 1).saturating_sub(MAX_LIVING);
        let living = self.living.iter().skip(forgotten).copied().chain([next]).collect();
        Some(Self { device, living, spent: self.spent })
    }
}

pub(crate) async fn refresh(database: &Database, request: Refresh) -> Result<Tokens, Error> {
    let (family, sent) = token::read_refresh(&request.refresh).ok_or(Error::SignInAgain)?;
    let (access, access_hash) = token::new_access();
    let (refresh, refresh_hash) = token::new_refresh(family);
    let renewal = Renewal {
        family_hash: sent.family,
        used: sent.token,
        device: request.device,
        access_hash,
        refresh_hash,
    };
    let terms = database.renew_session(&renewal).await?;
    Ok(terms.tokens(access, refresh))
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    const DEVICE: DeviceId = DeviceId(Uuid::from_u128(1));

    fn token(number: u8) -> TokenHash {
        TokenHash([number; 32])
    }

    fn family(living: &[u8], spent: Option<u8>) -> FamilyState {
        FamilyState {
            device: DEVICE,
            living: living.iter().copied().map(token).collect(),
            spent: spent.map(token),
        }
    }

    #[track_caller]
    fn check(before: &FamilyState, used: u8, next: u8, expected: Option<FamilyState>) {
        assert_eq!(before.after_use(DEVICE, token(used), token(next)), expected);
    }

    #[test]
    fn each_token_works_once() {
        check(&family(&[1], None), 1, 2, Some(family(&[2], Some(1))));
        check(&family(&[2], Some(1)), 2, 3, Some(family(&[3], Some(2))));
        check(&family(&[3], Some(2)), 1, 4, None);
        check(&family(&[3], Some(2)), 9, 4, None);
    }

    #[test]
    fn the_last_use_may_be_repeated_and_any_of_its_answers_used() {
        let repeated = family(&[2, 3], Some(1));
        check(&family(&[2], Some(1)), 1, 3, Some(repeated.clone()));
        check(&repeated, 2, 4, Some(family(&[4], Some(2))));
        check(&repeated, 3, 4, Some(family(&[4], Some(3))));
        check(&family(&[4], Some(2)), 3, 5, None);
    }

    #[test]
    fn another_device_ends_the_family() {
        let other = DeviceId(Uuid::from_u128(2));
        assert_eq!(family(&[1], None).after_use(other, token(1), token(2)), None);
    }

    #[test]
    fn a_device_that_repeats_for_ever_does_not_fill_the_row() {
        let mut state = family(&[2], Some(1));
        for next in 3..100 {
            state = state.after_use(DEVICE, token(1), token(next)).expect("it may be repeated");
        }
        assert_eq!(state.living.len(), MAX_LIVING);
        assert_eq!(state.living.last(), Some(&token(99)));
    }
}

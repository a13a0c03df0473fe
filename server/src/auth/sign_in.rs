//! Sign-in with a password. Whatever is wrong (guild, name, password, locked, no longer active),
//! the answer is the same and takes as long.

use super::Door;
use super::password::{Checked, MAX_BYTES};
use super::token;
use crate::clock;
use crate::db::Database;
use crate::db::accounts::{Account, Arrival, KnownDevice};
use crate::error::Error;
use crate::random;
use guildhall_sync::id::DeviceId;
use guildhall_sync::protocol::{SignIn, SignedIn};
use sha2::{Digest, Sha256};
use std::net::IpAddr;

/// The longest of the other texts, in bytes.
const MAX_TEXT_BYTES: usize = 300;

pub(crate) async fn sign_in(
    door: &Door,
    database: &Database,
    peer: IpAddr,
    request: SignIn,
) -> Result<SignedIn, Error> {
    check_texts(&request)?;
    let number = account_number(&request);
    let now = clock::instant();
    let later = |retry_after_ms| Error::TryLater { retry_after_ms };
    door.peers.take(peer, now).map_err(later)?;
    door.accounts.take(number, now).map_err(later)?;

    let place = door.passwords.find_place()?;
    let turn = usize::try_from(number % door.turns.len() as u64).expect("there are few turns");
    let _turn = door.turns[turn].lock().await;
    let account = database.find_account(&request.guild, &request.login).await?;
    let stored =
        account.as_ref().filter(|account| account.is_open).map(|account| account.password_hash.clone());
    match (account, door.passwords.check(place, request.password.clone(), stored).await?) {
        (Some(account), Checked::Right { renewed }) => enter(database, &account, request, renewed).await,
        (account, _) => {
            // An account that is locked or closed was not tried, so it counts no failure.
            database.count_failure(account.as_ref().filter(|account| account.is_open)).await?;
            Err(Error::WrongCredentials)
        }
    }
}

async fn enter(
    database: &Database,
    account: &Account,
    request: SignIn,
    renewed_hash: Option<String>,
) -> Result<SignedIn, Error> {
    let family = token::new_family();
    let (access, access_hash) = token::new_access();
    let (refresh, refresh_hash) = token::new_refresh(family);
    let arrival = Arrival {
        session: random::id(),
        family_hash: token::family_hash(&family),
        access_hash,
        refresh_hash,
        renewed_hash,
        device: KnownDevice {
            id: request.device,
            otherwise: DeviceId(random::id()),
            name: request.device_name,
            platform: request.platform,
            app_version: request.app_version,
        },
    };
    let entered = database.enter_account(account, &arrival).await?;
    Ok(SignedIn {
        guild: account.guild,
        guild_name: account.guild_name.clone(),
        user: account.user,
        user_name: account.user_name.clone(),
        role: account.role,
        device: entered.device,
        tokens: entered.terms.tokens(access, refresh),
    })
}

fn check_texts(request: &SignIn) -> Result<(), Error> {
    let texts = [
        (&request.guild, MAX_TEXT_BYTES),
        (&request.login, MAX_TEXT_BYTES),
        (&request.password, MAX_BYTES),
        (&request.device_name, MAX_TEXT_BYTES),
        (&request.platform, MAX_TEXT_BYTES),
        (&request.app_version, MAX_TEXT_BYTES),
    ];
    if texts.iter().all(|(text, limit)| text.len() <= *limit && !text.contains('\0')) {
        return Ok(());
    }
    Err(Error::BadRequest("a text is too long or holds a zero byte".to_owned()))
}

/// Stands for an account, whether it exists or not.
fn account_number(request: &SignIn) -> u64 {
    let mut digest = Sha256::new();
    digest.update(request.guild.to_lowercase());
    digest.update([0]);
    digest.update(request.login.to_lowercase());
    let bytes: [u8; 32] = digest.finalize().into();
    u64::from_be_bytes(*bytes.first_chunk().expect("32 bytes are more than 8"))
}

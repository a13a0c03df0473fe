//! Accounts, devices and sessions: what sign-in and authentication ask of Postgres, with the
//! rights of `guildhall_auth`. No other request comes here.

use super::Database;
use crate::auth::Session;
use crate::auth::refresh::FamilyState;
use crate::auth::token::TokenHash;
use crate::error::Error;
use guildhall_sync::id::{DeviceId, GuildId, UserId};
use guildhall_sync::model::people::Role;
use guildhall_sync::protocol::Tokens;
use guildhall_sync::time::Timestamp;
use sqlx::postgres::PgRow;
use sqlx::{PgConnection, Postgres, Row, Transaction};
use std::collections::HashSet;
use uuid::Uuid;

/// How long an access token is good for.
const ACCESS_SECONDS: i64 = 15 * 60;
/// How long a refresh token is good for, and with it a device that is not used.
const REFRESH_SECONDS: i64 = 30 * 24 * 60 * 60;

/// Somebody who may sign in with a password.
#[derive(Debug)]
pub(crate) struct Account {
    pub guild: GuildId,
    pub guild_name: String,
    pub user: UserId,
    pub user_name: String,
    pub role: Role,
    pub password_hash: String,
    /// Neither locked nor closed.
    pub is_open: bool,
}

/// A sign-in that succeeded, to be written down.
#[derive(Debug)]
pub(crate) struct Arrival {
    pub session: Uuid,
    pub family_hash: TokenHash,
    pub access_hash: TokenHash,
    pub refresh_hash: TokenHash,
    pub renewed_hash: Option<String>,
    pub device: KnownDevice,
}

#[derive(Debug)]
pub(crate) struct KnownDevice {
    /// What the device says that it is.
    pub id: Option<DeviceId>,
    /// What it becomes where that is not so.
    pub otherwise: DeviceId,
    pub name: String,
    pub platform: String,
    pub app_version: String,
}

#[derive(Debug)]
pub(crate) struct Entered {
    pub device: DeviceId,
    pub terms: Terms,
}

/// Until when tokens are good, by the clock of Postgres.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Terms {
    access_expires_at: Timestamp,
    refresh_expires_at: Timestamp,
}

impl Terms {
    pub fn tokens(self, access: String, refresh: String) -> Tokens {
        let Self { access_expires_at, refresh_expires_at } = self;
        Tokens { access, access_expires_at, refresh, refresh_expires_at }
    }
}

/// A use of a refresh token, and what is given for it.
#[derive(Debug)]
pub(crate) struct Renewal {
    pub family_hash: TokenHash,
    pub used: TokenHash,
    pub device: DeviceId,
    pub access_hash: TokenHash,
    pub refresh_hash: TokenHash,
}

impl Database {
    /// The account of a name or e-mail address, open or not.
    pub(crate) async fn find_account(&self, guild: &str, login: &str) -> Result<Option<Account>, Error> {
        let mut transaction = self.begin_auth().await?;
        let row = sqlx::query(include_str!("accounts/find_account.sql"))
            .bind(guild)
            .bind(login)
            .fetch_optional(&mut *transaction)
            .await?;
        transaction.commit().await?;
        Ok(row.as_ref().map(read_account).transpose()?)
    }

    /// Counts a failure; after some of them the account waits, each time longer. Without an
    /// account it does as much and changes nothing.
    pub(crate) async fn count_failure(&self, account: Option<&Account>) -> Result<(), Error> {
        // It must not show in the time it takes whether there was anything to write.
        let begin = "begin; set local role guildhall_auth; set local synchronous_commit = off";
        let mut transaction = self.begin_with(begin).await?;
        sqlx::query(include_str!("accounts/count_failure.sql"))
            .bind(account.map(|account| account.guild.0))
            .bind(account.map(|account| account.user.0))
            .execute(&mut *transaction)
            .await?;
        Ok(transaction.commit().await?)
    }

    /// Writes a sign-in down: the failures are forgotten, the device is known, what this device
    /// had been signed in as before is over.
    pub(crate) async fn enter_account(&self, account: &Account, arrival: &Arrival) -> Result<Entered, Error> {
        let mut transaction = self.begin_auth().await?;
        sqlx::query(include_str!("accounts/forget_failures.sql"))
            .bind(account.guild.0)
            .bind(account.user.0)
            .bind(&arrival.renewed_hash)
            .execute(&mut *transaction)
            .await?;
        let device = enter_device(&mut transaction, account, &arrival.device).await?;
        sqlx::query(include_str!("accounts/end_sessions.sql"))
            .bind(account.guild.0)
            .bind(account.user.0)
            .bind(device.0)
            .execute(&mut *transaction)
            .await?;
        let row = sqlx::query(include_str!("accounts/open_session.sql"))
            .bind(account.guild.0)
            .bind(arrival.session)
            .bind(account.user.0)
            .bind(device.0)
            .bind(&arrival.family_hash.0[..])
            .bind(&arrival.refresh_hash.0[..])
            .bind(REFRESH_SECONDS)
            .bind(&arrival.access_hash.0[..])
            .bind(ACCESS_SECONDS)
            .fetch_one(&mut *transaction)
            .await?;
        transaction.commit().await?;
        Ok(Entered { device, terms: read_terms(&row)? })
    }

    /// Gives new tokens for a refresh token, or ends the family.
    pub(crate) async fn renew_session(&self, renewal: &Renewal) -> Result<Terms, Error> {
        let mut transaction = self.begin_auth().await?;
        let row = sqlx::query(include_str!("accounts/find_family.sql"))
            .bind(&renewal.family_hash.0[..])
            .fetch_optional(&mut *transaction)
            .await?
            .ok_or(Error::SignInAgain)?;
        refuse_ended(&row)?;
        let (guild, session): (Uuid, Uuid) = (row.try_get("guild_id")?, row.try_get("id")?);
        let state = read_family(&row)?;
        let Some(next) = state.after_use(renewal.device, renewal.used, renewal.refresh_hash) else {
            tracing::warn!(%session, "a refresh token was used twice: its session is over");
            sqlx::query(
                "update private.user_sessions set revoked_at = now() where guild_id = $1 and id = $2",
            )
            .bind(guild)
            .bind(session)
            .execute(&mut *transaction)
            .await?;
            transaction.commit().await?;
            return Err(Error::SignInAgain);
        };
        let living: Vec<&[u8]> = next.living.iter().map(|token| &token.0[..]).collect();
        let row = sqlx::query(include_str!("accounts/renew_session.sql"))
            .bind(guild)
            .bind(session)
            .bind(living)
            .bind(next.spent.as_ref().map(|token| &token.0[..]))
            .bind(REFRESH_SECONDS)
            .bind(&renewal.access_hash.0[..])
            .bind(ACCESS_SECONDS)
            .fetch_one(&mut *transaction)
            .await?;
        transaction.commit().await?;
        read_terms(&row)
    }

    /// Ends the session of an access token.
    pub(crate) async fn end_session(&self, access: &TokenHash) -> Result<Uuid, Error> {
        let mut transaction = self.begin_auth().await?;
        let row = sqlx::query(
            "update private.user_sessions session set revoked_at = now()
               from private.access_tokens token
              where token.hash = $1 and token.expires_at > now()
                and session.guild_id = token.guild_id and session.id = token.session_id
                and session.revoked_at is null
             returning session.id",
        )
        .bind(&access.0[..])
        .fetch_optional(&mut *transaction)
        .await?
        .ok_or(Error::SignInAgain)?;
        transaction.commit().await?;
        Ok(row.try_get("id")?)
    }

    /// Which of these sessions are over.
    pub(crate) async fn list_ended_sessions(&self, sessions: &[Uuid]) -> Result<Vec<Uuid>, Error> {
        let mut transaction = self.begin_auth().await?;
        let rows = sqlx::query(include_str!("accounts/list_living_sessions.sql"))
            .bind(sessions)
            .fetch_all(&mut *transaction)
            .await?;
        transaction.commit().await?;
        let living: Result<HashSet<Uuid>, _> = rows.iter().map(|row| row.try_get("id")).collect();
        let living = living?;
        Ok(sessions.iter().copied().filter(|session| !living.contains(session)).collect())
    }

    async fn begin_auth(&self) -> Result<Transaction<'static, Postgres>, Error> {
        self.begin_with("begin; set local role guildhall_auth").await
    }
}

/// Finds the session of an access token and gives the transaction its guild, its person and the
/// rights of a request, in one statement. The transaction has the rights of sign-in before.
pub(super) async fn enter_session(
    connection: &mut PgConnection,
    access: &TokenHash,
) -> Result<Session, Error> {
    let row = sqlx::query(include_str!("accounts/enter_session.sql"))
        .bind(&access.0[..])
        .fetch_optional(connection)
        .await?
        .ok_or(Error::SignInAgain)?;
    refuse_ended(&row)?;
    let remaining_ms: i64 = row.try_get("remaining_ms")?;
    Ok(Session {
        id: row.try_get("id")?,
        guild: GuildId(row.try_get("guild_id")?),
        user: UserId(row.try_get("user_id")?),
        device: DeviceId(row.try_get("device_id")?),
        remaining_ms: u64::try_from(remaining_ms).unwrap_or_default(),
    })
}

/// The device that signs in: the one it says, where that is this person's, else a new one. A
/// device that this server does not know, because it was restored, stays who it was.
async fn enter_device(
    connection: &mut PgConnection,
    account: &Account,
    device: &KnownDevice,
) -> Result<DeviceId, Error> {
    for id in device.id.into_iter().chain([device.otherwise]) {
        let row = sqlx::query(include_str!("accounts/enter_device.sql"))
            .bind(account.guild.0)
            .bind(id.0)
            .bind(account.user.0)
            .bind(&device.name)
            .bind(&device.platform)
            .bind(&device.app_version)
            .fetch_optional(&mut *connection)
            .await?;
        if let Some(row) = row {
            return if row.try_get("is_revoked")? { Err(Error::DeviceRevoked) } else { Ok(id) };
        }
    }
    Err(Error::WrongCredentials)
}

fn refuse_ended(row: &PgRow) -> Result<(), Error> {
    if row.try_get("is_device_revoked")? {
        return Err(Error::DeviceRevoked);
    }
    if row.try_get("is_ended")? {
        return Err(Error::SignInAgain);
    }
    Ok(())
}

fn read_account(row: &PgRow) -> Result<Account, sqlx::Error> {
    let role: String = row.try_get("role")?;
    Ok(Account {
        guild: GuildId(row.try_get("guild_id")?),
        guild_name: row.try_get("guild_name")?,
        user: UserId(row.try_get("user_id")?),
        user_name: row.try_get("user_name")?,
        role: Role::from_word(&role).ok_or_else(|| sqlx::Error::Decode("a role that is none".into()))?,
        password_hash: row.try_get("password_hash")?,
        is_open: row.try_get("is_open")?,
    })
}

fn read_family(row: &PgRow) -> Result<FamilyState, Error> {
    let living: Vec<Vec<u8>> = row.try_get("refresh_hashes")?;
    let spent: Option<Vec<u8>> = row.try_get("spent_refresh_hash")?;
    Ok(FamilyState {
        device: DeviceId(row.try_get("device_id")?),
        living: living.into_iter().filter_map(read_hash).collect(),
        spent: spent.and_then(read_hash),
    })
}

fn read_hash(bytes: Vec<u8>) -> Option<TokenHash> {
    bytes.try_into().ok().map(TokenHash)
}

fn read_terms(row: &PgRow) -> Result<Terms, Error> {
    Ok(Terms {
        access_expires_at: Timestamp(row.try_get("access_expires_at")?),
        refresh_expires_at: Timestamp(row.try_get("refresh_expires_at")?),
    })
}

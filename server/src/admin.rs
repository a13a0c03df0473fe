//! What an administrator does at the server itself: guilds, people, passwords, given rows. It
//! writes like any other program with SQL, and devices hear of it the same way.

use crate::auth::password::{PasswordCost, Passwords};
use crate::db::report::{Bringer, Waiting};
use crate::db::{AdminTx, Database, rows};
use crate::error::Error;
use crate::random;
use guildhall_sync::id::{GuildId, RankId, UserId};
use guildhall_sync::model::people::{Guild, Rank, Role, User, UserContact};
use guildhall_sync::schema::{Row as _, Table, common};
use guildhall_sync::value::{Cells, Value};
use sqlx::Row;
use uuid::Uuid;

/// The rank with which a guild begins.
pub const LOWEST_RANK: &str = "Member";
pub const LOWEST_LEVEL: i64 = 10;

/// A person to be added.
#[derive(Clone)]
#[allow(missing_debug_implementations, reason = "it holds a secret")]
pub struct NewUser {
    pub name: String,
    pub email: Option<String>,
    pub role: Role,
    pub password: String,
}

/// Adds a guild with its lowest rank. Assistants and public answers are rows like others: see
/// [`insert_rows`].
pub async fn add_guild(
    database: &Database,
    name: &str,
    locale: &str,
    timezone: &str,
) -> Result<GuildId, Error> {
    let guild = GuildId(random::id());
    let mut transaction = database.begin_admin().await?;
    transaction.enter(guild, "admin").await?;
    let row =
        named(Guild::TABLE, guild.0, guild, [("name", name), ("locale", locale), ("timezone", timezone)]);
    insert(&mut transaction, Guild::TABLE, &[row]).await.map_err(|error| taken(error, "guild", name))?;
    let mut rank = named(Rank::TABLE, RankId(random::id()).0, guild, [("name", LOWEST_RANK)]);
    set(Rank::TABLE, &mut rank, "hierarchy_level", Value::Int(LOWEST_LEVEL));
    insert(&mut transaction, Rank::TABLE, &[rank]).await?;
    transaction.commit().await?;
    Ok(guild)
}

/// The guild of that name.
pub async fn get_guild(database: &Database, name: &str) -> Result<GuildId, Error> {
    let mut transaction = database.begin_admin().await?;
    let row =
        sqlx::query("select id from guildhall.guilds where lower(name) = lower($1) and deleted_at is null")
            .bind(name)
            .fetch_optional(transaction.connection())
            .await?;
    let row = row.ok_or_else(|| Error::NoSuch { what: "guild", name: name.to_owned() })?;
    Ok(GuildId(row.try_get("id")?))
}

/// The names of all guilds.
pub async fn list_guilds(database: &Database) -> Result<Vec<String>, Error> {
    let mut transaction = database.begin_admin().await?;
    let rows = sqlx::query("select name from guildhall.guilds where deleted_at is null order by lower(name)")
        .fetch_all(transaction.connection())
        .await?;
    rows.iter().map(|row| Ok(row.try_get("name")?)).collect()
}

/// Adds a person who can sign in, with the lowest rank of the guild.
pub async fn add_user(
    database: &Database,
    guild: GuildId,
    person: NewUser,
    cost: PasswordCost,
) -> Result<UserId, Error> {
    let hash = Passwords::hash(person.password, cost).await?;
    let user = UserId(random::id());
    let mut transaction = database.begin_admin().await?;
    transaction.enter(guild, "admin").await?;
    let mut row = named(User::TABLE, user.0, guild, [("name", &person.name), ("role", person.role.word())]);
    if let Some(rank) = find_lowest_rank(&mut transaction, guild).await? {
        set(User::TABLE, &mut row, "rank_id", Value::Id(rank));
    }
    insert(&mut transaction, User::TABLE, &[row])
        .await
        .map_err(|error| taken(error, "person", &person.name))?;
    if let Some(email) = &person.email {
        let mut contact = named(UserContact::TABLE, random::id(), guild, [("email", email)]);
        set(UserContact::TABLE, &mut contact, "user_id", Value::Id(user.0));
        insert(&mut transaction, UserContact::TABLE, &[contact])
            .await
            .map_err(|error| taken(error, "person", email))?;
    }
    store_password(&mut transaction, guild, user, &hash).await?;
    transaction.commit().await?;
    Ok(user)
}

/// Gives a person another password. Wherever they are signed in they have to sign in again,
/// because somebody may have known the old one.
pub async fn new_password(
    database: &Database,
    guild: GuildId,
    user: UserId,
    password: String,
    cost: PasswordCost,
) -> Result<(), Error> {
    let hash = Passwords::hash(password, cost).await?;
    let mut transaction = database.begin_admin().await?;
    store_password(&mut transaction, guild, user, &hash).await?;
    sqlx::query(
        "update private.user_sessions set revoked_at = now()
          where guild_id = $1 and user_id = $2 and revoked_at is null",
    )
    .bind(guild.0)
    .bind(user.0)
    .execute(transaction.connection())
    .await?;
    transaction.commit().await
}

/// Inserts rows of any synced tables, all or none, in the order given. `actor` is who history
/// says it was.
pub async fn insert_rows(
    database: &Database,
    guild: GuildId,
    tables: &[(&'static Table, Vec<Cells>)],
    actor: &str,
) -> Result<(), Error> {
    let mut transaction = database.begin_admin().await?;
    transaction.enter(guild, actor).await?;
    for (table, rows) in tables {
        insert(&mut transaction, table, rows).await?;
    }
    transaction.commit().await
}

/// Begins a new history for a guild whose database was set back to an earlier state.
pub async fn begin_epoch(database: &Database, guild: GuildId) -> Result<Uuid, Error> {
    let mut transaction = database.begin_admin().await?;
    let epoch = transaction.begin_epoch(guild).await?;
    transaction.commit().await?;
    Ok(epoch)
}

/// What came back after a restore, and what only laptops still hold.
pub async fn report(database: &Database, guild: GuildId) -> Result<(Vec<Bringer>, Vec<Waiting>), Error> {
    let mut transaction = database.begin_admin().await?;
    Ok((transaction.list_bringers(guild).await?, transaction.list_waiting(guild).await?))
}

/// What an administrator does with rows that only laptops still hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ruling {
    /// They are written as the laptops held them.
    Accept,
    Drop,
}

/// Rules on these rows; on all that wait where none is named. All or none. Says how many there were.
pub async fn rule(
    database: &Database,
    guild: GuildId,
    named: &[Uuid],
    ruling: Ruling,
) -> Result<usize, Error> {
    let mut transaction = database.begin_admin().await?;
    transaction.enter(guild, "admin").await?;
    let mut waiting = transaction.list_waiting(guild).await?;
    for id in named {
        if !waiting.iter().any(|witness| witness.id == *id) {
            return Err(Error::NoSuch { what: "row that waits", name: id.to_string() });
        }
    }
    waiting.retain(|witness| named.is_empty() || named.contains(&witness.id));
    for witness in &waiting {
        match ruling {
            Ruling::Accept => transaction.accept(guild, witness).await?,
            Ruling::Drop => transaction.drop_witness(guild, witness).await?,
        }
    }
    transaction.commit().await?;
    Ok(waiting.len())
}

async fn insert(transaction: &mut AdminTx, table: &'static Table, rows: &[Cells]) -> Result<(), Error> {
    rows::insert_rows(transaction.connection(), table, rows).await
}

async fn find_lowest_rank(transaction: &mut AdminTx, guild: GuildId) -> Result<Option<Uuid>, Error> {
    let row = sqlx::query(
        "select id from guildhall.ranks where guild_id = $1 and deleted_at is null order by hierarchy_level limit 1",
    )
    .bind(guild.0)
    .fetch_optional(transaction.connection())
    .await?;
    Ok(row.map(|row| row.try_get("id")).transpose()?)
}

async fn store_password(
    transaction: &mut AdminTx,
    guild: GuildId,
    user: UserId,
    hash: &str,
) -> Result<(), Error> {
    sqlx::query(
        "insert into private.user_credentials (guild_id, user_id, password_hash) values ($1, $2, $3)
         on conflict (guild_id, user_id) do update
            set password_hash = excluded.password_hash, failed_attempts = 0, locked_until = null,
                changed_at = now()",
    )
    .bind(guild.0)
    .bind(user.0)
    .bind(hash)
    .execute(transaction.connection())
    .await?;
    Ok(())
}

/// A row of a guild with some texts.
fn named<const N: usize>(table: &'static Table, id: Uuid, guild: GuildId, texts: [(&str, &str); N]) -> Cells {
    let mut row: Cells =
        [(common::ID, Value::Id(id)), (common::GUILD_ID, Value::Id(guild.0))].into_iter().collect();
    for (column, text) in texts {
        set(table, &mut row, column, Value::text(text));
    }
    row
}

fn set(table: &'static Table, row: &mut Cells, column: &str, value: Value) {
    row.set(table.column(column).expect("the registry has it").number, value);
}

/// A business key that somebody has already.
fn taken(error: Error, what: &'static str, name: &str) -> Error {
    match &error {
        Error::Store(sqlx::Error::Database(database)) if database.is_unique_violation() => {
            Error::Taken { what, name: name.to_owned() }
        }
        _ => error,
    }
}

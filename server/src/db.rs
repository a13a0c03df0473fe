//! Postgres: the pool, and the ways into it. A request goes through [`GuildTx`], which is bound to
//! one guild and one person; a command of the administrator through [`AdminTx`]. Nothing hands out
//! a bare connection to either.

use crate::config::Limits;
use crate::error::Error;
use crate::sync::pull::cursor::CursorKey;
use guildhall_sync::id::GuildId;
use sqlx::postgres::{PgConnectOptions, PgListener, PgPoolOptions};
use sqlx::{ConnectOptions, Connection, PgConnection, PgPool, Postgres, Row, Transaction};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::OnceCell;

pub(crate) mod accounts;
mod admin;
pub mod changes;
pub mod digests;
pub mod errands;
mod guild;
pub mod jobs;
pub mod members;
pub mod report;
pub mod restore;
pub mod rows;
mod schema;

pub use admin::AdminTx;
pub use guild::{GuildTx, Isolation};

/// Statements that each connection keeps prepared.
const PREPARED_STATEMENTS: usize = 500;
/// A transaction that a slow reader forgot holds back vacuum no longer than this.
const IDLE_TRANSACTION_MS: u64 = 60_000;

/// A database of Guildhall.
#[derive(Clone, Debug)]
pub struct Database {
    pool: PgPool,
    cursor_key: Arc<OnceCell<CursorKey>>,
}

/// How the pool behaves.
#[derive(Clone, Copy, Debug)]
pub struct DatabaseOptions {
    pub connections: u32,
    /// How long a request waits for a connection.
    pub acquire_timeout_ms: u64,
    /// The longest statement, where a transaction does not ask for more.
    pub statement_timeout_ms: u64,
}

impl Default for DatabaseOptions {
    fn default() -> Self {
        Self::from(&Limits::default())
    }
}

impl From<&Limits> for DatabaseOptions {
    fn from(limits: &Limits) -> Self {
        Self {
            connections: limits.database_connections,
            acquire_timeout_ms: limits.acquire_timeout_ms,
            statement_timeout_ms: limits.statement_timeout_ms,
        }
    }
}

impl Database {
    /// Connects once, so that a wrong address is known at once.
    pub async fn connect(url: &str, options: DatabaseOptions) -> Result<Self, Error> {
        let connect = url.parse::<PgConnectOptions>()?;
        // A pool would go on trying an address at which nobody answers; a connection says so.
        connect.connect().await?.close().await?;
        let pool = PgPoolOptions::new()
            .max_connections(options.connections)
            .acquire_timeout(Duration::from_millis(options.acquire_timeout_ms))
            .connect_with(prepare(connect, options))
            .await?;
        Ok(Self { pool, cursor_key: Arc::default() })
    }

    /// Whether Postgres answers.
    pub async fn ping(&self) -> Result<(), Error> {
        sqlx::query("select").execute(&self.pool).await?;
        Ok(())
    }

    /// Numbers what a guild has committed: the last number and the word given with it. Both are
    /// durable when this returns.
    pub async fn seal(&self, guild: GuildId) -> Result<(u64, i64), Error> {
        let mut transaction = self.begin_admin().await?;
        let row = sqlx::query("select last_no, last_tag from sync.seal($1)")
            .bind(guild.0)
            .fetch_one(transaction.connection())
            .await?;
        transaction.commit().await?;
        let last_no: i64 = row.try_get("last_no")?;
        Ok((u64::try_from(last_no).unwrap_or_default(), row.try_get("last_tag")?))
    }

    /// What cursors are signed with. Every server of this database has the same.
    pub async fn cursor_key(&self) -> Result<CursorKey, Error> {
        let key = self.cursor_key.get_or_try_init(|| async {
            let mut transaction = self.begin_admin().await?;
            let row = sqlx::query("select key from private.server_key where name = 'cursor'")
                .fetch_one(transaction.connection())
                .await?;
            let key: Vec<u8> = row.try_get("key")?;
            let bytes = key.try_into().map_err(|_| Error::Damaged { what: "the key of cursors" })?;
            Ok::<_, Error>(CursorKey::new(bytes))
        });
        key.await.cloned()
    }

    /// Gives every connection back. Waits for the transactions that are open.
    pub async fn close(&self) {
        self.pool.close().await;
    }

    /// Begins a transaction with a statement of this program.
    ///
    /// It is begun in a task of its own: if the caller were cancelled between the statement and
    /// its answer, sqlx would not know that a transaction is open and give the connection, with
    /// it, to the next one.
    async fn begin_with(&self, statement: &'static str) -> Result<Transaction<'static, Postgres>, Error> {
        let pool = self.pool.clone();
        let begun = tokio::spawn(async move { pool.begin_with(statement).await });
        Ok(begun.await.map_err(|_| sqlx::Error::WorkerCrashed)??)
    }

    /// A connection of its own, outside the pool, for a task of the server that keeps it. It has
    /// the rights of `guildhall_owner`.
    pub(crate) async fn connect_alone(&self) -> Result<PgConnection, Error> {
        let mut connection = self.pool.connect_options().connect().await?;
        sqlx::query("set role guildhall_owner").execute(&mut connection).await?;
        Ok(connection)
    }

    /// Hears notifications, on a connection as [`Database::connect_alone`] gives it.
    pub(crate) async fn listen(&self, channel: &str) -> Result<PgListener, Error> {
        let alone = PgPoolOptions::new()
            .max_connections(1)
            .acquire_timeout(self.pool.options().get_acquire_timeout())
            .max_lifetime(None)
            .idle_timeout(None)
            .connect_lazy_with(self.pool.connect_options().as_ref().clone());
        let mut listener = PgListener::connect_with(&alone).await?;
        sqlx::query("set role guildhall_owner").execute(&mut listener).await?;
        listener.listen(channel).await?;
        Ok(listener)
    }
}

fn prepare(connect: PgConnectOptions, options: DatabaseOptions) -> PgConnectOptions {
    connect
        .application_name("guildhall")
        .statement_cache_capacity(PREPARED_STATEMENTS)
        .options([
            ("statement_timeout", options.statement_timeout_ms.to_string()),
            ("idle_in_transaction_session_timeout", IDLE_TRANSACTION_MS.to_string()),
        ])
        // Statements may hold what people typed; failures are logged where they are handled.
        .disable_statement_logging()
}

//! A migrated database for each test, copied from one that is migrated once for all of them.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};

use guildhall_server::cluster::{Binaries, Cluster, ClusterOptions};
use guildhall_server::migrate::migrate;
use sqlx::postgres::PgPoolOptions;
use sqlx::{Connection, PgConnection, PgPool};

const TEMPLATE: &str = "migrated";

/// A database of one test.
pub struct Place {
    pub name: String,
}

/// The cluster of this test binary. It lives in a static, which is never dropped: its guard sees
/// the end of the process.
pub fn cluster() -> &'static Cluster {
    static CLUSTER: OnceLock<Cluster> = OnceLock::new();
    CLUSTER.get_or_init(|| {
        let options = ClusterOptions { durable: false, max_connections: 200 };
        let binaries = Binaries::find().expect("scripts/setup has been run");
        Cluster::start_temporary(&binaries, options).expect("cluster")
    })
}

impl Place {
    /// A fresh copy of the migrated database.
    pub async fn new() -> Self {
        static NUMBER: AtomicU32 = AtomicU32::new(0);
        let name = format!("place_{}", NUMBER.fetch_add(1, Ordering::Relaxed));
        migrate_template().await;
        cluster().create_database_from(TEMPLATE, &name).await.expect("copy");
        Self { name }
    }

    pub fn url(&self) -> String {
        cluster().url(&self.name)
    }

    /// As the superuser, for whom row-level security does not hold.
    pub async fn connect(&self) -> PgConnection {
        PgConnection::connect(&self.url()).await.expect("connection")
    }

    pub async fn pool(&self, connections: u32) -> PgPool {
        PgPoolOptions::new().max_connections(connections).connect(&self.url()).await.expect("pool")
    }
}

/// Copying needs a template that nobody is connected to, so it is closed before it is shared.
async fn migrate_template() {
    static DONE: tokio::sync::OnceCell<()> = tokio::sync::OnceCell::const_new();
    DONE.get_or_init(|| async {
        cluster().create_database(TEMPLATE).await.expect("database");
        let pool =
            PgPoolOptions::new().max_connections(1).connect(&cluster().url(TEMPLATE)).await.expect("pool");
        migrate(&pool).await.expect("migrated");
        pool.close().await;
    })
    .await;
}

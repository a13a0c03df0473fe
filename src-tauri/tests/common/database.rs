//! A private Postgres for the whole test program, and a copy of a ready database for each test.

use super::{PASSWORD, source::sample};
use guildhall_server::admin::{self, NewUser};
use guildhall_server::auth::password::PasswordCost;
use guildhall_server::cluster::{Binaries, Cluster, ClusterOptions};
use guildhall_server::db::{self, DatabaseOptions};
use guildhall_server::{clock, migrate};
use guildhall_sync::id::{GuildId, UserId};
use guildhall_sync::model::people::{Role, User};
use guildhall_sync::schema::{Row, common};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};
use tokio::sync::OnceCell;
use uuid::Uuid;

/// What a database begins with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Template {
    /// Tables, and nothing in them.
    Empty,
    /// A guild as `guild add` makes it, and [`CLERKS`] in it.
    Small,
    /// The sample guild that the program carries.
    Sample,
}

/// The people of the small guild, all of them managers.
pub const CLERKS: [&str; 3] = ["Ines Duarte", "Jonas Lind", "Kamala Rao"];

/// A database of one test.
pub struct Database {
    url: String,
}

/// The guild of every template.
pub fn guild() -> GuildId {
    GuildId(Uuid::from_u128(0x6a1f_0b5e_77d2_4c39_8e10_52c4_d9b3_a601))
}

pub fn binaries() -> Binaries {
    Binaries::find().expect("scripts/setup has been run")
}

/// Lives in a static, which is never dropped: its guard sees the end of the process.
pub fn cluster() -> &'static Cluster {
    static CLUSTER: OnceLock<Cluster> = OnceLock::new();
    CLUSTER.get_or_init(|| {
        let options = ClusterOptions { durable: false, max_connections: 300 };
        Cluster::start_temporary(&binaries(), options).expect("a cluster")
    })
}

impl Database {
    pub async fn copy(template: Template) -> Self {
        static NUMBER: AtomicU32 = AtomicU32::new(0);
        let name = format!("copy_{}", NUMBER.fetch_add(1, Ordering::Relaxed));
        cluster().create_database_from(template.make().await, &name).await.expect("a copy");
        Self { url: cluster().url(&name) }
    }

    /// One that the test has made by itself.
    pub fn at(url: String) -> Self {
        Self { url }
    }

    pub fn url(&self) -> String {
        self.url.clone()
    }
}

impl Template {
    /// Made once, at the first wish. Copying needs a template that nobody is connected to, so
    /// everything is closed before its name is given out.
    async fn make(self) -> &'static str {
        static MADE: [OnceCell<()>; 3] = [const { OnceCell::const_new() }; 3];
        let name = ["empty", "small", "sample"][self as usize];
        MADE[self as usize]
            .get_or_init(|| async {
                cluster().create_database(name).await.expect("a database");
                let url = cluster().url(name);
                self.fill(&url).await;
            })
            .await;
        name
    }

    /// Fills a database that has nothing in it.
    pub async fn fill(self, url: &str) {
        migrate::migrate_at(url).await.expect("the tables");
        let database = db::Database::connect(url, DatabaseOptions::default()).await.expect("the database");
        match self {
            Self::Empty => {}
            Self::Small => fill_small(&database).await,
            Self::Sample => fill_sample(&database).await,
        }
        database.close().await;
    }
}

async fn fill_small(database: &db::Database) {
    let (guild, now) = (guild(), clock::now());
    let rows = sample::rows(guild, now).expect("the sample can be read");
    let needed = ["guilds", "ranks", "locations", "assistants"];
    let rows: Vec<_> = rows.into_iter().filter(|(table, _)| needed.contains(&table.name)).collect();
    admin::insert_rows(database, guild, &rows, "test").await.expect("the guild");
    for name in CLERKS {
        let person = NewUser {
            name: name.to_owned(),
            email: None,
            role: Role::Manager,
            password: PASSWORD.to_owned(),
        };
        admin::add_user(database, guild, person, PasswordCost::cheap()).await.expect("a person");
    }
}

async fn fill_sample(database: &db::Database) {
    let guild = guild();
    let rows = sample::rows(guild, clock::now()).expect("the sample can be read");
    admin::insert_rows(database, guild, &rows, "test").await.expect("the sample guild");
    let people = rows.iter().filter(|(table, _)| table.name == User::TABLE.name).flat_map(|(_, rows)| rows);
    for person in people.filter_map(|cells| cells.value(common::ID).as_id()) {
        let password = PASSWORD.to_owned();
        let given =
            admin::new_password(database, guild, UserId(person), password, PasswordCost::cheap()).await;
        given.expect("a password");
    }
}

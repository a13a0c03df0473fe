//! A server under test: the real one, on a free port, over a database of its own; and what a
//! device says to it.

use std::net::SocketAddr;
use std::sync::Once;

use guildhall_server::admin::{self, NewUser};
use guildhall_server::auth::password::PasswordCost;
use guildhall_server::config::Config;
use guildhall_server::db::{Database, DatabaseOptions};
use guildhall_server::{Error, serve};
use guildhall_sync::id::{DeviceId, GuildId, UserId};
use guildhall_sync::model::people::Role;
use guildhall_sync::protocol::{self, Refresh, Refusal, RefusalCode, SignIn, SignedIn, Tokens};
use reqwest::{Client, RequestBuilder, StatusCode};
use serde::Serialize;
use serde::de::DeserializeOwned;
use sqlx::{AssertSqlSafe, Connection, PgConnection, Row};
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

use crate::place::Place;

pub const PASSWORD: &str = "a password for every test";
pub const GUILD: &str = "Fairway";
pub const PERSON: &str = "Marco";

/// A server that answers, and the database behind it.
pub struct World {
    pub place: Place,
    pub database: Database,
    pub server: Served,
    pub guild: GuildId,
    pub user: UserId,
}

/// A running server.
pub struct Served {
    pub address: SocketAddr,
    pub client: Client,
    stop: oneshot::Sender<()>,
    task: JoinHandle<Result<(), Error>>,
}

/// What came back.
#[derive(Debug)]
pub struct Answer {
    pub status: StatusCode,
    pub retry_after: Option<String>,
    pub body: String,
}

impl World {
    /// A guild with one person in it, who is an admin and has an e-mail address.
    pub async fn start() -> Self {
        Self::start_with(|_| {}).await
    }

    pub async fn start_with(change: impl FnOnce(&mut Config)) -> Self {
        let place = Place::new().await;
        let database = connect(&place.url()).await;
        let guild = admin::add_guild(&database, GUILD, "en-CA", "America/Toronto").await.expect("guild");
        let user = add_person(&database, guild, PERSON, Some("marco@fairway.example"), Role::Admin).await;
        let server = Served::start(&place.url(), change).await;
        Self { place, database, server, guild, user }
    }

    /// Runs a statement as the superuser would in psql.
    pub async fn psql(&self, statement: impl Into<String>) {
        let mut connection = PgConnection::connect(&self.place.url()).await.expect("connection");
        let statement = statement.into();
        sqlx::raw_sql(AssertSqlSafe(statement.clone())).execute(&mut connection).await.expect(&statement);
    }

    /// The text that a question has for an answer.
    pub async fn ask(&self, question: &'static str) -> String {
        let mut connection = PgConnection::connect(&self.place.url()).await.expect("connection");
        let row = sqlx::query(question).fetch_one(&mut connection).await.expect(question);
        row.try_get("answer").expect("a text called answer")
    }

    pub async fn signed_in(&self) -> SignedIn {
        self.server.sign_in(&attempt()).await.read()
    }
}

/// The usual sign-in.
pub fn attempt() -> SignIn {
    SignIn {
        guild: GUILD.to_owned(),
        login: PERSON.to_owned(),
        password: PASSWORD.to_owned(),
        device: None,
        device_name: "desk 3".to_owned(),
        platform: "linux".to_owned(),
        app_version: "0.1.0".to_owned(),
    }
}

pub async fn connect(url: &str) -> Database {
    Database::connect(url, DatabaseOptions::default()).await.expect("database")
}

pub async fn add_person(
    database: &Database,
    guild: GuildId,
    name: &str,
    email: Option<&str>,
    role: Role,
) -> UserId {
    let person = NewUser {
        name: name.to_owned(),
        email: email.map(str::to_owned),
        role,
        password: PASSWORD.to_owned(),
    };
    admin::add_user(database, guild, person, PasswordCost::default()).await.expect("person")
}

/// The client of the tests encrypts with what the server encrypts with.
pub fn client() -> reqwest::ClientBuilder {
    static PROVIDER: Once = Once::new();
    PROVIDER.call_once(|| {
        // A second one would be refused, and there is none.
        rustls::crypto::ring::default_provider().install_default().expect("the first provider");
    });
    Client::builder()
}

impl Served {
    /// Starts on loopback and a free port.
    pub async fn start(url: &str, change: impl FnOnce(&mut Config)) -> Self {
        let mut config = Config::new(url, SocketAddr::from(([127, 0, 0, 1], 0)));
        config.limits.database_connections = 5;
        change(&mut config);
        let (stop, stopped) = oneshot::channel();
        let (bound, address) = oneshot::channel();
        let task = tokio::spawn(async move {
            let told = |address| bound.send(address).expect("the test waits for it");
            let shutdown = async move { stopped.await.unwrap_or_default() };
            serve::serve(config, told, shutdown).await
        });
        let address = address.await.expect("it listens");
        Self { address, client: client().build().expect("client"), stop, task }
    }

    /// Tells it to stop and waits until it has.
    pub async fn stop(self) {
        let _ = self.stop.send(());
        self.task.await.expect("it did not panic").expect("it ended well");
    }

    pub fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    pub async fn sign_in(&self, attempt: &SignIn) -> Answer {
        self.post(protocol::SIGN_IN, attempt).await
    }

    pub async fn refresh(&self, device: DeviceId, tokens: &Tokens) -> Answer {
        self.post(protocol::REFRESH, &Refresh { device, refresh: tokens.refresh.clone() }).await
    }

    pub async fn sign_out(&self, tokens: &Tokens) -> Answer {
        send(self.client.post(self.url(protocol::SIGN_OUT)).bearer_auth(&tokens.access)).await
    }

    /// Whether the access token opens something, and if not, why.
    pub async fn try_token(&self, tokens: &Tokens) -> Result<(), RefusalCode> {
        let request = self.client.get(self.url(protocol::LIVE)).bearer_auth(&tokens.access);
        let response = request.send().await.expect("an answer");
        if response.status().is_success() { Ok(()) } else { Err(read(response).await.code()) }
    }

    pub async fn post(&self, path: &str, body: &impl Serialize) -> Answer {
        send(self.client.post(self.url(path)).json(body)).await
    }
}

pub async fn send(request: RequestBuilder) -> Answer {
    read(request.send().await.expect("an answer")).await
}

pub async fn read(response: reqwest::Response) -> Answer {
    let retry_after = response.headers().get("retry-after");
    let retry_after = retry_after.map(|value| value.to_str().expect("a number").to_owned());
    let status = response.status();
    Answer { status, retry_after, body: response.text().await.expect("a body") }
}

impl Answer {
    #[track_caller]
    pub fn read<T: DeserializeOwned>(&self) -> T {
        assert!(self.status.is_success(), "{self:?}");
        serde_json::from_str(&self.body).expect("the answer that was promised")
    }

    #[track_caller]
    pub fn code(&self) -> RefusalCode {
        assert!(!self.status.is_success(), "{self:?}");
        serde_json::from_str::<Refusal>(&self.body).expect("a refusal").code
    }

    #[track_caller]
    pub fn check(&self, status: u16, code: RefusalCode) {
        assert_eq!((self.status.as_u16(), self.code()), (status, code), "{}", self.body);
    }
}

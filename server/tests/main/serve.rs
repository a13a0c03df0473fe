//! The server as a running thing: what it refuses to start with, what it refuses to read, and how
//! it lives through the absence of Postgres.

use std::net::SocketAddr;
use std::time::Duration;

use guildhall_server::cluster::{Binaries, Cluster, ClusterOptions};
use guildhall_server::config::{Config, Tls};
use guildhall_server::{Error, serve};
use guildhall_sync::protocol::{self, RefusalCode};
use sqlx::{Connection, PgConnection};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::live::Listening;
use crate::place::{Place, cluster};
use crate::world::{Served, World, attempt, client, connect, send};

async fn refused(config: Config) -> Error {
    let bound = |address| panic!("it listens at {address}");
    serve::serve(config, bound, std::future::pending()).await.expect_err("it must not start")
}

fn loopback() -> SocketAddr {
    SocketAddr::from(([127, 0, 0, 1], 0))
}

#[tokio::test]
async fn passwords_do_not_travel_in_the_open() {
    let place = Place::new().await;
    for address in ["0.0.0.0:0", "[::]:0", "192.0.2.1:0"] {
        let error = refused(Config::new(place.url(), address.parse().expect("address"))).await;
        assert!(matches!(error, Error::TlsRequired { .. }), "{error}");
    }
}

#[tokio::test]
async fn a_certificate_of_ones_own_is_enough_for_every_address() {
    let place = Place::new().await;
    let folder = tempfile::tempdir().expect("folder");
    let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]).expect("certificate");
    let tls = Tls { certificate: folder.path().join("certificate.pem"), key: folder.path().join("key.pem") };
    std::fs::write(&tls.certificate, made.cert.pem()).expect("written");
    std::fs::write(&tls.key, made.signing_key.serialize_pem()).expect("written");
    let server = Served::start(&place.url(), |config| {
        config.address = SocketAddr::from(([0, 0, 0, 0], 0));
        config.tls = Some(tls.clone());
    })
    .await;
    let port = server.address.port();
    let trusting = |certificate: &rcgen::Certificate| {
        let root = reqwest::Certificate::from_pem(certificate.pem().as_bytes()).expect("certificate");
        client().tls_certs_only([root]).build().expect("client")
    };
    let url = format!("https://localhost:{port}/healthz");
    let response = trusting(&made.cert).get(&url).send().await.expect("an answer");
    assert!(response.status().is_success());
    assert!(response.headers().contains_key("strict-transport-security"));

    let other = rcgen::generate_simple_self_signed(["localhost".to_owned()]).expect("certificate");
    trusting(&other.cert).get(&url).send().await.expect_err("it does not trust that one");
    let open = server.client.get(format!("http://127.0.0.1:{port}/healthz")).send().await;
    open.expect_err("it does not speak in the open");
    server.stop().await;

    std::fs::write(&tls.key, "not a key").expect("written");
    let mut config = Config::new(place.url(), loopback());
    config.tls = Some(tls);
    let error = refused(config).await;
    assert!(matches!(error, Error::BadPem { what: "key", .. }), "{error}");
}

#[tokio::test]
async fn a_database_that_is_not_ready_is_refused_with_what_to_do() {
    cluster().create_database("empty_for_serve").await.expect("database");
    let error = refused(Config::new(cluster().url("empty_for_serve"), loopback())).await;
    assert!(matches!(&error, Error::NotMigrated { missing } if missing.len() > 5), "{error}");
    let database = connect(&cluster().url("empty_for_serve")).await;
    database.migrate().await.expect("migrated");
    Served::start(&cluster().url("empty_for_serve"), |_| {}).await.stop().await;
}

#[tokio::test]
async fn a_database_that_changes_slip_through_is_not_served() {
    let place = Place::new().await;
    let harm = "alter table guildhall.sops disable trigger sync_changed;
                alter table guildhall.tickets no force row level security";
    sqlx::raw_sql(harm).execute(&mut place.connect().await).await.expect(harm);
    let error = refused(Config::new(place.url(), loopback())).await;
    let Error::Breached { breaches } = &error else { panic!("{error}") };
    assert_eq!(
        breaches,
        &[
            "guildhall.sops: its trigger sync_changed does not always fire",
            "guildhall.tickets: row-level security is not forced"
        ]
    );
}

#[tokio::test]
async fn what_is_not_asked_for_rightly_is_refused_in_one_form() {
    let world = World::start().await;
    let server = &world.server;
    let url = |path| server.url(path);
    send(server.client.get(url("/"))).await.check(404, RefusalCode::NotFound);
    send(server.client.get(url("/sync/v1/nothing"))).await.check(404, RefusalCode::NotFound);
    send(server.client.get(url(protocol::SIGN_IN))).await.check(405, RefusalCode::BadRequest);
    send(server.client.get(url(protocol::LIVE))).await.check(401, RefusalCode::SignInAgain);

    let sign_in = |body: String| send(server.client.post(url(protocol::SIGN_IN)).body(body));
    sign_in(String::new()).await.check(400, RefusalCode::BadRequest);
    sign_in("{".to_owned()).await.check(400, RefusalCode::BadRequest);
    sign_in("[".repeat(10_000)).await.check(400, RefusalCode::BadRequest);
    let mut named = serde_json::to_value(attempt()).expect("json");
    named["admin"] = true.into();
    let answer = sign_in(named.to_string()).await;
    answer.check(400, RefusalCode::BadRequest);
    assert!(answer.body.contains("unknown field `admin`"), "{}", answer.body);
    let zero = serde_json::to_string(&attempt()).expect("json").replace("desk 3", "desk\\u0000");
    sign_in(zero).await.check(400, RefusalCode::BadRequest);
}

#[tokio::test]
async fn bodies_are_read_up_to_their_limit_and_no_further() {
    let world = World::start().await;
    let request = || world.server.client.post(world.server.url(protocol::SIGN_IN));
    let padded = |bytes: usize| {
        let body = serde_json::to_string(&attempt()).expect("json");
        body.clone() + &" ".repeat(bytes - body.len())
    };
    assert!(send(request().body(padded(64 * 1024))).await.status.is_success());
    send(request().body(padded(64 * 1024 + 1))).await.check(413, RefusalCode::TooLarge);

    let zstd = |text: &[u8]| request().header("content-encoding", "zstd").body(pack(text));
    assert!(send(zstd(padded(1000).as_bytes())).await.status.is_success());
    let bomb = vec![b' '; 256 * 1024 * 1024];
    send(zstd(&bomb)).await.check(413, RefusalCode::TooLarge);
    let plain = request().header("content-encoding", "zstd").body(padded(1000));
    send(plain).await.check(400, RefusalCode::BadRequest);
    let gzip = request().header("content-encoding", "gzip").body(padded(1000));
    send(gzip).await.check(400, RefusalCode::BadRequest);
}

fn pack(text: &[u8]) -> Vec<u8> {
    zstd::encode_all(text, 3).expect("memory takes it")
}

#[tokio::test]
async fn whoever_is_too_slow_loses_the_connection() {
    let world = World::start_with(|config| {
        config.limits.head_timeout_ms = 300;
        config.limits.request_timeout_ms = 300;
    })
    .await;
    let mut half_a_head = TcpStream::connect(world.server.address).await.expect("connection");
    half_a_head.write_all(b"POST /sync/v1/sign-in HTTP/1.1\r\nhost: x\r\n").await.expect("sent");
    let mut half_a_body = TcpStream::connect(world.server.address).await.expect("connection");
    let head = b"POST /sync/v1/sign-in HTTP/1.1\r\nhost: x\r\ncontent-length: 100\r\n\r\n{";
    half_a_body.write_all(head).await.expect("sent");
    assert!(until_the_end(half_a_head).await.is_empty());
    let answer = until_the_end(half_a_body).await;
    assert!(answer.starts_with("HTTP/1.1 408 "), "{answer}");
}

async fn until_the_end(mut stream: TcpStream) -> String {
    let mut text = String::new();
    let read = stream.read_to_string(&mut text);
    tokio::time::timeout(Duration::from_secs(20), read).await.expect("it ends").expect("read");
    text
}

#[tokio::test]
async fn telling_it_to_stop_stops_it_although_somebody_listens() {
    let world = World::start().await;
    let entered = world.signed_in().await;
    let mut listening = Listening::start(&world.server, &entered.tokens).await;
    listening.next().await.expect("the first hint");
    let World { server, .. } = world;
    let address = server.address;
    server.stop().await;
    assert_eq!(listening.next().await, None);
    TcpStream::connect(address).await.expect_err("nobody listens there any more");
}

/// A cluster of its own, because it is killed.
#[tokio::test]
async fn postgres_may_go_away_and_come_back() {
    let binaries = Binaries::find().expect("scripts/setup has been run");
    let options = ClusterOptions { durable: true, max_connections: 30 };
    let mut cluster = Cluster::start_temporary(&binaries, options).expect("cluster");
    cluster.create_database("guild").await.expect("database");
    let url = cluster.url("guild");
    let database = connect(&url).await;
    database.migrate().await.expect("migrated");
    let guild = guildhall_server::admin::add_guild(&database, "Fairway", "en", "UTC").await.expect("guild");
    crate::world::add_person(&database, guild, "Marco", None, guildhall_sync::model::people::Role::Admin)
        .await;
    let server = Served::start(&url, |config| config.limits.acquire_timeout_ms = 500).await;
    let entered: protocol::SignedIn = server.sign_in(&attempt()).await.read();
    let mut listening = Listening::start(&server, &entered.tokens).await;
    let before = listening.next().await.expect("the first hint");

    cluster.kill().expect("killed");
    let health = send(server.client.get(server.url("/healthz"))).await;
    assert_eq!(health.status.as_u16(), 503);
    let answer = server.sign_in(&attempt()).await;
    answer.check(503, RefusalCode::Unavailable);
    assert!(answer.retry_after.is_some());
    assert!(!answer.body.contains("socket") && !answer.body.contains("guild"), "{}", answer.body);

    cluster.restart().expect("restarted");
    while server.try_token(&entered.tokens).await.is_err() {}
    let mut connection = PgConnection::connect(&url).await.expect("connection");
    let statement = "update guildhall.guilds set description = 'back'";
    sqlx::raw_sql(statement).execute(&mut connection).await.expect("written");
    while listening.next().await.expect("it was not cut off") <= before {}
    server.stop().await;
}

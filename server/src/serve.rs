//! The server as a running thing: it binds, answers, and ends well. What it answers is in `routes`.

use crate::auth::Door;
use crate::config::Config;
use crate::db::{Database, DatabaseOptions};
use crate::error::Error;
use crate::jobs;
use crate::live::Live;
use crate::marks::Marks;
use crate::routes;
use crate::state::App;
use crate::sync::pull::gate::Gate;
use axum::Router;
use axum_server::accept::NoDelayAcceptor;
use axum_server::tls_rustls::{RustlsAcceptor, RustlsConfig};
use axum_server::{Handle, Server};
use hyper_util::rt::TokioTimer;
use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;
use std::time::Duration;

mod tls;

const BREACH_CHECK_MS: u64 = 60 * 60 * 1000;

/// Serves until `shutdown` is done. Says through `bound` where it listens, once it does.
pub async fn serve(
    config: Config,
    bound: impl FnOnce(SocketAddr),
    shutdown: impl Future<Output = ()> + Send + 'static,
) -> Result<(), Error> {
    if config.tls.is_none() && !config.address.ip().is_loopback() {
        return Err(Error::TlsRequired { address: config.address });
    }
    let tls = config.tls.as_ref().map(tls::read).transpose()?;
    let database = Database::connect(&config.database_url, DatabaseOptions::from(&config.limits)).await?;
    database.check_schema().await?;
    database.check_breaches().await?;
    let marks = Arc::new(Marks::open(config.state_folder.clone())?);
    stop_what_was_set_back(&database, &marks).await?;

    let at = |source| Error::Listen { address: config.address, source };
    let listener = listen(config.address).map_err(at)?;
    bound(listener.local_addr().map_err(at)?);

    let live = Live::start(database.clone(), config.limits.live_per_user);
    let app = App {
        database: database.clone(),
        door: Arc::new(Door::new(&config)),
        live: live.clone(),
        pulls: Arc::new(Gate::new(&config.limits)),
        marks,
        push_bytes: config.limits.push_bytes,
    };
    let router = routes::router(app, &config);
    let handle = Handle::new();
    tokio::spawn(stop_when(shutdown, live, handle.clone(), Duration::from_millis(config.limits.shutdown_ms)));
    let head_timeout = Duration::from_millis(config.limits.head_timeout_ms);
    let server = axum_server::from_tcp(listener).map_err(at)?.handle(handle);
    let watch = tokio::spawn(watch_breaches(database.clone()));
    let jobs = tokio::spawn(jobs::run(database.clone(), config.jobs));
    let served = run(server, tls, head_timeout, router).await;
    watch.abort();
    jobs.abort();
    database.close().await;
    served.map_err(at)
}

/// Guilds whose history lacks what was handed out before this start. The others are served.
async fn stop_what_was_set_back(database: &Database, marks: &Marks) -> Result<(), Error> {
    for (guild, known) in marks.snapshot().iter() {
        if let Some(stream) = database.find_lost_history(*guild, known).await? {
            database.stop_guild(*guild, stream, "the state folder of a server", known.at).await?;
        }
    }
    Ok(())
}

fn listen(address: SocketAddr) -> std::io::Result<TcpListener> {
    let listener = TcpListener::bind(address)?;
    listener.set_nonblocking(true)?;
    Ok(listener)
}

/// Lets requests end that have begun. Live connections would never, so they are ended.
async fn stop_when(
    shutdown: impl Future<Output = ()>,
    live: Live,
    handle: Handle<SocketAddr>,
    patience: Duration,
) {
    shutdown.await;
    live.close();
    handle.graceful_shutdown(Some(patience));
}

/// Looks again and again whether changes are still captured and rows still walled in: a trigger is
/// quickly disabled by somebody who repairs something by hand, and devices would never hear of
/// what follows.
async fn watch_breaches(database: Database) {
    let mut due = tokio::time::interval(Duration::from_millis(BREACH_CHECK_MS));
    due.tick().await;
    loop {
        due.tick().await;
        if let Err(error) = database.check_breaches().await {
            tracing::error!(reason = %error.describe(), "the check of triggers and row-level security failed");
        }
    }
}

async fn run(
    server: Server<SocketAddr>,
    tls: Option<RustlsConfig>,
    head_timeout: Duration,
    router: Router,
) -> std::io::Result<()> {
    // One protocol only: without a look at what is spoken, the time for a head counts from the
    // first moment of a connection.
    let mut server = server.http1_only();
    server.http_builder().http1().timer(TokioTimer::new()).header_read_timeout(head_timeout);
    let service = router.into_make_service_with_connect_info::<SocketAddr>();
    let Some(tls) = tls else {
        return server.acceptor(NoDelayAcceptor::new()).serve(service).await;
    };
    let acceptor = RustlsAcceptor::new(tls).handshake_timeout(head_timeout);
    server.acceptor(acceptor.acceptor(NoDelayAcceptor::new())).serve(service).await
}

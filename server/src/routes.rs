//! Every address that the server answers at, with the limits that hold for all of them. What is
//! answered is decided in the file of each subject.

use crate::auth::{self, peer, refresh, sign_in};
use crate::body::{self, MAX_SMALL_BYTES};
use crate::config::Config;
use crate::db::Isolation;
use crate::errands;
use crate::error::Error;
use crate::history;
use crate::state::App;
use crate::sync;
use axum::body::Body;
use axum::extract::{ConnectInfo, Request, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use guildhall_sync::protocol::check::{MAX_PULL_BYTES, MAX_REPORT_LINES, Report};
use guildhall_sync::protocol::errand::{self, DeviceLine, TakenBack};
use guildhall_sync::protocol::history::{HISTORY, HISTORY_ENTRY, HistoryAnswer, HistoryEntry};
use guildhall_sync::protocol::{self, PushAnswer, SignedIn, Testified, Tokens};
use serde::Serialize;
use std::net::SocketAddr;
use std::time::Duration;

pub const HEALTH: &str = "/healthz";

/// The whole server as one service.
pub(crate) fn router(app: App, config: &Config) -> Router {
    let limit = Duration::from_millis(config.limits.request_timeout_ms);
    let is_encrypted = config.tls.is_some();
    Router::new()
        .route(HEALTH, get(health))
        .route(protocol::SIGN_IN, post(sign_in))
        .route(protocol::REFRESH, post(refresh))
        .route(protocol::SIGN_OUT, post(sign_out))
        .route(protocol::LIVE, get(live))
        .route(protocol::PULL, post(pull))
        .route(protocol::PUSH, post(push))
        .route(protocol::REPORT, post(report))
        .route(protocol::TESTIFY, post(testify))
        .route(errand::DEVICES, get(devices))
        .route(errand::ASK, post(ask_errand))
        .route(errand::TAKE_BACK, post(take_back_errands))
        .route(errand::ERRAND_REPORT, post(report_errands))
        .route(HISTORY, post(list_history))
        .route(HISTORY_ENTRY, post(read_history))
        .fallback(|| async { Error::NotFound })
        .method_not_allowed_fallback(|| async { Error::MethodNotAllowed })
        .layer(middleware::from_fn(move |request, next| answer(limit, is_encrypted, request, next)))
        .with_state(app)
}

/// Ends a request whose answer does not begin in time (one that has begun may take longer), and
/// says what holds for every answer.
async fn answer(limit: Duration, is_encrypted: bool, request: Request, next: Next) -> Response {
    let mut response = match tokio::time::timeout(limit, next.run(request)).await {
        Ok(response) => response,
        Err(_) => Error::TooSlow.into_response(),
    };
    let headers = response.headers_mut();
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    if is_encrypted {
        let year = HeaderValue::from_static("max-age=31536000");
        headers.insert(header::STRICT_TRANSPORT_SECURITY, year);
    }
    response
}

#[derive(Serialize)]
struct Health {
    version: &'static str,
    /// Whether Postgres answers.
    database: bool,
}

async fn health(State(app): State<App>) -> Response {
    let database = app.database.ping().await.is_ok();
    let status = if database { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    (status, Json(Health { version: env!("CARGO_PKG_VERSION"), database })).into_response()
}

async fn sign_in(
    State(app): State<App>,
    ConnectInfo(connected): ConnectInfo<SocketAddr>,
    headers: HeaderMap,
    body: Body,
) -> Result<Json<SignedIn>, Error> {
    let peer = peer::find(connected.ip(), &headers, app.door.trusted_proxies());
    let request = body::read_json(&headers, body, MAX_SMALL_BYTES).await?;
    sign_in::sign_in(&app.door, &app.database, peer, request).await.map(Json)
}

async fn refresh(State(app): State<App>, headers: HeaderMap, body: Body) -> Result<Json<Tokens>, Error> {
    let request = body::read_json(&headers, body, MAX_SMALL_BYTES).await?;
    refresh::refresh(&app.database, request).await.map(Json)
}

async fn sign_out(State(app): State<App>, headers: HeaderMap) -> Result<StatusCode, Error> {
    let session = app.database.end_session(&auth::bearer(&headers)?).await?;
    app.live.end_session(session);
    Ok(StatusCode::NO_CONTENT)
}

async fn live(State(app): State<App>, headers: HeaderMap) -> Result<Response, Error> {
    let (mut transaction, session) = auth::begin(&app.database, &headers, Isolation::ReadCommitted).await?;
    let hints = app.live.open(&session);
    let stream_at = transaction.read_stream_at().await?;
    transaction.commit().await?;
    Ok(hints.answer(stream_at).into_response())
}

async fn pull(State(app): State<App>, headers: HeaderMap, body: Body) -> Result<Response, Error> {
    sync::pull::pull(&app, &headers, body).await
}

async fn push(State(app): State<App>, headers: HeaderMap, body: Body) -> Result<Json<PushAnswer>, Error> {
    sync::push::push(&app, &headers, body).await.map(Json)
}

async fn testify(State(app): State<App>, headers: HeaderMap, body: Body) -> Result<Json<Testified>, Error> {
    sync::testify::testify(&app, &headers, body).await.map(Json)
}

async fn list_history(
    State(app): State<App>,
    headers: HeaderMap,
    body: Body,
) -> Result<Json<HistoryAnswer>, Error> {
    history::list(&app, &headers, body).await.map(Json)
}

async fn read_history(
    State(app): State<App>,
    headers: HeaderMap,
    body: Body,
) -> Result<Json<HistoryEntry>, Error> {
    history::entry(&app, &headers, body).await.map(Json)
}

async fn devices(State(app): State<App>, headers: HeaderMap) -> Result<Json<Vec<DeviceLine>>, Error> {
    errands::devices(&app, &headers).await.map(Json)
}

async fn ask_errand(State(app): State<App>, headers: HeaderMap, body: Body) -> Result<StatusCode, Error> {
    errands::ask(&app, &headers, body).await.map(|()| StatusCode::NO_CONTENT)
}

async fn take_back_errands(
    State(app): State<App>,
    headers: HeaderMap,
    body: Body,
) -> Result<Json<TakenBack>, Error> {
    errands::take_back(&app, &headers, body).await.map(Json)
}

async fn report_errands(State(app): State<App>, headers: HeaderMap, body: Body) -> Result<StatusCode, Error> {
    errands::report(&app, &headers, body).await.map(|()| StatusCode::NO_CONTENT)
}

/// What a device set right, kept for the administrator.
async fn report(State(app): State<App>, headers: HeaderMap, body: Body) -> Result<StatusCode, Error> {
    let report: Report = body::read_json(&headers, body, MAX_PULL_BYTES).await?;
    let (mut transaction, session) = auth::begin(&app.database, &headers, Isolation::ReadCommitted).await?;
    if report.device != session.device || report.lines.len() > MAX_REPORT_LINES {
        return Err(Error::BadRequest(
            "a report is of the device that sends it, and not too long".to_owned(),
        ));
    }
    transaction.keep_report(&report).await?;
    transaction.commit().await?;
    app.live.poke(session.guild);
    Ok(StatusCode::NO_CONTENT)
}

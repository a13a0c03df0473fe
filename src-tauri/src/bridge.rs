//! The backend behind a loopback address, so that an ordinary browser can show and drive the
//! window: for development, pictures and tests in a browser. Only built with the cargo feature
//! `bridge`, which no package has.
//!
//! Whoever asks must know the token of this run and name exactly this host: a page from elsewhere
//! that finds the port can do neither.

use crate::failure::{Code, Failure};
use crate::host::Host;
use axum::Router;
use axum::extract::{Query, Request, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::middleware::{self, Next};
use axum::response::sse::{KeepAlive, Sse};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, extract::DefaultBodyLimit};
use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use futures_util::stream::{Stream, unfold};
use serde::Deserialize;
use std::path::PathBuf;
use std::sync::Arc;
use tokio::net::TcpListener;
use tokio::sync::broadcast::error::RecvError;

mod files;

/// A page of 512 KiB twice, and what is around it.
const MAX_BODY_BYTES: usize = 4 * 1024 * 1024;
const TOKEN_HEADER: &str = "x-guildhall-token";

/// What the bridge serves.
#[derive(Clone, Debug)]
struct Bridge {
    host: Host,
    /// `127.0.0.1:port`, as the Host header must say it.
    authority: Arc<str>,
    token: Arc<str>,
    /// The built window.
    pages: Arc<PathBuf>,
}

#[derive(Deserialize)]
struct Call {
    name: String,
    request: serde_json::Value,
}

#[derive(Deserialize)]
struct Listening {
    token: String,
}

/// Serves until `stop`; tells the address of the page, with its token, once it can be opened.
pub async fn serve(
    host: Host,
    pages: PathBuf,
    port: u16,
    tell: impl FnOnce(&str),
    stop: impl Future<Output = ()>,
) -> Result<(), Failure> {
    let pages =
        pages.canonicalize().ok().filter(|pages| pages.join("index.html").exists()).ok_or_else(|| {
            Failure::new(Code::NotFound, "The window has not been built.")
                .hint("Build it with `make window`.")
        })?;
    let listener = TcpListener::bind(("127.0.0.1", port)).await.map_err(Failure::fault)?;
    let authority = listener.local_addr().map_err(Failure::fault)?.to_string();
    let token = BASE64_URL_SAFE_NO_PAD.encode(guildhall_server::random::bytes::<32>());
    tell(&format!("http://{authority}/#token={token}"));
    let bridge = Bridge { host, authority: authority.into(), token: token.into(), pages: Arc::new(pages) };
    // Somebody who listens to events would never let a graceful end come.
    tokio::select! {
        served = axum::serve(listener, router(bridge)).into_future() => served.map_err(Failure::fault),
        () = stop => Ok(()),
    }
}

fn router(bridge: Bridge) -> Router {
    Router::new()
        .route("/run", post(run))
        .route("/events", get(events))
        .fallback(get(page))
        .layer(DefaultBodyLimit::max(MAX_BODY_BYTES))
        .layer(middleware::from_fn_with_state(bridge.clone(), demand_host))
        .with_state(bridge)
}

async fn demand_host(State(bridge): State<Bridge>, request: Request, next: Next) -> Response {
    let named = request.headers().get(header::HOST).and_then(|host| host.to_str().ok());
    let origin = request.headers().get(header::ORIGIN).and_then(|origin| origin.to_str().ok());
    let own = format!("http://{}", bridge.authority);
    if named != Some(&*bridge.authority) || origin.is_some_and(|origin| origin != own) {
        return StatusCode::FORBIDDEN.into_response();
    }
    next.run(request).await
}

async fn run(State(bridge): State<Bridge>, headers: HeaderMap, Json(call): Json<Call>) -> Response {
    let token = headers.get(TOKEN_HEADER).and_then(|token| token.to_str().ok());
    if token != Some(&*bridge.token) {
        return StatusCode::UNAUTHORIZED.into_response();
    }
    match bridge.host.run(&call.name, call.request).await {
        Ok(answer) => Json(answer).into_response(),
        Err(failure) => (StatusCode::UNPROCESSABLE_ENTITY, Json(failure)).into_response(),
    }
}

async fn events(State(bridge): State<Bridge>, Query(listening): Query<Listening>) -> Response {
    if listening.token != *bridge.token {
        return StatusCode::UNAUTHORIZED.into_response();
    }
    Sse::new(stream(&bridge.host)).keep_alive(KeepAlive::default()).into_response()
}

type Told = Result<axum::response::sse::Event, axum::Error>;

fn stream(host: &Host) -> impl Stream<Item = Told> + use<> {
    unfold(host.events(), |mut events| async move {
        loop {
            match events.recv().await {
                Ok(event) => return Some((axum::response::sse::Event::default().json_data(event), events)),
                Err(RecvError::Lagged(_)) => {}
                Err(RecvError::Closed) => return None,
            }
        }
    })
}

async fn page(State(bridge): State<Bridge>, request: Request) -> Response {
    match files::read(&bridge.pages, request.uri().path()) {
        Some((kind, bytes)) => {
            let headers = [
                (header::CONTENT_TYPE, HeaderValue::from_static(kind)),
                (header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
                (header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
            ];
            (headers, bytes).into_response()
        }
        None => StatusCode::NOT_FOUND.into_response(),
    }
}

//! Pull: what a device lacks, from one snapshot of the database, as one stream of frames. What it
//! has seen is durable and numbered before the first frame leaves.

use crate::auth::{self, Session};
use crate::body;
use crate::db::{GuildTx, Isolation};
use crate::error::Error;
use crate::state::App;
use axum::body::Body;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use cursor::CursorKey;
use gate::Permit;
use guildhall_sync::id::DeviceId;
use guildhall_sync::protocol::Pull;
use guildhall_sync::protocol::check::MAX_PULL_BYTES;
use plan::Plan;
use snapshot::Snapshot;
use uuid::Uuid;

mod answer;
mod check;
pub mod cursor;
pub mod encode;
pub mod gate;
mod packing;
mod plan;
mod snapshot;

/// How long one statement of a download may take.
const STATEMENT_TIMEOUT_MS: u64 = 30 * 60 * 1000;

pub async fn pull(app: &App, headers: &HeaderMap, body: Body) -> Result<Response, Error> {
    let request: Pull = body::read_json(headers, body, MAX_PULL_BYTES).await?;
    request.check.as_ref().map_or(Ok(()), check::judge)?;
    let key = app.database.cursor_key().await?;
    let mut download = None;
    loop {
        let place = app.pulls.enter().await?;
        let known = app.marks.snapshot();
        let (mut transaction, session) =
            auth::begin(&app.database, headers, Isolation::RepeatableRead).await?;
        judge(&request, &session)?;
        transaction.allow_ms(STATEMENT_TIMEOUT_MS).await?;
        let known = known.get(&session.guild);
        let snapshot = Snapshot::take(&app.database, &mut transaction, known).await?;
        let planned = Plan::make(&mut transaction, &key, &snapshot, &session, request.clone()).await;
        if let Err(Error::SetBack { handed_out_at: Some(at) }) = planned {
            let (epoch, seen_by) = (snapshot.stream.epoch, "a laptop that had seen more");
            app.database.stop_guild(session.guild, epoch, seen_by, at).await?;
        }
        let plan = planned?;
        let contact = Contact { device: session.device, incarnation: request.incarnation };
        if plan.is_empty(&snapshot) {
            contact.end(transaction).await;
            return Ok(StatusCode::NO_CONTENT.into_response());
        }
        if plan.fill.is_some() && download.is_none() {
            download = app.pulls.find_download();
            if download.is_none() {
                drop((transaction, place));
                download = Some(app.pulls.wait_for_download().await?);
                continue;
            }
        }
        app.marks.advance(snapshot.place).await?;
        if snapshot.is_fresh {
            // The commits that were numbered just now are news to other devices as well.
            app.live.poke(session.guild);
        }
        return Ok(stream(transaction, snapshot, plan, key, contact, (place, download)));
    }
}

/// The token says which device asks; the request has to agree.
fn judge(request: &Pull, session: &Session) -> Result<(), Error> {
    if request.device == session.device {
        Ok(())
    } else {
        Err(Error::BadRequest("the session belongs to another device".to_owned()))
    }
}

/// That the device was there.
struct Contact {
    device: DeviceId,
    incarnation: Uuid,
}

impl Contact {
    /// Notes it and ends the transaction. Where another request of the device has noted it
    /// meanwhile, this one need not.
    async fn end(self, mut transaction: GuildTx) {
        let noted = transaction.note_device(self.device, self.incarnation, 0).await;
        let ended = match noted {
            Ok(()) => transaction.commit().await,
            Err(error) => Err(error),
        };
        if let Err(error) = ended {
            tracing::debug!(reason = %error.describe(), "a device's contact was not noted");
        }
    }
}

fn stream(
    transaction: GuildTx,
    snapshot: Snapshot,
    plan: Plan,
    key: CursorKey,
    contact: Contact,
    permits: (Permit, Option<Permit>),
) -> Response {
    let (frames, body) = packing::channel();
    tokio::spawn(async move {
        match answer::answer(transaction, &snapshot, plan, &key, &frames).await {
            Ok(transaction) => contact.end(transaction).await,
            Err(error) => {
                tracing::info!(reason = %error.describe(), "a pull was cut off");
                frames.cut();
            }
        }
        drop(permits);
    });
    let headers = [(header::CONTENT_TYPE, HeaderValue::from_static("application/vnd.guildhall.frames"))];
    (headers, body).into_response()
}

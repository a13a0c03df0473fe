//! Forcing a sync from afar: the laptops of a guild, and what they are asked to do.

use crate::auth;
use crate::body::{self, MAX_SMALL_BYTES};
use crate::db::Isolation;
use crate::error::Error;
use crate::state::App;
use axum::body::Body;
use axum::http::HeaderMap;
use guildhall_sync::protocol::errand::{
    AskErrand, DeviceLine, ErrandReport, MAX_ASKED, MAX_ERRAND_LINES, MAX_REASON_CHARS, MAX_SCOPES,
    TakeBackErrands, TakenBack,
};

pub async fn devices(app: &App, headers: &HeaderMap) -> Result<Vec<DeviceLine>, Error> {
    let (mut transaction, _) = auth::begin(&app.database, headers, Isolation::ReadCommitted).await?;
    let devices = transaction.list_devices().await?;
    transaction.commit().await?;
    Ok(devices)
}

/// All that are named or none: who asks has to know whom.
pub async fn ask(app: &App, headers: &HeaderMap, body: Body) -> Result<(), Error> {
    let mut request: AskErrand = body::read_json(headers, body, MAX_SMALL_BYTES).await?;
    judge(&request)?;
    request.devices.sort_unstable();
    request.devices.dedup();
    let (mut transaction, session) = auth::begin(&app.database, headers, Isolation::ReadCommitted).await?;
    let asked = transaction.ask_errand(&request).await?;
    if usize::try_from(asked) != Ok(request.devices.len()) {
        return Err(Error::BadRequest("a laptop is named that is not one of this guild".to_owned()));
    }
    transaction.commit().await?;
    app.live.poke(session.guild);
    Ok(())
}

pub async fn take_back(app: &App, headers: &HeaderMap, body: Body) -> Result<TakenBack, Error> {
    let request: TakeBackErrands = body::read_json(headers, body, MAX_SMALL_BYTES).await?;
    let (mut transaction, _) = auth::begin(&app.database, headers, Isolation::ReadCommitted).await?;
    let errands = transaction.take_back_errands(&request.devices).await?;
    transaction.commit().await?;
    Ok(TakenBack { errands })
}

pub async fn report(app: &App, headers: &HeaderMap, body: Body) -> Result<(), Error> {
    let report: ErrandReport = body::read_json(headers, body, MAX_SMALL_BYTES).await?;
    let (mut transaction, session) = auth::begin(&app.database, headers, Isolation::ReadCommitted).await?;
    if report.device != session.device || report.lines.len() > MAX_ERRAND_LINES {
        return Err(Error::BadRequest(
            "a report is of the device that sends it, and not too long".to_owned(),
        ));
    }
    for line in &report.lines {
        transaction.report_errand(session.device, line).await?;
    }
    transaction.commit().await
}

fn judge(request: &AskErrand) -> Result<(), Error> {
    let is_bounded = (1..=MAX_ASKED).contains(&request.devices.len())
        && request.scopes.len() <= MAX_SCOPES
        && request.reason.as_ref().is_none_or(|reason| reason.chars().count() <= MAX_REASON_CHARS);
    if is_bounded {
        Ok(())
    } else {
        Err(Error::BadRequest("no laptop is named, or more is asked than one request holds".to_owned()))
    }
}

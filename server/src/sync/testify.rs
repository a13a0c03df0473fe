//! What laptops hold after a restore and the server does not: kept for the administrator, who sees
//! what no author has brought back. Nothing here changes a row.

use crate::auth;
use crate::body;
use crate::db::{Isolation, changes};
use crate::error::Error;
use crate::state::App;
use crate::sync::push::hex;
use axum::body::Body;
use axum::http::HeaderMap;
use guildhall_sync::model::find_table_by_number;
use guildhall_sync::protocol::{MAX_BODY_BYTES, MAX_WITNESSES, Testified, Testify, Witness};
use guildhall_sync::value::json::{from_json, to_json};
use serde_json::{Value as Json, json};

pub async fn testify(app: &App, headers: &HeaderMap, body: Body) -> Result<Testified, Error> {
    let request: Testify = body::read_json(headers, body, MAX_BODY_BYTES).await?;
    if request.rows.len() > MAX_WITNESSES {
        return Err(Error::BadRequest("too many rows at once".to_owned()));
    }
    let rows: Vec<Json> = request.rows.iter().map(describe).collect::<Result<_, _>>()?;
    let (mut transaction, session) = auth::begin(&app.database, headers, Isolation::ReadCommitted).await?;
    if request.device != session.device {
        return Err(Error::BadRequest("the session belongs to another device".to_owned()));
    }
    let stream = changes::read_stream(transaction.connection(), session.guild).await?;
    if stream.epoch != request.epoch {
        return Ok(Testified { is_taken: false });
    }
    sqlx::query("select sync.testify($1, $2, $3::jsonb)")
        .bind(session.guild.0)
        .bind(session.device.0)
        .bind(Json::Array(rows).to_string())
        .execute(transaction.connection())
        .await?;
    transaction.commit().await?;
    Ok(Testified { is_taken: true })
}

/// The row as the registry reads it; what is no row of it is refused.
fn describe(witness: &Witness) -> Result<Json, Error> {
    let bad = || Error::BadRequest("a row that is not one".to_owned());
    let table = find_table_by_number(witness.table).ok_or_else(bad)?;
    let cells = from_json(table, &witness.cells).map_err(|_| bad())?;
    Ok(json!({
        "tbl": table.number, "pk": witness.row, "version": witness.version, "hash": hex(&witness.hash),
        "cells": to_json(table, &cells),
    }))
}

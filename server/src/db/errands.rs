//! Laptops of a guild, and what they are asked to do. Who may ask is said in the functions of the
//! database.

use super::GuildTx;
use crate::error::Error;
use guildhall_sync::id::DeviceId;
use guildhall_sync::protocol::errand::{
    AskErrand, DeviceLine, ErrandKind, ErrandLine, ErrandReportLine, ErrandState, HandedErrand, MAX_HANDED,
};
use guildhall_sync::time::Timestamp;
use sqlx::postgres::PgRow;
use sqlx::{PgConnection, Row};
use uuid::Uuid;

/// `insufficient_privilege`: the functions say so of who may not force a sync.
const FORBIDDEN: &str = "42501";

/// What a device is asked and has not said that it has, the oldest first.
pub async fn list_handed(
    connection: &mut PgConnection,
    device: DeviceId,
) -> Result<Vec<HandedErrand>, Error> {
    let rows = sqlx::query("select id, kind, scopes, asked_by from sync.handed_errands($1, $2)")
        .bind(device.0)
        .bind(MAX_HANDED)
        .fetch_all(connection)
        .await?;
    let read = |row: &PgRow| {
        Ok(HandedErrand {
            id: row.try_get("id")?,
            kind: kind(row.try_get("kind")?)?,
            scopes: row.try_get("scopes")?,
            asked_by: row.try_get("asked_by")?,
        })
    };
    rows.iter().map(read).collect()
}

impl GuildTx {
    /// Those last seen first.
    pub async fn list_devices(&mut self) -> Result<Vec<DeviceLine>, Error> {
        let rows = sqlx::query(
            "select id, name, person, platform, app_version, scopes, kind, state, counts, asked_by, is_taken,
                    (extract(epoch from last_seen_at) * 1000000)::bigint as last_seen_at,
                    (extract(epoch from asked_at) * 1000000)::bigint as asked_at,
                    (extract(epoch from ended_at) * 1000000)::bigint as ended_at
               from sync.list_devices()",
        )
        .fetch_all(self.connection())
        .await
        .map_err(refuse)?;
        rows.iter().map(read_device).collect()
    }

    /// Says how many laptops are asked.
    pub async fn ask_errand(&mut self, request: &AskErrand) -> Result<i64, Error> {
        let devices: Vec<Uuid> = request.devices.iter().map(|device| device.0).collect();
        let row = sqlx::query("select sync.ask_errand($1, $2, $3, $4, $5) as asked")
            .bind(request.id)
            .bind(devices)
            .bind(request.kind.word())
            .bind(&request.scopes)
            .bind(&request.reason)
            .fetch_one(self.connection())
            .await
            .map_err(refuse)?;
        Ok(row.try_get("asked")?)
    }

    /// Says how many errands were taken back.
    pub async fn take_back_errands(&mut self, devices: &[DeviceId]) -> Result<u64, Error> {
        let devices: Vec<Uuid> = devices.iter().map(|device| device.0).collect();
        let row = sqlx::query("select sync.take_back_errands($1) as errands")
            .bind(devices)
            .fetch_one(self.connection())
            .await
            .map_err(refuse)?;
        Ok(u64::try_from(row.try_get::<i64, _>("errands")?).unwrap_or_default())
    }

    pub async fn report_errand(&mut self, device: DeviceId, line: &ErrandReportLine) -> Result<(), Error> {
        let counts = serde_json::to_string(&line.counts).expect("counts can be printed");
        sqlx::query("select sync.report_errand($1, $2, $3, $4::jsonb)")
            .bind(device.0)
            .bind(line.id)
            .bind(line.state.word())
            .bind(counts)
            .execute(self.connection())
            .await?;
        Ok(())
    }
}

fn read_device(row: &PgRow) -> Result<DeviceLine, Error> {
    let time = |name| Ok::<_, Error>(row.try_get::<Option<i64>, _>(name)?.map(Timestamp));
    let asked_at = time("asked_at")?;
    Ok(DeviceLine {
        id: DeviceId(row.try_get("id")?),
        name: row.try_get("name")?,
        person: row.try_get("person")?,
        platform: row.try_get("platform")?,
        app_version: row.try_get("app_version")?,
        last_seen_at: time("last_seen_at")?,
        scopes: row.try_get("scopes")?,
        errand: asked_at.map(|asked_at| read_errand(row, asked_at, time("ended_at")?)).transpose()?,
    })
}

fn read_errand(row: &PgRow, asked_at: Timestamp, ended_at: Option<Timestamp>) -> Result<ErrandLine, Error> {
    let counts: &str = row.try_get("counts")?;
    Ok(ErrandLine {
        kind: kind(row.try_get("kind")?)?,
        state: ErrandState::from_word(row.try_get("state")?).ok_or_else(damaged)?,
        // Empty until the laptop says something.
        counts: serde_json::from_str(counts).unwrap_or_default(),
        asked_by: row.try_get("asked_by")?,
        asked_at,
        is_taken: row.try_get("is_taken")?,
        ended_at,
    })
}

fn kind(word: &str) -> Result<ErrandKind, Error> {
    ErrandKind::from_word(word).ok_or_else(damaged)
}

fn damaged() -> Error {
    Error::Damaged { what: "an errand" }
}

fn refuse(error: sqlx::Error) -> Error {
    match &error {
        sqlx::Error::Database(database) if database.code().as_deref() == Some(FORBIDDEN) => Error::Forbidden,
        _ => error.into(),
    }
}

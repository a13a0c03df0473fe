//! What an administrator does after a restore of the server's database.

use super::Database as At;
use super::output::Output;
use super::server::connect;
use crate::app;
use crate::failure::Failure;
use crate::words::model;
use clap::{Args, Subcommand};
use guildhall_server::admin::{self, Ruling};
use guildhall_server::db::Database;
use guildhall_server::db::report::{Bringer, Waiting};
use guildhall_sync::id::GuildId;
use serde::Serialize;
use serde_json::{Map, Value as Json, json};
use std::fmt::Write;
use uuid::Uuid;

#[derive(Debug, Subcommand)]
pub enum Epoch {
    /// After the database was set back to an earlier state: begin a new history for the guild.
    /// Laptops keep everything, and send again what the database lost.
    New(Restored),
    /// What came back, from whom, and what only laptops still hold.
    Report(Restored),
    /// Write rows as laptops held them: those named, or all that wait.
    Accept(Rows),
    /// Leave rows as they are: those named, or all that wait.
    Drop(Rows),
}

#[derive(Debug, Args)]
pub struct Restored {
    #[arg(long)]
    pub guild: String,
    #[command(flatten)]
    pub database: At,
}

#[derive(Debug, Args)]
pub struct Rows {
    #[command(flatten)]
    pub restored: Restored,
    #[arg(required_unless_present = "all", conflicts_with = "all")]
    pub rows: Vec<Uuid>,
    #[arg(long)]
    pub all: bool,
}

pub fn run(command: Epoch, out: Output) -> Result<(), Failure> {
    match command {
        Epoch::New(restored) => begin(&restored, out),
        Epoch::Report(restored) => report(&restored, out),
        Epoch::Accept(rows) => rule(&rows, Ruling::Accept, out),
        Epoch::Drop(rows) => rule(&rows, Ruling::Drop, out),
    }
}

fn begin(restored: &Restored, out: Output) -> Result<(), Failure> {
    let epoch = app::runtime()?.block_on(async {
        let (database, guild) = open(restored).await?;
        Ok::<_, Failure>(admin::begin_epoch(&database, guild).await?)
    })?;
    out.answer(&json!({"guild": restored.guild, "epoch": epoch}), |_| {
        format!(
            "{} syncs again, with a new history. Laptops keep everything, and send again what the database \
             lost, each at its next contact. `guildhall epoch report` says what came back.\n",
            restored.guild
        )
    })
}

#[derive(Debug, Serialize)]
struct Report {
    came_back: Vec<Bringer>,
    waiting: Vec<WaitingView>,
}

#[derive(Debug, Serialize)]
struct WaitingView {
    id: Uuid,
    table: &'static str,
    row: Uuid,
    from: String,
    is_gone: bool,
    now: Map<String, Json>,
    was: Map<String, Json>,
}

fn report(restored: &Restored, out: Output) -> Result<(), Failure> {
    let (came_back, waiting) = app::runtime()?.block_on(async {
        let (database, guild) = open(restored).await?;
        Ok::<_, Failure>(admin::report(&database, guild).await?)
    })?;
    let waiting = waiting.iter().map(view).collect();
    out.answer(&Report { came_back, waiting }, print)
}

fn view(waiting: &Waiting) -> WaitingView {
    let (now, was) = waiting.sides();
    WaitingView {
        id: waiting.id,
        table: waiting.table.name,
        row: waiting.row,
        from: from(&waiting.person, &waiting.laptop),
        is_gone: waiting.now.is_none(),
        now,
        was,
    }
}

fn from(person: &str, laptop: &str) -> String {
    if laptop.is_empty() { person.to_owned() } else { format!("{person} ({laptop})") }
}

fn print(report: &Report) -> String {
    let mut text = String::new();
    if report.came_back.is_empty() {
        text.push_str("Nothing has come back yet. Each laptop brings its own at its next contact.\n");
    }
    for Bringer { person, laptop, came_back, conflicts } in &report.came_back {
        let conflicts = match conflicts {
            0 => String::new(),
            1 => ", 1 in conflict with what was written since".to_owned(),
            many => format!(", {many} in conflict with what was written since"),
        };
        writeln!(text, "{came_back} changes came back from {}{conflicts}.", from(person, laptop)).ok();
    }
    if !report.waiting.is_empty() {
        text.push_str(
            "\nOnly laptops still hold these. `guildhall epoch accept` writes them, `drop` leaves them.\n",
        );
    }
    for waiting in &report.waiting {
        let (one, _) = model::rows_of(waiting.table);
        let what = if waiting.is_gone { "is gone" } else { "was different" };
        writeln!(text, "{}  a {one} {what}, from {}", waiting.id, waiting.from).ok();
        for (column, was) in waiting.was.iter().filter(|(_, was)| !was.is_null()) {
            let now = waiting.now.get(column).map_or(String::new(), |now| format!("  (now {})", short(now)));
            writeln!(text, "    {column}: {}{now}", short(was)).ok();
        }
    }
    text
}

/// The longest value that is printed whole.
const MAX_CHARS: usize = 60;

fn short(value: &Json) -> String {
    let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned).replace('\n', " ");
    match text.char_indices().nth(MAX_CHARS) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text,
    }
}

fn rule(rows: &Rows, ruling: Ruling, out: Output) -> Result<(), Failure> {
    let count = app::runtime()?.block_on(async {
        let (database, guild) = open(&rows.restored).await?;
        Ok::<_, Failure>(admin::rule(&database, guild, &rows.rows, ruling).await?)
    })?;
    out.answer(&json!({"rows": count}), |_| match ruling {
        Ruling::Accept => format!("{count} rows are as the laptops held them.\n"),
        Ruling::Drop => format!("{count} rows stay as they are.\n"),
    })
}

async fn open(restored: &Restored) -> Result<(Database, GuildId), Failure> {
    let database = connect(&restored.database).await?;
    let guild = admin::get_guild(&database, &restored.guild).await?;
    Ok((database, guild))
}

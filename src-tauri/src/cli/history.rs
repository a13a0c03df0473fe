//! The change log in a terminal, and taking one change back.

use super::output::Output;
use crate::app::{self, App};
use crate::commands::history::undo::{self, TakenBack, UndoPreview, UndoRequest};
use crate::commands::history::{self, HistoryLineView, HistoryReach, HistoryWish};
use crate::failure::{Code, Failure};
use crate::words::date_and_time;
use clap::{Args, ValueEnum};
use guildhall_sync::protocol::history::LineStatus;
use similar::TextDiff;
use std::fmt::Write;
use uuid::Uuid;

#[derive(Debug, Args)]
pub struct History {
    /// Only what happened to this page: its path, id or title.
    #[arg(long)]
    page: Option<String>,
    /// Only changes with these words, in the text or in the name of what was changed.
    #[arg(long, default_value = "")]
    text: String,
    /// Only what was written on this laptop: its id, as `guildhall laptop list` says it.
    #[arg(long, value_name = "ID")]
    laptop: Option<Uuid>,
    /// Only changes that stand so: waiting for something, done, or taken back.
    #[arg(long, value_enum)]
    status: Option<Status>,
    /// At most so many.
    #[arg(long, default_value_t = 30, value_parser = clap::value_parser!(u32).range(1..=200))]
    limit: u32,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Status {
    Waiting,
    Done,
    TakenBack,
}

impl From<Status> for LineStatus {
    fn from(status: Status) -> Self {
        match status {
            Status::Waiting => Self::Pending,
            Status::Done => Self::Committed,
            Status::TakenBack => Self::RolledBack,
        }
    }
}

#[derive(Debug, Args)]
pub struct Undo {
    /// The change, as `guildhall history` names it.
    change: Uuid,
    /// Take back what nobody has changed since, where that is only a part of it.
    #[arg(long)]
    rest: bool,
    /// Only say what it would do.
    #[arg(long)]
    preview: bool,
    /// Why, for the history.
    #[arg(long)]
    reason: Option<String>,
}

pub fn list(app: &App, wish: History, out: Output) -> Result<(), Failure> {
    let row = wish.page.map(|page| history::row_of_page(app, &page)).transpose()?;
    let (text, laptop, limit) = (wish.text, wish.laptop, wish.limit);
    let status = wish.status.map(LineStatus::from);
    let wish = HistoryWish { row, text, laptop, status, limit, ..HistoryWish::default() };
    let found = app::runtime()?.block_on(history::list(app, wish, true))?;
    match found.reach {
        HistoryReach::Everybody => {}
        HistoryReach::OwnOnly => out.note("The server does not answer: these are only your own changes."),
        HistoryReach::Sample => out.note("There is no server: these are only your own changes."),
    }
    out.answer(found.lines.as_slice(), print)
}

fn print(lines: &[HistoryLineView]) -> String {
    let mut printed = String::new();
    for line in lines {
        let stands = line.mark.as_ref().map_or("", |mark| mark.words.as_str());
        let stands = if line.is_taken_back { "Taken back" } else { stands };
        let stands = if stands.is_empty() { String::new() } else { format!(" · {stands}") };
        writeln!(printed, "{}  {} · {}{stands}", date_and_time(line.at), line.of, line.by).ok();
        writeln!(printed, "  {}", line.did).ok();
        if let Some(reason) = &line.reason {
            writeln!(printed, "  “{reason}”").ok();
        }
        writeln!(printed, "  {}", line.entry).ok();
    }
    if printed.is_empty() { "Nothing was changed.\n".to_owned() } else { printed }
}

pub fn undo(app: &App, wish: &Undo, out: Output) -> Result<(), Failure> {
    let runtime = app::runtime()?;
    let request = UndoRequest { entry: wish.change, rest: wish.rest, reason: wish.reason.clone() };
    let preview = runtime.block_on(undo::preview(app, &request, true))?;
    if wish.preview {
        return out.answer(&preview, describe);
    }
    judge(&preview, wish.rest)?;
    let done = runtime.block_on(undo::take_back(app, request, true))?;
    out.answer(&done, |done: &TakenBack| match done.entry {
        Some(entry) => format!("Took it back: {}.\nThe change that did it is {entry}.\n", done.of),
        None => format!("Nothing of it is left to take back in {}.\n", done.of),
    })
}

/// What stands against it is said before anything is written.
fn judge(preview: &UndoPreview, rest: bool) -> Result<(), Failure> {
    if let Some(refusal) = &preview.refusal {
        return Err(Failure::new(Code::Disagreement, refusal));
    }
    if preview.changed_since.is_empty() || (rest && !preview.columns.is_empty()) {
        return Ok(());
    }
    let words = format!("Others have changed it since: {}.", preview.changed_since.join(", "));
    let failure = Failure::new(Code::Disagreement, words);
    Err(if preview.columns.is_empty() {
        failure.hint("Nothing of it can be taken back by itself. Edit it by hand.")
    } else {
        failure.hint("With --rest what nobody has changed since is taken back; --preview shows it.")
    })
}

fn describe(preview: &UndoPreview) -> String {
    let mut printed = format!("{}\n", preview.of);
    if let Some(refusal) = &preview.refusal {
        writeln!(printed, "{refusal}").ok();
    }
    if !preview.changed_since.is_empty() {
        writeln!(printed, "Others have changed since: {}.", preview.changed_since.join(", ")).ok();
    }
    for column in &preview.columns {
        let (before, after) =
            (column.before.clone().unwrap_or_default(), column.after.clone().unwrap_or_default());
        let diff = TextDiff::from_lines(&before, &after);
        writeln!(printed, "\n{}\n{}", column.label, diff.unified_diff().context_radius(2)).ok();
    }
    if preview.columns.is_empty() && preview.refusal.is_none() && preview.changed_since.is_empty() {
        printed.push_str("Nothing of it is left to take back.\n");
    }
    printed
}

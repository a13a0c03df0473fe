//! Conflicts in a terminal: both sides, and what shall stand.

use super::output::Output;
use super::{print, text};
use crate::app::App;
use crate::commands::conflicts::{
    self, Chosen, ConflictRequest, SettleRequest, Settlement, Take, TakeTheirsRequest,
};
use crate::failure::{Code, Failure};
use clap::{Args, Subcommand};
use std::path::PathBuf;
use uuid::Uuid;

#[derive(Debug, Subcommand)]
pub enum Conflict {
    List,
    /// Show before, yours and theirs.
    Show {
        conflict: Uuid,
    },
    /// Settle it: keep one side, or write what shall stand.
    Settle(Settle),
}

#[derive(Debug, Args)]
pub struct Settle {
    /// Several only with --theirs, and only where no words would be lost.
    #[arg(required = true)]
    conflicts: Vec<Uuid>,
    #[command(flatten)]
    stands: Stands,
}

/// What shall stand.
#[derive(Debug, Args)]
#[group(required = true, multiple = false)]
struct Stands {
    /// Keep yours.
    #[arg(long)]
    mine: bool,
    /// Keep what is live.
    #[arg(long)]
    theirs: bool,
    /// The text that shall stand, from a file; `-` is standard input.
    #[arg(long, value_name = "FILE")]
    file: Option<PathBuf>,
    /// Column by column: `--take priority=mine`. What is not named stays as it is live.
    #[arg(long, value_name = "COLUMN=SIDE", value_parser = read_take)]
    take: Vec<Chosen>,
    /// Where a name was taken: another one for yours.
    #[arg(long, value_name = "NAME")]
    name: Option<String>,
}

fn read_take(given: &str) -> Result<Chosen, String> {
    let (column, take) = match given.split_once('=') {
        Some((column, "mine")) => (column, Take::Mine),
        Some((column, "theirs")) => (column, Take::Theirs),
        _ => return Err("it is a column and a side, as in priority=mine or priority=theirs".to_owned()),
    };
    Ok(Chosen { column: column.to_owned(), take })
}

pub fn run(app: &App, command: Conflict, out: Output) -> Result<(), Failure> {
    match command {
        Conflict::List => out.answer(conflicts::list_pages(app)?.as_slice(), print::conflicts),
        Conflict::Show { conflict } => {
            out.answer(&conflicts::show(app, ConflictRequest { id: conflict })?, print::conflict)
        }
        Conflict::Settle(Settle { conflicts, stands }) => {
            settle(app, conflicts, stands)?;
            out.answer(conflicts::list_pages(app)?.as_slice(), print::conflicts)
        }
    }
}

fn settle(app: &App, ids: Vec<Uuid>, stands: Stands) -> Result<(), Failure> {
    let settlement = match stands {
        Stands { mine: true, .. } => Settlement::Mine,
        Stands { file: Some(file), .. } => Settlement::Text(text::read_file(&file)?),
        Stands { name: Some(name), .. } => Settlement::Rename(name),
        Stands { take, .. } if !take.is_empty() => Settlement::Each(take),
        _ => Settlement::Theirs,
    };
    match (ids.as_slice(), settlement) {
        ([id], settlement) => conflicts::settle(app, SettleRequest { id: *id, settlement }).map(drop),
        (_, Settlement::Theirs) => conflicts::take_theirs(app, TakeTheirsRequest { ids }).map(drop),
        _ => Err(Failure::new(Code::BadRequest, "Several at once can only be settled with --theirs.")),
    }
}

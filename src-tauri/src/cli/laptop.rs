//! `laptop`: the guild's laptops, for those who may force a sync.

use super::output::Output;
use crate::app::{self, App};
use crate::commands::errands::ErrandKind;
use crate::commands::laptops::{self, AskLaptops, LaptopView};
use crate::failure::{Code, Failure};
use crate::words::{count, date_and_time};
use clap::{Args, Subcommand, ValueEnum};
use serde_json::json;
use std::fmt::Write;
use uuid::Uuid;

#[derive(Debug, Subcommand)]
pub enum Laptop {
    /// List the laptops of the guild, and what each was last asked.
    List,
    /// Ask laptops to do something at their next contact. Nothing of it touches what is unsent.
    Ask(Ask),
    /// Take back what laptops were asked and have not begun.
    TakeBack(Which),
}

#[derive(Debug, Args)]
pub struct Ask {
    pub what: What,
    #[command(flatten)]
    pub which: Which,
    /// Which part, for a download: one that `sync --list` names there.
    #[arg(long, value_name = "PART")]
    pub part: Vec<String>,
    /// Why, for those who look later.
    #[arg(long)]
    pub reason: Option<String>,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
pub enum What {
    /// Send what is unsent and fetch what is new.
    Sync,
    /// Compare everything with the server, and say what differs.
    Verify,
    /// Compare everything with the server, and fetch what differs.
    Repair,
    /// Fetch parts again, whole.
    Download,
    /// Fetch everything again, and make it findable anew.
    Rebuild,
}

#[derive(Debug, Args)]
#[group(required = true, multiple = true)]
pub struct Which {
    /// A laptop, by its name or id.
    #[arg(conflicts_with = "all")]
    pub laptops: Vec<String>,
    /// All laptops of a person, by name.
    #[arg(long, value_name = "NAME", conflicts_with = "all")]
    pub person: Vec<String>,
    /// Every laptop of the guild.
    #[arg(long)]
    pub all: bool,
}

pub fn run(app: &App, command: Laptop, out: Output) -> Result<(), Failure> {
    app::runtime()?.block_on(async {
        let known = laptops::list(app).await?;
        match command {
            Laptop::List => out.answer(known.as_slice(), print),
            Laptop::Ask(wish) => {
                let laptops = wish.which.find(&known)?;
                if matches!(wish.what, What::Download) && wish.part.is_empty() {
                    let message = "Say with --part which part is to be downloaded again.";
                    return Err(Failure::new(Code::BadRequest, message));
                }
                let asked = laptops.len() as u64;
                let request =
                    AskLaptops { laptops, kind: wish.what.into(), parts: wish.part, reason: wish.reason };
                laptops::ask(app, request).await?;
                out.answer(&json!({"laptops": asked}), |_| {
                    let asked = count(asked, "laptop", "laptops");
                    format!("Asked {asked}. Each begins at its next contact; `guildhall laptop list` says how far they are.\n")
                })
            }
            Laptop::TakeBack(which) => {
                let taken_back = laptops::take_back_from(app, &which.find(&known)?).await?;
                out.answer(&json!({"errands": taken_back}), |_| match taken_back {
                    0 => "There was nothing to take back: what was asked has begun or has ended.\n".to_owned(),
                    some => format!("Took {} back.\n", count(some, "errand", "errands")),
                })
            }
        }
    })
}

impl Which {
    fn find(&self, known: &[LaptopView]) -> Result<Vec<Uuid>, Failure> {
        if self.all {
            return Ok(known.iter().map(|laptop| laptop.id).collect());
        }
        let mut found = Vec::new();
        for name in &self.laptops {
            let is_meant = |laptop: &LaptopView| laptop.name == *name || laptop.id.to_string() == *name;
            found.extend(matching(known, is_meant, &format!("laptop called {name:?}"))?);
        }
        for name in &self.person {
            let is_theirs = |laptop: &LaptopView| laptop.person.to_lowercase() == name.to_lowercase();
            found.extend(matching(known, is_theirs, &format!("laptop of {name}"))?);
        }
        found.sort_unstable();
        found.dedup();
        Ok(found)
    }
}

fn matching(
    known: &[LaptopView],
    is_meant: impl Fn(&LaptopView) -> bool,
    what: &str,
) -> Result<Vec<Uuid>, Failure> {
    let found: Vec<Uuid> = known.iter().filter(|laptop| is_meant(laptop)).map(|laptop| laptop.id).collect();
    if found.is_empty() {
        let hint = "`guildhall laptop list` lists them.";
        return Err(Failure::new(Code::NotFound, format!("There is no {what}.")).hint(hint));
    }
    Ok(found)
}

impl From<What> for ErrandKind {
    fn from(what: What) -> Self {
        match what {
            What::Sync => Self::Sync,
            What::Verify => Self::Verify,
            What::Repair => Self::Repair,
            What::Download => Self::Download,
            What::Rebuild => Self::Rebuild,
        }
    }
}

fn print(laptops: &[LaptopView]) -> String {
    laptops.iter().fold(String::new(), |mut text, laptop| {
        let seen = laptop
            .last_seen_at
            .map_or_else(|| "never seen".to_owned(), |at| format!("seen {}", date_and_time(at)));
        let this = if laptop.is_this { "  (this one)" } else { "" };
        writeln!(
            text,
            "{}  {} of {}, {}, {seen}{this}",
            laptop.id, laptop.name, laptop.person, laptop.app_version
        )
        .ok();
        if let Some(asked) = &laptop.asked {
            let kind = format!("{:?}", asked.kind).to_lowercase();
            let (by, at) = (&asked.asked_by, date_and_time(asked.asked_at));
            writeln!(text, "    {at}  {by} asked for {kind}: {}", asked.outcome).ok();
        }
        text
    })
}

//! What a server does by itself, for its administrator: the last runs, a run now, what was repaired.

use super::output::Output;
use super::{Database, server};
use crate::app;
use crate::failure::{Code, Failure};
use crate::words::{count, date_and_time};
use clap::Subcommand;
use guildhall_server::admin;
use guildhall_server::config::JobTimes;
use guildhall_server::db::jobs::{Done, Job, JobRun, RepairLine};
use serde::Serialize;
use std::fmt::Write;

/// Lines that an administrator looks through.
const LINES: u16 = 200;

#[derive(Debug, Subcommand)]
pub enum Jobs {
    /// Say when the daily jobs ran and what they found.
    List {
        #[command(flatten)]
        database: Database,
    },
    /// Run a job now.
    Run {
        /// trim, to forget changes that are older than they are kept; or audit, to compare what
        /// devices are told with the rows and set right what differs.
        job: String,
        #[command(flatten)]
        database: Database,
        /// How long changes are kept.
        #[arg(long, value_name = "DAYS", default_value_t = JobTimes::default().keep_days)]
        keep_log: u16,
    },
    /// List what was found wrong and set right, on the server and on devices.
    Repairs {
        #[arg(long)]
        guild: String,
        #[command(flatten)]
        database: Database,
    },
}

#[derive(Serialize)]
struct Ran {
    job: &'static str,
    done: Done,
}

pub fn run(command: Jobs, out: Output) -> Result<(), Failure> {
    let runtime = app::runtime()?;
    match command {
        Jobs::List { database } => {
            let runs = runtime.block_on(async {
                Ok::<_, Failure>(server::connect(&database).await?.list_job_runs(LINES).await?)
            })?;
            out.answer(runs.as_slice(), print_runs)
        }
        Jobs::Run { job, database, keep_log } => {
            let job = Job::from_word(&job).ok_or_else(|| {
                let words: Vec<&str> = Job::ALL.iter().map(|job| job.word()).collect();
                Failure::new(Code::BadRequest, format!("There is no job {job:?}."))
                    .hint(format!("A job is one of: {}.", words.join(", ")))
            })?;
            let done = runtime.block_on(async {
                Ok::<_, Failure>(server::connect(&database).await?.run_job(job, keep_log).await?)
            })?;
            out.answer(&Ran { job: job.word(), done }, |ran| sentence(job, ran.done) + "\n")
        }
        Jobs::Repairs { guild, database } => {
            let repairs = runtime.block_on(async {
                let database = server::connect(&database).await?;
                let guild = admin::get_guild(&database, &guild).await?;
                Ok::<_, Failure>(database.list_repairs(guild, LINES).await?)
            })?;
            out.answer(repairs.as_slice(), print_repairs)
        }
    }
}

fn sentence(job: Job, Done { found, repaired }: Done) -> String {
    match job {
        Job::Trim => format!(
            "Trimmed the log of {}, emptied {}.",
            count(found, "guild", "guilds"),
            count(repaired, "week", "weeks")
        ),
        Job::Audit if found == 0 => "Everything was as it should be.".to_owned(),
        Job::Audit => {
            format!("{} not as it should be; {repaired} set right.", count(found, "row was", "rows were"))
        }
    }
}

fn print_runs(runs: &[JobRun]) -> String {
    if runs.is_empty() {
        return "No job has run yet. `guildhall serve` runs them once a day.\n".to_owned();
    }
    runs.iter().fold(String::new(), |mut text, run| {
        let outcome = match (&run.problem, run.ended_at, Job::from_word(&run.job)) {
            (Some(problem), ..) => format!("failed: {problem}"),
            (None, None, _) => "is running, or was cut off".to_owned(),
            (None, Some(_), Some(job)) => sentence(job, run.done),
            (None, Some(_), None) => format!("found {}, repaired {}", run.done.found, run.done.repaired),
        };
        writeln!(text, "{}  {:6}  {outcome}", date_and_time(run.started_at), run.job).ok();
        text
    })
}

fn print_repairs(repairs: &[RepairLine]) -> String {
    if repairs.is_empty() {
        return "Nothing had to be repaired.\n".to_owned();
    }
    repairs.iter().fold(String::new(), |mut text, line| {
        let by = match (&line.device_name, line.device) {
            (Some(name), _) => format!("on {name}"),
            (None, Some(device)) => format!("on device {device}"),
            (None, None) => "on the server".to_owned(),
        };
        write!(text, "{}  {by}: {}", date_and_time(line.at), line.what).ok();
        if let (Some(table), Some(row)) = (line.table, line.row) {
            write!(text, " ({table} {row})").ok();
        }
        if let Some(scope) = &line.scope {
            write!(text, " in {scope}").ok();
        }
        text.push('\n');
        text
    })
}

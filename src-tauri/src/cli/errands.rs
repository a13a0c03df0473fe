//! `sync` and what looks after a laptop: verify, repair, download again, rebuild.

use super::output::Output;
use super::wire;
use crate::app::{self, App};
use crate::commands::errands::{self, Care, ErrandKind, ErrandRequest, ErrandView};
use crate::failure::{Code, Failure};
use crate::speed::Speed;
use crate::views::Nothing;
use crate::words::date_and_time;
use clap::Args;
use guildhall_local::inbox::guard;
use std::fmt::Write;
use std::sync::Mutex;

#[derive(Debug, Args)]
#[group(multiple = false)]
pub struct Sync {
    /// Keep on: send each edit as it is made and fetch each change as it comes.
    #[arg(long)]
    pub watch: bool,
    /// Compare everything here with the server, and say what differs.
    #[arg(long)]
    pub verify: bool,
    /// Compare everything here with the server, and fetch what differs.
    #[arg(long)]
    pub repair: bool,
    /// Fetch a part again, whole: one that --list names.
    #[arg(long, value_name = "PART")]
    pub download: Vec<String>,
    /// Fetch everything again, and make it findable anew.
    #[arg(long)]
    pub rebuild: bool,
    /// Let the server remove the many rows that it would have removed, and sync.
    #[arg(long)]
    pub go_on: bool,
    /// List the parts that this laptop holds, and what was last done about them.
    #[arg(long)]
    pub list: bool,
}

pub fn sync(app: &App, wish: Sync, out: Output) -> Result<(), Failure> {
    if wish.list {
        return out.answer(&errands::care(app, Nothing {})?, print_care);
    }
    if wish.go_on && !guard::go_on(&app.store)? {
        return Err(Failure::new(Code::BadRequest, "Nothing waits to be removed."));
    }
    let kind = match (&wish, wish.download.is_empty()) {
        (Sync { verify: true, .. }, _) => ErrandKind::Verify,
        (Sync { repair: true, .. }, _) => ErrandKind::Repair,
        (Sync { rebuild: true, .. }, _) => ErrandKind::Rebuild,
        (_, false) => ErrandKind::Download,
        _ => return wire::sync(app, wish.watch, out),
    };
    let request = ErrandRequest { kind, parts: wish.download };
    let speed = Mutex::new(Speed::default());
    let tell = move |progress| wire::report(out, &speed, &progress);
    let done = app::runtime()?.block_on(async {
        tokio::select! {
            done = errands::run(app, request, tell) => done,
            () = wire::interrupted() => {
                guildhall_local::errands::cancel(&app.store)?;
                let stopped = "Stopped. What has come stays, what is unsent is safe, and the rest comes with the next sync.";
                Err(Failure::new(Code::Offline, stopped))
            }
        }
    });
    out.progress_done();
    let done = done?;
    out.answer(&done, |done: &ErrandView| done.outcome.clone() + "\n")?;
    if done.is_wrong {
        Err(Failure::new(Code::Disagreement, "Something differs from the server."))
    } else {
        Ok(())
    }
}

fn print_care(care: &Care) -> String {
    let mut text = String::from("Parts on this laptop:\n");
    for part in &care.parts {
        writeln!(text, "  {:48}  {}", part.part, part.label).ok();
    }
    match care.compared_at {
        Some(at) => writeln!(text, "Last compared with the server {}.", date_and_time(at)).ok(),
        None => writeln!(text, "Not compared with the server yet.").ok(),
    };
    for errand in &care.errands {
        let kind = format!("{:?}", errand.kind).to_lowercase();
        let by = errand.asked_by.as_ref().map_or_else(String::new, |by| format!("{by} asked. "));
        writeln!(text, "  {}  {kind:8}  {by}{}", date_and_time(errand.asked_at), errand.outcome).ok();
    }
    text
}

//! Commands that talk to the server: sign-in and sync.

use super::output::Output;
use super::run::profile_dir;
use super::{Shared, SignIn, print};
use crate::app::{self, App};
use crate::commands::session::{self, SignInWish, Synced};
use crate::failure::{Code, Failure};
use crate::speed::Speed;
use guildhall_local::clock::Clock;
use guildhall_local::inbox::{Phase, Progress as Taking};
use guildhall_local::link::{Progress, sign_in::Wish};
use guildhall_sync::client::Standing;
use std::io::{BufRead, Write};
use std::sync::{Mutex, PoisonError};

pub fn sign_in(shared: &Shared, wish: SignIn, out: Output) -> Result<(), Failure> {
    let dir = profile_dir(shared)?;
    let login = match &wish.name {
        Some(name) => name.clone(),
        None => ask("Name or e-mail: ")?,
    };
    let password = shared.password.read(&format!("Password of {login}: "))?;
    let device_name = wish.device_name.clone().unwrap_or_else(session::machine_name);
    let wish = SignInWish {
        server: wish.server,
        ca_file: wish.ca_file,
        wish: Wish { guild: wish.guild, login, password, device_name },
        use_keyring: !wish.no_keyring,
    };
    let (_, signed_in) = app::runtime()?.block_on(session::sign_in(&dir, wish))?;
    out.answer(&signed_in, |signed_in| {
        let opens = if signed_in.opens_by_keyring {
            "This laptop's keyring opens it from now on."
        } else {
            "It is opened with your password each time."
        };
        format!(
            "Signed in as {} ({}) of {}. {opens}\nFetch what is yours with `guildhall sync`.\n",
            signed_in.user, signed_in.role, signed_in.guild
        )
    })
}

pub fn sync(app: &App, watch: bool, out: Output) -> Result<(), Failure> {
    let speed = Mutex::new(Speed::default());
    let tell = move |progress| report(out, &speed, &progress);
    let runtime = app::runtime()?;
    let synced = if watch {
        out.note("Watching: edits are sent as they are made, changes fetched as they come. Ctrl+C ends it.");
        runtime.block_on(session::watch(app, tell, interrupted()))
    } else {
        runtime.block_on(session::sync(app, tell))
    };
    out.progress_done();
    out.answer(&synced?, |synced: &Synced| print::synced(synced))
}

pub fn report(out: Output, speed: &Mutex<Speed>, progress: &Progress) {
    match progress {
        Progress::Taking(taking, bytes) => {
            let now = Clock::system().now();
            let left = speed.lock().unwrap_or_else(PoisonError::into_inner).left_ms(now, *taking);
            out.progress(&far(*taking, *bytes, left));
        }
        Progress::Standing(Standing::Offline { .. }) => {
            out.note("The server does not answer; it is tried again. What is written here is safe.");
        }
        Progress::Standing(Standing::SignInAgain) => out.note("The session is over: sign in again."),
        Progress::Standing(Standing::Stopped) => out.note("The server asks for a newer program."),
        Progress::Sent(counts) => out.note(&format!("Sent {}.", counts.sent)),
        Progress::Received(counts) => {
            out.note(&format!("Received {} rows, settled {}.", counts.rows, counts.settled))
        }
        Progress::Standing(_) | Progress::Touched(_) | Progress::WrittenElsewhere | Progress::Failed(_) => {}
    }
}

/// How far it is: the phase, rows, bytes and the time that is left.
fn far(taking: Taking, bytes: u64, left_ms: Option<u64>) -> String {
    let doing = match taking.phase {
        Phase::Receiving => "Receiving",
        Phase::Filling => "Downloading",
        Phase::Removing => "Removing what may not be read here any more",
        Phase::Indexing => "Making it findable",
        Phase::Comparing => "Comparing with the server",
        Phase::Repairing => "Setting right what differs",
    };
    let mut line = format!("{doing}: {} of {} rows", taking.done, taking.all);
    if bytes > 0 {
        line += &format!(", {:.1} MB", bytes as f64 / 1e6);
    }
    if let Some(left) = left_ms {
        line += &format!(", about {} s left", left.div_ceil(1000));
    }
    line
}

pub async fn interrupted() {
    super::signals::asked_to_end().await;
}

fn ask(prompt: &str) -> Result<String, Failure> {
    let unanswered =
        || Failure::new(Code::BadRequest, "Nobody is there to be asked.").hint("Give it with --name.");
    std::io::stderr().write_all(prompt.as_bytes()).map_err(Failure::fault)?;
    let mut line = String::new();
    std::io::stdin().lock().read_line(&mut line).map_err(|_| unanswered())?;
    Some(line.trim().to_owned()).filter(|line| !line.is_empty()).ok_or_else(unanswered)
}

//! The command line: words to commands, answers to text or JSON, failures to exit codes.
//! What a command does is written in `commands`, `serve` and `demo`; nothing is decided here.

use clap::{Args, Parser, Subcommand};
use guildhall_server::config::JobTimes;
use std::path::PathBuf;
use uuid::Uuid;

#[cfg(feature = "bridge")]
mod bridge;
mod conflict;
#[cfg(unix)]
mod demo;
mod doctor;
mod epoch;
mod errands;
mod folder;
mod history;
mod jobs;
mod laptop;
pub mod output;
pub mod password;
mod print;
pub mod run;
mod server;
pub mod signals;
mod text;
mod ticket;
mod window;
mod wire;

/// A guild's knowledge on every laptop, with or without a network.
#[derive(Debug, Parser)]
#[command(version, max_term_width = 100)]
pub struct Cli {
    #[command(flatten)]
    pub shared: Shared,
    /// Opens the window where nothing is said.
    #[command(subcommand)]
    pub command: Option<Command>,
}

/// Options that every command understands.
#[derive(Clone, Debug, Args)]
pub struct Shared {
    /// The folder of this person's file on this laptop.
    #[arg(long, global = true, value_name = "DIR", env = "GUILDHALL_PROFILE")]
    pub profile: Option<PathBuf>,
    /// Answer in JSON.
    #[arg(long, global = true)]
    pub json: bool,
    #[command(flatten)]
    pub password: PasswordSource,
}

/// Where a password comes from; asked for at the terminal where nothing is said.
#[derive(Clone, Debug, Args)]
#[group(multiple = false)]
pub struct PasswordSource {
    /// Read the password from the first line of standard input.
    #[arg(long, global = true)]
    pub password_stdin: bool,
    /// Read the password from the first line of this file.
    #[arg(long, global = true, value_name = "FILE", env = "GUILDHALL_PASSWORD_FILE")]
    pub password_file: Option<PathBuf>,
}

#[derive(Debug, Subcommand)]
pub enum Command {
    /// Open the window; the same as `guildhall` alone.
    Window(Window),
    /// Sign in to a guild's server; makes this profile at the first time.
    SignIn(SignIn),
    /// Look around in a sample guild, without a server: makes this profile at the first time. Its
    /// password is `sample`.
    TrySample,
    /// Send what is unsent and fetch what is new; or look after what is here. None of it touches
    /// what is unsent, and Ctrl+C ends it at any point without loss.
    Sync(errands::Sync),
    /// The laptops of the guild: ask them to sync, verify, repair, download again, rebuild.
    #[command(subcommand)]
    Laptop(laptop::Laptop),
    /// Say where things stand: connection, unsent work, what needs you.
    Status,
    /// Find pages, questions and tickets by their words.
    Search(Search),
    /// Read and write SOPs.
    #[command(subcommand)]
    Sop(Sop),
    /// Tickets: what customers wait for.
    #[command(subcommand)]
    Ticket(ticket::Ticket),
    /// Bring a folder of Markdown pages in; without --apply only says what would happen.
    Import(Import),
    /// Write all SOPs into a folder of Markdown pages.
    Export(Export),
    /// Who changed what: yours at any time, others' while the server answers.
    History(history::History),
    /// Take one change back, yours or another's, over what others have changed since.
    Undo(history::Undo),
    /// Work that the server refused.
    #[command(subcommand)]
    Quarantine(Quarantine),
    /// Edits of two people that could not be merged.
    #[command(subcommand)]
    Conflict(conflict::Conflict),
    /// Check this profile's file and say what to do about what is wrong.
    Doctor,
    /// Run the sync server.
    Serve(Serve),
    /// Bring a database to the schema of this program.
    Migrate(Database),
    /// Guilds on a server's database.
    #[command(subcommand)]
    Guild(Guild),
    /// What a server does by itself: the change log, the projection, repairs.
    #[command(subcommand)]
    Jobs(jobs::Jobs),
    /// People of a guild on a server's database.
    #[command(subcommand)]
    User(User),
    /// What follows a restore of a server's database.
    #[command(subcommand)]
    Epoch(epoch::Epoch),
    /// Show the window in a browser on this machine.
    #[cfg(feature = "bridge")]
    Bridge(Bridge),
    /// Try it all on this machine: a database, a server, a sample guild, two laptops.
    #[cfg(unix)]
    #[command(subcommand)]
    Demo(Demo),
}

#[derive(Debug, Default, Args)]
pub struct Window {
    /// For a window that stays blank: draw without the graphics card, without tray, key and memory
    /// of its size.
    #[arg(long)]
    pub safe_mode: bool,
}

#[derive(Debug, Args)]
pub struct SignIn {
    /// Where the server is, as in https://guild.example or http://127.0.0.1:7420.
    pub server: String,
    /// The guild's name.
    #[arg(long)]
    pub guild: String,
    /// Your name or e-mail address; asked for where nothing is said.
    #[arg(long)]
    pub name: Option<String>,
    /// How to call this laptop; the machine's own name where nothing is said.
    #[arg(long, value_name = "NAME")]
    pub device_name: Option<String>,
    /// A certificate that the server's is signed with, for a guild with its own authority.
    #[arg(long, value_name = "FILE")]
    pub ca_file: Option<PathBuf>,
    /// Do not put a key into the system's keyring: ask for the password each time.
    #[arg(long)]
    pub no_keyring: bool,
}

#[derive(Debug, Args)]
pub struct Search {
    #[arg(required = true, value_name = "WORD")]
    pub words: Vec<String>,
    /// At most so many hits.
    #[arg(long, default_value_t = 10)]
    pub limit: usize,
}

#[derive(Debug, Subcommand)]
pub enum Sop {
    /// List the pages of a folder, or all.
    List {
        /// The folder, as in booking/access.
        category: Option<String>,
    },
    /// Show a page with its mark.
    Show {
        /// A path as in booking/pin-failures, an id, or a title.
        page: String,
        /// Another version than the newest.
        #[arg(long)]
        version: Option<i64>,
    },
    /// Make a page.
    New(SopNew),
    /// Change a page: in $EDITOR, or from a file or standard input.
    Edit(SopEdit),
    /// Move a page or give it another title.
    Rename {
        page: String,
        /// Where to, as in booking/pin-trouble.
        #[arg(long)]
        to: Option<String>,
        #[arg(long)]
        title: Option<String>,
    },
    /// Delete a page; `restore` brings it back.
    Delete {
        page: String,
        #[arg(long)]
        reason: Option<String>,
    },
    /// List the versions of a page.
    History { page: String },
    /// Bring an older version back, or a deleted page.
    Restore {
        page: String,
        /// The version; none brings a deleted page back.
        #[arg(long)]
        version: Option<i64>,
    },
}

#[derive(Debug, Args)]
pub struct SopNew {
    /// Where it lies, as in booking/access/pin-failures.
    pub path: String,
    #[arg(long)]
    pub title: Option<String>,
    /// The assistant that answers from it, by short name; else the one that its folder is named
    /// after, else General.
    #[arg(long)]
    pub assistant: Option<String>,
    #[command(flatten)]
    pub text: TextSource,
}

#[derive(Debug, Args)]
pub struct SopEdit {
    /// A path as in booking/pin-failures, an id, or a title.
    pub page: String,
    #[command(flatten)]
    pub text: TextSource,
    /// Replace this passage, which must stand exactly once in the page.
    #[arg(long, value_name = "TEXT", requires = "with", conflicts_with_all = ["file", "append"])]
    pub replace: Option<String>,
    #[arg(long, value_name = "TEXT", requires = "replace")]
    pub with: Option<String>,
    /// Add a paragraph at the end.
    #[arg(long, value_name = "TEXT", conflicts_with = "file")]
    pub append: Option<String>,
    /// Why, for the history.
    #[arg(long)]
    pub reason: Option<String>,
}

#[derive(Debug, Args)]
pub struct TextSource {
    /// The whole new text, from a file; `-` is standard input.
    #[arg(long, value_name = "FILE")]
    pub file: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub struct Import {
    pub folder: PathBuf,
    /// Do it; without this nothing is written.
    #[arg(long)]
    pub apply: bool,
}

#[derive(Debug, Args)]
pub struct Export {
    pub folder: PathBuf,
    /// Replace files that differ.
    #[arg(long)]
    pub overwrite: bool,
}

#[derive(Debug, Subcommand)]
pub enum Quarantine {
    List,
    /// Show what was typed and why it was refused.
    Show {
        entry: Uuid,
    },
    /// Send it again, on top of what is there now.
    Resend {
        entry: Uuid,
    },
    /// Give it up; it stays readable in the history.
    Discard {
        entry: Uuid,
    },
}

#[derive(Clone, Debug, Args)]
pub struct Database {
    /// The Postgres database, as in postgres://user@host/guildhall.
    #[arg(long, value_name = "URL", env = "DATABASE_URL", hide_env_values = true)]
    pub database_url: String,
}

#[derive(Debug, Args)]
pub struct Serve {
    #[command(flatten)]
    pub database: Database,
    /// The address to listen at; any other than loopback needs a certificate.
    #[arg(long, default_value = "127.0.0.1:7420")]
    pub listen: std::net::SocketAddr,
    /// The certificate chain, in PEM.
    #[arg(long, value_name = "FILE", requires = "tls_key")]
    pub tls_cert: Option<PathBuf>,
    /// The certificate's key, in PEM.
    #[arg(long, value_name = "FILE", requires = "tls_cert")]
    pub tls_key: Option<PathBuf>,
    /// The time of day, in UTC, from which on the daily jobs run.
    #[arg(long, value_name = "HH:MM", default_value = "03:30", value_parser = read_time_of_day)]
    pub jobs_at: u16,
    /// How long changes are kept for devices that are away; who was away longer downloads again.
    #[arg(long, value_name = "DAYS", default_value_t = JobTimes::default().keep_days,
        value_parser = clap::value_parser!(u16).range(1..=i64::from(JobTimes::MAX_KEEP_DAYS)))]
    pub keep_log: u16,
    /// Where it is remembered beside the database how far each guild's history went, so that a
    /// database that was set back is noticed.
    #[arg(long, value_name = "DIR", env = "GUILDHALL_STATE")]
    pub state_folder: Option<PathBuf>,
}

/// The minute of the day.
fn read_time_of_day(text: &str) -> Result<u16, String> {
    let numbers =
        text.split_once(':').and_then(|(hour, minute)| Some((hour.parse().ok()?, minute.parse().ok()?)));
    match numbers {
        Some((hour @ 0..24, minute @ 0..60)) => Ok(hour * 60 + minute),
        _ => Err("a time of day looks like 03:30".to_owned()),
    }
}

#[derive(Debug, Subcommand)]
pub enum Guild {
    /// Make a guild, with the seven assistants and its first public answers.
    Add {
        name: String,
        #[command(flatten)]
        database: Database,
        #[arg(long, default_value = "en")]
        locale: String,
        #[arg(long, default_value = "UTC")]
        timezone: String,
    },
    List {
        #[command(flatten)]
        database: Database,
    },
}

#[derive(Debug, Subcommand)]
pub enum User {
    /// Add a person to a guild.
    Add(UserAdd),
}

#[derive(Debug, Args)]
pub struct UserAdd {
    pub name: String,
    #[command(flatten)]
    pub database: Database,
    #[arg(long)]
    pub guild: String,
    /// admin, manager, operator, support, kiosk, customer or member.
    #[arg(long)]
    pub role: String,
    #[arg(long)]
    pub email: Option<String>,
}

#[cfg(feature = "bridge")]
#[derive(Debug, Args)]
pub struct Bridge {
    /// The folder with the built window.
    #[arg(long, value_name = "DIR", default_value = "ui/dist")]
    pub pages: PathBuf,
    /// The port on 127.0.0.1; a free one where nothing is said.
    #[arg(long, default_value_t = 0)]
    pub port: u16,
}

#[cfg(unix)]
#[derive(Debug, Subcommand)]
pub enum Demo {
    /// Start everything; what runs already is kept.
    Start {
        #[command(flatten)]
        at: DemoFolder,
        /// Walk through one edit on its way from a laptop without network to a colleague.
        #[arg(long)]
        walk: bool,
    },
    /// Stop everything; the data stays for the next start.
    Stop {
        #[command(flatten)]
        at: DemoFolder,
        /// Remove the data as well.
        #[arg(long)]
        remove: bool,
    },
    /// Start everything, and open the window of one of the two laptops; without a display, walk
    /// through one edit in the terminal.
    #[cfg(feature = "desktop")]
    Window {
        #[command(flatten)]
        at: DemoFolder,
        /// Whose laptop: ana or ben.
        #[arg(default_value = "ana")]
        laptop: String,
    },
    /// Take the server away; the laptops work on.
    StopServer(DemoFolder),
    /// Bring the server back.
    StartServer(DemoFolder),
}

#[cfg(unix)]
#[derive(Clone, Debug, Args)]
pub struct DemoFolder {
    /// Where the demo keeps its data.
    #[arg(long, value_name = "DIR", env = "GUILDHALL_DEMO")]
    pub folder: Option<PathBuf>,
}

#[cfg(test)]
mod tests {
    use super::{Cli, read_time_of_day};
    use clap::CommandFactory;

    #[test]
    fn the_command_line_is_sound() {
        Cli::command().debug_assert();
    }

    #[test]
    fn a_time_of_day_is_a_minute() {
        assert_eq!(read_time_of_day("03:30"), Ok(210));
        assert_eq!(read_time_of_day("0:00"), Ok(0));
        for wrong in ["24:00", "3", "3:60", "-1:00", "three:thirty", ""] {
            assert!(read_time_of_day(wrong).is_err(), "{wrong}");
        }
    }
}

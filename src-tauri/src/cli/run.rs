//! Carries out a command line: opens what it needs, calls the command, prints the answer.

use super::output::Output;
use super::{
    Cli, Command, Quarantine, Search, Shared, Sop, SopEdit, SopNew, Window, print, server, text, ticket, wire,
};
use crate::app::{self, App};
use crate::commands::knowledge::{self, NewPage};
use crate::commands::quarantine::{EntryRequest, ResendRequest};
use crate::commands::search::SearchRequest;
use crate::commands::{quarantine, search, session, status};
use crate::failure::{Code, Failure};
use guildhall_local::sops::Changes;
use std::path::PathBuf;

pub fn run(cli: Cli) -> Result<(), Failure> {
    let out = Output::new(cli.shared.json);
    let shared = cli.shared;
    match cli.command.unwrap_or_else(|| Command::Window(Window::default())) {
        Command::Window(wish) => super::window::open(&shared, &wish),
        Command::SignIn(wish) => wire::sign_in(&shared, wish, out),
        Command::TrySample => out.answer(&session::try_sample(&profile_dir(&shared)?)?.1, print::sample),
        Command::Sync(wish) => super::errands::sync(&open(&shared)?, wish, out),
        Command::Laptop(command) => super::laptop::run(&open(&shared)?, command, out),
        Command::Status => {
            let app = open(&shared)?;
            out.answer(&app::runtime()?.block_on(status::status(&app))?, print::status)
        }
        Command::Search(wish) => find(&open(&shared)?, &wish, out),
        Command::Sop(command) => sop(&open(&shared)?, command, out),
        Command::Ticket(command) => ticket::run(&open(&shared)?, command, out),
        Command::Import(wish) => super::folder::import(&open(&shared)?, &wish, out),
        Command::Export(wish) => super::folder::export(&open(&shared)?, &wish, out),
        Command::History(wish) => super::history::list(&open(&shared)?, wish, out),
        Command::Undo(wish) => super::history::undo(&open(&shared)?, &wish, out),
        Command::Quarantine(command) => refused(&open(&shared)?, &command, out),
        Command::Conflict(command) => super::conflict::run(&open(&shared)?, command, out),
        Command::Doctor => super::doctor::examine(&open(&shared)?, out),
        Command::Serve(wish) => server::serve(wish, out),
        Command::Migrate(database) => server::migrate(&database, out),
        Command::Jobs(command) => super::jobs::run(command, out),
        Command::Guild(command) => server::guild(command, out),
        Command::Epoch(command) => super::epoch::run(command, out),
        Command::User(command) => server::user(command, &shared.password, out),
        #[cfg(feature = "bridge")]
        Command::Bridge(wish) => super::bridge::serve(&shared, wish, out),
        #[cfg(unix)]
        Command::Demo(command) => super::demo::run(command, out),
    }
}

pub fn profile_dir(shared: &Shared) -> Result<PathBuf, Failure> {
    match &shared.profile {
        Some(dir) => Ok(dir.clone()),
        None => app::default_profile(),
    }
}

fn open(shared: &Shared) -> Result<App, Failure> {
    App::open(&profile_dir(shared)?, &shared.password)
}

fn find(app: &App, wish: &Search, out: Output) -> Result<(), Failure> {
    let request = SearchRequest { text: wish.words.join(" "), tables: Vec::new(), limit: wish.limit };
    let hits = search::search(app, request)?;
    if hits.words.is_empty() {
        return Err(Failure::new(Code::BadRequest, "There is no word to look for."));
    }
    out.answer(&hits, print::hits)
}

fn sop(app: &App, command: Sop, out: Output) -> Result<(), Failure> {
    match command {
        Sop::List { category } => {
            out.answer(knowledge::list(app, category.as_deref())?.as_slice(), print::pages)
        }
        Sop::Show { page, version: None } => out.answer(&knowledge::show(app, &page)?, print::page),
        Sop::Show { page, version: Some(version) } => {
            out.answer(&knowledge::show_version(app, &page, version)?, String::clone)
        }
        Sop::New(new) => create(app, new, out),
        Sop::Edit(edit) => change(app, edit, out),
        Sop::Rename { page, to, title } => {
            out.answer(&knowledge::rename(app, &page, to.as_deref(), title)?, print::page)
        }
        Sop::Delete { page, reason } => out.answer(&knowledge::delete(app, &page, reason)?, |deleted| {
            format!(
                "Deleted {} · {}\nBring it back with `guildhall sop restore {}`.\n",
                deleted.path, deleted.mark, deleted.path
            )
        }),
        Sop::History { page } => out.answer(knowledge::history(app, &page)?.as_slice(), print::versions),
        Sop::Restore { page, version } => out.answer(&knowledge::restore(app, &page, version)?, print::page),
    }
}

fn create(app: &App, new: SopNew, out: Output) -> Result<(), Failure> {
    let content = text::read(&new.text, "")?;
    let new = NewPage { path: new.path, title: new.title, assistant: new.assistant, content };
    out.answer(&knowledge::create(app, new)?, print::page)
}

fn change(app: &App, edit: SopEdit, out: Output) -> Result<(), Failure> {
    let now = knowledge::content(app, &edit.page)?;
    let content = match (&edit.replace, &edit.with, &edit.append) {
        (Some(passage), Some(with), _) => knowledge::replace(&now, passage, with)?,
        (_, _, Some(paragraph)) => format!("{}\n\n{paragraph}\n", now.trim_end()),
        _ => text::read(&edit.text, &now)?,
    };
    let changes = Changes { content: Some(content), ..Changes::default() };
    out.answer(&knowledge::edit(app, &edit.page, &changes, edit.reason)?, print::page)
}

fn refused(app: &App, command: &Quarantine, out: Output) -> Result<(), Failure> {
    match command {
        Quarantine::List => out.answer(quarantine::list(app)?.as_slice(), print::refused_list),
        Quarantine::Show { entry } => out.answer(&quarantine::show(app, *entry)?, print::refused),
        Quarantine::Resend { entry } => out.answer(
            quarantine::resend(app, ResendRequest { entry: *entry, corrected: Vec::new() })?.as_slice(),
            print::refused_list,
        ),
        Quarantine::Discard { entry } => out.answer(
            quarantine::discard(app, EntryRequest { entry: *entry })?.as_slice(),
            print::refused_list,
        ),
    }
}

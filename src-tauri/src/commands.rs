//! What a person can ask of their laptop, one function per command: a request in, an answer that
//! can be printed or sent to a screen out. The terminal, the window and the tests call the same
//! bodies. The list below is the only one: a command without a body does not compile, and its
//! TypeScript is generated from here.

use crate::failure::{Code, Failure};
use crate::host::Host;
use crate::views::{Flag, Nothing};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value as Json;

pub mod conflicts;
pub mod drafts;
pub mod errands;
pub mod folder;
pub mod history;
pub mod home;
pub mod knowledge;
pub mod laptops;
pub mod page;
pub mod pages;
pub mod preferences;
pub mod quarantine;
pub mod reading;
pub mod search;
pub mod session;
pub mod status;
pub mod sync_centre;
pub mod text;
pub mod tickets;
pub mod versions;
pub mod window;

/// `host` commands are about the running program and its session; `open` commands work on the
/// open profile, in a thread that may block.
macro_rules! commands {
    (
        host { $($host:ident: $host_request:ty => $host_answer:ty = $host_body:path;)* }
        open { $($open:ident: $open_request:ty => $open_answer:ty = $open_body:path;)* }
    ) => {
        /// Runs a command by its name.
        pub async fn run(host: &Host, name: &str, request: Json) -> Result<Json, Failure> {
            match name {
                $(stringify!($host) => {
                    let answer: $host_answer = $host_body(host, read::<$host_request>(name, request)?).await?;
                    write(&answer)
                })*
                $(stringify!($open) => {
                    let (app, request) = (host.app()?, read::<$open_request>(name, request)?);
                    let work = move || -> Result<Json, Failure> {
                        let answer: $open_answer = $open_body(&app, request)?;
                        write(&answer)
                    };
                    tokio::task::spawn_blocking(work).await.map_err(Failure::fault)?
                })*
                _ => Err(Failure::new(Code::BadRequest, format!("There is no command {name:?}."))),
            }
        }

        /// Names and types, for the generated TypeScript.
        #[cfg(test)]
        pub fn declare(list: &mut crate::generated::List) {
            $(list.command::<$host_request, $host_answer>(stringify!($host));)*
            $(list.command::<$open_request, $open_answer>(stringify!($open));)*
        }
    };
}

commands! {
    host {
        session: Nothing => window::Session = window::session;
        sign_in: window::SignInRequest => window::Session = window::sign_in;
        unlock: window::UnlockRequest => window::Session = window::unlock;
        lock: Nothing => window::Session = window::lock;
        status: Nothing => status::Status = window::status;
        sync_now: Nothing => session::Synced = window::sync_now;
        cancel_sync: Nothing => Nothing = window::cancel_sync;
        work_offline: Flag => status::Status = window::work_offline;
        try_sample: Nothing => window::Session = window::try_sample;
        about: Nothing => window::About = window::about;
        preferences: Nothing => preferences::Preferences = preferences::preferences;
        set_preferences: preferences::Preferences => preferences::Preferences = preferences::set_preferences;
        sync_centre: Nothing => sync_centre::SyncCentre = sync_centre::sync_centre;
        go_on: Nothing => errands::ErrandView = errands::go_on;
        laptops: Nothing => Vec<laptops::LaptopView> = laptops::laptops;
        ask_laptops: laptops::AskLaptops => Vec<laptops::LaptopView> = laptops::ask_laptops;
        take_back: laptops::TakeBack => Vec<laptops::LaptopView> = laptops::take_back;
        force_sync: errands::ErrandRequest => errands::ErrandView = errands::force_sync;
        history: history::HistoryWish => history::History = history::history;
        history_choices: Nothing => history::HistoryChoices = history::choices;
        change: history::entry::ChangeRequest => history::entry::ChangePage = history::entry::change;
        preview_undo: history::undo::UndoRequest => history::undo::UndoPreview = history::undo::preview_undo;
        undo: history::undo::UndoRequest => history::undo::TakenBack = history::undo::undo;
    }
    open {
        care: Nothing => errands::Care = errands::care;
        search: search::SearchRequest => search::Hits = search::search;
        passage: search::PassageRequest => search::Passage = search::passage;
        home: Nothing => home::Home = home::home;
        knowledge_tree: Nothing => pages::KnowledgeTree = pages::knowledge_tree;
        list_sops: pages::SopsRequest => pages::Sops = pages::list_sops;
        sop: pages::SopRequest => page::SopPage = page::sop;
        render: text::RenderRequest => text::Rendered = text::render;
        edit_sop: page::EditSopRequest => page::SopPage = page::edit_sop;
        create_sop: page::CreateSopRequest => page::SopPage = page::create_sop;
        move_sop: page::MoveSopRequest => page::SopPage = page::move_sop;
        delete_sop: pages::SopRequest => pages::SopLine = page::delete_sop;
        undelete_sop: pages::SopRequest => page::SopPage = page::undelete_sop;
        sop_versions: pages::SopRequest => Vec<versions::VersionLine> = versions::sop_versions;
        sop_version: versions::SopVersionRequest => versions::SopVersionView = versions::sop_version;
        restore_version: versions::SopVersionRequest => page::SopPage = versions::restore_version;
        compare_sop: versions::CompareRequest => text::Diff = versions::compare_sop;
        compare_texts: text::TextPair => text::Diff = text::compare_texts;
        mark_read: pages::SopRequest => Nothing = reading::mark_read;
        keep_draft: drafts::KeepDraftRequest => drafts::Draft = drafts::keep_draft;
        draft: drafts::DraftRequest => Option<drafts::Draft> = drafts::draft;
        drop_draft: drafts::DraftRequest => Nothing = drafts::drop_draft;
        resend: quarantine::ResendRequest => Vec<quarantine::RefusedView> = quarantine::resend;
        discard: quarantine::EntryRequest => Vec<quarantine::RefusedView> = quarantine::discard;
        list_conflicts: Nothing => Vec<conflicts::ConflictView> = conflicts::list_open;
        conflict: conflicts::ConflictRequest => conflicts::ConflictPage = conflicts::show;
        settle_conflict: conflicts::SettleRequest => Vec<conflicts::ConflictView> = conflicts::settle;
        take_theirs: conflicts::TakeTheirsRequest => Vec<conflicts::ConflictView> = conflicts::take_theirs;
        list_tickets: tickets::TicketsRequest => tickets::Tickets = tickets::list_tickets;
        ticket: tickets::TicketRequest => tickets::TicketPage = tickets::ticket;
        ticket_choices: Nothing => tickets::TicketChoices = tickets::ticket_choices;
        create_ticket: tickets::CreateTicketRequest => tickets::TicketPage = tickets::create_ticket;
        edit_ticket: tickets::EditTicketRequest => tickets::TicketPage = tickets::edit_ticket;
        add_message: tickets::AddMessageRequest => tickets::TicketPage = tickets::add_message;
        link_answer: tickets::LinkAnswerRequest => tickets::TicketPage = tickets::link_answer;
        unlink_answer: tickets::UnlinkAnswerRequest => tickets::TicketPage = tickets::unlink_answer;
    }
}

fn read<T: DeserializeOwned>(name: &str, request: Json) -> Result<T, Failure> {
    serde_json::from_value(request).map_err(|error| {
        Failure::new(Code::BadRequest, format!("The request for {name:?} is not as it should be: {error}."))
    })
}

fn write(answer: &impl Serialize) -> Result<Json, Failure> {
    serde_json::to_value(answer).map_err(Failure::fault)
}

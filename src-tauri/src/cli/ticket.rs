//! Tickets at a terminal: names become ids here, the rest is what a screen does too.

use super::output::Output;
use crate::app::App;
use crate::commands::tickets::{
    self, AddMessageRequest, AuthorKind, CreateTicketRequest, EditTicketRequest, Priority, TicketPage,
    TicketRequest, TicketStatus, Tickets, TicketsRequest,
};
use crate::failure::{Code, Failure};
use crate::words::date_and_time;
use clap::{Args, Subcommand};
use guildhall_local::sops::{self, Which};
use guildhall_local::tickets::{choices, get_by_name};
use std::fmt::Write;
use uuid::Uuid;

/// What a word says that means no person.
const NOBODY: &str = "nobody";

#[derive(Debug, Subcommand)]
pub enum Ticket {
    /// List tickets, those in which something happened last first.
    List {
        /// Only those that stand there.
        #[arg(long)]
        status: Option<TicketStatus>,
        /// Only yours; without --status those that are not done.
        #[arg(long)]
        mine: bool,
        /// At most so many.
        #[arg(long, default_value_t = 50)]
        limit: usize,
        /// Only those with these words, in what was said too.
        words: Vec<String>,
    },
    /// Show a ticket with all that was said.
    Show {
        /// Its number as in D3-17, or its id.
        ticket: String,
    },
    /// Open a ticket.
    New(TicketNew),
    /// Change a ticket.
    Edit(TicketEdit),
    /// Write down what was said in a ticket.
    Say {
        /// Its number as in D3-17, or its id.
        ticket: String,
        /// In Markdown.
        text: String,
        /// The customer said it, not you.
        #[arg(long)]
        customer: bool,
    },
}

#[derive(Debug, Args)]
pub struct TicketNew {
    /// What it is about.
    subject: String,
    /// How the desk calls the customer.
    #[arg(long, default_value = "")]
    customer: String,
    #[arg(long, default_value = "medium")]
    priority: Priority,
    /// What the customer says.
    #[arg(long, default_value = "")]
    message: String,
    /// The place, by its code or name; where you work if nothing is said.
    #[arg(long)]
    location: Option<String>,
    /// The page that answers it, as in booking/refunds.
    #[arg(long)]
    sop: Option<String>,
}

#[derive(Debug, Args)]
pub struct TicketEdit {
    /// Its number as in D3-17, or its id.
    ticket: String,
    #[arg(long)]
    subject: Option<String>,
    #[arg(long)]
    customer: Option<String>,
    #[arg(long)]
    status: Option<TicketStatus>,
    #[arg(long)]
    priority: Option<Priority>,
    /// The place, by its code or name.
    #[arg(long)]
    location: Option<String>,
    /// A person by name, or `nobody`.
    #[arg(long, value_name = "NAME")]
    assign: Option<String>,
}

pub fn run(app: &App, command: Ticket, out: Output) -> Result<(), Failure> {
    let page = match command {
        Ticket::List { status, mine, limit, words } => {
            let request = TicketsRequest { status, mine, text: words.join(" "), offset: 0, limit };
            return out.answer(&tickets::list_tickets(app, request)?, list);
        }
        Ticket::Show { ticket } => tickets::ticket(app, TicketRequest { id: find(app, &ticket)? }),
        Ticket::New(new) => create(app, new),
        Ticket::Edit(edit) => change(app, edit),
        Ticket::Say { ticket, text, customer } => {
            let author_kind = if customer { AuthorKind::Customer } else { AuthorKind::Staff };
            tickets::add_message(app, AddMessageRequest { id: find(app, &ticket)?, author_kind, body: text })
        }
    };
    out.answer(&page?, show)
}

fn create(app: &App, new: TicketNew) -> Result<TicketPage, Failure> {
    let sop = new.sop.map(|page| app.store.read(|connection| sops::get(connection, &page, Which::Live)));
    let request = CreateTicketRequest {
        subject: new.subject,
        customer: new.customer,
        priority: new.priority,
        location: new.location.map(|name| find_location(app, &name)).transpose()?,
        assistant: None,
        message: new.message,
        sop: sop.transpose()?.map(|sop| sop.id.0),
    };
    tickets::create_ticket(app, request)
}

fn change(app: &App, edit: TicketEdit) -> Result<TicketPage, Failure> {
    let request = EditTicketRequest {
        id: find(app, &edit.ticket)?,
        subject: edit.subject,
        customer: edit.customer,
        status: edit.status,
        priority: edit.priority,
        location: edit.location.map(|name| find_location(app, &name)).transpose()?,
        assigned_to: edit.assign.map(|name| find_person(app, &name)).transpose()?,
    };
    tickets::edit_ticket(app, request)
}

fn find(app: &App, name: &str) -> Result<Uuid, Failure> {
    Ok(app.store.read(|connection| get_by_name(connection, name))?.id.0)
}

fn find_location(app: &App, name: &str) -> Result<Uuid, Failure> {
    let known = app.store.read(choices::list_locations)?;
    let is_it = |text: &str| text.eq_ignore_ascii_case(name);
    let found = known.iter().find(|place| is_it(&place.code) || is_it(&place.name));
    let missing = || Failure::new(Code::NotFound, format!("No place of yours is called {name:?}."));
    Ok(found.ok_or_else(missing)?.id.0)
}

/// By the whole name or its first word; empty for nobody.
fn find_person(app: &App, name: &str) -> Result<String, Failure> {
    if name == NOBODY {
        return Ok(String::new());
    }
    let known = app.store.read(choices::list_people)?;
    let lower = name.to_lowercase();
    let whole = known.iter().find(|person| person.name.to_lowercase() == lower);
    let mut first =
        known.iter().filter(|person| person.name.to_lowercase().split(' ').next() == Some(lower.as_str()));
    match (whole, first.next(), first.next()) {
        (Some(person), ..) | (None, Some(person), None) => Ok(person.id.0.to_string()),
        (None, Some(_), Some(_)) => {
            Err(Failure::new(Code::BadRequest, format!("{name:?} are several people."))
                .hint("Say the whole name."))
        }
        (None, None, _) => {
            Err(Failure::new(Code::NotFound, format!("Nobody at the desk is called {name:?}.")))
        }
    }
}

fn list(tickets: &Tickets) -> String {
    let counts = tickets.counts;
    let mut out = format!(
        "Open {} · waiting {} · resolved {} · closed {} · yours {}\n\n",
        counts.open, counts.waiting, counts.resolved, counts.closed, counts.mine
    );
    if tickets.lines.is_empty() {
        out.push_str("No such tickets. Open one with `guildhall ticket new`.\n");
    }
    for line in &tickets.lines {
        writeln!(
            out,
            "{:10} {:8} {:8} {}\n{:10} {} · {} · {}",
            line.reference,
            line.status.word(),
            line.priority.word(),
            line.subject,
            "",
            line.assigned_to.as_deref().unwrap_or(NOBODY),
            date_and_time(line.changed_at),
            line.mark.words
        )
        .ok();
    }
    let more = tickets.total.saturating_sub(tickets.lines.len() as u64);
    if more > 0 {
        writeln!(out, "\n{more} more; see them with --limit.").ok();
    }
    out
}

fn show(page: &TicketPage) -> String {
    let line = &page.line;
    let mut out =
        format!("{}\n{} · {} · {}\n", line.subject, line.reference, line.status.word(), line.mark.words);
    writeln!(
        out,
        "{} · {} · {} · {}",
        line.customer,
        line.location,
        line.priority.word(),
        line.assigned_to.as_deref().unwrap_or(NOBODY)
    )
    .ok();
    for message in &page.messages {
        let who = message.author.as_deref().unwrap_or(message.author_kind.word());
        writeln!(out, "\n{who}, {} · {}", date_and_time(message.at), message.mark.words).ok();
        writeln!(out, "{}", message.body).ok();
    }
    if !page.answers.is_empty() {
        out.push_str("\nAnswered by\n");
    }
    for answer in &page.answers {
        let helped = match answer.satisfied {
            Some(true) => " · it helped",
            Some(false) => " · it did not help",
            None => "",
        };
        writeln!(out, "  {} · {}{helped} · {}", answer.title, answer.path, answer.mark.words).ok();
    }
    out
}

//! What people do with tickets on a laptop, and how many are found among them.

use crate::fixture::{AUTHOR, Mirror, cells, from_server, id_of};
use guildhall_local::drafts::{self, Typed};
use guildhall_local::search::{self, Query};
use guildhall_local::standing::Standing;
use guildhall_local::subject::Subject;
use guildhall_local::tickets::list::{self, Counts, Filter};
use guildhall_local::tickets::{self, Changes, NewTicket, Source};
use guildhall_local::{Error, error::Disagreement};
use guildhall_sync::change::Verdict;
use guildhall_sync::id::{LocationId, SopId, TicketId, UserId};
use guildhall_sync::model::desk::{AuthorKind, Priority, Ticket, TicketMessage, TicketStatus};
use guildhall_sync::model::people::{Location, User, UserLocation};
use guildhall_sync::schema::Row;
use guildhall_sync::value::Value;

fn desk() -> Mirror {
    let mirror = Mirror::new();
    let named = |name: &str| [("code", Value::text(name)), ("name", Value::text(name))];
    for place in ["Harbour", "Mill"] {
        let place_cells = cells(Location::TABLE, named(place).map(|(column, value)| (column, value)));
        mirror.serve(Location::TABLE, &from_server(place_cells, place));
    }
    let works = [("user_id", Value::Id(AUTHOR)), ("location_id", Value::Id(id_of("Mill")))];
    mirror.serve(UserLocation::TABLE, &from_server(cells(UserLocation::TABLE, works), "works"));
    let ben = [("name", Value::text("Ben")), ("role", Value::text("operator"))];
    mirror.serve(User::TABLE, &from_server(cells(User::TABLE, ben), "Ben"));
    mirror
}

fn new(subject: &str) -> NewTicket {
    NewTicket {
        subject: subject.to_owned(),
        customer: "G. Whitlock".to_owned(),
        priority: Priority::High,
        location: None,
        assistant: None,
        message: "The keypad is amber.".to_owned(),
        sop: Some(SopId(id_of("pin"))),
    }
}

fn open(mirror: &Mirror, subject: &str) -> TicketId {
    mirror.store.write(|write| tickets::create(write, &new(subject))).expect("a ticket").value
}

fn ticket(mirror: &Mirror, id: TicketId) -> Ticket {
    mirror.store.read(|connection| tickets::get(connection, id)).expect("the ticket")
}

fn edit(mirror: &Mirror, id: TicketId, changes: Changes) -> guildhall_local::Result<bool> {
    Ok(mirror.store.write(|write| tickets::edit(write, id, &changes))?.value)
}

fn to(status: TicketStatus) -> Changes {
    Changes { status: Some(status), ..Changes::default() }
}

fn subjects(mirror: &Mirror, filter: &Filter<'_>) -> Vec<String> {
    let lines = mirror.store.read(|connection| {
        let lines = list::window(connection, filter, 0, 100)?;
        assert_eq!(list::count(connection, filter)?, lines.len() as u64, "{filter:?}");
        Ok(lines)
    });
    lines.expect("lines").into_iter().map(|line| line.subject).collect()
}

#[test]
fn a_ticket_its_first_message_and_its_answer_are_one_group() {
    let mirror = desk();
    let written =
        mirror.store.write(|write| tickets::create(write, &new("PIN does not open"))).expect("a ticket");
    assert_eq!(written.entries.len(), 3);
    assert_eq!(mirror.count("select count(distinct group_id) from wal_entries"), 1);
    let made = ticket(&mirror, written.value);
    assert_eq!(made.location_id, LocationId(id_of("Mill")), "where its author works");
    assert_eq!((made.status, made.priority), (TicketStatus::Open, Priority::High));
    let (messages, answers) = mirror
        .store
        .read(|connection| {
            Ok((tickets::list_messages(connection, made.id)?, tickets::list_answers(connection, made.id)?))
        })
        .expect("its children");
    assert_eq!(messages[0].author_kind, AuthorKind::Customer);
    assert_eq!(tickets::source_of(&answers[0]), Some(Source::Sop(SopId(id_of("pin")))));
}

#[test]
fn every_new_ticket_has_a_number_of_its_own() {
    let mirror = desk();
    let [one, other] = [open(&mirror, "one"), open(&mirror, "other")].map(|id| ticket(&mirror, id).local_ref);
    assert_ne!(one, other);
    let (device, count) = one.split_once('-').expect("device, then count");
    assert!(other.starts_with(device) && count.parse::<u64>().is_ok(), "{one} {other}");
    let by_name = mirror.store.read(|connection| tickets::get_by_name(connection, &other.to_lowercase()));
    assert_eq!(by_name.expect("found").subject, "other");
}

#[test]
fn a_resolved_ticket_may_come_back_and_a_closed_one_does_not() {
    let mirror = desk();
    let id = open(&mirror, "Projector black");
    assert!(edit(&mirror, id, to(TicketStatus::Resolved)).expect("resolved"));
    assert!(ticket(&mirror, id).resolved_at.is_some());
    assert!(edit(&mirror, id, to(TicketStatus::Open)).expect("open again"));
    assert_eq!(ticket(&mirror, id).resolved_at, None);
    assert!(!edit(&mirror, id, to(TicketStatus::Open)).expect("nothing to do"));
    assert!(edit(&mirror, id, to(TicketStatus::Closed)).expect("closed"));
    let refused = edit(&mirror, id, to(TicketStatus::Open));
    assert!(
        matches!(refused, Err(Error::Disagreement(Disagreement::Refused { column: "status", .. }))),
        "{refused:?}"
    );
    assert_eq!(tickets::next(TicketStatus::Closed), []);
    assert_eq!(tickets::next(TicketStatus::Resolved), [TicketStatus::Open, TicketStatus::Closed]);
}

#[test]
fn a_ticket_is_given_to_somebody_and_to_nobody() {
    let mirror = desk();
    let id = open(&mirror, "Wet floor");
    let given = |person| Changes { assigned_to: Some(person), ..Changes::default() };
    edit(&mirror, id, given(Some(UserId(id_of("Ben"))))).expect("given");
    let line = |mirror: &Mirror| {
        mirror
            .store
            .read(|connection| list::find_line(connection, id))
            .expect("a question")
            .expect("the line")
    };
    assert_eq!(line(&mirror).assigned_to.as_deref(), Some("Ben"));
    edit(&mirror, id, given(None)).expect("taken back");
    assert_eq!((line(&mirror).assigned_to, line(&mirror).location), (None, "Mill".to_owned()));
}

#[test]
fn an_answer_is_noted_once_and_its_judgement_changes() {
    let mirror = desk();
    let id = open(&mirror, "PIN");
    let source = Source::Sop(SopId(id_of("pin")));
    let again = mirror.store.write(|write| tickets::link(write, id, source, Some(true), " it helped "));
    let answers = || mirror.store.read(|connection| tickets::list_answers(connection, id)).expect("answers");
    assert_eq!(answers().len(), 1);
    assert_eq!((answers()[0].satisfied, answers()[0].note.as_str()), (Some(true), "it helped"));
    let other = open(&mirror, "another");
    let answer = again.expect("noted").value;
    mirror.store.write(|write| tickets::unlink(write, other, answer)).expect_err("it is not of that ticket");
    mirror.store.write(|write| tickets::unlink(write, id, answer)).expect("taken back");
    assert_eq!(answers(), []);
}

#[test]
fn what_was_said_stays_as_it_was_said() {
    let mirror = desk();
    let id = open(&mirror, "PIN");
    let said =
        mirror.store.write(|write| tickets::say(write, id, AuthorKind::Staff, "On my way.")).expect("said");
    let body = cells(TicketMessage::TABLE, [("body", Value::text("Never said."))]);
    let why = guildhall_local::write::Why::default;
    mirror
        .store
        .write(|write| write.update(TicketMessage::TABLE, said.value.0, body.clone(), why()))
        .expect_err("it stays");
    mirror
        .store
        .write(|write| tickets::say(write, id, AuthorKind::Staff, " \n"))
        .expect_err("nobody says nothing");
}

#[test]
fn what_is_said_is_no_draft_any_more() {
    let mirror = desk();
    let id = open(&mirror, "PIN");
    let keep = |subject| {
        let typed = Typed { subject, title: "", content: "On my way", place: "", base_revision: None };
        mirror.store.keep_draft(&typed).expect("kept");
    };
    let is_kept =
        |subject| mirror.store.read(|connection| drafts::find(connection, subject)).expect("drafts");
    keep(Subject::Ticket(id));
    keep(Subject::NewTicket);
    mirror
        .store
        .write(|write| tickets::say(write, id, AuthorKind::Staff, " "))
        .expect_err("nothing was said");
    assert!(is_kept(Subject::Ticket(id)).is_some(), "what could not be saved stays typed");
    mirror.store.write(|write| tickets::say(write, id, AuthorKind::Staff, "On my way.")).expect("said");
    assert!(is_kept(Subject::Ticket(id)).is_none() && is_kept(Subject::NewTicket).is_some());
    open(&mirror, "another");
    assert!(is_kept(Subject::NewTicket).is_none());
}

#[test]
fn lines_are_found_by_state_person_words_and_number() {
    let mirror = desk();
    let [pin, wall, watch] =
        ["PIN does not open", "Projector black", "Lost watch"].map(|name| open(&mirror, name));
    mirror
        .store
        .write(|write| tickets::say(write, wall, AuthorKind::Staff, "The filter was grey."))
        .expect("said");
    edit(&mirror, pin, to(TicketStatus::Waiting)).expect("waiting");
    edit(&mirror, watch, Changes { assigned_to: Some(Some(UserId(AUTHOR))), ..to(TicketStatus::Resolved) })
        .expect("resolved");
    edit(&mirror, pin, Changes { assigned_to: Some(Some(UserId(AUTHOR))), ..Changes::default() })
        .expect("mine");

    let all = Filter::default();
    assert_eq!(subjects(&mirror, &all), ["Lost watch", "Projector black", "PIN does not open"]);
    let mine = Filter { assigned_to: Some(UserId(AUTHOR)), ..all };
    assert_eq!(subjects(&mirror, &mine), ["PIN does not open"], "what is done asks nothing of me");
    assert_eq!(subjects(&mirror, &Filter { status: Some(TicketStatus::Resolved), ..mine }), ["Lost watch"]);
    assert_eq!(subjects(&mirror, &Filter { status: Some(TicketStatus::Open), ..all }), ["Projector black"]);
    assert_eq!(subjects(&mirror, &Filter { text: "proj", ..all }), ["Projector black"], "as it is typed");
    assert_eq!(
        subjects(&mirror, &Filter { text: "grey filter", ..all }),
        ["Projector black"],
        "by what was said"
    );
    assert_eq!(subjects(&mirror, &Filter { text: "whitlock", ..all }).len(), 3, "by the customer");
    assert_eq!(
        subjects(&mirror, &Filter { text: &ticket(&mirror, pin).local_ref, ..all }),
        ["PIN does not open"]
    );
    for nothing in ["zebra", "\"", "*", "-"] {
        assert_eq!(subjects(&mirror, &Filter { text: nothing, ..all }), [""; 0], "{nothing}");
    }
    let counts = mirror.store.read(|connection| list::counts(connection, UserId(AUTHOR))).expect("counts");
    assert_eq!(counts, Counts { open: 1, waiting: 1, resolved: 1, closed: 0, mine: 1 });
}

#[test]
fn a_window_shows_its_part_and_where_each_ticket_stands() {
    let mirror = desk();
    let ids: Vec<TicketId> = (0..5).map(|at| open(&mirror, &format!("number {at}"))).collect();
    mirror.push(|_| Verdict::Committed { rev: 1, ord: 0 });
    mirror.store.write(|write| tickets::say(write, ids[0], AuthorKind::Customer, "Hello?")).expect("said");
    edit(&mirror, ids[3], to(TicketStatus::Waiting)).expect("waiting");
    let window =
        |offset| mirror.store.read(|connection| list::window(connection, &Filter::default(), offset, 2));
    let window = |offset| window(offset).expect("a window");
    let names = |lines: &[list::Line]| lines.iter().map(|line| line.subject.clone()).collect::<Vec<_>>();
    assert_eq!(names(&window(0)), ["number 0", "number 4"], "where something was said last comes first");
    assert_eq!(names(&window(2)), ["number 3", "number 2"]);
    assert_eq!(names(&window(4)), ["number 1"]);
    assert_eq!(window(0)[0].last_message.as_deref(), Some("Hello?"));
    assert_eq!(
        window(2).iter().map(|line| line.standing).collect::<Vec<_>>(),
        [Standing::SavedHere, Standing::Sent]
    );
}

#[test]
fn what_was_said_is_found_as_its_ticket_once() {
    let mirror = desk();
    let id = open(&mirror, "Projector black in bay 2");
    for body in ["The projector's filter is grey.", "Filter brushed, projector red again."] {
        mirror.store.write(|write| tickets::say(write, id, AuthorKind::Staff, body)).expect("said");
    }
    let found = |typed: &str| {
        let query = Query { typed, tables: &[], limit: 10 };
        mirror.store.read(|connection| search::find(connection, &query)).expect(typed).hits
    };
    let hits = found("projector filter");
    assert_eq!(hits.len(), 1);
    assert_eq!((hits[0].table, hits[0].id), ("tickets", id.0));
    assert_eq!(hits[0].title.text, "Projector black in bay 2");
    assert!(hits[0].passage.text.to_lowercase().contains("filter"), "{:?}", hits[0].passage);
    assert_eq!(hits[0].path, ticket(&mirror, id).local_ref);
    let gone = cells(Ticket::TABLE, [("deleted_at", Value::Int(1))]);
    let why = guildhall_local::write::Why::default();
    mirror.store.write(|write| write.update(Ticket::TABLE, id.0, gone, why)).expect("deleted");
    assert!(found("filter").is_empty(), "what was said in a deleted ticket is not found");
}

//! A mirror in a folder of its own, asked as the window asks.

use super::*;
use crate::commands::conflicts::{self as resolving, ConflictRequest, SettleRequest, Settlement};
use crate::commands::quarantine::ResendRequest;
use crate::commands::search::{PassageRequest, SearchRequest, passage, search};
use crate::commands::status::ChipState;
use crate::views::MarkState;
use guildhall_local::clock::Clock;
use guildhall_local::fold::{self, Shadow};
use guildhall_local::keys::Cost;
use guildhall_local::search::fulltext::Indexing;
use guildhall_local::store::state::Account;
use guildhall_local::write::{Touched, Why};
use guildhall_local::{outbox, profile};
use guildhall_sync::change::RejectCode;
use guildhall_sync::id::{DeviceId, GuildId};
use guildhall_sync::model::desk::{Assistant, Ticket, TicketMessage};
use guildhall_sync::model::knowledge::Sop;
use guildhall_sync::model::people::{Role, User};
use guildhall_sync::model::settlement::SyncConflict;
use guildhall_sync::protocol::EntryVerdict;
use guildhall_sync::schema::{Row, Table};
use guildhall_sync::value::{Cells, Value};
use std::sync::Arc;
use tempfile::TempDir;

const ANA: Uuid = Uuid::from_u128(2);
const BEN: Uuid = Uuid::from_u128(3);
const DESK: Uuid = Uuid::from_u128(5);
const PAGE: Uuid = Uuid::from_u128(10);
const OTHER: Uuid = Uuid::from_u128(11);

fn desk(server_url: Option<&str>) -> (App, TempDir) {
    let dir = tempfile::tempdir().expect("a folder");
    let account = Account {
        server_url: server_url.map(str::to_owned),
        device: DeviceId(Uuid::from_u128(4)),
        device_name: "Desk-2".to_owned(),
        guild: GuildId(Uuid::from_u128(1)),
        guild_name: "Harbour".to_owned(),
        user: UserId(ANA),
        user_name: "ana".to_owned(),
        role: Role::Manager,
    };
    let password = "nine grey herons over the pier";
    let store = profile::create(dir.path(), &account, password, Cost::Least, Clock::system());
    let app = App { dir: dir.path().to_owned(), store: Arc::new(store.expect("a profile")) };
    serve(&app, User::TABLE, ANA, &[("name", Value::text("Ana")), ("role", Value::text("manager"))]);
    serve(&app, User::TABLE, BEN, &[("name", Value::text("Ben")), ("role", Value::text("operator"))]);
    serve(
        &app,
        Assistant::TABLE,
        DESK,
        &[("slug", Value::text("booking")), ("name", Value::text("Booking"))],
    );
    for (id, section, title) in [(PAGE, "pin-failures", "PIN failures"), (OTHER, "refunds", "Refunds")] {
        let text = "# Help\n\nSay hello.\n\n## Card\n\nThe **money** comes back in three days.\n";
        let named =
            [("category", "booking/access"), ("section", section), ("title", title), ("content", text)];
        let mut cells: Vec<(&str, Value)> = named.map(|(name, text)| (name, Value::text(text))).to_vec();
        cells.push(("assistant_id", Value::Id(DESK)));
        serve(&app, Sop::TABLE, id, &cells);
    }
    (app, dir)
}

/// As a pull would store it, changed by Ben.
fn serve(app: &App, table: &'static Table, id: Uuid, named: &[(&str, Value)]) {
    let mut cells = cells(table, named);
    for (number, value) in [
        (common::ID, Value::Id(id)),
        (common::GUILD_ID, Value::Id(Uuid::from_u128(1))),
        (common::REV, Value::Int(7)),
        (common::CREATED_AT, Value::Int(1_000)),
        (common::UPDATED_AT, Value::Int(2_000)),
        (common::UPDATED_BY, Value::Id(BEN)),
    ] {
        cells.set(number, value);
    }
    table.fill_defaults(&mut cells);
    let shadow = Shadow { hash: rows::hash_of(table, &cells), cells, scopes: " guild ".to_owned() };
    app.store
        .apply(|connection| fold::put_server_row(connection, table, id, shadow, Indexing::Now))
        .expect("the row is stored");
}

fn cells(table: &Table, named: &[(&str, Value)]) -> Cells {
    named.iter().map(|(name, value)| (table.column(name).expect(name).number, value.clone())).collect()
}

fn edit(app: &App, id: Uuid, named: &[(&str, Value)]) -> Uuid {
    let changes = cells(Sop::TABLE, named);
    let written = app.store.write(|write| write.update(Sop::TABLE, id, changes.clone(), Why::default()));
    written.expect("an edit").entries[0].0
}

fn answer(app: &App, entry: Uuid, verdict: Verdict) {
    let verdicts = [EntryVerdict { entry: guildhall_sync::id::EntryId(entry), device_seq: 0, verdict }];
    app.store
        .record(|connection| outbox::record_verdicts(connection, &verdicts, Timestamp(9)))
        .expect("it is stored");
}

fn look(app: &App) -> SyncCentre {
    centre(app, Reach { is_reachable: true, ..Reach::default() }).expect("the centre")
}

#[test]
fn what_waits_is_said_in_words() {
    let (app, _dir) = desk(Some("https://desk.example"));
    edit(&app, PAGE, &[("content", Value::text("New text."))]);
    edit(&app, PAGE, &[("title", Value::text("PIN")), ("content", Value::text("Newer text."))]);
    edit(&app, OTHER, &[("section", Value::text("money-back"))]);
    edit(&app, OTHER, &[("deleted_at", Value::Int(5))]);
    let ticket = app.store.write(|write| {
        let location = ("location_id", Value::Id(Uuid::from_u128(6)));
        let named = [("local_ref", Value::text("D4-1")), ("subject", Value::text("Door")), location];
        let mut new = cells(Ticket::TABLE, &named);
        new.set(Ticket::TABLE.column("opened_at").expect("a column").number, Value::Int(1));
        let ticket = write.insert_because(Ticket::TABLE, new, Why::default())?;
        let said = [
            ("ticket_id", Value::Id(ticket)),
            ("author_kind", Value::text("customer")),
            ("body", Value::text("It is shut.")),
            ("said_at", Value::Int(1)),
        ];
        write.insert_because(TicketMessage::TABLE, cells(TicketMessage::TABLE, &said), Why::default())
    });
    ticket.expect("a ticket");
    let centre = look(&app);
    let said: Vec<&str> = centre.pending.iter().map(|pending| pending.what.as_str()).collect();
    assert_eq!(
        said,
        [
            "Edited the text",
            "Edited the text and the title",
            "Moved or renamed it",
            "Deleted it",
            "Opened the ticket",
            "Wrote a message",
        ]
    );
    assert!(centre.pending.iter().all(|pending| pending.mark.state == MarkState::SavedHere));
    assert_eq!(centre.pending[0].of, "PIN");
    assert!(centre.file_bytes > 10_000);
    let kinds: Vec<(&str, u64)> = centre.kinds.iter().map(|kind| (kind.label.as_str(), kind.rows)).collect();
    assert!(kinds.contains(&("People", 2)) && kinds.contains(&("Assistant", 1)), "{kinds:?}");
    assert!(kinds.is_sorted_by_key(|(_, rows)| std::cmp::Reverse(*rows)));
}

#[test]
fn the_activity_says_what_became_of_own_work_and_what_came() {
    let (app, _dir) = desk(Some("https://desk.example"));
    let sent = edit(&app, PAGE, &[("content", Value::text("One."))]);
    let refused = edit(&app, OTHER, &[("content", Value::text("Two."))]);
    answer(&app, sent, Verdict::Committed { rev: 8, ord: 0 });
    let reason = "not today".to_owned();
    answer(&app, refused, Verdict::Rejected { code: RejectCode::Invalid, reason, fixable: true });
    let many: Vec<Touched> =
        (0..3).map(|at| Touched { table: "tickets", id: Uuid::from_u128(100 + at) }).collect();
    let one = [Touched { table: "sops", id: PAGE }];
    app.store
        .apply(|connection| {
            received::note(connection, Way::Received, many.iter(), Timestamp(1))?;
            received::note(connection, Way::Received, one.iter(), Timestamp(2))?;
            received::note(connection, Way::Removed, many.iter(), Timestamp(3))
        })
        .expect("noted");
    let centre = look(&app);
    let said: Vec<(&str, &str)> =
        centre.activity.iter().map(|line| (line.what.as_str(), line.outcome.as_str())).collect();
    assert_eq!(
        said,
        [
            ("Edited the text", "Refused"),
            ("Edited the text", "Sent"),
            ("3 tickets that you may not read any more left", "Removed"),
            ("Ana changed it", "Received"),
            ("3 tickets came", "Received"),
        ]
    );
    let [item] = &centre.refused[..] else { panic!("{:?}", centre.refused) };
    assert_eq!((item.reason.as_str(), item.typed[0].after.as_str()), ("not today", "Two."));
    let left = quarantine::resend(&app, ResendRequest { entry: item.entry, corrected: Vec::new() })
        .expect("sent again");
    assert!(left.is_empty());
    assert_eq!(look(&app).pending.len(), 1);
}

#[test]
fn scopes_are_said_in_words() {
    let (app, _dir) = desk(Some("https://desk.example"));
    let granted = ["public".to_owned(), format!("assistant:{DESK}"), format!("user:{ANA}")];
    app.store
        .record(|connection| {
            scopes::set_granted(connection, &granted, Timestamp(1))?;
            scopes::set_state(connection, "public", ScopeState::Live)
        })
        .expect("granted");
    let expected = [
        "Booking and what it knows (still coming)",
        "Everything public",
        "What is yours alone (still coming)",
    ];
    assert_eq!(look(&app).scopes, expected);
}

#[test]
fn a_sample_without_a_server_says_so() {
    let (app, _dir) = desk(None);
    let status = look(&app).status;
    assert_eq!((status.state, status.chip.as_str()), (ChipState::Sample, "Sample data · no server"));
}

#[test]
fn a_conflict_is_shown_with_both_sides_and_settled_by_an_own_text() {
    let (app, _dir) = desk(Some("https://desk.example"));
    let id = Uuid::from_u128(50);
    let json = |text: &str| Value::Json(format!("{{\"content\":\"{text}\"}}"));
    serve(
        &app,
        SyncConflict::TABLE,
        id,
        &[
            ("entry_id", Value::Id(Uuid::from_u128(51))),
            ("target_table", Value::text("sops")),
            ("target_id", Value::Id(PAGE)),
            ("kind", Value::text("text")),
            ("units", Value::Set(["content".to_owned()].into())),
            ("base", json("Wait a day.")),
            ("mine", json("Wait an hour.")),
            ("theirs", json("Wait a week.")),
            ("author_id", Value::Id(ANA)),
        ],
    );
    let page = resolving::show(&app, ConflictRequest { id }).expect("the conflict");
    assert_eq!(page.title, "Booking › Access › PIN failures");
    assert_eq!((page.mine_by.as_deref(), page.theirs_by.as_deref()), (Some("Ana"), Some("Ben")));
    assert_eq!((page.can_write_text, page.text.as_str()), (true, "Wait a week."));
    let [side] = &page.sides[..] else { panic!("{:?}", page.sides) };
    assert_eq!((side.label.as_str(), side.mine_diff.changed), ("The text", 1));
    let changed: Vec<&str> = side.theirs_diff.hunks[0]
        .after
        .iter()
        .filter(|span| span.is_changed)
        .map(|span| span.text.as_str())
        .collect();
    assert_eq!(changed, ["week"]);

    assert_eq!(resolving::list(&app).expect("the list").len(), 1);
    let settlement = Settlement::Text("Wait as long as it takes.".to_owned());
    let open = resolving::settle(&app, SettleRequest { id, settlement }).expect("settled");
    assert!(open.is_empty());
    let what = &look(&app).pending[0].what;
    assert_eq!(what, "Settled what needed somebody");
}

#[test]
fn a_settlement_is_read_as_the_window_says_it() {
    let read = |text: &str| serde_json::from_str::<Settlement>(text).expect(text);
    assert_eq!(read("\"mine\""), Settlement::Mine);
    assert_eq!(read("\"theirs\""), Settlement::Theirs);
    assert_eq!(read("{\"text\":\"x\"}"), Settlement::Text("x".to_owned()));
}

#[test]
fn what_is_typed_finds_the_passage_that_answers() {
    let (app, _dir) = desk(Some("https://desk.example"));
    let request =
        |text: &str| SearchRequest { text: text.to_owned(), tables: vec!["sops".to_owned()], limit: 5 };
    let hits = search(&app, request("money card")).expect("hits");
    assert_eq!(hits.hits.len(), 2);
    let typing = search(&app, request("pin fai")).expect("hits");
    assert_eq!((typing.hits[0].id, typing.hits[0].has_all), (PAGE, true));
    assert_eq!((typing.hits[0].title.marks.as_slice(), typing.words.len()), (&[(0, 3), (4, 12)][..], 2));
    let nothing = search(&app, request(" ?! ")).expect("no failure");
    assert!(nothing.hits.is_empty() && nothing.words.is_empty());

    let text = "when does the MONEY come".to_owned();
    let passage =
        passage(&app, PassageRequest { table: "sops".to_owned(), id: PAGE, text }).expect("a passage");
    assert_eq!(passage.heading.as_deref(), Some("Card"));
    let html = "<p dir=\"auto\">The <strong><mark>money</mark></strong> <mark>comes</mark> back in three days.</p>\n";
    assert_eq!(passage.html, html);
    assert_eq!(passage.copy, "The money comes back in three days.");
    assert_eq!((passage.title.as_str(), passage.assistant.as_deref()), ("PIN failures", Some("Booking")));
    assert_eq!((passage.changed_by.as_deref(), passage.mark.state), (Some("Ben"), MarkState::OnServer));
}

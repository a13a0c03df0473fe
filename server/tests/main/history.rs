//! History, asked for online: every line and no other for who may read its row today, page by page
//! and by every filter; and lines of whoever wrote fold to the tables.

use guildhall_server::db::{Database, Isolation};
use guildhall_server::{history, random};
use guildhall_sync::id::{DeviceId, EntryId, GuildId, UserId};
use guildhall_sync::model::{COMPANIONS, TABLES};
use guildhall_sync::protocol::RefusalCode;
use guildhall_sync::protocol::history::{
    Change, ChangeKind, HISTORY, HISTORY_ENTRY, HistoryAnswer, HistoryEntry, HistoryEntryRequest,
    HistoryFilter, HistoryLine, HistoryRequest, LineStatus, TextFilter, Who,
};
use guildhall_sync::schema::WINDOW;
use guildhall_sync::time::Timestamp;
use serde_json::json;
use sqlx::{AssertSqlSafe, PgConnection, Row};
use std::collections::BTreeSet;
use uuid::Uuid;

use crate::asking::{count, run};
use crate::desk::{ADMIN, Desk, Device, MEMBER, OPERATOR};
use crate::place::Place;
use crate::random_guild::RandomGuild;
use crate::world::{self, Answer, add_person};

const ALL: i64 = 1_000_000;

/// All tables, also those that only go along.
fn everything() -> HistoryFilter {
    let tables = TABLES.iter().map(|table| table.name.to_owned()).collect();
    HistoryFilter { tables, ..HistoryFilter::default() }
}

/// Walks through all pages as the person.
async fn walk(
    database: &Database,
    (guild, person): (Uuid, Uuid),
    filter: &HistoryFilter,
    (limit, max_looked): (u32, i64),
) -> Vec<HistoryLine> {
    let begin = database.begin(GuildId(guild), UserId(person), Isolation::RepeatableRead);
    let mut transaction = begin.await.expect("a transaction");
    let mut lines: Vec<HistoryLine> = Vec::new();
    let mut before = None;
    loop {
        let request = HistoryRequest { filter: filter.clone(), before, limit };
        let page = history::select(transaction.connection(), GuildId(guild), &request, max_looked)
            .await
            .expect("a page");
        assert!(page.lines.len() <= limit as usize);
        lines.extend(page.lines);
        let Some(next) = page.next else { break };
        assert!(before.is_none_or(|before| next < before), "it goes back in time");
        before = Some(next);
    }
    assert!(lines.is_sorted_by(|newer, older| newer.at >= older.at));
    lines
}

fn ids(lines: &[HistoryLine]) -> BTreeSet<Uuid> {
    let ids: BTreeSet<Uuid> = lines.iter().map(|line| line.id.0).collect();
    assert_eq!(ids.len(), lines.len(), "no line comes twice");
    ids
}

/// The lines of the rows that row-level security shows to the person, table by table: the second
/// statement of the same.
async fn oracle(connection: &mut PgConnection, guild: Uuid, person: Uuid) -> BTreeSet<Uuid> {
    let mut lines = BTreeSet::new();
    for table in TABLES {
        let window = if table.column(WINDOW).is_some() { format!("where {WINDOW}") } else { String::new() };
        run(connection, "begin; set local role guildhall_app").await;
        let enter = format!(
            "select set_config('guildhall.guild', '{guild}', true), set_config('guildhall.user', '{person}', true)"
        );
        run(connection, &enter).await;
        let rows = format!("select id from guildhall.{} {window}", table.name);
        let rows = sqlx::query(AssertSqlSafe(rows)).fetch_all(&mut *connection).await.expect("rows");
        let rows: Vec<Uuid> = rows.iter().map(|row| row.try_get("id").expect("an id")).collect();
        run(connection, "commit").await;
        let of_rows = "select id from guildhall.wal_entries where guild_id = $1 and target_table = $2 and target_id = any ($3)";
        let found = sqlx::query(of_rows).bind(guild).bind(table.name).bind(rows);
        let found = found.fetch_all(&mut *connection).await.expect("lines");
        lines.extend(found.iter().map(|row| row.try_get::<Uuid, _>("id").expect("an id")));
    }
    lines
}

#[tokio::test]
async fn every_line_of_what_somebody_may_read_and_no_other_page_by_page() {
    let place = Place::new().await;
    let mut connection = place.connect().await;
    let database = world::connect(&place.url()).await;
    let mut guilds =
        [RandomGuild::new(&mut connection, 41, 7).await, RandomGuild::new(&mut connection, 42, 7).await];
    let (mut seen, mut hidden) = (0, 0);
    for _ in 0..2 {
        for guild in &mut guilds {
            for round in 0..80 {
                guild.change(&mut connection, TABLES[round % TABLES.len()]).await;
            }
            let lines = format!("guildhall.wal_entries where guild_id = '{}'", guild.id);
            let all = usize::try_from(count(&mut connection, &lines).await).expect("a count");
            for person in guild.ids("users") {
                let expected = oracle(&mut connection, guild.id, *person).await;
                let who = (guild.id, *person);
                let found = walk(&database, who, &everything(), (37, ALL)).await;
                assert_eq!(ids(&found), expected, "{person}");
                // Also where a page comes to the end of what may be looked through.
                let found = walk(&database, who, &everything(), (37, 11)).await;
                assert_eq!(ids(&found), expected, "{person}, little by little");
                seen += expected.len();
                hidden += all - expected.len();
            }
        }
    }
    assert!(seen > 500 && hidden > 500, "{seen} lines seen, {hidden} hidden");
}

/// The lines with their texts, as the pure rule is to judge them.
async fn entries(connection: &mut PgConnection, lines: &[HistoryLine], guild: Uuid) -> Vec<HistoryEntry> {
    let mut entries = Vec::new();
    for line in lines {
        let entry =
            history::find(connection, GuildId(guild), line.id).await.expect("asked").expect("it is there");
        assert_eq!(entry.line, *line);
        entries.push(entry);
    }
    entries
}

#[tokio::test]
async fn a_filter_means_the_same_to_the_server_and_to_a_laptop() {
    let place = Place::new().await;
    let mut connection = place.connect().await;
    let database = world::connect(&place.url()).await;
    let mut guild = RandomGuild::new(&mut connection, 43, 6).await;
    let admin = guild.ids("users")[0];
    let promote = format!(
        "update guildhall.users set role = 'admin', is_active = true, deleted_at = null where id = '{admin}'"
    );
    run(&mut connection, &promote).await;
    for round in 0..200 {
        let table = TABLES[round % TABLES.len()];
        let who = if guild.random.one_in(2) { format!("'{admin}'") } else { "''".to_owned() };
        run(&mut connection, &format!("select set_config('guildhall.user', {who}, false)")).await;
        guild.change(&mut connection, table).await;
    }
    run(&mut connection, "select set_config('guildhall.user', '', false)").await;
    let who = (guild.id, admin);
    let all = walk(&database, who, &everything(), (50, ALL)).await;
    let entries = entries(&mut connection, &all, guild.id).await;
    let mut found_some = 0;
    for _ in 0..150 {
        let filter = draw(&mut guild, &all, admin);
        let expected: Vec<EntryId> = entries
            .iter()
            .filter(|entry| filter.admits(&change(entry), &COMPANIONS))
            .map(|entry| entry.line.id)
            .collect();
        let found: Vec<EntryId> =
            walk(&database, who, &filter, (7, 40)).await.iter().map(|line| line.id).collect();
        assert_eq!(found, expected, "{filter:?}");
        found_some += usize::from(!found.is_empty() && found.len() < all.len());
    }
    assert!(found_some > 40, "{found_some} filters let some through");
}

fn change(entry: &HistoryEntry) -> Change<'_> {
    Change {
        table: &entry.line.table,
        row: entry.line.row,
        kind: entry.line.kind,
        by: entry.line.by,
        at: entry.line.at,
        reason: entry.line.reason.as_deref(),
        device: entry.line.device,
        status: entry.line.status,
        before: &entry.before,
        after: &entry.after,
    }
}

fn draw(guild: &mut RandomGuild, all: &[HistoryLine], admin: Uuid) -> HistoryFilter {
    let random = &mut guild.random;
    let line = random.pick(all).clone();
    let mut filter = HistoryFilter::default();
    if random.one_in(2) {
        filter.tables = vec![line.table.clone(), "sops".to_owned()];
    }
    if random.one_in(3) {
        filter.who = Some(if random.one_in(2) { Who::Person(UserId(admin)) } else { Who::Programs });
    }
    if random.one_in(3) {
        filter.kinds = vec![line.kind, ChangeKind::Edited];
    }
    if random.one_in(5) {
        filter.status = Some(*random.pick(&LineStatus::ALL));
    }
    if random.one_in(4) {
        filter.rows = vec![line.row, random.pick(all).row];
    }
    if random.one_in(4) {
        filter.since = Some(line.at);
    }
    if random.one_in(4) {
        filter.until = Some(Timestamp(line.at.0 + 1));
    }
    if random.one_in(3) {
        let text = (*random.pick(&["a", "BAY", "日", "\\", "\"", "'", "$1 --", "%"])).to_owned();
        filter.text = Some(TextFilter { text, titled: vec![line.row] });
    }
    filter
}

async fn ask(desk: &Desk, device: &Device, filter: HistoryFilter) -> Answer {
    let request = HistoryRequest { filter, before: None, limit: 50 };
    let server = &desk.world.server;
    let request = server.client.post(server.url(HISTORY)).json(&request);
    world::send(request.bearer_auth(&device.signed.tokens.access)).await
}

async fn read(desk: &Desk, device: &Device, id: Uuid) -> Answer {
    let server = &desk.world.server;
    let request =
        server.client.post(server.url(HISTORY_ENTRY)).json(&HistoryEntryRequest { id: EntryId(id) });
    world::send(request.bearer_auth(&device.signed.tokens.access)).await
}

fn of_row(row: Uuid) -> HistoryFilter {
    HistoryFilter { rows: vec![row], ..HistoryFilter::default() }
}

#[tokio::test]
async fn history_says_who_did_what_and_goes_with_the_right_to_read() {
    let desk = Desk::start().await;
    let device = desk.device(OPERATOR).await;
    let edit = device.update("sops", desk.page, 1, json!({"title": "opening"}), json!({"title": "Opening"}));
    let id = edit.id;
    desk.push_one(&device, edit).await;
    desk.world
        .psql(format!("update guildhall.sops set content = 'By hand.' where id = '{}'", desk.page))
        .await;
    let answer: HistoryAnswer = ask(&desk, &device, of_row(desk.page)).await.read();
    let said: Vec<_> =
        answer.lines.iter().map(|line| (line.kind, line.columns.join(" "), line.actor.as_str())).collect();
    let operator = format!("user:{}", desk.operator);
    assert_eq!(
        said,
        [
            (ChangeKind::Edited, "content sha256 version".to_owned(), "sql:postgres"),
            (ChangeKind::Edited, "title".to_owned(), operator.as_str()),
            (ChangeKind::Added, String::new(), "test"),
        ]
    );
    assert_eq!((answer.lines[1].id, answer.lines[1].by), (id, Some(UserId(desk.operator.0))));
    assert_eq!(
        (answer.lines[1].device, answer.lines[1].status),
        (Some(device.signed.device), LineStatus::Committed)
    );
    assert_eq!(answer.next, None);
    for (laptop, found) in [(device.signed.device, vec![id]), (DeviceId(random::id()), vec![])] {
        let written_there = HistoryFilter { devices: vec![laptop], ..of_row(desk.page) };
        let answer: HistoryAnswer = ask(&desk, &device, written_there).await.read();
        assert_eq!(answer.lines.iter().map(|line| line.id).collect::<Vec<_>>(), found);
    }
    let entry: HistoryEntry = read(&desk, &device, id.0).await.read();
    assert_eq!((&entry.before["title"], &entry.after["title"]), (&json!("opening"), &json!("Opening")));
    // A right that goes takes the history with it, also of what one wrote oneself.
    let unknown = read(&desk, &device, random::id()).await;
    unknown.check(404, RefusalCode::NotFound);
    let nothing = ask(&desk, &device, of_row(random::id())).await;
    desk.world
        .psql(format!("update guildhall.users set role = 'member' where id = '{}'", desk.operator))
        .await;
    let (hidden, listed) = (read(&desk, &device, id.0).await, ask(&desk, &device, of_row(desk.page)).await);
    assert_eq!((hidden.status, &hidden.body), (unknown.status, &unknown.body));
    assert_eq!(listed.body, nothing.body);
}

#[tokio::test]
async fn a_line_of_another_guild_is_like_one_that_never_was() {
    let desk = Desk::start().await;
    let database = &desk.world.database;
    let other = guildhall_server::admin::add_guild(database, "Other", "en", "UTC").await.expect("guild");
    add_person(database, other, "Nadia", None, guildhall_sync::model::people::Role::Admin).await;
    let (admin, member) = (desk.device(ADMIN).await, desk.device(MEMBER).await);
    let foreign = desk
        .list(&format!("select id, target_id from guildhall.wal_entries where guild_id = '{other}'"))
        .await
        .remove(0);
    let id = |name: &str| foreign[name].as_str().expect("an id").parse::<Uuid>().expect("an id");
    for device in [&admin, &member] {
        let (there, nowhere) = (read(&desk, device, id("id")).await, read(&desk, device, random::id()).await);
        assert_eq!((there.status, there.body), (nowhere.status, nowhere.body));
        let there = ask(&desk, device, of_row(id("target_id"))).await;
        assert_eq!(there.body, ask(&desk, device, of_row(random::id())).await.body);
    }
}

#[tokio::test]
async fn more_than_a_page_holds_is_not_asked_for() {
    let desk = Desk::start().await;
    let device = desk.device(ADMIN).await;
    let many = HistoryFilter { rows: vec![desk.page; 501], ..HistoryFilter::default() };
    ask(&desk, &device, many).await.check(400, RefusalCode::BadRequest);
    let long = TextFilter { text: "x".repeat(201), titled: Vec::new() };
    let long = HistoryFilter { text: Some(long), ..HistoryFilter::default() };
    ask(&desk, &device, long).await.check(400, RefusalCode::BadRequest);
}

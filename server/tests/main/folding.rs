//! History is the tables: the lines of a row, folded in the order of its versions, give the row,
//! whoever wrote it.

use guildhall_server::random;
use guildhall_sync::change::Entry;
use guildhall_sync::model::{TABLES, find_table};
use guildhall_sync::schema::{Merge, Rows, Table};
use guildhall_sync::value::Cells;
use guildhall_sync::value::json::{from_json, to_json};
use serde_json::{Map, Value as Json, json};
use sqlx::{PgConnection, Row};
use std::collections::BTreeMap;
use uuid::Uuid;

use crate::asking;
use crate::desk::{Desk, Device, MANAGER, OPERATOR};
use crate::place::Place;
use crate::random::Random;
use crate::random_guild::RandomGuild;

/// What the lines of one row come to.
#[derive(Default)]
struct Folded {
    cells: Map<String, Json>,
    last_hash: Option<String>,
    lines: usize,
}

/// All rows that history knows, and that are not removed.
async fn fold(connection: &mut PgConnection) -> BTreeMap<(String, Uuid), Folded> {
    let lines = sqlx::query(
        "select target_table, target_id, operation_type, after_state::text as after_state, sha_after
           from guildhall.wal_entries order by row_rev, row_ord, line",
    );
    let mut rows = BTreeMap::<(String, Uuid), Folded>::new();
    for line in lines.fetch_all(connection).await.expect("lines") {
        let key = (line.try_get("target_table").expect("table"), line.try_get("target_id").expect("id"));
        let row = rows.entry(key.clone()).or_default();
        let after: Option<String> = line.try_get("after_state").expect("after");
        let after: Map<String, Json> =
            after.map_or_else(Map::new, |after| serde_json::from_str(&after).expect("JSON"));
        match line.try_get::<&str, _>("operation_type").expect("operation") {
            "insert" => row.cells = after,
            "update" => row.cells.extend(after),
            _ => drop(rows.remove(&key)),
        }
        if let Some(row) = rows.get_mut(&key) {
            row.last_hash = line.try_get("sha_after").expect("a hash");
            row.lines += 1;
        }
    }
    rows
}

/// Compares what people write; the rest of a row follows from it, and the hash of the last line is
/// that of the whole row.
fn check(table: &'static Table, folded: &Folded, found: &Cells) {
    let mut told = from_json(table, &folded.cells).expect("named values");
    table.fill_defaults(&mut told);
    let written = |cells: &Cells| -> Cells {
        let columns = table.columns.iter().filter(|column| column.merge != Merge::ServerOnly);
        columns.map(|column| (column.number, column.value_in(cells).into_owned())).collect()
    };
    let id = asking::id_of(found);
    assert_eq!(to_json(table, &written(&told)), to_json(table, &written(found)), "{} {id}", table.name);
    let hash = guildhall_sync::value::cells::hash(&found.encode(table));
    let hash: String = hash.iter().map(|byte| format!("{byte:02x}")).collect();
    assert_eq!(folded.last_hash.as_ref(), Some(&hash), "{} {id}", table.name);
}

async fn check_all(connection: &mut PgConnection) -> usize {
    let mut folded = fold(connection).await;
    let mut lines = 0;
    // Rows that are only added are history themselves.
    for table in TABLES.iter().filter(|table| table.rows != Rows::Appended) {
        for cells in asking::read_all(connection, table).await {
            let row = folded.remove(&(table.name.to_owned(), asking::id_of(&cells)));
            let row =
                row.unwrap_or_else(|| panic!("{} {} has no history", table.name, asking::id_of(&cells)));
            check(table, &row, &cells);
            lines += row.lines;
        }
    }
    let left: Vec<_> = folded.keys().filter(|(table, _)| is_edited(table)).collect();
    assert!(left.is_empty(), "history has rows that are not there: {left:?}");
    lines
}

fn is_edited(table: &str) -> bool {
    find_table(table).is_some_and(|table| table.rows != Rows::Appended)
}

#[tokio::test]
async fn what_is_written_in_psql_folds_to_every_table() {
    let place = Place::new().await;
    let mut connection = place.connect().await;
    let mut guild = RandomGuild::new(&mut connection, 8, 6).await;
    for round in 0..30 {
        for table in TABLES {
            guild.change(&mut connection, table).await;
        }
        if round % 10 == 0 {
            let id = guild.ids("competitors")[round / 10];
            asking::run(&mut connection, &format!("delete from guildhall.competitors where id = '{id}'"))
                .await;
        }
    }
    let lines = check_all(&mut connection).await;
    assert!(lines > 500, "{lines} lines");
}

#[tokio::test]
async fn what_laptops_jobs_and_psql_write_at_once_folds_to_the_tables() {
    let desk = Desk::start().await;
    let devices = [desk.device(OPERATOR).await, desk.device(MANAGER).await];
    let mut random = Random::new(44);
    let (mut pages, mut tickets) = (vec![desk.page], Vec::new());
    for round in 0..25 {
        let (page, ticket) = (random::id(), random::id());
        let born = vec![
            devices[0].insert(
                "sops",
                page,
                desk.page_row("many", &format!("page {round}"), "One.\n\nTwo.\n\nThree.\n"),
            ),
            devices[0].insert("tickets", ticket, desk.ticket_row(&format!("D1-{round}"))),
        ];
        desk.push_each(&devices[0], born).await;
        pages.push(page);
        tickets.push(ticket);
        let [one, other] = [
            edits(&desk, &devices[0], &mut random, &pages, &tickets).await,
            edits(&desk, &devices[1], &mut random, &pages, &tickets).await,
        ];
        let by_hand = by_hand(&mut random, &pages, &tickets);
        tokio::join!(
            push(&desk, &devices[0], one),
            push(&desk, &devices[1], other),
            desk.world.psql(by_hand)
        );
    }
    let mut connection = desk.world.place.connect().await;
    let lines = check_all(&mut connection).await;
    assert!(lines > 150, "{lines} lines");
    for (writer, question) in [
        ("laptops", "device_id is not null"),
        ("psql", "actor = 'sql:postgres'"),
        ("jobs", "actor = 'job:tidy'"),
        ("merges", "verdict ? 'merged'"),
        ("conflicts", "verdict ? 'conflict'"),
    ] {
        let count = asking::count(&mut connection, &format!("guildhall.wal_entries where {question}")).await;
        assert!(count > 3, "{writer}: {count}");
    }
}

async fn push(desk: &Desk, device: &Device, entries: Vec<Entry>) {
    let push = device.request(entries.into_iter().map(|entry| vec![entry]).collect());
    while desk.send(device, &push).await.status == 503 {}
}

/// Edits of pages and tickets as the device sees them now; others change them meanwhile.
async fn edits(
    desk: &Desk,
    device: &Device,
    random: &mut Random,
    pages: &[Uuid],
    tickets: &[Uuid],
) -> Vec<Entry> {
    let mut entries = Vec::new();
    for _ in 0..3 {
        let page = *random.pick(pages);
        let row = desk.row("sops", page).await;
        let rev = row["rev"].as_i64().expect("a number");
        let content = row["content"].as_str().expect("a text");
        let word = random.number();
        let edited = match random.below(4) {
            0 => content.replace("One", &format!("One {word}")),
            1 => content.replace("Two", &format!("Two {word}")),
            2 => format!("{content}\n\nAdded {word}.\n"),
            _ => content.replace("Three", &format!("Three {word}")),
        };
        entries.push(device.update(
            "sops",
            page,
            rev,
            json!({"content": content}),
            json!({"content": edited}),
        ));
        let ticket = *random.pick(tickets);
        let row = desk.row("tickets", ticket).await;
        let rev = row["rev"].as_i64().expect("a number");
        let after = json!({"subject": format!("Key {word}")});
        entries.push(device.update("tickets", ticket, rev, json!({"subject": row["subject"]}), after));
    }
    entries
}

fn by_hand(random: &mut Random, pages: &[Uuid], tickets: &[Uuid]) -> String {
    let (page, ticket, word) = (random.pick(pages), random.pick(tickets), random.number());
    match random.below(4) {
        0 => format!("update guildhall.sops set content = replace(content, 'Two', 'Two by hand {word}') where id = '{page}'"),
        1 => format!(
            "begin; set local guildhall.actor = 'job:tidy'; update guildhall.tickets set subject = 'Tidy {word}' where id = '{ticket}';
             update guildhall.tickets set deleted_at = now() where id = '{ticket}'; commit"
        ),
        2 => format!("update guildhall.tickets set subject = 'Psql {word}', deleted_at = null where id = '{ticket}'"),
        _ => format!("begin; set local guildhall.actor = 'job:tidy'; update guildhall.sops set is_pinned = not is_pinned where id = '{page}'; commit"),
    }
}

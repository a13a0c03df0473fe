//! Somebody who could read nearly everything becomes a member of the lowest rank. After the next
//! contact their laptop, opened with its own key, holds nothing any more of what they may not read,
//! wherever it was kept; what they had typed is there.

use crate::house::House;
use crate::house::device::Device;
use guildhall_local::drafts::Typed;
use guildhall_local::quarantine;
use guildhall_local::store::migrate;
use guildhall_local::subject::Subject;
use guildhall_local::write::Why;
use guildhall_sync::id::{SopId, UserId};
use guildhall_sync::model::find_table;
use guildhall_sync::value::{Cells, Value};
use std::collections::BTreeSet;
use uuid::Uuid;

/// At least so many texts are looked for that must be gone.
const MARKERS: usize = 40;
/// At least so many kinds of rows have one of them.
const KINDS: usize = 7;

/// A column of each table that not everybody reads, with a word for its marks.
const MARKED: [(&str, &str, &str); 8] = [
    ("objective_sections", "body_md", "section"),
    ("competitors", "strengths", "competitor"),
    ("tickets", "subject", "ticket"),
    ("ticket_messages", "body", "message"),
    ("public_info", "answer", "public"),
    ("sops", "content", "page"),
    ("knowledge_items", "answer_md", "article"),
    ("user_contacts", "email", "contact"),
];
const OF_STRATEGY: &str = "assistant_id in (select id from assistants where slug = 'strategy')";
/// Rows that are changed and not sent, by table and condition, and the column that is changed.
const TYPED_INTO: [(&str, &str, &str); 5] = [
    ("sops", OF_STRATEGY, "content"),
    ("competitors", "category = 'direct'", "weaknesses"),
    ("tickets", "location_id is not null", "subject"),
    ("knowledge_items", OF_STRATEGY, "answer_md"),
    ("objective_sections", "section = 'tactical'", "body_md"),
];

async fn mark(house: &House) {
    for (table, column, word) in MARKED {
        let mark = format!("zq{word}' || left(id::text, 8)");
        let update = match table {
            "user_contacts" => format!("{column} = '{mark} || '@fairway.example'"),
            _ => format!("{column} = {column} || ' {mark}"),
        };
        house.psql(format!("update guildhall.{table} set {update}")).await;
    }
}

/// Marks of the rows that the person may read, or may not.
async fn list_marks(house: &House, person: UserId, may_read: bool) -> Vec<String> {
    let (guild, person, not) = (house.guild.0, person.0, if may_read { "" } else { "not" });
    let mut marks = Vec::new();
    for (table, _, word) in MARKED {
        let number = find_table(table).expect("a synced table").number;
        let list = format!(
            "select coalesce(string_agg('zq{word}' || left(id::text, 8), ' '), '') from guildhall.{table} r
              where {not} exists (select 1 from sync.member m where m.stream = '{guild}' and m.tbl = {number}
                and m.pk = r.id and m.scope in (select sync.scopes_of('{guild}', '{person}')))"
        );
        marks.extend(house.ask::<String>(list).await.split_whitespace().map(str::to_owned));
    }
    marks
}

fn update(device: &Device, table: &str, id: Uuid, column: &str, text: &str) {
    let table = find_table(table).expect("a synced table");
    let number = table.column(column).expect("a column").number;
    let cells: Cells = [(number, Value::text(text))].into_iter().collect();
    assert!(device.write(|write| write.update(table, id, cells, Why::default())).value);
}

fn find_id(device: &Device, table: &str, condition: &str) -> Uuid {
    let select = format!("select id from {table} where {condition} order by id limit 1");
    device.read(|connection| Ok(connection.query_row(&select, [], |row| row.get(0))?))
}

fn words_of(text: &str) -> String {
    text.chars().take_while(|letter| letter.is_alphabetic()).collect()
}

/// Copies of the mirror that it keeps beside itself.
fn list_copies(device: &Device) -> Vec<String> {
    let files = std::fs::read_dir(device.profile()).expect("a folder");
    let names = files.map(|file| file.expect("a file").file_name().to_string_lossy().into_owned());
    names.filter(|name| name.contains("before-")).collect()
}

/// Everything in which something of a row may be kept: changes that wait, changes that were sent, a
/// disagreement, a text that is being written, copies of the file.
async fn spread(house: &House, device: &Device) -> Vec<String> {
    let competitor = find_id(device, "competitors", "category <> 'direct'");
    update(device, "competitors", competitor, "strengths", "Rewritten at both ends, here.");
    house
        .psql(format!(
            "update guildhall.competitors set strengths = 'Rewritten at both ends, there, zqconflict.' where id = '{competitor}'"
        ))
        .await;
    let sent = find_id(device, "knowledge_items", OF_STRATEGY);
    update(device, "knowledge_items", sent, "answer_md", "Sent before the demotion, zqsentbefore.");
    device.sync().await;
    assert_eq!(device.conflicts().len(), 1);

    let mut typed = Vec::new();
    for (table, condition, column) in TYPED_INTO {
        let id = find_id(device, table, &format!("{condition} and sync_dirty = 0"));
        // Of a text that changes another only what was typed is kept, so it is one word.
        let word = format!("typedinto{}", table.replace('_', ""));
        update(device, table, id, column, &word);
        typed.push(word);
    }
    let page = find_id(device, "sops", OF_STRATEGY);
    let draft = Typed {
        subject: Subject::Sop(SopId(page)),
        title: "Being written",
        content: "Being written by the one who is demoted, typeddraft.",
        place: "",
        base_revision: None,
    };
    device.store.keep_draft(&draft).expect("kept");
    migrate::keep_copy_before_removal(&device.store).expect("a copy");
    let older = migrate::safety_copy_path(device.store.path(), 3);
    std::fs::rename(migrate::removal_copy_path(device.store.path()), older).expect("a copy");
    migrate::keep_copy_before_removal(&device.store).expect("another");
    assert_eq!(list_copies(device).len(), 2);
    typed
}

#[tokio::test(flavor = "multi_thread")]
async fn a_demoted_persons_laptop_holds_no_byte_of_what_they_may_not_read_and_all_that_they_typed() {
    let house = House::of_sample().await;
    let marco = house.laptop_of("marco").await;
    mark(&house).await;
    marco.sync().await;
    let typed = spread(&house, &marco).await;

    let (id, lowest) = (house.user("marco"), house.id_of("ranks", "caddie"));
    house
        .psql(format!(
            "update guildhall.users set role = 'member', rank_id = '{lowest}' where id = '{}';
             delete from guildhall.user_locations where user_id = '{}'",
            id.0, id.0
        ))
        .await;
    let lost = list_marks(&house, id, false).await;
    let lost: Vec<&str> = lost.iter().map(String::as_str).collect();
    let secret: Vec<&str> = marco.finds(&lost).into_iter().chain(["zqconflict", "zqsentbefore"]).collect();
    let kinds: BTreeSet<String> = secret.iter().map(|mark| words_of(mark)).collect();
    assert!(secret.len() >= MARKERS && kinds.len() >= KINDS, "{} marks of {kinds:?}", secret.len());
    assert_eq!(marco.finds(&secret), secret, "the control: they were here");

    marco.program(|laptop| laptop.run(&["sync"]).well());

    assert_eq!(marco.finds(&secret), [""; 0], "they may not be here any more");
    assert_eq!(list_copies(&marco), [""; 0]);
    assert_eq!(marco.count("select wipe_due from sync_state"), 0);
    let left = list_marks(&house, id, true).await;
    let left: Vec<&str> = left.iter().map(String::as_str).collect();
    assert_eq!(marco.finds(&left), left, "what is still theirs is here");
    let items = marco.read(quarantine::list);
    let lines = items.iter().flat_map(|item| item.lines());
    let kept: Vec<String> = lines.flat_map(quarantine::typed).map(|typed| typed.after).collect();
    for word in &typed {
        assert!(kept.iter().any(|kept| kept.contains(word.as_str())), "{word} is not among {kept:?}");
    }
    assert_eq!(marco.finds(&["typeddraft"]), ["typeddraft"], "what is being written is typed, too");
    marco.demand_well();
}

//! Pushes as a tampered device would send them: nothing is accepted with another meaning, and the
//! server does not stumble.

use guildhall_server::random;
use guildhall_sync::change::{Entry, Verdict};
use guildhall_sync::protocol::{Push, PushAnswer};
use guildhall_sync::time::Timestamp;
use serde_json::{Value as Json, json};

use crate::desk::{Desk, Device, MEMBER, OPERATOR, PAGE, word};

/// A way to change one thing of a valid push.
type Forge = (&'static str, fn(&Desk, &mut Json));

fn entry(push: &mut Json) -> &mut Json {
    &mut push["groups"][0]["group"]["entries"][0]
}

/// With each of them something else is said, and the hashes are made to fit.
const FORGERIES: &[Forge] = &[
    ("another device", |_, push| push["device"] = json!(random::id())),
    ("no incarnation", |_, push| push["incarnation"] = json!("")),
    ("another epoch", |_, push| push["epoch"] = json!(random::id())),
    ("a field that is not known", |_, push| push["role"] = json!("admin")),
    ("a hash too many", |_, push| push["groups"][0]["hashes"] = json!(["a", "b"])),
    ("no groups", |_, push| push["groups"] = json!({})),
    ("an id that is none", |_, push| entry(push)["id"] = json!("1")),
    ("number 0", |_, push| entry(push)["device_seq"] = json!(0)),
    ("a number without end", |_, push| entry(push)["device_seq"] = json!(u64::MAX)),
    ("a number below", |_, push| entry(push)["device_seq"] = json!(-1)),
    ("another table", |_, push| entry(push)["table"] = json!("users")),
    ("a table of the server", |_, push| entry(push)["table"] = json!("sop_versions")),
    ("a table of secrets", |_, push| entry(push)["table"] = json!("private.user_credentials")),
    ("a table by trick", |_, push| entry(push)["table"] = json!("sops; drop table guildhall.sops")),
    ("a row that is not there", |_, push| entry(push)["row"] = json!(random::id())),
    ("an insert", |_, push| entry(push)["operation"] = json!("insert")),
    ("a removal", |_, push| entry(push)["operation"] = json!("delete")),
    ("a newer program", |_, push| entry(push)["schema"] = json!(99)),
    ("an older program", |_, push| entry(push)["schema"] = json!(0)),
    ("a time before time", |_, push| entry(push)["authored_at"] = json!(i64::MIN)),
    ("a reason with a null", |_, push| entry(push)["reason"] = json!("a\u{0}b")),
    ("a dependency that is unknown", |_, push| entry(push)["depends_on"] = json!([random::id()])),
    ("a conflict that is not there", |_, push| entry(push)["settles"] = json!(random::id())),
    ("nothing after", |_, push| entry(push)["after"] = json!({})),
    ("nothing before", |_, push| entry(push)["before"] = json!({})),
    ("another guild", |_, push| named(push, "guild_id", json!(random::id()))),
    ("another id", |_, push| named(push, "id", json!(random::id()))),
    ("a rev", |_, push| named(push, "rev", json!(1000))),
    ("a version", |_, push| named(push, "version", json!(1000))),
    ("a hash of the page", |_, push| named(push, "sha256", json!("00"))),
    ("an author", |desk, push| named(push, "created_by", json!(desk.manager))),
    ("an editor", |desk, push| named(push, "updated_by", json!(desk.manager))),
    ("a time of making", |_, push| named(push, "created_at", json!("2001-01-01T00:00:00Z"))),
    ("a time of editing", |_, push| named(push, "updated_at", json!("2001-01-01T00:00:00Z"))),
    ("a column that is not there", |_, push| named(push, "scope_key", json!("public"))),
    ("what others may not see", |desk, push| named(push, "assistant_id", json!(desk.strategy))),
    ("what the public sees", |_, push| named(push, "sensitivity", json!("public"))),
    ("a status that is none", |_, push| named(push, "status", json!("gone"))),
    ("a folder outside", |_, push| named(push, "category", json!("../../etc"))),
    ("a verifier who is not there", |_, push| named(push, "verified_by", json!(random::id()))),
    ("a day that is none", |_, push| named(push, "review_due_at", json!("2026-02-30"))),
    ("a day after all days", |_, push| named(push, "review_due_at", json!("9999-12-32"))),
    ("text with a null", |_, push| named(push, "content", json!("a\u{0}b"))),
    ("text too long", |_, push| named(push, "content", json!("x".repeat(600 * 1024)))),
    ("a number for a text", |_, push| named(push, "title", json!(7))),
    ("a list for a text", |_, push| named(push, "title", json!(["a"]))),
    ("nothing for a text", |_, push| named(push, "title", Json::Null)),
];

/// Says it as an edit that knows what it changes.
fn named(push: &mut Json, column: &str, value: Json) {
    entry(push)["before"][column] = Json::Null;
    entry(push)["after"][column] = value;
}

/// Puts hashes in that fit the entries, where they are still entries.
fn hash_again(push: &mut Json) {
    let entries = push["groups"][0]["group"]["entries"].clone();
    let Ok(entries) = serde_json::from_value::<Vec<Entry>>(entries) else { return };
    let fits = push["groups"][0]["hashes"].as_array().is_some_and(|hashes| hashes.len() == entries.len());
    if fits {
        push["groups"][0]["hashes"] = entries.iter().map(Entry::content_hash).map(Json::from).collect();
    }
}

fn valid(desk: &Desk, device: &Device) -> Push {
    let after = json!({"content": PAGE.replace("the door", "both doors")});
    device.request(vec![vec![device.update("sops", desk.page, 1, json!({"content": PAGE}), after)]])
}

/// Everything that a forgery might reach, without times.
async fn state(desk: &Desk) -> Vec<Json> {
    let mut all =
        desk.list("select to_jsonb(s) - 'updated_at' as row from guildhall.sops s order by id").await;
    all.extend(
        desk.list("select to_jsonb(u) - 'updated_at' as row from guildhall.users u order by id").await,
    );
    all.extend(desk.list("select * from guildhall.sync_conflicts").await);
    all.extend(desk.list("select * from guildhall.wal_entries where device_id is not null").await);
    all
}

#[tokio::test]
async fn nothing_that_was_tampered_with_is_accepted() {
    let desk = Desk::start().await;
    let device = desk.device(OPERATOR).await;
    let before = state(&desk).await;
    for (what, forge) in FORGERIES {
        let mut push = serde_json::to_value(valid(&desk, &device)).expect("json");
        forge(&desk, &mut push);
        hash_again(&mut push);
        let answer = desk.send_json(&device, &push).await;
        assert!(!answer.status.is_server_error(), "{what}: {answer:?}");
        if answer.status.is_success() {
            let answer: PushAnswer = answer.read();
            let word = word(&answer.verdicts[0].verdict);
            assert!(["rejected", "deferred"].contains(&word), "{what}: {answer:?}");
        }
        assert_eq!(state(&desk).await, before, "{what}");
    }
    let answer: PushAnswer = desk.send(&device, &valid(&desk, &device)).await.read();
    assert_eq!(word(&answer.verdicts[0].verdict), "committed", "the valid one is accepted all the same");
}

/// Whatever is changed, the hash says so; and the right entry may still come.
#[tokio::test]
async fn what_is_not_what_its_hash_says_is_refused_and_not_remembered() {
    let desk = Desk::start().await;
    let device = desk.device(OPERATOR).await;
    let push = valid(&desk, &device);
    let changes: [fn(&mut Entry); 8] = [
        |entry| entry.base_rev = Some(7),
        |entry| entry.row = random::id(),
        |entry| entry.reason = Some("because".into()),
        |entry| entry.authored_at = Timestamp(0),
        |entry| entry.device_seq += 1,
        |entry| entry.after.insert("title".into(), json!("x")).map_or((), drop),
        |entry| entry.before.clear(),
        |entry| entry.depends_on.push(entry.id),
    ];
    for (at, change) in changes.iter().enumerate() {
        let mut forged = push.clone();
        change(&mut forged.groups[0].group.entries[0]);
        let answer: PushAnswer = desk.send(&device, &forged).await.read();
        assert_eq!(word(&answer.verdicts[0].verdict), "rejected", "change {at}");
    }
    assert_eq!(desk.list("select entry_id from sync.inbox").await.len(), 0);
    let answer: PushAnswer = desk.send(&device, &push).await.read();
    assert_eq!(word(&answer.verdicts[0].verdict), "committed");
}

#[tokio::test]
async fn nobody_lifts_themselves() {
    let desk = Desk::start().await;
    let device = desk.device(MEMBER).await;
    let me = desk.member.0;
    let own = [
        json!({"role": "admin"}),
        json!({"is_active": false}),
        json!({"rank_id": null}),
        json!({"deleted_at": "2026-05-01T09:30:00Z"}),
    ];
    let before = desk.row("users", me).await;
    for after in own {
        let was = after.as_object().expect("an object").keys();
        let was: Json = was.map(|column| (column.clone(), before[column].clone())).collect();
        let verdict = desk.push_one(&device, device.update("users", me, 1, was, after.clone())).await;
        let changed_nothing = word(&verdict) == "committed" && desk.row("users", me).await == before;
        assert!(word(&verdict) == "rejected" || changed_nothing, "{after}: {verdict:?}");
    }
    let place = json!({"user_id": me, "location_id": desk.harbour});
    let level = json!({"name": "All", "user_actions": ["user.manage"]});
    for (table, row) in [("user_locations", place), ("access_levels", level)] {
        let verdict = desk.push_one(&device, device.insert(table, random::id(), row)).await;
        assert_eq!(word(&verdict), "rejected", "{table}");
    }
    assert_eq!(desk.row("users", me).await, before);
}

/// Texts that break parsers, encodings and statements, in every text of a page.
#[tokio::test]
async fn no_text_makes_the_server_stumble() {
    let desk = Desk::start().await;
    let device = desk.device(OPERATOR).await;
    let texts = [
        "'; drop table guildhall.sops; --",
        "$1",
        "%s%n",
        "\\",
        "\"",
        "{}",
        "null",
        "\u{202e}",
        "🏌️",
        "e\u{301}",
        "\u{feff}",
        "\u{1}",
        "\n",
        " ",
        "",
        "{a,b}",
        "ä".repeat(150).as_str(),
        "x".repeat(5000).as_str(),
    ]
    .map(str::to_owned);
    let mut entries = Vec::new();
    for text in &texts {
        for column in ["category", "section", "title", "content", "front_matter"] {
            let mut row = desk.page_row("till", &random::id().to_string(), "Text.");
            row[column] = json!(text);
            entries.push((column, text, device.insert("sops", random::id(), row)));
        }
    }
    let groups = entries.iter().map(|(_, _, entry)| vec![entry.clone()]).collect();
    let verdicts = desk.push(&device, groups).await;
    for ((column, text, entry), verdict) in entries.iter().zip(verdicts) {
        match verdict {
            Verdict::Committed { .. } => {
                assert_eq!(desk.row("sops", entry.row).await[*column], **text, "{column}");
            }
            Verdict::Rejected { .. } => {
                assert_eq!(desk.row("sops", entry.row).await, Json::Null, "{column} {text:?}");
            }
            other => panic!("{column} {text:?}: {other:?}"),
        }
    }
}

#[tokio::test]
async fn ten_poisoned_entries_among_a_thousand_hurt_nobody_else() {
    let desk = Desk::start().await;
    let device = desk.device(OPERATOR).await;
    let mut groups = Vec::new();
    for at in 0..1_000 {
        let reference = format!("D1-{at}");
        let mut row = desk.ticket_row(&reference);
        if at % 100 == 7 {
            match at / 100 {
                0 => row["status"] = json!("gone"),
                1 => row["subject"] = json!(""),
                2 => row["location_id"] = json!(random::id()),
                3 => row["opened_at"] = json!("yesterday"),
                4 => row["guild_id"] = json!(random::id()),
                5 => row["number"] = json!(7),
                6 => row["local_ref"] = json!("D1-0"),
                7 => row["unknown"] = json!(1),
                8 => row["subject"] = json!("a\u{0}b"),
                _ => row["assigned_to"] = json!(random::id()),
            }
        }
        groups.push(vec![device.insert("tickets", random::id(), row)]);
    }
    let mut verdicts = desk.push(&device, groups.drain(..500).collect()).await;
    verdicts.extend(desk.push(&device, groups).await);
    let good = verdicts.iter().filter(|verdict| word(verdict) == "committed").count();
    assert_eq!(good, 990);
    assert_eq!(desk.list("select id from guildhall.tickets").await.len(), 990);
    for (at, verdict) in verdicts.iter().enumerate().filter(|(at, _)| at % 100 == 7) {
        let expected = if at / 100 == 6 { "conflict" } else { "rejected" };
        assert_eq!(word(verdict), expected, "{at}: {verdict:?}");
    }
}

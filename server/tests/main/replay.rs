//! The same push again, at once, out of order or with its answer lost: one effect, one verdict.

use guildhall_server::random;
use guildhall_sync::change::{Entry, RejectCode, Verdict};
use guildhall_sync::protocol::{self, PushAnswer, RefusalCode};
use serde_json::{Value as Json, json};
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;

use crate::desk::{Desk, Device, MANAGER, OPERATOR, PAGE, word};

/// Everything that a push may write, without times.
async fn tables(desk: &Desk) -> Vec<Json> {
    let mut all = Vec::new();
    for question in [
        "select id, title, content, rev, version from guildhall.sops order by id",
        "select id, subject, rev from guildhall.tickets order by id",
        "select sop_id, version, sha256, changed_kind from guildhall.sop_versions order by 1, 2",
        "select id, target_id, mine, theirs, units from guildhall.sync_conflicts order by id",
        "select id, row_rev, row_ord, verdict from guildhall.wal_entries where device_id is not null order by id",
        "select entry_id, device_seq, content_hash, verdict from sync.inbox order by entry_id",
        "select tbl, pk, scope, version, hash from sync.member order by 1, 2, 3",
    ] {
        all.extend(desk.list(question).await);
    }
    all
}

/// One entry for every kind of verdict that is final.
async fn mixed(desk: &Desk, device: &Device) -> Vec<Vec<Entry>> {
    let other = desk.device(MANAGER).await;
    let theirs = json!({"title": "Theirs", "content": PAGE.replace("the coins", "every coin")});
    let before = || json!({"title": "opening", "content": PAGE});
    desk.push_one(&other, other.update("sops", desk.page, 1, before(), theirs)).await;
    let mine = json!({"title": "Mine", "content": PAGE.replace("the door", "both doors")});
    let after = json!({"content": PAGE.replace("the sign", "all signs")});
    vec![
        vec![device.insert("tickets", random::id(), desk.ticket_row("D1-1"))],
        vec![device.update("sops", desk.page, 1, before(), mine)],
        vec![device.update("sops", desk.page, 1, json!({"content": PAGE}), after)],
        vec![device.insert("tickets", random::id(), json!({"subject": ""}))],
        vec![device.insert("sops", random::id(), desk.page_row("till", "opening", "Mine."))],
    ]
}

#[tokio::test]
async fn a_push_that_is_sent_again_changes_nothing_and_is_answered_alike() {
    let desk = Desk::start().await;
    let device = desk.device(OPERATOR).await;
    let groups = mixed(&desk, &device).await;
    let push = device.request(groups);
    let first: PushAnswer = desk.send(&device, &push).await.read();
    let words: Vec<&str> = first.verdicts.iter().map(|answer| word(&answer.verdict)).collect();
    assert_eq!(words, ["committed", "conflict", "merged", "rejected", "conflict"]);
    let after_first = tables(&desk).await;
    for turn in 0..3 {
        let mut again = push.clone();
        again.groups.rotate_left(turn);
        let answer: PushAnswer = desk.send(&device, &again).await.read();
        for verdict in answer.verdicts {
            assert!(first.verdicts.contains(&verdict), "{verdict:?}");
        }
        assert_eq!(tables(&desk).await, after_first, "turn {turn}");
    }
}

#[tokio::test]
async fn pushes_of_the_same_entries_at_once_are_decided_once() {
    let desk = Desk::start().await;
    let device = desk.device(OPERATOR).await;
    let groups = mixed(&desk, &device).await;
    let push = device.request(groups);
    let mut reversed = push.clone();
    reversed.groups.reverse();
    let (one, other, third) =
        tokio::join!(desk.send(&device, &push), desk.send(&device, &reversed), desk.send(&device, &push));
    let [one, other, third]: [PushAnswer; 3] = [one.read(), other.read(), third.read()];
    assert_eq!(one.verdicts, third.verdicts);
    assert!(other.verdicts.iter().all(|verdict| one.verdicts.contains(verdict)), "{one:?} {other:?}");
    let lines = desk.list("select id from guildhall.wal_entries where device_id is not null").await;
    assert_eq!(lines.len(), 5, "four of these, and the manager's");
}

#[tokio::test]
async fn an_entry_that_comes_twice_in_one_push_is_one_entry() {
    let desk = Desk::start().await;
    let device = desk.device(OPERATOR).await;
    let entry = device.insert("tickets", random::id(), desk.ticket_row("D1-1"));
    let mut other = entry.clone();
    other.after.insert("subject".to_owned(), json!("Something else"));
    let verdicts = desk.push_each(&device, vec![entry.clone(), entry, other]).await;
    assert_eq!(verdicts[0], Verdict::Committed { rev: 1, ord: 0 });
    assert_eq!(verdicts[1], verdicts[0]);
    assert!(matches!(verdicts[2], Verdict::Rejected { code: RejectCode::IdReuse, .. }), "{verdicts:?}");
}

#[tokio::test]
async fn an_id_with_other_content_is_refused_and_the_first_stays() {
    let desk = Desk::start().await;
    let device = desk.device(OPERATOR).await;
    let entry = device.insert("tickets", random::id(), desk.ticket_row("D1-1"));
    let first = desk.push_one(&device, entry.clone()).await;
    let mut other = entry.clone();
    other.after.insert("subject".to_owned(), json!("Something else"));
    let verdict = desk.push_one(&device, other).await;
    assert!(matches!(verdict, Verdict::Rejected { code: RejectCode::IdReuse, .. }), "{verdict:?}");
    assert_eq!(desk.push_one(&device, entry).await, first);
}

#[tokio::test]
async fn a_number_with_another_entry_means_that_the_file_lives_twice() {
    let desk = Desk::start().await;
    let mut device = desk.device(OPERATOR).await;
    let entry = device.insert("tickets", random::id(), desk.ticket_row("D1-1"));
    desk.push_one(&device, entry.clone()).await;
    let mut copy = device.insert("tickets", random::id(), desk.ticket_row("D1-2"));
    copy.device_seq = entry.device_seq;
    let fine = device.insert("tickets", random::id(), desk.ticket_row("D1-3"));
    let groups = vec![vec![fine.clone()], vec![copy.clone()]];
    desk.send(&device, &device.request(groups)).await.check(409, RefusalCode::Forked);
    assert_eq!(desk.list("select id from guildhall.tickets").await.len(), 1, "nothing of it was taken");
    device.incarnation = random::id();
    let verdicts = desk.push_each(&device, vec![fine, copy]).await;
    assert!(verdicts.iter().all(|verdict| word(verdict) == "committed"), "{verdicts:?}");
}

#[tokio::test]
async fn a_push_from_before_a_restore_waits_until_the_device_has_heard_of_it() {
    let desk = Desk::start().await;
    let device = desk.device(OPERATOR).await;
    let entry = device.insert("tickets", random::id(), desk.ticket_row("D1-1"));
    let mut push = device.request(vec![vec![entry]]);
    push.epoch = Some(random::id());
    let answer: PushAnswer = desk.send(&device, &push).await.read();
    assert_eq!(word(&answer.verdicts[0].verdict), "deferred");
    let epoch = desk.list("select epoch from sync.stream order by stream limit 1").await;
    push.epoch = Some(epoch[0]["epoch"].as_str().expect("an id").parse().expect("an id"));
    let answer: PushAnswer = desk.send(&device, &push).await.read();
    assert_eq!(word(&answer.verdicts[0].verdict), "committed");
}

/// Another device, a copy of this one, has the same entry decided at the same moment.
#[tokio::test]
async fn an_entry_that_two_devices_send_at_once_is_decided_once() {
    let desk = Desk::start().await;
    let device = desk.device(OPERATOR).await;
    let entry = device.insert("tickets", random::id(), desk.ticket_row("D1-1"));
    let mut other = desk.world.place.connect().await;
    let decided = format!(
        "begin; insert into sync.inbox (guild_id, entry_id, device_id, incarnation, device_seq, content_hash, verdict)
         values ('{}', '{}', gen_random_uuid(), gen_random_uuid(), 1, '{}', '{{\"committed\": {{\"rev\": 7, \"ord\": 3}}}}')",
        desk.world.guild,
        entry.id.0,
        entry.content_hash()
    );
    sqlx::raw_sql(sqlx::AssertSqlSafe(decided)).execute(&mut other).await.expect("decided");
    let end = async {
        let waiting = "select pid from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'";
        while desk.list(waiting).await.is_empty() {
            tokio::task::yield_now().await;
        }
        sqlx::raw_sql("commit").execute(&mut other).await.expect("committed");
    };
    let (verdict, ()) = tokio::join!(desk.push_one(&device, entry), end);
    assert_eq!(verdict, Verdict::Committed { rev: 7, ord: 3 });
    assert!(desk.list("select id from guildhall.tickets").await.is_empty(), "it was taken back");
}

/// The network is cut after the request has left and before its answer has come.
#[tokio::test]
async fn an_answer_that_is_lost_is_given_again() {
    let desk = Desk::start().await;
    let device = desk.device(OPERATOR).await;
    let entry = device.insert("tickets", random::id(), desk.ticket_row("D1-1"));
    let push = device.request(vec![vec![entry]]);
    let body = serde_json::to_string(&push).expect("json");
    let mut connection = TcpStream::connect(desk.world.server.address).await.expect("a connection");
    let head = format!(
        "POST {} HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {}\r\ncontent-length: {}\r\n\r\n{body}",
        protocol::PUSH,
        device.signed.tokens.access,
        body.len()
    );
    connection.write_all(head.as_bytes()).await.expect("written");
    while desk.list("select entry_id from sync.inbox where verdict is not null").await.is_empty() {
        tokio::task::yield_now().await;
    }
    drop(connection);
    let answer: PushAnswer = desk.send(&device, &push).await.read();
    assert_eq!(answer.verdicts[0].verdict, Verdict::Committed { rev: 1, ord: 0 });
    assert_eq!(desk.list("select id from guildhall.wal_entries where device_id is not null").await.len(), 1);
}

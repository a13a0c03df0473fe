//! Groups that are too large for one push: their parts wait at the server until the last is there,
//! and then the group is decided as if it had come at once.

use guildhall_server::db::jobs::Job;
use guildhall_server::random;
use guildhall_sync::change::{Entry, RejectCode, Verdict};
use guildhall_sync::protocol::{Extent, MAX_GROUP_ENTRIES, Push, PushAnswer, RefusalCode};
use serde_json::json;

use crate::desk::{Desk, Device, OPERATOR, PAGE, word};
use crate::world::Served;

const TICKETS: usize = 9;

/// A group of new tickets, each with its own reference.
fn tickets(desk: &Desk, device: &Device, count: usize) -> Vec<Entry> {
    let ticket = |number| device.insert("tickets", random::id(), desk.ticket_row(&format!("D1-{number}")));
    (0..count).map(ticket).collect()
}

/// The pushes that bring a group in parts of so many entries.
fn parts(device: &Device, group: Vec<Entry>, each: usize) -> Vec<Push> {
    let of = u32::try_from(group.len()).expect("few");
    let whole = device.request(vec![group]);
    let count = whole.groups[0].group.entries.len();
    let part = |after: usize| {
        let mut push = whole.clone();
        let range = after..(after + each).min(count);
        let sent = &mut push.groups[0];
        sent.group.entries = sent.group.entries[range.clone()].to_vec();
        sent.hashes = sent.hashes[range].to_vec();
        sent.extent = Extent::Part { after: u32::try_from(after).expect("few"), of };
        push
    };
    (0..count).step_by(each).map(part).collect()
}

async fn send(desk: &Desk, device: &Device, push: &Push) -> PushAnswer {
    desk.send(device, push).await.read()
}

/// How much is kept after a part that is not the last.
async fn kept(desk: &Desk, device: &Device, push: &Push) -> u32 {
    let answer = send(desk, device, push).await;
    assert!(answer.verdicts.is_empty(), "nothing is decided yet");
    answer.kept.expect("others have to come").entries
}

async fn verdicts(desk: &Desk, device: &Device, push: &Push) -> Vec<Verdict> {
    let answer = send(desk, device, push).await;
    assert_eq!(answer.kept, None);
    answer.verdicts.into_iter().map(|told| told.verdict).collect()
}

async fn count(desk: &Desk, of: &str) -> i64 {
    desk.list(&format!("select count(*) as rows from {of}")).await[0]["rows"].as_i64().expect("a number")
}

#[tokio::test]
async fn a_group_in_parts_is_applied_at_the_last_one_with_a_verdict_for_every_entry() {
    let desk = Desk::start().await;
    let device = desk.device(OPERATOR).await;
    let group = tickets(&desk, &device, TICKETS);
    let parts = parts(&device, group.clone(), 4);
    assert_eq!(kept(&desk, &device, &parts[0]).await, 4);
    assert_eq!(kept(&desk, &device, &parts[1]).await, 8);
    let other = device.insert("tickets", random::id(), desk.ticket_row("D1-other"));
    assert_eq!(word(&desk.push_one(&device, other).await), "committed", "others go by meanwhile");
    assert_eq!(count(&desk, "guildhall.tickets").await, 1, "nothing of it is there before all of it is");
    let answer = send(&desk, &device, &parts[2]).await;
    let told: Vec<_> = answer.verdicts.iter().map(|told| (told.entry, told.device_seq)).collect();
    let sent: Vec<_> = group.iter().map(|entry| (entry.id, entry.device_seq)).collect();
    assert_eq!(told, sent);
    assert!(answer.verdicts.iter().all(|told| word(&told.verdict) == "committed"), "{answer:?}");
    let rows = i64::try_from(TICKETS).expect("few");
    assert_eq!(count(&desk, "guildhall.tickets").await, rows + 1);
    let commits = desk
        .list("select distinct xmin::text as x from guildhall.tickets where local_ref <> 'D1-other'")
        .await;
    assert_eq!(commits.len(), 1, "all of it in one transaction");
}

#[tokio::test]
async fn parts_may_come_twice_and_late_and_be_forgotten() {
    let mut desk = Desk::start().await;
    let device = desk.device(OPERATOR).await;
    let parts = parts(&device, tickets(&desk, &device, TICKETS), 3);
    assert_eq!(kept(&desk, &device, &parts[1]).await, 0, "the first one has to come first");
    assert_eq!(kept(&desk, &device, &parts[0]).await, 3);
    assert_eq!(kept(&desk, &device, &parts[2]).await, 3);
    assert_eq!(kept(&desk, &device, &parts[1]).await, 6);
    assert_eq!(kept(&desk, &device, &parts[0]).await, 6, "a late copy takes nothing away");
    let next = Served::start(&desk.world.place.url(), |_| {}).await;
    std::mem::replace(&mut desk.world.server, next).stop().await;
    let first = verdicts(&desk, &device, &parts[2]).await;
    assert_eq!(first.len(), TICKETS);
    assert_eq!(verdicts(&desk, &device, &parts[2]).await, first, "the answer was lost");
    desk.world.psql("delete from sync.parted").await;
    assert_eq!(kept(&desk, &device, &parts[2]).await, 0);
    assert_eq!(kept(&desk, &device, &parts[0]).await, 3);
    assert_eq!(kept(&desk, &device, &parts[1]).await, 6);
    assert_eq!(verdicts(&desk, &device, &parts[2]).await, first);
    assert_eq!(count(&desk, "guildhall.tickets").await, i64::try_from(TICKETS).expect("few"));
    assert_eq!(count(&desk, "guildhall.wal_entries where device_id is not null").await, 9);
}

#[tokio::test]
async fn two_groups_in_parts_do_not_mix() {
    let desk = Desk::start().await;
    let (one, other) = (desk.device(OPERATOR).await, desk.device(OPERATOR).await);
    let first = parts(&one, tickets(&desk, &one, 4), 2);
    let page = other.insert("sops", random::id(), desk.page_row("till", "closing", PAGE));
    let mut second = parts(&other, vec![page.clone(), page], 1);
    second.iter_mut().for_each(|part| part.groups[0].group.id = first[0].groups[0].group.id);
    assert_eq!(kept(&desk, &one, &first[0]).await, 2);
    assert_eq!(kept(&desk, &other, &second[0]).await, 1, "another device's group of this name");
    assert_eq!(verdicts(&desk, &one, &first[1]).await.len(), 4);
    assert_eq!(verdicts(&desk, &other, &second[1]).await.len(), 2);
    assert_eq!(count(&desk, "guildhall.tickets").await, 4);
}

#[tokio::test]
async fn one_refused_entry_refuses_its_group_whichever_part_it_came_with() {
    let desk = Desk::start().await;
    let device = desk.device(OPERATOR).await;
    let mut group = tickets(&desk, &device, 5);
    group[1] = device.insert("ranks", random::id(), json!({"name": "Baron", "hierarchy_level": 9}));
    let parts = parts(&device, group, 2);
    for part in &parts[..2] {
        kept(&desk, &device, part).await;
    }
    let codes: Vec<RejectCode> = verdicts(&desk, &device, &parts[2]).await.iter().map(code).collect();
    let with = RejectCode::GroupRefused;
    assert_eq!(codes, [with, RejectCode::Forbidden, with, with, with]);
    assert_eq!(count(&desk, "guildhall.tickets").await, 0);
}

#[track_caller]
fn code(verdict: &Verdict) -> RejectCode {
    match verdict {
        Verdict::Rejected { code, reason, .. } => {
            assert!(reason.ends_with('.'), "it is a sentence: {reason}");
            *code
        }
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn what_waits_is_bounded_and_does_not_wait_for_ever() {
    let desk = Desk::start().await;
    let device = desk.device(OPERATOR).await;
    let groups: Vec<Vec<Push>> = (0..5).map(|_| parts(&device, tickets(&desk, &device, 2), 1)).collect();
    for group in &groups {
        assert_eq!(kept(&desk, &device, &group[0]).await, 1);
    }
    assert_eq!(count(&desk, "sync.parted").await, 4);
    assert_eq!(kept(&desk, &device, &groups[0][1]).await, 0, "the oldest has made room");
    desk.world.psql("update sync.parted set touched_at = now() - interval '4 days'").await;
    kept(&desk, &device, &groups[4][0]).await;
    desk.world.database.run_job(Job::Trim, 30).await.expect("trimmed");
    assert_eq!((count(&desk, "sync.parted").await, count(&desk, "sync.part").await), (1, 1));

    let mut large = groups[1][0].clone();
    let of = u32::try_from(MAX_GROUP_ENTRIES).expect("a number") + 1;
    large.groups[0].extent = Extent::Part { after: 0, of };
    assert_eq!(code(&verdicts(&desk, &device, &large).await[0]), RejectCode::TooLarge);
}

#[tokio::test]
async fn what_is_withheld_keeps_its_verdict_or_is_refused_with_its_group() {
    let desk = Desk::start().await;
    let device = desk.device(OPERATOR).await;
    let withheld = |push: &Push, large: usize| {
        let mut push = push.clone();
        let sent = &mut push.groups[0];
        sent.extent = Extent::Withheld { entry: sent.group.entries[large].id };
        for entry in &mut sent.group.entries {
            entry.before.clear();
            entry.after.clear();
        }
        push
    };
    let known = device.request(vec![tickets(&desk, &device, 2)]);
    let told = verdicts(&desk, &device, &known).await;
    assert_eq!(verdicts(&desk, &device, &withheld(&known, 0)).await, told, "it had arrived");
    let fresh = device.request(vec![tickets(&desk, &device, 3)]);
    let refused = verdicts(&desk, &device, &withheld(&fresh, 1)).await;
    let codes: Vec<RejectCode> = refused.iter().map(code).collect();
    assert_eq!(codes, [RejectCode::GroupRefused, RejectCode::TooLarge, RejectCode::GroupRefused]);
    assert_eq!(verdicts(&desk, &device, &fresh).await, refused, "a late copy changes nothing");
    assert_eq!(count(&desk, "guildhall.tickets").await, 2);
}

#[tokio::test]
async fn a_part_that_does_not_fit_its_group_is_no_request() {
    let desk = Desk::start().await;
    let device = desk.device(OPERATOR).await;
    let good = parts(&device, tickets(&desk, &device, 4), 2);
    let mut beyond = good[0].clone();
    beyond.groups[0].extent = Extent::Part { after: 3, of: 4 };
    let mut beside = good[0].clone();
    beside.groups.extend(device.request(vec![tickets(&desk, &device, 1)]).groups);
    let mut stranger = good[0].clone();
    stranger.groups[0].extent = Extent::Withheld { entry: good[1].groups[0].group.entries[0].id };
    for push in [beyond, beside, stranger] {
        desk.send(&device, &push).await.check(400, RefusalCode::BadRequest);
    }
}

//! Pushes that run into each other, and into people in psql who lock the same rows the other way
//! round: each is answered with a verdict for each entry, and nothing is written twice or lost.

use guildhall_server::random;
use guildhall_sync::change::{Entry, Verdict};
use guildhall_sync::protocol::{PushAnswer, RefusalCode};
use serde_json::json;
use tokio::task::JoinSet;
use uuid::Uuid;

use crate::desk::{Desk, Device, MANAGER, OPERATOR};
use crate::random::Random;

const PAGES: usize = 8;
const DEVICES: usize = 4;
const PUSHES: usize = 4;
const MAX_SENDS: usize = 20;

async fn desk_with_pages() -> (Desk, Vec<Uuid>) {
    let desk = Desk::start().await;
    let mut pages = Vec::new();
    for number in 0..PAGES {
        let id = random::id();
        desk.add("sops", id, desk.page_row("many", &format!("page {number}"), "One.\n\nTwo.\n")).await;
        pages.push(id);
    }
    (desk, pages)
}

/// Pins or unpins pages, in an order of its own, in groups of one, two and three.
fn groups(device: &Device, pages: &[Uuid], random: &mut Random) -> Vec<Vec<Entry>> {
    let mut order = pages.to_vec();
    (1..order.len()).for_each(|at| order.swap(at, random.below(at + 1)));
    let edit = |page: &Uuid, pinned: bool| {
        device.update("sops", *page, 1, json!({"is_pinned": !pinned}), json!({"is_pinned": pinned}))
    };
    let mut entries = order.iter().map(|page| edit(page, random.one_in(2))).collect::<Vec<_>>().into_iter();
    [1, 2, 3, 2].iter().map(|size| entries.by_ref().take(*size).collect()).collect()
}

/// Sends the same again where the server asks to come later, as a device does.
async fn push(desk: &Desk, device: &Device, groups: Vec<Vec<Entry>>) -> Vec<Verdict> {
    let push = device.request(groups);
    for _ in 0..MAX_SENDS {
        let answer = desk.send(device, &push).await;
        if answer.status != 503 {
            let answer: PushAnswer = answer.read();
            return answer.verdicts.into_iter().map(|answer| answer.verdict).collect();
        }
        answer.check(503, RefusalCode::Unavailable);
    }
    panic!("it was sent {MAX_SENDS} times and never answered");
}

/// Locks rows one after the other in the opposite order of their ids, as no careful program would.
async fn disturb(url: String, mut pages: Vec<Uuid>, seed: u64) {
    use sqlx::Connection;
    pages.sort_unstable_by(|a, b| b.cmp(a));
    let mut random = Random::new(seed);
    let mut connection = sqlx::PgConnection::connect(&url).await.expect("a connection");
    for _ in 0..20 {
        let mut transaction = connection.begin().await.expect("a transaction");
        let mut is_whole = true;
        for page in pages.iter().filter(|_| random.one_in(3)) {
            let pin = "update guildhall.sops set is_pinned = not is_pinned where id = $1";
            is_whole &= is_whole && sqlx::query(pin).bind(page).execute(&mut *transaction).await.is_ok();
        }
        // One that lost a deadlock is given up.
        if is_whole { transaction.commit().await.expect("committed") } else { drop(transaction) }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn pushes_that_run_into_each_other_are_each_answered_and_done_once() {
    let (desk, pages) = desk_with_pages().await;
    let mut devices = Vec::new();
    for number in 0..DEVICES {
        devices.push(desk.device(if number % 2 == 0 { OPERATOR } else { MANAGER }).await);
    }
    let mut disturbing = JoinSet::new();
    for seed in 0..2 {
        disturbing.spawn(disturb(desk.world.place.url(), pages.clone(), seed));
    }
    let pushing = devices.iter().enumerate().map(|(number, device)| {
        let (desk, pages) = (&desk, &pages);
        async move {
            let mut random = Random::new(number as u64);
            let mut answered = Vec::new();
            for _ in 0..PUSHES {
                let groups = groups(device, pages, &mut random);
                let rows: Vec<Uuid> = groups.iter().flatten().map(|entry| entry.row).collect();
                let verdicts = push(desk, device, groups).await;
                assert_eq!(rows.len(), verdicts.len());
                answered.extend(rows.into_iter().zip(verdicts));
            }
            answered
        }
    });
    let answered: Vec<(Uuid, Verdict)> =
        futures_util::future::join_all(pushing).await.into_iter().flatten().collect();
    while let Some(ended) = disturbing.join_next().await {
        ended.expect("it does not panic");
    }

    let decided = answered.iter().filter(|(_, verdict)| !matches!(verdict, Verdict::Deferred { .. })).count();
    for (row, verdict) in &answered {
        let rev = desk.row("sops", *row).await["rev"].as_i64().expect("a revision");
        match verdict {
            Verdict::Committed { rev: own, .. } => assert!(*own <= rev, "{row} is at {rev}, not at {own}"),
            Verdict::Deferred { .. } => {}
            other => panic!("nobody is against a pin: {other:?}"),
        }
    }
    let lines = desk.list("select id from guildhall.wal_entries where device_id is not null").await;
    assert_eq!(lines.len(), decided, "each entry that was answered has its line, once");
    assert!(decided * 10 > answered.len() * 9, "{decided} of {} were decided", answered.len());
}

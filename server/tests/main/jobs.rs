//! What the server does by itself: the change log turns over, the projection is set right.

use guildhall_server::db::jobs::{Done, Job};
use serde_json::{Value as Json, json};

use crate::desk::{Desk, OPERATOR};
use crate::mirror::{Mirror, Pulled};

/// Everything that the log holds was written this long ago.
async fn age(desk: &Desk, days: u32) {
    desk.world
        .psql(format!(
            "update sync.commit set sealed_at = sealed_at - interval '{days} days',
                slot = sync.log_slot(now() - interval '{days} days');
             update sync.change set slot = sync.log_slot(now() - interval '{days} days')"
        ))
        .await;
}

/// The last trimming was a day ago.
async fn wait_a_day(desk: &Desk) {
    desk.world.psql("update sync.stream set trimmed_at = trimmed_at - interval '1 day'").await;
}

async fn count(desk: &Desk, of: &str) -> Json {
    desk.list(&format!("select count(*) as rows from {of}")).await[0]["rows"].clone()
}

#[tokio::test]
async fn the_log_is_emptied_by_the_slot_and_a_device_that_was_away_loses_nothing() {
    let desk = Desk::start().await;
    let device = desk.device(OPERATOR).await;
    let mut mirror = Mirror::new();
    mirror.catch_up(&desk, &device).await;
    let page = desk.page;
    desk.world.psql(format!("update guildhall.sops set title = 'While away' where id = '{page}'")).await;
    desk.number_commits().await;

    let database = &desk.world.database;
    assert_eq!(database.run_job(Job::Trim, 30).await.expect("trimmed"), Done { found: 0, repaired: 0 });
    age(&desk, 31).await;
    assert_eq!(database.run_job(Job::Trim, 30).await.expect("trimmed"), Done { found: 1, repaired: 0 });
    assert_ne!(count(&desk, "sync.change").await, json!(0), "a pull that had begun still finds them");
    wait_a_day(&desk).await;
    assert_eq!(database.run_job(Job::Trim, 30).await.expect("emptied"), Done { found: 0, repaired: 1 });
    assert_eq!(count(&desk, "sync.change").await, json!(0));

    desk.world.psql(format!("update guildhall.sops set title = 'And later' where id = '{page}'")).await;
    let frames = mirror.pull(&desk, &device).await.frames();
    assert!(frames.iter().any(|frame| matches!(frame, guildhall_sync::protocol::Frame::FillEnd)));
    mirror.check(&desk, desk.operator.0).await;
    desk.number_commits().await;
    desk.world.psql(format!("update guildhall.sops set title = 'At last' where id = '{page}'")).await;
    let frames = mirror.pull(&desk, &device).await.frames();
    assert!(!frames.iter().any(|frame| matches!(frame, guildhall_sync::protocol::Frame::FillEnd)));
    mirror.check(&desk, desk.operator.0).await;
}

#[tokio::test]
async fn a_slot_that_is_being_read_is_left_for_the_next_time() {
    let desk = Desk::start().await;
    desk.number_commits().await;
    age(&desk, 31).await;
    let database = &desk.world.database;
    database.run_job(Job::Trim, 30).await.expect("trimmed");
    wait_a_day(&desk).await;
    let mut reader = desk.world.place.connect().await;
    crate::asking::run(&mut reader, "begin; select count(*) from sync.change").await;
    assert_eq!(database.run_job(Job::Trim, 30).await.expect("left"), Done::default());
    crate::asking::run(&mut reader, "commit").await;
    assert_eq!(database.run_job(Job::Trim, 30).await.expect("emptied"), Done { found: 0, repaired: 1 });
}

#[tokio::test]
async fn what_the_auditor_sets_right_reaches_devices_and_is_told() {
    let desk = Desk::start().await;
    let device = desk.device(OPERATOR).await;
    let mut mirror = Mirror::new();
    mirror.catch_up(&desk, &device).await;
    let (page, guild, database) = (desk.page, desk.world.guild, &desk.world.database);
    for damage in [
        format!("update sync.member set hash = set_byte(hash, 3, get_byte(hash, 3) # 1) where pk = '{page}'"),
        format!("update sync.member set version = version + 1 where pk = '{page}'"),
        format!("delete from sync.member where pk = '{page}'"),
        format!(
            "insert into sync.member (stream, tbl, pk, scope, version, hash)
             select stream, tbl, pk, 'managers', version, hash from sync.member where pk = '{page}'"
        ),
        format!(
            "alter table guildhall.sops disable trigger all;
             update guildhall.sops set content = 'Written past the triggers.' where id = '{page}';
             alter table guildhall.sops enable always trigger sync_before;
             alter table guildhall.sops enable always trigger sync_history;
             alter table guildhall.sops enable always trigger sync_added;
             alter table guildhall.sops enable always trigger sync_changed;
             alter table guildhall.sops enable always trigger sync_removed;
             alter table guildhall.sops enable always trigger sync_truncate"
        ),
    ] {
        desk.world.psql(damage.clone()).await;
        let done = database.run_job(Job::Audit, 30).await.expect("audited");
        assert_eq!(done, Done { found: 1, repaired: 1 }, "{damage}");
        assert_eq!(count(&desk, "sync.audit()").await, json!(0), "{damage}");
        mirror.catch_up(&desk, &device).await;
        mirror.check(&desk, desk.operator.0).await;
        let told = database.list_repairs(guild, 100).await.expect("repairs");
        assert_eq!((told[0].row, told[0].device), (Some(page), None), "{damage}");
    }
    let held = mirror.find_row(page).expect("the page").cells.clone();
    assert!(format!("{held:?}").contains("Written past the triggers."));
    assert!(matches!(mirror.pull(&desk, &device).await, Pulled::Nothing | Pulled::Frames(_)));
}

#[tokio::test]
async fn serve_runs_the_daily_jobs_once_and_says_so() {
    let desk = Desk::start().await;
    let runs = || async { desk.world.database.list_job_runs(100).await.expect("runs") };
    while runs().await.iter().filter(|run| run.ended_at.is_some()).count() < Job::ALL.len() {
        tokio::task::yield_now().await;
    }
    let second = crate::world::Served::start(&desk.world.place.url(), |_| {}).await;
    second.sign_in(&crate::world::attempt()).await;
    second.stop().await;
    let runs = runs().await;
    assert_eq!(runs.len(), Job::ALL.len());
    assert!(runs.iter().all(|run| run.problem.is_none()));
    let due = "select sync.is_due('audit', 0) or sync.is_due('trim', 0) as due";
    assert_eq!(desk.list(due).await[0]["due"], json!(false));
    desk.world.psql("update sync.job_run set started_at = started_at - interval '24 hours'").await;
    assert_eq!(desk.list(due).await[0]["due"], json!(true));
}

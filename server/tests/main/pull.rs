//! Pulls: a first download, what changed since, what left, and when there is nothing to say.

use guildhall_server::random;
use guildhall_sync::change::Verdict;
use guildhall_sync::protocol::{Cursor, Effect, Frame, Pull, RefusalCode};
use serde_json::json;

use crate::desk::{ADMIN, Desk, Device, MANAGER, MEMBER, OPERATOR, word};
use crate::mirror::{Mirror, Pulled, read_frames};

/// A device that has downloaded everything.
async fn caught_up(desk: &Desk, person: &str) -> (Device, Mirror) {
    let device = desk.device(person).await;
    let mut mirror = Mirror::new();
    mirror.catch_up(desk, &device).await;
    (device, mirror)
}

fn words(frames: &[Frame]) -> Vec<&'static str> {
    frames
        .iter()
        .map(|frame| match frame {
            Frame::Grants { .. } => "grants",
            Frame::Settled(_) => "settled",
            Frame::Begin { .. } => "begin",
            Frame::Rows(_) => "rows",
            Frame::Gone(_) => "gone",
            Frame::Checkpoint { .. } => "checkpoint",
            Frame::FillBegin { .. } => "fill",
            Frame::FillEnd => "filled",
            Frame::Digests(_) => "digests",
            Frame::Buckets { .. } => "buckets",
            Frame::RepairBegin { .. } => "repair",
            Frame::RepairEnd => "repaired",
            Frame::Errands(_) => "errands",
        })
        .collect()
}

#[tokio::test]
async fn everybody_downloads_what_they_may_read_and_no_more() {
    let desk = Desk::start().await;
    for (person, id) in
        [(ADMIN, desk.world.user), (MANAGER, desk.manager), (OPERATOR, desk.operator), (MEMBER, desk.member)]
    {
        let (_, mirror) = caught_up(&desk, person).await;
        mirror.check(&desk, id.0).await;
        assert_eq!(mirror.live, mirror.granted);
        assert_eq!(mirror.find_row(desk.page).is_some(), person != MEMBER, "{person} and the page");
        assert_eq!(mirror.find_row(desk.strategy).is_some(), person == MANAGER, "{person} and strategy");
    }
}

#[tokio::test]
async fn a_pull_with_nothing_new_is_answered_with_nothing() {
    let desk = Desk::start().await;
    let (device, mut mirror) = caught_up(&desk, OPERATOR).await;
    for _ in 0..3 {
        assert!(matches!(mirror.pull(&desk, &device).await, Pulled::Nothing));
    }
    let seen = desk
        .list("select incarnation, last_seen_at from private.devices where last_seen_at is not null")
        .await;
    assert!(seen.iter().any(|seen| seen["incarnation"] == json!(device.incarnation)), "{seen:?}");
}

#[tokio::test]
async fn a_device_that_holds_all_it_is_granted_need_not_name_it() {
    let desk = Desk::start().await;
    let (device, mut mirror) = caught_up(&desk, OPERATOR).await;
    let short = mirror.request(&device).shortened();
    assert!(short.holds_all && short.live.is_empty());
    assert_eq!(desk.pull(&device, &short).await.expect_err("nothing new").status, 204);
    desk.world.psql(format!("update guildhall.sops set title = 'New' where id = '{}'", desk.page)).await;
    let (frames, _) = read_frames(&desk.pull(&device, &short).await.expect("the change"));
    assert!(words(&frames).contains(&"rows"), "{:?}", words(&frames));

    desk.world
        .psql(format!(
            "update guildhall.user_locations set deleted_at = now() where user_id = '{}'",
            desk.operator
        ))
        .await;
    desk.pull(&device, &short).await.expect_err("other grants").check(409, RefusalCode::OtherGrants);
    mirror.catch_up(&desk, &device).await;
    mirror.check(&desk, desk.operator.0).await;
    let partial = Pull { live: vec!["guild".to_owned()], ..mirror.request(&device) };
    assert!(!partial.shortened().holds_all, "only who holds all says so");
}

#[tokio::test]
async fn a_delta_has_each_row_once_in_its_last_state() {
    let desk = Desk::start().await;
    let (device, mut mirror) = caught_up(&desk, OPERATOR).await;
    for title in ["One", "Two", "Three"] {
        desk.world
            .psql(format!("update guildhall.sops set title = '{title}' where id = '{}'", desk.page))
            .await;
    }
    let frames = mirror.pull(&desk, &device).await.frames();
    let rows =
        frames.iter().filter_map(|frame| if let Frame::Rows(rows) = frame { Some(rows.len()) } else { None });
    assert_eq!(rows.sum::<usize>(), 4, "the page and its three new versions");
    assert!(matches!(frames[0], Frame::Begin { rows: 4, .. }), "{:?}", frames[0]);
    mirror.check(&desk, desk.operator.0).await;
}

#[tokio::test]
async fn rows_that_leave_a_scope_are_gone_and_rows_that_move_stay() {
    let desk = Desk::start().await;
    let (operators, mut operator) = caught_up(&desk, OPERATOR).await;
    let (managers, mut manager) = caught_up(&desk, MANAGER).await;
    let move_to = |assistant| {
        format!("update guildhall.sops set assistant_id = '{assistant}' where id = '{}'", desk.page)
    };
    desk.world.psql(move_to(desk.strategy)).await;
    let frames = operator.pull(&desk, &operators).await.frames();
    let Frame::Gone(gone) = &frames[1] else { panic!("{frames:?}") };
    assert!(gone.iter().all(|row| row.effect == Effect::Leave), "{gone:?}");
    manager.pull(&desk, &managers).await;
    operator.check(&desk, desk.operator.0).await;
    manager.check(&desk, desk.manager.0).await;
    assert!(operator.find_row(desk.page).is_none() && manager.find_row(desk.page).is_some());

    desk.world
        .psql(format!(
            "delete from guildhall.sop_versions; delete from guildhall.sops where id = '{}'",
            desk.page
        ))
        .await;
    let frames = manager.pull(&desk, &managers).await.frames();
    let gone = frames.iter().find_map(|frame| if let Frame::Gone(gone) = frame { Some(gone) } else { None });
    assert!(gone.expect("gone rows").iter().all(|row| row.effect == Effect::Delete), "{gone:?}");
    manager.check(&desk, desk.manager.0).await;
}

#[tokio::test]
async fn a_page_made_public_is_held_by_two_scopes_and_then_by_one() {
    let desk = Desk::start().await;
    let (device, mut mirror) = caught_up(&desk, OPERATOR).await;
    for (sensitivity, scopes) in [("public", 2), ("internal", 1)] {
        desk.world
            .psql(format!(
                "update guildhall.sops set sensitivity = '{sensitivity}' where id = '{}'",
                desk.page
            ))
            .await;
        mirror.pull(&desk, &device).await;
        mirror.check(&desk, desk.operator.0).await;
        assert_eq!(mirror.find_row(desk.page).expect("the page").scopes.len(), scopes);
    }
}

#[tokio::test]
async fn a_grant_that_ends_is_told_and_one_that_begins_is_filled() {
    let desk = Desk::start().await;
    desk.add("tickets", random::id(), desk.ticket_row("D1-1")).await;
    desk.world
        .psql(format!("update guildhall.sops set sensitivity = 'public' where id = '{}'", desk.page))
        .await;
    let (device, mut mirror) = caught_up(&desk, OPERATOR).await;
    assert_eq!(mirror.count("tickets"), 1);
    let admits = |roles: &str| {
        format!("update guildhall.assistants set access_roles = '{roles}' where slug = 'booking'")
    };
    desk.world
        .psql(format!("update guildhall.user_locations set deleted_at = now(); {}", admits("{manager}")))
        .await;
    let frames = mirror.pull(&desk, &device).await.frames();
    assert_eq!(words(&frames)[0], "grants");
    assert_eq!(mirror.count("tickets"), 0);
    mirror.check(&desk, desk.operator.0).await;
    mirror.catch_up(&desk, &device).await;

    desk.world
        .psql(format!(
            "update guildhall.user_locations set deleted_at = null; {}",
            admits("{manager,operator}")
        ))
        .await;
    let frames = mirror.pull(&desk, &device).await.frames();
    assert!(words(&frames).contains(&"fill"), "{frames:?}");
    mirror.check(&desk, desk.operator.0).await;
    assert_eq!(mirror.find_row(desk.page).expect("the page").scopes.len(), 2, "it is public, too");
    assert_eq!(mirror.count("tickets"), 1);
}

#[tokio::test]
async fn a_device_that_holds_a_scope_it_was_never_granted_is_told() {
    let desk = Desk::start().await;
    let (device, mut mirror) = caught_up(&desk, OPERATOR).await;
    mirror.live.insert("managers".to_owned());
    let frames = mirror.pull(&desk, &device).await.frames();
    assert_eq!(words(&frames)[0], "grants");
    assert!(!mirror.live.contains("managers"));
    assert!(matches!(mirror.pull(&desk, &device).await, Pulled::Nothing));
}

#[tokio::test]
async fn entries_are_settled_with_the_rows_that_they_made() {
    let desk = Desk::start().await;
    let (device, mut mirror) = caught_up(&desk, OPERATOR).await;
    let ticket = random::id();
    let entries = vec![
        device.insert("tickets", ticket, desk.ticket_row("D1-1")),
        device.insert("tickets", random::id(), json!({"subject": "nowhere"})),
        device.update("tickets", ticket, 0, json!({"subject": "Lost key"}), json!({"subject": "Found key"})),
    ];
    let ids: Vec<_> = entries.iter().map(|entry| entry.id).collect();
    let verdicts = desk.push_each(&device, entries).await;
    desk.number_commits().await;
    mirror.pull(&desk, &device).await;
    let settled: Vec<_> =
        mirror.settled.iter().map(|settled| (settled.entry, settled.verdict.clone())).collect();
    let expected: Vec<(_, Verdict)> = ids.into_iter().zip(verdicts).collect();
    assert_eq!(settled, expected, "with an effect or without");
    assert!(mirror.find_row(ticket).is_some());
    mirror.unsettled_from = 4;
    assert!(matches!(mirror.pull(&desk, &device).await, Pulled::Nothing));
    mirror.unsettled_from = 3;
    let frames = mirror.pull(&desk, &device).await.frames();
    assert!(matches!(&frames[0], Frame::Settled(settled) if settled.len() == 1), "{frames:?}");
    let (_, other) = caught_up(&desk, OPERATOR).await;
    assert_eq!(other.settled, [], "another device is told its own");
}

#[tokio::test]
async fn more_verdicts_than_one_frame_holds_come_in_several() {
    let desk = Desk::start().await;
    let (device, mut mirror) = caught_up(&desk, OPERATOR).await;
    let statement = format!(
        "insert into sync.inbox (guild_id, entry_id, device_id, incarnation, device_seq, content_hash, verdict)
         select '{}', gen_random_uuid(), '{}', '{}', n, '', jsonb_build_object('rejected', jsonb_build_object(
           'code', 'invalid', 'reason', repeat('x', 1000), 'fixable', true)) from generate_series(1, 12000) n",
        desk.world.guild, device.signed.device, device.incarnation
    );
    desk.world.psql(statement).await;
    mirror.pull(&desk, &device).await;
    assert_eq!(mirror.settled.len(), 12_000);
}

#[tokio::test]
async fn commits_without_a_number_are_handed_out_and_numbered() {
    let mut desk = Desk::start().await;
    let _holder = desk.hold_sealer().await;
    let (device, mut mirror) = caught_up(&desk, OPERATOR).await;
    desk.world.psql(format!("update guildhall.sops set title = 'New' where id = '{}'", desk.page)).await;
    let unsealed = "select id from sync.commit where commit_no is null";
    assert_eq!(desk.list(unsealed).await.len(), 1, "nobody numbers here");
    let frames = mirror.pull(&desk, &device).await.frames();
    assert!(words(&frames).contains(&"rows"), "{frames:?}");
    assert_eq!(desk.list(unsealed).await.len(), 0, "before they were handed out");
    mirror.check(&desk, desk.operator.0).await;
    mirror.catch_up(&desk, &device).await;
    mirror.check(&desk, desk.operator.0).await;
}

#[tokio::test]
async fn a_cursor_that_is_no_use_leads_to_a_new_download() {
    let desk = Desk::start().await;
    let (device, whole) = caught_up(&desk, OPERATOR).await;
    let told = whole.cursor.clone().expect("a cursor").0;
    let other = if &told[20..21] == "A" { "B" } else { "A" };
    let forged = format!("{}{other}{}", &told[..20], &told[21..]);
    for cursor in [forged, "nonsense".to_owned(), String::new()] {
        let mut mirror = Mirror { cursor: Some(Cursor(cursor)), ..whole.clone() };
        let frames = mirror.pull(&desk, &device).await.frames();
        assert!(words(&frames).contains(&"fill"), "{frames:?}");
        mirror.check(&desk, desk.operator.0).await;
        assert!(matches!(mirror.pull(&desk, &device).await, Pulled::Nothing));
    }
    let page = desk.page;
    desk.world.psql(format!("update guildhall.sops set title = 'New' where id = '{page}'")).await;
    let guild = desk.world.guild;
    desk.number_commits().await;
    desk.world.psql(format!("select sync.trim('{guild}', now() + interval '1 minute')")).await;
    let mut old = whole.clone();
    assert!(words(&old.pull(&desk, &device).await.frames()).contains(&"fill"));
    old.check(&desk, desk.operator.0).await;
    desk.world.psql(format!("select sync.new_epoch('{guild}')")).await;
    assert!(words(&old.pull(&desk, &device).await.frames()).contains(&"fill"));
    old.check(&desk, desk.operator.0).await;
}

#[tokio::test]
async fn a_device_that_has_seen_more_than_the_server_knows_is_not_answered() {
    let desk = Desk::start().await;
    let (device, mut mirror) = caught_up(&desk, OPERATOR).await;
    let page = desk.page;
    desk.world.psql(format!("update guildhall.sops set title = 'New' where id = '{page}'")).await;
    mirror.catch_up(&desk, &device).await;
    let set_back = |by: u32| format!("update sync.stream set last_no = last_no - {by}");
    desk.world
        .psql(format!(
            "{}; delete from sync.commit where commit_no > (select min(last_no) from sync.stream)",
            set_back(1)
        ))
        .await;
    let answer = desk.pull(&device, &mirror.request(&device)).await.expect_err("a refusal");
    answer.check(409, RefusalCode::SetBack);
}

#[tokio::test]
async fn a_pull_is_for_the_device_that_signed_in() {
    let desk = Desk::start().await;
    let (device, other) = (desk.device(OPERATOR).await, desk.device(OPERATOR).await);
    let request = Mirror::new().request(&other);
    desk.pull(&device, &request).await.expect_err("a refusal").check(400, RefusalCode::BadRequest);
    let (_, stranger) = caught_up(&desk, MANAGER).await;
    let mut mirror = Mirror { cursor: stranger.cursor, ..Mirror::new() };
    mirror.pull(&desk, &device).await;
    mirror.check(&desk, desk.operator.0).await;
}

#[tokio::test]
async fn what_was_pushed_on_one_device_is_pulled_on_another() {
    let desk = Desk::start().await;
    let (device, _) = caught_up(&desk, OPERATOR).await;
    let (others, mut other) = caught_up(&desk, MANAGER).await;
    let edit = device.update("sops", desk.page, 1, json!({"title": "opening"}), json!({"title": "One"}));
    desk.push_one(&device, edit).await;
    other.pull(&desk, &others).await;
    let edit = others.update("sops", desk.page, 1, json!({"title": "opening"}), json!({"title": "Two"}));
    assert_eq!(word(&desk.push_one(&others, edit).await), "conflict");
    other.pull(&desk, &others).await;
    other.check(&desk, desk.manager.0).await;
    assert_eq!(other.count("sync_conflicts"), 1);
}

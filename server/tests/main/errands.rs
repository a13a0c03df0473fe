//! Asking other laptops: who may, how a laptop hears of it, and what is said of it.

use crate::desk::{ADMIN, Desk, Device, MANAGER, OPERATOR};
use crate::live::Listening;
use crate::mirror::{Mirror, Pulled};
use crate::world::{Answer, send};
use guildhall_server::random;
use guildhall_sync::id::DeviceId;
use guildhall_sync::protocol::errand::{
    ASK, AskErrand, Counts, DEVICES, DeviceLine, ERRAND_REPORT, ErrandKind, ErrandReport, ErrandReportLine,
    ErrandState, HandedErrand, MAX_ASKED, TAKE_BACK, TakeBackErrands, TakenBack,
};
use guildhall_sync::protocol::{Frame, RefusalCode};
use serde::Serialize;

async fn post(desk: &Desk, device: &Device, path: &str, body: &impl Serialize) -> Answer {
    let server = &desk.world.server;
    let request = server.client.post(server.url(path)).bearer_auth(&device.signed.tokens.access);
    send(request.json(body)).await
}

async fn devices(desk: &Desk, device: &Device) -> Answer {
    let server = &desk.world.server;
    send(server.client.get(server.url(DEVICES)).bearer_auth(&device.signed.tokens.access)).await
}

fn repair(devices: &[DeviceId]) -> AskErrand {
    let (id, devices) = (random::id(), devices.to_vec());
    AskErrand { id, devices, kind: ErrandKind::Repair, scopes: Vec::new(), reason: Some("odd prices".into()) }
}

/// What the next pull hands out; none where it says that there is nothing new.
async fn handed(desk: &Desk, device: &Device, mirror: &mut Mirror) -> Vec<HandedErrand> {
    let Pulled::Frames(frames) = mirror.pull(desk, device).await else { return Vec::new() };
    frames
        .into_iter()
        .find_map(|frame| match frame {
            Frame::Errands(errands) => Some(errands),
            _ => None,
        })
        .unwrap_or_default()
}

fn line(id: uuid::Uuid, state: ErrandState, rows: u64) -> ErrandReportLine {
    ErrandReportLine { id, state, counts: Counts { rows, ..Counts::default() } }
}

#[tokio::test]
async fn a_laptop_is_handed_what_it_is_asked_until_it_says_that_it_has_it() {
    let desk = Desk::start().await;
    let (admin, laptop) = (desk.device(ADMIN).await, desk.device(OPERATOR).await);
    let mut mirror = Mirror::new();
    mirror.catch_up(&desk, &laptop).await;
    assert!(handed(&desk, &laptop, &mut mirror).await.is_empty());

    let asked = repair(&[laptop.signed.device]);
    assert_eq!(post(&desk, &admin, ASK, &asked).await.status, 204);
    assert_eq!(post(&desk, &admin, ASK, &asked).await.status, 204, "the same request once more");
    let expected = vec![HandedErrand {
        id: asked.id,
        kind: ErrandKind::Repair,
        scopes: Vec::new(),
        asked_by: ADMIN.to_owned(),
    }];
    assert_eq!(handed(&desk, &laptop, &mut mirror).await, expected);
    assert_eq!(handed(&desk, &laptop, &mut mirror).await, expected, "it did not say that it has it");

    let device = laptop.signed.device;
    let report = |state, rows| ErrandReport { device, lines: vec![line(asked.id, state, rows)] };
    assert_eq!(post(&desk, &laptop, ERRAND_REPORT, &report(ErrandState::Waiting, 0)).await.status, 204);
    assert!(handed(&desk, &laptop, &mut mirror).await.is_empty());
    assert_eq!(post(&desk, &laptop, ERRAND_REPORT, &report(ErrandState::Done, 42)).await.status, 204);
    assert_eq!(post(&desk, &laptop, ERRAND_REPORT, &report(ErrandState::Running, 0)).await.status, 204);

    let seen: Vec<DeviceLine> = devices(&desk, &admin).await.read();
    let seen = seen.into_iter().find(|line| line.id == device).expect("the laptop");
    assert_eq!(seen.person, OPERATOR);
    assert!(seen.scopes.contains(&"guild".to_owned()) && seen.last_seen_at.is_some());
    let errand = seen.errand.expect("what it was asked");
    assert_eq!(
        (errand.state, errand.counts.rows, errand.is_taken),
        (ErrandState::Done, 42, true),
        "as it ended"
    );
    assert_eq!(errand.asked_by, ADMIN);
}

#[tokio::test]
async fn a_laptop_that_listens_hears_at_once_that_it_is_asked() {
    let desk = Desk::start().await;
    let (admin, laptop) = (desk.device(ADMIN).await, desk.device(OPERATOR).await);
    let mut mirror = Mirror::new();
    mirror.catch_up(&desk, &laptop).await;
    desk.number_commits().await;
    let mut hints = Listening::start(&desk.world.server, &laptop.signed.tokens).await;
    let at = hints.next().await.expect("where the stream is");
    post(&desk, &admin, ASK, &repair(&[laptop.signed.device])).await;
    assert!(hints.next().await.expect("a hint") > at);
    assert_eq!(handed(&desk, &laptop, &mut mirror).await.len(), 1);
}

#[tokio::test]
async fn only_who_may_force_a_sync_asks_and_only_laptops_of_the_guild() {
    let desk = Desk::start().await;
    let (admin, laptop) = (desk.device(ADMIN).await, desk.device(OPERATOR).await);
    let asked = repair(&[laptop.signed.device]);
    let take_back = TakeBackErrands { devices: asked.devices.clone() };
    for person in [MANAGER, OPERATOR] {
        let device = desk.device(person).await;
        devices(&desk, &device).await.check(403, RefusalCode::Forbidden);
        post(&desk, &device, ASK, &asked).await.check(403, RefusalCode::Forbidden);
        post(&desk, &device, TAKE_BACK, &take_back).await.check(403, RefusalCode::Forbidden);
    }
    let stranger = repair(&[laptop.signed.device, DeviceId(random::id())]);
    post(&desk, &admin, ASK, &stranger).await.check(400, RefusalCode::BadRequest);
    post(&desk, &admin, ASK, &repair(&[])).await.check(400, RefusalCode::BadRequest);
    let many = repair(&vec![laptop.signed.device; MAX_ASKED + 1]);
    post(&desk, &admin, ASK, &many).await.check(400, RefusalCode::BadRequest);
    assert!(desk.list("select 1 from sync.errand").await.is_empty(), "all or none");
}

#[tokio::test]
async fn what_no_laptop_has_taken_is_taken_back() {
    let desk = Desk::start().await;
    let (admin, taken, waiting) =
        (desk.device(ADMIN).await, desk.device(OPERATOR).await, desk.device(MANAGER).await);
    let asked = repair(&[taken.signed.device, waiting.signed.device]);
    post(&desk, &admin, ASK, &asked).await;
    let has_it =
        ErrandReport { device: taken.signed.device, lines: vec![line(asked.id, ErrandState::Waiting, 0)] };
    post(&desk, &taken, ERRAND_REPORT, &has_it).await;
    let back: TakenBack =
        post(&desk, &admin, TAKE_BACK, &TakeBackErrands { devices: asked.devices }).await.read();
    assert_eq!(back.errands, 1);
    let mut mirror = Mirror::new();
    mirror.catch_up(&desk, &waiting).await;
    assert!(handed(&desk, &waiting, &mut mirror).await.is_empty());
}

#[tokio::test]
async fn nobody_reports_for_another_laptop() {
    let desk = Desk::start().await;
    let (admin, laptop, other) =
        (desk.device(ADMIN).await, desk.device(OPERATOR).await, desk.device(MANAGER).await);
    let asked = repair(&[laptop.signed.device]);
    post(&desk, &admin, ASK, &asked).await;
    let lines = vec![line(asked.id, ErrandState::Done, 1)];
    let forged = ErrandReport { device: laptop.signed.device, lines: lines.clone() };
    post(&desk, &other, ERRAND_REPORT, &forged).await.check(400, RefusalCode::BadRequest);
    let own = ErrandReport { device: other.signed.device, lines };
    assert_eq!(post(&desk, &other, ERRAND_REPORT, &own).await.status, 204, "it has no such errand");
    assert_eq!(desk.list("select 1 from sync.errand where state = 'done'").await.len(), 0);
}

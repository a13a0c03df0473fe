//! Digests follow what is written, and a device that asks is told exactly what differs.

use std::collections::{BTreeMap, BTreeSet};

use guildhall_sync::digest::{Buckets, Digest, bucket_of};
use guildhall_sync::model::people::Role;
use guildhall_sync::protocol::check::{
    Check, Found, HeldBucket, HeldRow, MAX_LISTED_ROWS, Report, ReportLine,
};
use guildhall_sync::protocol::{self, Frame, RefusalCode, RowKey};
use uuid::Uuid;

use crate::desk::{Desk, Device, MANAGER, OPERATOR};
use crate::mirror::{Mirror, read_frames};
use crate::random::Random;

/// What a mirror in memory holds, scope by scope.
fn survey(mirror: &Mirror) -> BTreeMap<String, Buckets> {
    let mut scopes: BTreeMap<String, Buckets> =
        mirror.granted.iter().map(|scope| (scope.clone(), Buckets::default())).collect();
    for ((_, id), row) in &mirror.rows {
        for scope in &row.scopes {
            scopes.entry(scope.clone()).or_default().add(*id, row.version, &row.hash);
        }
    }
    scopes
}

/// One pull that asks for a comparison, taken in whole.
async fn ask(desk: &Desk, device: &Device, mirror: &mut Mirror, check: Check) -> Vec<Frame> {
    let request = protocol::Pull { check: Some(check), ..mirror.request(device) };
    let bytes = desk.pull(device, &request).await.expect("an answer");
    let (frames, is_whole) = read_frames(&bytes);
    assert!(is_whole);
    frames.iter().for_each(|frame| mirror.take(frame));
    frames
}

async fn demand_equal_digests(desk: &Desk, device: &Device, mirror: &mut Mirror) {
    let frames = ask(desk, device, mirror, Check::Digests).await;
    let Some(Frame::Digests(told)) = frames.last() else { panic!("{:?}", frames.last()) };
    let mine = survey(mirror);
    assert_eq!(told.len(), mirror.granted.len());
    for scope in told {
        let name = &mirror.names[usize::from(scope.scope)];
        assert_eq!(scope.digest, mine[name].digest(), "{name}");
    }
}

#[tokio::test]
async fn a_digest_is_that_of_the_snapshot_whatever_was_rolled_up() {
    let desk = Desk::start().await;
    let device = desk.device(MANAGER).await;
    let mut mirror = Mirror::new();
    let mut random = Random::new(91);
    let (page, guild, booking) = (desk.page, desk.world.guild, desk.booking);
    for round in 0..24 {
        let id = random.id();
        let write = match random.below(6) {
            0 | 1 => format!(
                "insert into guildhall.sops (id, guild_id, assistant_id, category, section, title, content)
                 values ('{id}', '{guild}', '{booking}', 'c', '{id}', 't', 'x')"
            ),
            2 => format!("update guildhall.sops set title = '{round}' where guild_id = '{guild}'"),
            3 => format!("update guildhall.sops set assistant_id = '{}' where id = '{page}'", desk.strategy),
            4 => format!("update guildhall.sops set assistant_id = '{booking}' where id = '{page}'"),
            _ => {
                "delete from guildhall.sop_versions; delete from guildhall.sops where title = 't'".to_owned()
            }
        };
        desk.world.psql(write).await;
        match random.below(4) {
            0 => desk.world.psql(format!("select sync.seal('{guild}')")).await,
            1 => {
                desk.world.psql(format!("select sync.seal('{guild}'); select sync.roll_up('{guild}')")).await
            }
            2 if round % 5 == 0 => desk.world.psql(format!("select sync.new_epoch('{guild}')")).await,
            _ => {}
        }
        demand_equal_digests(&desk, &device, &mut mirror).await;
    }
    mirror.check(&desk, desk.manager.0).await;
    desk.world.psql(format!("select sync.seal('{guild}'); select sync.roll_up('{guild}')")).await;
    assert!(desk.list(&format!("select sync.list_wrong_digests('{guild}')")).await.is_empty());
}

#[tokio::test]
async fn only_what_differs_is_sent() {
    let desk = Desk::start().await;
    let device = desk.device(OPERATOR).await;
    for number in 0..40 {
        desk.add("sops", Uuid::from_u128(number), desk.page_row("many", &format!("n{number}"), "x")).await;
    }
    let mut mirror = Mirror::new();
    mirror.catch_up(&desk, &device).await;
    let scope = format!("assistant:{}", desk.booking);
    let key_of = |mirror: &Mirror, id| *mirror.rows.keys().find(|key| key.1 == id).expect("a row");
    let (lost, damaged) = (key_of(&mirror, Uuid::from_u128(3)), key_of(&mirror, Uuid::from_u128(9)));
    let extra = (lost.0, Uuid::from_u128(0xF005));
    let surplus = mirror.rows[&damaged].clone();
    mirror.rows.insert(extra, surplus);
    mirror.rows.remove(&lost);
    mirror.rows.get_mut(&damaged).expect("it").hash[7] ^= 1;

    let frames = ask(&desk, &device, &mut mirror, Check::Digests).await;
    let Some(Frame::Digests(told)) = frames.last() else { panic!() };
    let mine = survey(&mirror);
    let differing: Vec<String> = told
        .iter()
        .map(|told| (mirror.names[usize::from(told.scope)].clone(), told.digest))
        .filter(|(name, digest)| mine[name].digest() != *digest)
        .map(|(name, _)| name)
        .collect();
    let scopes = survey(&mirror).into_iter().filter(|(name, _)| mirror.rows[&damaged].scopes.contains(name));
    assert_eq!(differing, scopes.map(|(name, _)| name).collect::<Vec<_>>());

    let frames = ask(&desk, &device, &mut mirror, Check::Buckets { scopes: vec![scope.clone()] }).await;
    let Some(Frame::Buckets { digests, .. }) = frames.last() else { panic!() };
    let buckets = survey(&mirror)[&scope].differing(digests);
    assert_eq!(buckets, [3, 5, 9]);

    let held = buckets.iter().map(|bucket| held(&mirror, &scope, *bucket)).collect();
    let frames = ask(&desk, &device, &mut mirror, Check::Rows { held }).await;
    let sent: BTreeSet<Uuid> = frames
        .iter()
        .flat_map(|frame| match frame {
            Frame::Rows(rows) => rows.clone(),
            _ => Vec::new(),
        })
        .map(|row| {
            let table = guildhall_sync::model::find_table_by_number(row.table).expect("a table");
            let cells = guildhall_sync::value::Cells::decode(&row.cells, table).expect("a row");
            cells.value(guildhall_sync::schema::common::ID).as_id().expect("an id")
        })
        .collect();
    assert_eq!(sent, BTreeSet::from([lost.1, damaged.1]));
    let gone = frames.iter().find_map(|frame| if let Frame::Gone(rows) = frame { Some(rows) } else { None });
    assert_eq!(gone.expect("what is too much").iter().map(|row| row.id).collect::<Vec<_>>(), [extra.1]);
}

fn held(mirror: &Mirror, scope: &str, bucket: u8) -> HeldBucket {
    let of_it =
        mirror.rows.iter().filter(|((_, id), row)| bucket_of(*id) == bucket && row.scopes.contains(scope));
    let rows = of_it.map(|((table, id), row)| HeldRow {
        table: *table,
        id: *id,
        version: row.version,
        hash: row.hash,
    });
    HeldBucket { scope: scope.to_owned(), bucket, rows: rows.collect() }
}

#[tokio::test]
async fn what_is_not_granted_is_not_compared() {
    let desk = Desk::start().await;
    let device = desk.device(OPERATOR).await;
    let mut mirror = Mirror::new();
    mirror.catch_up(&desk, &device).await;
    let secret = format!("assistant:{}", desk.strategy);
    let frames = ask(&desk, &device, &mut mirror, Check::Buckets { scopes: vec![secret.clone()] }).await;
    assert!(!frames.iter().any(|frame| matches!(frame, Frame::Buckets { .. })));
    let held = (0..=u8::MAX).map(|bucket| HeldBucket { scope: secret.clone(), bucket, rows: Vec::new() });
    let frames = ask(&desk, &device, &mut mirror, Check::Rows { held: held.collect() }).await;
    assert!(frames.contains(&Frame::RepairBegin { rows: 0 }), "{frames:?}");

    let row = |number| HeldRow { table: 1, id: Uuid::from_u128(number), version: 1, hash: [0; 16] };
    let rows: Vec<HeldRow> = (0..=MAX_LISTED_ROWS as u128).map(row).collect();
    let bucket = |rows| HeldBucket { scope: secret.clone(), bucket: 0, rows };
    let held = vec![bucket(rows), bucket(Vec::new())];
    let request = protocol::Pull { check: Some(Check::Rows { held }), ..mirror.request(&device) };
    desk.pull(&device, &request).await.expect_err("too much").check(400, RefusalCode::BadRequest);
}

#[tokio::test]
async fn a_report_is_kept_and_what_it_says_of_the_server_is_looked_at() {
    let desk = Desk::start().await;
    let device = desk.device(OPERATOR).await;
    let mut mirror = Mirror::new();
    mirror.catch_up(&desk, &device).await;
    let (page, guild) = (desk.page, desk.world.guild);
    let table = mirror.rows.keys().find(|key| key.1 == page).expect("the page").0;
    let key = RowKey { table, id: page };
    desk.world
        .psql(format!(
            "select sync.seal('{guild}'); select sync.roll_up('{guild}');
             update sync.digest set lane2 = lane2 + 1 where scope = 'guild';
             update sync.member set hash = set_byte(hash, 0, get_byte(hash, 0) # 1) where pk = '{page}'"
        ))
        .await;
    let line = |found, row, scope: Option<&str>| ReportLine { found, row, scope: scope.map(str::to_owned) };
    let report = Report {
        device: device.signed.device,
        lines: vec![
            line(Found::Missing, Some(key), Some("guild")),
            line(Found::Mismatch, Some(key), None),
            line(Found::WrongDigest, None, Some("guild")),
        ],
        more: 7,
    };
    let server = &desk.world.server;
    let send = |report: Report| {
        let request =
            server.client.post(server.url(protocol::REPORT)).bearer_auth(&device.signed.tokens.access);
        crate::world::send(request.json(&report))
    };
    assert_eq!(send(report.clone()).await.status, 204);
    assert!(desk.list("select * from sync.audit()").await.is_empty(), "the row was looked at");
    assert!(desk.list(&format!("select sync.list_wrong_digests('{guild}')")).await.is_empty());
    let kept = desk.world.database.list_repairs(guild, 100).await.expect("repairs");
    let by_device = kept.iter().filter(|line| line.device == Some(device.signed.device)).count();
    assert_eq!(by_device, 4, "{kept:?}");
    assert!(kept.iter().any(|line| line.what == "and 7 more rows"));
    let stranger = Report { device: desk.device(MANAGER).await.signed.device, ..report };
    send(stranger).await.check(400, RefusalCode::BadRequest);
    demand_equal_digests(&desk, &device, &mut mirror).await;
    mirror.check(&desk, desk.operator.0).await;
}

#[tokio::test]
async fn a_scope_that_holds_nothing_has_the_digest_of_nothing() {
    let desk = Desk::start().await;
    let person =
        crate::world::add_person(&desk.world.database, desk.world.guild, "Nell", None, Role::Member).await;
    let device = desk.device("Nell").await;
    let mut mirror = Mirror::new();
    mirror.catch_up(&desk, &device).await;
    demand_equal_digests(&desk, &device, &mut mirror).await;
    assert!(survey(&mirror).values().any(|buckets| buckets.digest() == Digest::default()), "{person:?}");
}

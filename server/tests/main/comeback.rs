//! After a restore laptops offer again what the lost history had accepted: it comes back once, in
//! its old order, whoever comes first.

use guildhall_server::admin::{self, Ruling};
use guildhall_server::random;
use guildhall_sync::change::{Entry, Place, Verdict};
use guildhall_sync::model::knowledge::Sop;
use guildhall_sync::protocol::{Push, PushAnswer, TESTIFY, Testified, Testify, Witness};
use guildhall_sync::schema::Row;
use guildhall_sync::value::json::to_json;
use serde_json::json;
use uuid::Uuid;

use crate::backup::Backup;
use crate::desk::{Desk, Device, MANAGER, OPERATOR, word};
use crate::mirror::Mirror;
use crate::set_back::{check_refused, restart};

/// The guild after a restore, with what its laptops had written since the backup.
async fn restored(desk: &Desk, backup: Backup) {
    backup.put_back(&desk.world.place).await;
    admin::begin_epoch(&desk.world.database, desk.world.guild).await.expect("a new history");
}

fn place(verdict: &Verdict) -> Option<Place> {
    verdict.place()
}

/// Each entry as it was written, alone, with its place in the lost history.
fn offer(device: &Device, entries: &[(&Entry, Option<Place>)]) -> Push {
    let mut push = device.request(entries.iter().map(|(entry, _)| vec![(*entry).clone()]).collect());
    for (sent, (_, place)) in push.groups.iter_mut().zip(entries) {
        sent.reoffered = Some(vec![*place]);
    }
    push
}

async fn bring_back(desk: &Desk, device: &Device, entries: &[(&Entry, Option<Place>)]) -> Vec<Verdict> {
    let answer: PushAnswer = desk.send(device, &offer(device, entries)).await.read();
    answer.verdicts.into_iter().map(|answer| answer.verdict).collect()
}

fn words(verdicts: &[Verdict]) -> Vec<&'static str> {
    verdicts.iter().map(word).collect()
}

#[tokio::test]
async fn what_was_lost_comes_back_once_and_in_its_old_order() {
    let desk = Desk::start().await;
    let (otto, mona) = (desk.device(OPERATOR).await, desk.device(MANAGER).await);
    let known = mona.update("sops", desk.page, 1, json!({"category": "till"}), json!({"category": "door"}));
    let kept = desk.push_one(&mona, known.clone()).await;
    let backup = Backup::of(&desk.world.place).await;
    let early = mona.update("sops", desk.page, 2, json!({"title": "opening"}), json!({"title": "One"}));
    let first = desk.push_one(&mona, early.clone()).await;
    let late = mona.update("sops", desk.page, 3, json!({"title": "One"}), json!({"title": "Two"}));
    let second = desk.push_one(&mona, late.clone()).await;
    let ticket = random::id();
    let made = otto.insert("tickets", ticket, desk.ticket_row("T-1"));
    let third = desk.push_one(&otto, made.clone()).await;
    restored(&desk, backup).await;

    let verdicts = bring_back(&desk, &mona, &[(&late, place(&second)), (&known, place(&kept))]).await;
    assert_eq!(words(&verdicts), ["committed", "committed"]);
    assert_eq!(verdicts[1], kept, "what the server knows gets its old verdict");
    assert_eq!(words(&bring_back(&desk, &mona, &[(&early, place(&first))]).await), ["committed"]);
    assert_eq!(words(&bring_back(&desk, &otto, &[(&made, place(&third))]).await), ["committed"]);
    let again = bring_back(&desk, &mona, &[(&late, place(&second))]).await;
    assert_eq!(again[0], verdicts[0], "and what came back gets its new one");

    assert_eq!(desk.row("sops", desk.page).await["title"], "Two");
    assert_eq!(desk.row("tickets", ticket).await["local_ref"], "T-1");
    for entry in [&known, &early, &late, &made] {
        let lines =
            desk.list(&format!("select id from guildhall.wal_entries where id = '{}'", entry.id.0)).await;
        assert_eq!(lines.len(), 1, "in history exactly once");
    }
}

#[tokio::test]
async fn only_with_what_was_written_after_the_restore_there_is_a_conflict() {
    let desk = Desk::start().await;
    let mona = desk.device(MANAGER).await;
    let backup = Backup::of(&desk.world.place).await;
    let lost = mona.update(
        "sops",
        desk.page,
        1,
        json!({"title": "opening", "category": "till"}),
        json!({"title": "Two", "category": "door"}),
    );
    let was = desk.push_one(&mona, lost.clone()).await;
    restored(&desk, backup).await;
    desk.world.psql(format!("update guildhall.sops set title = 'New' where id = '{}'", desk.page)).await;
    assert_eq!(words(&bring_back(&desk, &mona, &[(&lost, place(&was))]).await), ["conflict"]);
    let page = desk.row("sops", desk.page).await;
    assert_eq!((&page["title"], &page["category"]), (&json!("New"), &json!("door")));
}

/// A restore of which nobody says anything is noticed when somebody wrote already.
async fn check_overtaken(is_noticed_by_laptop: bool) {
    let mut desk = Desk::start().await;
    let (mona, other, mut held) = (desk.device(MANAGER).await, desk.device(OPERATOR).await, Mirror::new());
    held.catch_up(&desk, &other).await;
    let backup = Backup::of(&desk.world.place).await;
    let (before, after) =
        (json!({"title": "opening", "category": "till"}), json!({"title": "Two", "category": "door"}));
    let lost = mona.update("sops", desk.page, 1, before, after);
    let was = desk.push_one(&mona, lost.clone()).await;
    held.catch_up(&desk, &other).await;
    backup.put_back(&desk.world.place).await;
    if is_noticed_by_laptop {
        restart(&mut desk, None).await;
    }
    desk.world.psql(format!("update guildhall.sops set title = 'New' where id = '{}'", desk.page)).await;
    check_refused(&desk, &other, &held).await;
    admin::begin_epoch(&desk.world.database, desk.world.guild).await.expect("a new history");
    assert_eq!(words(&bring_back(&desk, &mona, &[(&lost, place(&was))]).await), ["conflict"]);
    let page = desk.row("sops", desk.page).await;
    assert_eq!((&page["title"], &page["category"]), (&json!("New"), &json!("door")));
}

#[tokio::test]
async fn what_was_written_before_the_server_noticed_its_restore_is_not_overwritten() {
    check_overtaken(false).await;
}

#[tokio::test]
async fn what_was_written_before_a_laptop_noticed_the_restore_is_not_overwritten() {
    check_overtaken(true).await;
}

#[tokio::test]
async fn what_belongs_to_something_missing_waits_for_its_author_and_then_for_a_person() {
    let desk = Desk::start().await;
    let (otto, mona) = (desk.device(OPERATOR).await, desk.device(MANAGER).await);
    let backup = Backup::of(&desk.world.place).await;
    let page: Uuid = random::id();
    let made = mona.insert("sops", page, desk.page_row("till", "closing", "Lock up."));
    let was = desk.push_one(&mona, made.clone()).await;
    let edit = otto.update("sops", page, 1, json!({"title": "closing"}), json!({"title": "Closing"}));
    let then = desk.push_one(&otto, edit.clone()).await;
    restored(&desk, backup).await;
    let unsent = otto.update("sops", page, 2, json!({"category": "till"}), json!({"category": "door"}));
    let offered = [(&edit, place(&then)), (&unsent, None)];
    assert_eq!(words(&bring_back(&desk, &otto, &offered).await), ["deferred", "deferred"]);

    assert_eq!(words(&bring_back(&desk, &mona, &[(&made, place(&was))]).await), ["committed"]);
    assert_eq!(words(&bring_back(&desk, &otto, &offered).await), ["committed", "committed"]);
    let row = desk.row("sops", page).await;
    assert_eq!((&row["title"], &row["category"]), (&json!("Closing"), &json!("door")));

    let orphan = otto.update("sops", random::id(), 2, json!({"title": "a"}), json!({"title": "b"}));
    let late = Some(Place { rev: 3, ord: 0 });
    assert_eq!(words(&bring_back(&desk, &otto, &[(&orphan, late)]).await), ["deferred"]);
    desk.world.psql("update sync.stream set restored_at = now() - interval '8 days'").await;
    assert_eq!(words(&bring_back(&desk, &otto, &[(&orphan, late)]).await), ["rejected"]);
}

#[tokio::test]
async fn an_unsent_edit_waits_for_the_lost_one_that_it_was_made_on() {
    let desk = Desk::start().await;
    let (otto, mona) = (desk.device(OPERATOR).await, desk.device(MANAGER).await);
    let backup = Backup::of(&desk.world.place).await;
    let lost = mona.update("sops", desk.page, 1, json!({"title": "opening"}), json!({"title": "One"}));
    let was = desk.push_one(&mona, lost.clone()).await;
    restored(&desk, backup).await;
    let unsent = otto.update("sops", desk.page, 2, json!({"title": "One"}), json!({"title": "Two"}));
    assert_eq!(words(&bring_back(&desk, &otto, &[(&unsent, None)]).await), ["deferred"]);
    assert_eq!(words(&bring_back(&desk, &mona, &[(&lost, place(&was))]).await), ["committed"]);
    assert_eq!(words(&bring_back(&desk, &otto, &[(&unsent, None)]).await), ["committed"]);
    assert_eq!(desk.row("sops", desk.page).await["title"], "Two");

    let other = otto.update("sops", desk.page, 2, json!({"title": "One"}), json!({"title": "Three"}));
    desk.world.psql(format!("update guildhall.sops set title = 'New' where id = '{}'", desk.page)).await;
    desk.world.psql("delete from sync.restored_row; delete from sync.returned").await;
    assert_eq!(words(&bring_back(&desk, &otto, &[(&other, None)]).await), ["conflict"], "it met a new edit");
}

#[tokio::test]
async fn a_guild_that_was_never_restored_takes_no_places() {
    let desk = Desk::start().await;
    let mona = desk.device(MANAGER).await;
    let edit = mona.update("sops", desk.page, 1, json!({"title": "opening"}), json!({"title": "One"}));
    desk.push_one(&mona, edit).await;
    let other = mona.update("sops", desk.page, 1, json!({"title": "opening"}), json!({"title": "Two"}));
    let ahead = Some(Place { rev: 1_000, ord: 0 });
    assert_eq!(words(&bring_back(&desk, &mona, &[(&other, ahead)]).await), ["conflict"]);
}

/// What the device held of some rows, told to the server after the restore.
async fn testify(desk: &Desk, device: &Device, held: &Mirror, rows: &[Uuid]) -> Testified {
    let epoch = desk.list("select epoch from sync.stream").await.remove(0)["epoch"].clone();
    let witness = |row: &Uuid| {
        let held = held.find_row(*row).expect("the laptop holds it");
        let cells = to_json(Sop::TABLE, &held.cells);
        Witness { table: Sop::TABLE.number, row: *row, version: held.version, hash: held.hash, cells }
    };
    let request = Testify {
        device: device.signed.device,
        epoch: serde_json::from_value(epoch).expect("an epoch"),
        rows: rows.iter().map(witness).collect(),
    };
    let server = &desk.world.server;
    let request =
        server.client.post(server.url(TESTIFY)).bearer_auth(&device.signed.tokens.access).json(&request);
    crate::world::send(request).await.read()
}

#[tokio::test]
async fn what_only_laptops_hold_is_written_or_left_as_a_person_says() {
    let desk = Desk::start().await;
    let (mona, mut held) = (desk.device(MANAGER).await, Mirror::new());
    let [kept, changed, dropped] = [random::id(), desk.page, random::id()];
    let backup = Backup::of(&desk.world.place).await;
    // Written by a program: no laptop has it among its own entries.
    for (page, name) in [(kept, "kept"), (dropped, "dropped")] {
        desk.add("sops", page, desk.page_row("till", name, "Lock up.")).await;
    }
    desk.world.psql(format!("update guildhall.sops set title = 'Two' where id = '{changed}'")).await;
    held.catch_up(&desk, &mona).await;
    restored(&desk, backup).await;
    let (database, guild) = (&desk.world.database, desk.world.guild);
    let waiting = async || {
        let (_, waiting) = admin::report(database, guild).await.expect("a report");
        waiting.into_iter().map(|witness| (witness.row, witness.id)).collect::<Vec<_>>()
    };
    assert!(waiting().await.is_empty());
    assert!(testify(&desk, &mona, &held, &[kept, changed, dropped]).await.is_taken);
    assert!(
        testify(&desk, &mona, &held, &[kept, changed, dropped]).await.is_taken,
        "told twice is told once"
    );
    let told = waiting().await;
    assert_eq!(told.len(), 3, "{told:?}");
    assert_eq!(
        desk.row("sops", changed).await["title"],
        "opening",
        "nothing is written before somebody says so"
    );

    let ids = |rows: &[Uuid]| -> Vec<Uuid> {
        told.iter().filter(|(row, _)| rows.contains(row)).map(|(_, id)| *id).collect()
    };
    let unknown = admin::rule(database, guild, &[random::id()], Ruling::Accept).await;
    assert!(unknown.is_err(), "all that are named or none");
    let accepted = admin::rule(database, guild, &ids(&[kept, changed]), Ruling::Accept).await;
    assert_eq!(accepted.expect("written"), 2);
    assert_eq!(admin::rule(database, guild, &[], Ruling::Drop).await.expect("left"), 1, "the rest");
    assert!(waiting().await.is_empty());
    assert_eq!(desk.row("sops", kept).await["section"], "kept");
    assert_eq!(desk.row("sops", changed).await["title"], "Two");
    assert_eq!(desk.row("sops", dropped).await, json!(null));
    let mut mirror = Mirror::new();
    let device = desk.device(MANAGER).await;
    mirror.catch_up(&desk, &device).await;
    mirror.check(&desk, desk.manager.0).await;
}

//! A database that is set back to an earlier state under devices that have seen more: how it is
//! noticed, what stands still until somebody says so, and how it goes on.

use guildhall_server::admin;
use guildhall_sync::protocol::{Frame, RefusalCode};
use serde_json::json;
use tempfile::TempDir;

use crate::backup::Backup;
use crate::desk::{Desk, Device, MANAGER, OPERATOR, word};
use crate::mirror::{Mirror, Pulled};
use crate::world::Served;

async fn caught_up(desk: &Desk, person: &str) -> (Device, Mirror) {
    let (device, mut mirror) = (desk.device(person).await, Mirror::new());
    mirror.catch_up(desk, &device).await;
    (device, mirror)
}

/// Renames the page as psql does, and numbers that.
async fn rename(desk: &Desk, title: &str) {
    desk.world.psql(format!("update guildhall.sops set title = '{title}' where id = '{}'", desk.page)).await;
    desk.number_commits().await;
}

pub async fn check_refused(desk: &Desk, device: &Device, mirror: &Mirror) {
    desk.pull(device, &mirror.request(device)).await.expect_err("a refusal").check(409, RefusalCode::SetBack);
}

/// The same server, started anew; with a folder where one is given.
pub async fn restart(desk: &mut Desk, folder: Option<&TempDir>) {
    let folder = folder.map(|folder| folder.path().to_owned());
    let next = Served::start(&desk.world.place.url(), |config| config.state_folder = folder).await;
    std::mem::replace(&mut desk.world.server, next).stop().await;
}

#[tokio::test]
async fn a_laptop_that_has_seen_more_stops_the_guild_for_all_until_a_new_history_begins() {
    let mut desk = Desk::start().await;
    let (device, mut mirror) = caught_up(&desk, OPERATOR).await;
    let (others, other) = caught_up(&desk, MANAGER).await;
    let backup = Backup::of(&desk.world.place).await;
    rename(&desk, "lost").await;
    mirror.catch_up(&desk, &device).await;
    backup.put_back(&desk.world.place).await;
    restart(&mut desk, None).await;

    assert!(matches!(desk_pull(&desk, &others, &other).await, Pulled::Nothing), "nobody knows yet");
    check_refused(&desk, &device, &mirror).await;
    check_refused(&desk, &others, &other).await;
    let edit = others.update("sops", desk.page, 1, json!({"title": "opening"}), json!({"title": "One"}));
    let push = others.request(vec![vec![edit.clone()]]);
    desk.send(&others, &push).await.check(409, RefusalCode::SetBack);

    admin::begin_epoch(&desk.world.database, desk.world.guild).await.expect("a new history");
    let frames = mirror.pull(&desk, &device).await.frames();
    assert!(frames.iter().any(|frame| matches!(frame, Frame::FillBegin { .. })), "{frames:?}");
    assert_eq!(word(&desk.push_one(&others, edit).await), "committed");
}

async fn desk_pull(desk: &Desk, device: &Device, mirror: &Mirror) -> Pulled {
    mirror.clone().pull(desk, device).await
}

#[tokio::test]
async fn a_server_that_handed_out_more_notices_it_by_itself() {
    let desk = Desk::start().await;
    let (device, mirror) = caught_up(&desk, OPERATOR).await;
    let (others, mut other) = caught_up(&desk, MANAGER).await;
    let backup = Backup::of(&desk.world.place).await;
    rename(&desk, "lost").await;
    other.catch_up(&desk, &others).await;
    backup.put_back(&desk.world.place).await;
    let edit = device.update("sops", desk.page, 1, json!({"title": "opening"}), json!({"title": "One"}));
    let push = device.request(vec![vec![edit]]);
    desk.send(&device, &push).await.check(409, RefusalCode::SetBack);
    check_refused(&desk, &device, &mirror).await;
}

#[tokio::test]
async fn a_server_that_starts_over_an_older_database_knows_it_from_its_folder() {
    let mut desk = Desk::start().await;
    let folder = TempDir::new().expect("a folder");
    restart(&mut desk, Some(&folder)).await;
    let (device, mirror) = caught_up(&desk, OPERATOR).await;
    let backup = Backup::of(&desk.world.place).await;
    let (others, mut other) = caught_up(&desk, MANAGER).await;
    rename(&desk, "lost").await;
    other.catch_up(&desk, &others).await;
    backup.put_back(&desk.world.place).await;
    // New commits have the numbers of the lost ones, and other words.
    rename(&desk, "one").await;
    rename(&desk, "two").await;
    restart(&mut desk, Some(&folder)).await;
    check_refused(&desk, &device, &mirror).await;
    admin::begin_epoch(&desk.world.database, desk.world.guild).await.expect("a new history");
    restart(&mut desk, Some(&folder)).await;
    assert!(matches!(desk_pull(&desk, &device, &mirror).await, Pulled::Frames(_)), "it goes on");
}

#[tokio::test]
async fn a_history_that_had_ended_and_comes_back_is_noticed() {
    let desk = Desk::start().await;
    let (device, mut mirror) = caught_up(&desk, OPERATOR).await;
    let backup = Backup::of(&desk.world.place).await;
    admin::begin_epoch(&desk.world.database, desk.world.guild).await.expect("a new history");
    mirror.catch_up(&desk, &device).await;
    backup.put_back(&desk.world.place).await;
    check_refused(&desk, &device, &mirror).await;
}

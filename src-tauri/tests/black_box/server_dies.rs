//! The server dies between commit and answer: the device cannot know, asks again, and nothing is
//! lost or done twice.

use crate::house::House;
use crate::house::database::{CLERKS, Template};
use crate::house::device::Device;
use crate::house::server::Server;
use guildhall_local::sops::{self, NewSop};
use guildhall_local::write::Why;
use guildhall_sync::model::knowledge::Sop;
use guildhall_sync::schema::Row;

const DEATHS: usize = 30;
const FAULT: &str = "push.after_commit_before_answer";
const DIARY: &str = "general/diary";

fn add(device: &Device, section: &str, content: &str) {
    let new = NewSop {
        assistant: None,
        category: "general".to_owned(),
        section: section.to_owned(),
        title: section.to_owned(),
        content: content.to_owned(),
        front_matter: String::new(),
    };
    device.write(|write| sops::create(write, &new, Why::default()));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_server_dies_between_commit_and_answer_and_nothing_is_lost_or_doubled() {
    let mut house = House::open(Template::Small).await;
    let writer = Device::sign_in(&house.server.url(), CLERKS[0]).await;
    let reader = Device::sign_in(&house.server.url(), CLERKS[1]).await;
    writer.sync().await;
    add(&writer, "diary", "The first line.\n");
    writer.sync().await;
    reader.sync().await;

    for death in 0..DEATHS {
        house.server.kill();
        house.server = Server::start_with_fault(&house.database.url(), Some(house.server.address), FAULT);
        let text = writer.text(DIARY);
        writer.edit(DIARY, &format!("{text}\nLine {death} of the diary.\n"));
        add(&writer, &format!("note-{death}"), "A note.");
        writer.try_sync().await.expect_err("the server dies before it answers");
        assert!(!house.server.wait().success(), "death {death}");
    }
    house.start_server();
    writer.sync().await;
    reader.sync().await;

    assert_eq!(writer.unsent(), 0);
    let entries = writer.count("select count(*) from wal_entries");
    assert_eq!(entries, 1 + 2 * DEATHS as i64);
    let history =
        "select count(*) from guildhall.wal_entries where device_id is not null and status = 'committed'";
    assert_eq!(house.ask::<i64>(history).await, entries, "each entry once");
    assert_eq!(house.ask::<i64>("select count(*) from sync.inbox where verdict is not null").await, entries);
    let notes = "select count(*) from guildhall.sops where section like 'note-%'";
    assert_eq!(house.ask::<i64>(notes).await, DEATHS as i64);
    for device in [&writer, &reader] {
        let diary = device.page(DIARY);
        assert_eq!(diary.version, 1 + DEATHS as i64);
        for death in 0..DEATHS {
            assert_eq!(diary.content.0.matches(&format!("Line {death} of the diary.")).count(), 1);
        }
        assert_eq!(device.count("select count(*) from sops where section like 'note-%'"), DEATHS as i64);
        assert_eq!(device.find_row(Sop::TABLE, diary.id.0), writer.find_row(Sop::TABLE, diary.id.0));
        device.demand_well();
    }
}

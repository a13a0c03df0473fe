//! A way to the server that takes far less at once than a laptop would send.

use crate::house::House;
use crate::house::database::Template;
use crate::house::device::Device;
use guildhall_local::quarantine;
use guildhall_local::sops;
use guildhall_server::config::Config;
use guildhall_server::serve::serve;
use guildhall_sync::change::RejectCode;
use guildhall_sync::model::knowledge::Sop;
use guildhall_sync::schema::Row;
use guildhall_sync::value::{Cells, Value};
use std::net::SocketAddr;
use tokio::sync::oneshot;

/// A page has up to four times as much.
const TAKEN_BYTES: usize = 128 * 1024;

/// The server of a house, once more, with a limit for what it reads. It ends with the test.
async fn serve_little(house: &House) -> String {
    let mut config = Config::new(house.database.url(), SocketAddr::from(([127, 0, 0, 1], 0)));
    config.limits.push_bytes = TAKEN_BYTES;
    let (bound, address) = oneshot::channel();
    tokio::spawn(serve(config, |at| bound.send(at).expect("the test waits for it"), std::future::pending()));
    format!("http://{}", address.await.expect("it listens"))
}

/// A new page beside an old one, with a text that does not pack well.
fn page(device: &Device, section: &str, bytes: usize) -> Cells {
    let like = device.page("booking/access/pin-failures");
    let words = (0..).map(|number: u64| format!("{:x} ", number.wrapping_mul(0x9e37_79b9_7f4a_7c15)));
    let content: String = words
        .scan(0, |length, word| {
            *length += word.len();
            (*length <= bytes).then_some(word)
        })
        .collect();
    let column = |name: &str| Sop::TABLE.column(name).expect("a column").number;
    [
        (column("assistant_id"), Value::Id(like.assistant_id.0)),
        (column("category"), Value::text("narrow")),
        (column("section"), Value::text(section)),
        (column("title"), Value::text(section)),
        (column("content"), Value::text(content)),
    ]
    .into_iter()
    .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_push_that_is_too_large_for_the_way_arrives_all_the_same_but_for_what_never_can() {
    let house = House::open(Template::Sample).await;
    let device = Device::sign_in(&serve_little(&house).await, &house.name_of("marco")).await;
    device.sync().await;
    for number in 0..20 {
        let cells = page(&device, &format!("single-{number}"), 20_000);
        device.write(|write| write.insert(Sop::TABLE, cells));
    }
    let group: Vec<Cells> = (0..20).map(|number| page(&device, &format!("group-{number}"), 20_000)).collect();
    device
        .write(|write| group.iter().try_for_each(|cells| write.insert(Sop::TABLE, cells.clone()).map(drop)));
    let large = page(&device, "large", 400_000);
    device.write(|write| write.insert(Sop::TABLE, large));
    let small = page(&device, "after", 100);
    device.write(|write| write.insert(Sop::TABLE, small));

    let report = device.sync().await;
    assert_eq!((report.refused, device.unsent()), (1, 0), "{report:?}");
    let there: i64 = house.ask("select count(*) from guildhall.sops where category = 'narrow'").await;
    assert_eq!(there, 41);
    let refused = device.read(quarantine::list);
    assert_eq!(refused.len(), 1);
    let (code, reason, is_fixable) = refused[0].refusal().expect("a refusal");
    assert_eq!((code, is_fixable), (RejectCode::TooLarge, true), "{reason}");
    let typed = quarantine::typed(&refused[0].root);
    assert!(typed.iter().any(|typed| typed.after.len() > 390_000), "what was typed is kept");
    assert_eq!(device.read(|connection| sops::list(connection, Some("narrow"))).len(), 41);
    device.demand_well();
}

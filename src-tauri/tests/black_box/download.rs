//! A first download that breaks off, again and again, goes on where it was.

use crate::equality::demand_equal;
use crate::house::House;
use crate::house::chance::Chance;
use crate::house::device::Device;
use crate::house::proxy::{Fault, Proxy};
use guildhall_sync::model::TABLES;
use guildhall_sync::protocol::MAX_CHUNK_ROWS;

const PERSON: &str = "ana";
/// Tickets beside the sample's rows, so that there are many frames.
const TICKETS: u64 = 6_000;
const CUTS: u64 = 6;
/// An answer breaks off before so many bytes of it.
const LATEST_BYTE: usize = 150_000;

fn count_rows(device: &Device) -> u64 {
    let counts = TABLES.iter().map(|table| device.count(&format!("select count(*) from {}", table.name)));
    counts.sum::<i64>().try_into().expect("a count")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_first_download_that_is_cut_anywhere_is_sent_nothing_again_that_it_has() {
    let house = House::of_sample().await;
    house
        .psql(format!(
            "insert into guildhall.tickets (id, guild_id, local_ref, subject, location_id, opened_at)
             select gen_random_uuid(), guild_id, 'LONG-' || n, md5(n::text), location_id, opened_at
               from (select * from guildhall.tickets limit 1) one, generate_series(1, {TICKETS}) n"
        ))
        .await;
    let whole = Device::sign_in(&house.server.url(), &house.name_of(PERSON)).await;
    let all = whole.sync().await;

    let proxy = Proxy::to(house.server.address).await;
    let device = Device::sign_in(&proxy.url(), &house.name_of(PERSON)).await;
    let (mut chance, mut bytes) = (Chance::new(1), 0_u64);
    for _ in 0..CUTS {
        let after = chance.below(LATEST_BYTE);
        proxy.arm(Fault::cut_download(after));
        device.try_sync().await.expect_err("it is cut");
        bytes += after as u64;
    }
    let held = count_rows(&device);
    let rest = device.sync().await;
    assert!(
        held > 0 && rest.received_rows > 0,
        "it was cut within: {held} rows, {} left",
        rest.received_rows
    );
    assert_eq!(held + rest.received_rows, all.received_rows, "no row that was stored is sent again");
    let frame = MAX_CHUNK_ROWS as u64 * all.received_bytes / all.received_rows;
    let twice = (bytes + rest.received_bytes).saturating_sub(all.received_bytes);
    assert!(twice <= CUTS * frame, "{twice} bytes came twice, and a frame has {frame}");
    demand_equal(&house, house.user(PERSON).0, &device).await;
}

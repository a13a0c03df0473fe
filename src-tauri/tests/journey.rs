//! The walk of one datum, as ARCHITECTURE.md tells it: one sentence on its way from a laptop
//! without network to Postgres and to a colleague's laptop. Two devices, the real server, the real
//! database; nothing is waited for but states.

#[path = "common/house.rs"]
mod house;

use guildhall_local::entries::{self, EntryState, Line};
use guildhall_local::search::{self, Query};
use guildhall_sync::change::Verdict;
use house::House;
use house::device::Device;
use sqlx::{Connection, PgConnection};

const PAGE: &str = "booking/access/pin-failures";
const SENTENCE: &str = "Ask which of the two doors they stand at.";

#[tokio::test(flavor = "multi_thread")]
async fn one_edit_travels_from_a_laptop_without_network_to_postgres_and_to_a_colleague() {
    let mut house = House::of_sample().await;
    let (ana, ben) = (house.laptop_of("ana").await, house.laptop_of("ben").await);
    let page = ana.page(PAGE);
    assert_eq!(
        (ana.mark(page.id.0), ben.mark(page.id.0)),
        ("On server (v1)".into(), "On server (v1)".into())
    );
    let (mut ana_in_touch, mut ben_in_touch) = (ana.watch(), ben.watch());
    house.stop_server();
    ana_in_touch.until_said("Offline").await;

    // 1. Terminal: the new text is read and the command called.
    let edit = ["sop", "edit", PAGE, "--append", SENTENCE, "--json"];
    let answer = ana.program(|laptop| {
        // 2. Command: what is not legal goes no further; what is goes to the write door.
        laptop.run(&["sop", "rename", PAGE, "--title", " "]).refuses(6, "The title must not be empty.");
        laptop.run(&edit).json()
    });

    // 3. Store: shadow, row, entry and full text, on the disk together.
    let entry = demand_stored(&ana, &page.content.0);

    // 4. Answer: the clerk is done.
    assert_eq!(answer["mark"], "Saved here");
    let chip = ana.status()["chip"].as_str().expect("a text").to_owned();
    assert_eq!(chip.split(" · as of ").next(), Some("Offline · 1 to send"), "{chip}");

    // 5. Push: the wire is broken, and the same batch goes out again until it is not.
    let tried = || Some(find_entry(&ana)).filter(|line| line.state == EntryState::Unknown);
    let tried = ana_in_touch.until("the first try to fail", tried).await;
    assert_eq!((tried.entry.id, &tried.content_hash), (entry.entry.id, &entry.content_hash));
    assert_eq!(ana.mark(page.id.0), "Saved here");
    let numbering = hold_numbering(&house).await;
    house.start_server();

    // 6. Verdict: stored in the transaction that has its effect.
    ana_in_touch.until("the verdict", || (ana.mark(page.id.0) == "Sent").then_some(())).await;
    let verdict = find_entry(&ana).verdict.expect("a verdict");
    assert!(matches!(verdict, Verdict::Committed { rev: 2, .. }), "{verdict:?}");
    demand_written(&house, &entry).await;

    // 7. Postgres: captured by triggers; after the commit the sealer gives the commit its number.
    let of_page =
        format!("from sync.change h join sync.commit c on c.id = h.commit where h.pk = '{}'", page.id.0);
    assert_eq!(house.ask::<i64>(format!("select count(*) {of_page} and c.commit_no is null")).await, 1);
    release(numbering).await;

    // 8. Settlement: the entry leaves the fold with the pull that brings its effect.
    let settled = || (ana.mark(page.id.0) == "On server (v2)").then(|| find_entry(&ana));
    let settled = ana_in_touch.until("the settlement", settled).await;
    assert_eq!(settled.state, EntryState::Settled);
    assert_eq!(ana.count("select count(*) from sync_shadow"), 0);
    assert_eq!(ana.unsent(), 0);

    assert_eq!(house.ask::<i64>(format!("select count(*) {of_page} and c.commit_no is null")).await, 0);

    // 9. The colleague: the sentence is there without being asked for.
    let arrived = || ben.text(PAGE).contains(SENTENCE).then(|| ben.page(PAGE));
    let arrived = ben_in_touch.until("the sentence", arrived).await;
    assert_eq!(arrived, ana.page(PAGE));
    assert_eq!((ben.mark(page.id.0), arrived.updated_by), ("On server (v2)".into(), Some(house.user("ana"))));

    for (device, in_touch) in [(&ana, ana_in_touch), (&ben, ben_in_touch)] {
        in_touch.stop().await;
        device.demand_well();
        let chip = device.status()["chip"].as_str().expect("a text").to_owned();
        assert!(chip.starts_with("All on server "), "{chip}");
    }
}

/// The one entry of this walk.
fn find_entry(device: &Device) -> Line {
    let id = device
        .read(|connection| Ok(connection.query_row("select id from wal_entries", [], |row| row.get(0))?));
    let line = device.read(|connection| entries::find(connection, guildhall_sync::id::EntryId(id)));
    line.expect("the entry")
}

fn demand_stored(ana: &Device, before: &str) -> Line {
    assert_eq!(ana.count("select count(*) from sync_shadow"), 1);
    assert!(ana.text(PAGE).starts_with(before) && ana.text(PAGE).contains(SENTENCE));
    let line = find_entry(ana);
    assert!(
        matches!(line.state, EntryState::Pending | EntryState::InFlight | EntryState::Unknown),
        "{line:?}"
    );
    assert_eq!(line.entry.before["content"], before);
    let query = Query { typed: "two doors stand", tables: &[], limit: 1 };
    let found = ana.read(|connection| search::find(connection, &query));
    assert_eq!(found.hits.first().map(|hit| hit.path.as_str()), Some(PAGE));
    line
}

/// Effect, history and verdict are in the database, once.
async fn demand_written(house: &House, line: &Line) {
    let (id, row, hash) = (line.entry.id.0, line.entry.row, &line.content_hash);
    let history = house.ask::<String>(format!(
        "select string_agg(concat_ws(' ', created_by, row_rev, status), ', ')
         from guildhall.wal_entries where id = '{id}' and target_id = '{row}'"
    ));
    assert_eq!(history.await, format!("{} 2 committed", house.user("ana").0));
    let kept = format!(
        "select count(*) from sync.inbox where entry_id = '{id}' and content_hash = '{hash}' and verdict is not null"
    );
    assert_eq!(house.ask::<i64>(kept).await, 1, "the same batch, with its verdict");
    let text = format!("select content from guildhall.sops where id = '{row}'");
    assert!(house.ask::<String>(text).await.contains(SENTENCE));
}

/// Holds the numbering of commits, so that one can look between the verdict and the settlement.
async fn hold_numbering(house: &House) -> PgConnection {
    let mut connection = house.connect().await;
    sqlx::raw_sql("begin; select from sync.stream for update")
        .execute(&mut connection)
        .await
        .expect("a lock");
    connection
}

async fn release(mut connection: PgConnection) {
    sqlx::raw_sql("commit").execute(&mut connection).await.expect("the lock is given back");
    connection.close().await.expect("a connection");
}

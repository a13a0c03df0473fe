//! A byte that flipped, on either side and in any place, is found at the next comparison and set
//! right by fetching only what differs.

use crate::house::House;
use crate::house::device::Device;
use guildhall_local::check;
use guildhall_local::outbox;

const PAGE: &str = "booking/access/pin-failures";
const EDITED: &str = "booking/money/refunds";

/// What may happen to a mirror behind the program's back; `$` is the page.
const DAMAGE: [(&str, &str); 16] = [
    ("a text", "update sops set content = replace(content, 'PIN', 'BIN') where id = $"),
    ("a title with what is no text", "update sops set title = x'00ff' where id = $"),
    ("a number", "update sops set version = version + 64 where id = $"),
    ("a version", "update sops set rev = rev + 1 where id = $"),
    ("a version of long ago", "update sops set rev = 0 where id = $"),
    ("a hash", "update sops set sync_hash = cast(x'00' || substr(sync_hash, 2) as blob) where id = $"),
    ("a list of scopes that lacks all", "update sops set sync_scopes = '' where id = $"),
    ("a list with a name of nothing", "update sops set sync_scopes = sync_scopes || 'guilx ' where id = $"),
    (
        "a list with a scope that is another's",
        "update sops set sync_scopes = ' ' || (select group_concat(scope, ' ') from (select 'guild' as scope union select trim(sync_scopes) from sops where id = $ order by 1)) || ' ' where id = $",
    ),
    ("a mark of own edits", "update sops set sync_dirty = 1 where id = $"),
    ("a hash that is no hash", "update sops set sync_hash = 'none' where id = $"),
    ("an id", "update sops set id = cast(x'ff' || substr(id, 2) as blob) where id = $"),
    ("a guild", "update sops set guild_id = cast(x'ff' || substr(guild_id, 2) as blob) where id = $"),
    ("a row that is gone", "delete from sops where id = $"),
    ("a row that is nobody's", ""),
    ("a name of the guild", "update guilds set name = name || '.'"),
];

fn flip(device: &Device, damage: &str) {
    let id = format!("x'{}'", device.find_page(PAGE).expect("the page").id.0.simple());
    let damage = damage.replace('$', &id);
    let done = device.store.record(|connection| Ok(connection.execute_batch(&damage)?));
    done.unwrap_or_else(|error| panic!("{damage}: {error}"));
}

/// A comparison with the next pull.
fn want(device: &Device) {
    device.store.record(|connection| check::want(connection)).expect("it is wanted");
}

/// The columns of a table that are not the ones named.
fn columns(device: &Device, table: &str, without: usize) -> String {
    device.read(|connection| {
        let mut list = connection.prepare(&format!("select name from pragma_table_info('{table}')"))?;
        let names = list.query_map([], |row| row.get::<_, String>(0))?.collect::<Result<Vec<_>, _>>()?;
        Ok(names[without..].join(", "))
    })
}

#[tokio::test(flavor = "multi_thread")]
async fn what_flipped_on_a_laptop_is_found_and_only_that_is_fetched() {
    let house = House::of_sample().await;
    let ana = house.laptop_of("ana").await;
    let whole = rows_by_id(&ana);
    for (what, damage) in DAMAGE {
        let damage = match what {
            "a row that is nobody's" => {
                let rest = columns(&ana, "sops", 2);
                format!(
                    "insert into sops (id, {rest}) select cast(x'ffff' || substr(id, 3) as blob), {rest} from sops where id = $"
                )
            }
            _ => damage.to_owned(),
        };
        flip(&ana, &damage);
        assert_ne!(rows_by_id(&ana), whole, "{what}: nothing was damaged");
        want(&ana);
        let report = ana.sync().await;
        assert!(report.received_rows <= 2, "{what}: {} rows were fetched", report.received_rows);
        assert_eq!(rows_by_id(&ana), whole, "{what}");
        ana.demand_well();
        let told =
            "select count(*) from sync.repair where device is not null and at > now() - interval '1 hour'";
        assert!(house.ask::<i64>(told).await > 0, "{what}: the server was not told");
        house.psql("delete from sync.repair").await;
        assert_eq!(ana.count("select count(*) from sync_repaired"), 0, "{what}");
    }
    want(&ana);
    assert_eq!(ana.sync().await.received_rows, 0, "what is whole is left alone");
    assert_eq!(house.ask::<i64>("select count(*) from sync.repair").await, 0);
}

/// Every row of the synced tables without its place in the file.
fn rows_by_id(device: &Device) -> Vec<String> {
    let mut all = Vec::new();
    for table in guildhall_sync::model::TABLES {
        let columns = columns(device, table.name, 1);
        let quoted = columns
            .split(", ")
            .map(|name| format!("typeof({name}) || hex({name})"))
            .collect::<Vec<_>>()
            .join(" || ',' || ");
        all.extend(device.read(|connection| {
            let mut select =
                connection.prepare(&format!("select {quoted} from {} order by id", table.name))?;
            let rows = select.query_map([], |row| row.get::<_, Option<String>>(0))?;
            Ok(rows
                .map(|row| Ok(format!("{} {:?}", table.name, row?)))
                .collect::<Result<Vec<_>, rusqlite::Error>>()?)
        }));
    }
    all
}

#[tokio::test(flavor = "multi_thread")]
async fn what_flipped_under_own_edits_is_set_right_and_the_edits_stay() {
    let mut house = House::of_sample().await;
    let ana = house.laptop_of("ana").await;
    house.stop_server();
    let before = ana.text(EDITED);
    ana.edit(EDITED, &format!("{before}\n\nTyped without a network.\n"));
    let unsent = ana.unsent();
    let shown = ana.text(EDITED);
    for (what, damage) in [
        (
            "bytes",
            "update sync_shadow set cells = cast(substr(cells, 1, 80) || x'ff' || substr(cells, 82) as blob)",
        ),
        ("a hash", "update sync_shadow set hash = cast(x'00' || substr(hash, 2) as blob)"),
        ("what is no hash", "update sync_shadow set hash = 'none', cells = 'nothing'"),
        ("a list of scopes", "update sync_shadow set scopes = ' guilx '"),
        ("all of it", "delete from sync_shadow"),
        ("the row over it", "update sops set content = 'flipped' where sync_dirty = 1"),
    ] {
        flip(&ana, damage);
        want(&ana);
        house.start_server();
        // Only fetched: what is unsent is not sent in between.
        let pulled = pull_only(&ana).await;
        house.stop_server();
        assert!(pulled, "{what}");
        assert_eq!((ana.text(EDITED), ana.unsent()), (shown.clone(), unsent), "{what}");
        ana.demand_well();
    }
    house.start_server();
    let report = ana.sync().await;
    assert_eq!((report.sent, report.refused, report.conflicts), (1, 0, 0));
    assert!(ana.text(EDITED).ends_with("Typed without a network.\n"));
    assert_eq!(ana.read(outbox::count).unsent, 0);
    ana.demand_well();
}

/// Pulls until nothing is left to be compared; says whether something was repaired.
async fn pull_only(device: &Device) -> bool {
    let mut repaired = 0;
    loop {
        let outcome = device.pull().await;
        repaired += outcome.repaired;
        if !outcome.more {
            return repaired > 0;
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_flipped_on_the_server_is_found_by_whoever_compares() {
    let house = House::of_sample().await;
    let ana = house.laptop_of("ana").await;
    let whole = rows_by_id(&ana);
    let page = ana.page(PAGE).id.0;
    let wrong = "select count(*) from sync.audit()";

    house.psql("select sync.roll_up(stream) from sync.stream; update sync.digest set lane1 = lane1 + 1 where scope = 'guild'").await;
    want(&ana);
    assert_eq!(ana.sync().await.received_rows, 0);
    let wrong_digests = "select count(*) from sync.stream s, lateral sync.list_wrong_digests(s.stream)";
    assert_eq!(
        house.ask::<i64>(wrong_digests).await,
        0,
        "a digest that does not fit the rows is summed anew"
    );

    let flipped = "set_byte(hash, 5, get_byte(hash, 5) # 16)";
    house.psql(format!("update sync.member set hash = {flipped} where pk = '{page}'")).await;
    ana.store
        .record(|connection| Ok(connection.execute("delete from sops where section = 'pin-failures'", [])?))
        .expect("gone");
    want(&ana);
    ana.sync().await;
    assert_eq!(house.ask::<i64>(wrong).await, 0, "a row that came with a wrong hash is looked at");
    ana.sync().await;
    want(&ana);
    ana.sync().await;
    assert_eq!(rows_by_id(&ana), whole);
    ana.demand_well();
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unclean_end_is_followed_by_a_comparison() {
    let house = House::of_sample().await;
    let ana = house.laptop_of("ana").await;
    assert!(ana.read(|connection| check::ask(connection, ana.store.clock().now())).is_none());
    flip(&ana, "update sops set content = 'flipped' where id = $");
    ana.store
        .record(|connection| check::set_linked(connection, true))
        .expect("somebody has the link and is killed");
    ana.sync().await;
    assert_ne!(ana.text(PAGE), "flipped");
    ana.demand_well();
    assert!(ana.read(|connection| check::ask(connection, ana.store.clock().now())).is_none());
    let tomorrow = ana.store.clock().now().plus_ms(check::CHECK_EVERY_MS + 1000);
    assert!(ana.read(|connection| check::ask(connection, tomorrow)).is_some(), "and one each day");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_laptop_is_looked_after_from_its_terminal_and_what_is_unsent_stays() {
    let mut house = House::of_sample().await;
    let ana = house.laptop_of("ana").await;
    let whole = rows_by_id(&ana);
    let say = |words: &[&str]| ana.program(|laptop| laptop.run(words));
    assert!(say(&["sync", "--verify"]).well().contains("are as on the server"));

    flip(&ana, "update sops set content = 'flipped' where id = $");
    let said = say(&["sync", "--verify"]);
    assert_eq!(said.code, Some(6), "{said:?}");
    assert!(said.out.contains("1 of "), "{said:?}");
    assert_eq!(ana.text(PAGE), "flipped", "to verify changes nothing");
    assert!(say(&["sync", "--repair"]).well().contains("1 row was set right"));
    assert_eq!(rows_by_id(&ana), whole);

    let listed = say(&["sync", "--list", "--json"]).json();
    let part = listed["parts"][0]["part"].as_str().expect("a part").to_owned();
    say(&["sync", "--download", "nowhere"]).refuses(6, "holds nothing called");
    for words in [&["sync", "--download", &part][..], &["sync", "--rebuild"]] {
        flip(&ana, "update guilds set name = name || '.'; delete from sops where id = $");
        assert!(say(words).well().contains("whole again"));
        if words[1] == "--download" {
            say(&["sync", "--repair"]).well();
        }
        assert_eq!(rows_by_id(&ana), whole, "{words:?}");
        ana.demand_well();
    }

    house.stop_server();
    let before = ana.text(EDITED);
    ana.edit(EDITED, &format!("{before}\n\nTyped meanwhile.\n"));
    assert_eq!(say(&["sync", "--rebuild"]).code, Some(5), "nobody answers");
    assert_eq!((ana.unsent(), ana.text(EDITED).ends_with("Typed meanwhile.\n")), (1, true));
    house.start_server();
    // It was asked for, so whoever syncs next does it.
    ana.sync().await;
    assert!(ana.text(EDITED).ends_with("Typed meanwhile.\n"));
    assert_eq!(ana.read(outbox::count).unsent, 0);
    assert_eq!(
        say(&["sync", "--list", "--json"]).json()["errands"][0]["outcome"]
            .as_str()
            .map(|said| said.contains("whole again")),
        Some(true)
    );
    ana.demand_well();
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_has_the_link_does_what_another_process_asks() {
    let house = House::of_sample().await;
    let ana = house.laptop_of("ana").await;
    let whole = rows_by_id(&ana);
    let mut watching = ana.watch();
    watching.until_said("Quiet").await;
    flip(&ana, "update sops set content = 'flipped' where id = $");
    assert!(ana.program(|laptop| laptop.run(&["sync", "--repair"])).well().contains("1 row was set right"));
    watching.stop().await;
    assert_eq!(rows_by_id(&ana), whole);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_was_emptied_empties_no_laptop_unasked() {
    let mut house = House::of_sample().await;
    let ana = house.laptop_of("ana").await;
    let before = ana.count("select count(*) from knowledge_items");
    assert!(before > 100, "the sample has questions");
    house.psql("delete from guildhall.ticket_resolutions; delete from guildhall.knowledge_versions; delete from guildhall.knowledge_items").await;
    let text = ana.text(EDITED);
    ana.edit(EDITED, &format!("{text}\n\nTyped before the question.\n"));
    let copy = ana.profile().join("mirror.before-removal.db");
    for _ in 0..2 {
        let said = ana.program(|laptop| laptop.run(&["sync"]));
        assert_eq!(said.code, Some(6), "{said:?}");
        assert!(said.err.contains("Nothing is removed until you say so"), "{said:?}");
        assert_eq!(ana.count("select count(*) from knowledge_items"), before);
        assert!(copy.exists());
    }
    assert_eq!(ana.unsent(), 0, "what is written is sent all the same");
    ana.program(|laptop| laptop.run(&["sync", "--go-on"])).well();
    assert_eq!(ana.count("select count(*) from knowledge_items"), 0);
    assert_eq!(
        ana.program(|laptop| laptop.run(&["sync", "--go-on"])).code,
        Some(2),
        "nothing waits any more"
    );

    // A fill that names nothing is held as well; what may not be read any more is not.
    house
        .psql(
            "delete from guildhall.sop_reads; delete from guildhall.sop_versions; delete from guildhall.sops",
        )
        .await;
    assert_eq!(ana.program(|laptop| laptop.run(&["sync", "--rebuild"])).code, Some(6));
    let held = ana.count("select count(*) from sops");
    assert!(held > 20);
    let user = house.user("ana").0;
    house.psql(format!("update guildhall.users set role = 'member' where id = '{user}'")).await;
    ana.program(|laptop| laptop.run(&["sync"]));
    assert!(ana.count("select count(*) from sops") < held, "purge waits for nothing");
    assert!(!copy.exists(), "and takes the copy along");
    house.stop_server();
}

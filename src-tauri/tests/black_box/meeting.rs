//! Two people change one page while neither knows of the other.

use crate::house::House;
use crate::house::device::Device;
use guildhall_local::conflicts::{self, Settlement};
use guildhall_local::sops::{self, NewSop, Which};
use guildhall_local::write::Why;
use guildhall_sync::id::SopId;
use guildhall_sync::model::knowledge::{ChangedKind, Sop};
use guildhall_sync::model::settlement::{ConflictKind, SyncConflict};
use guildhall_sync::schema::Row;
use uuid::Uuid;

const PAGE: &str = "booking/access/pin-failures";
/// A sentence of the page that both rewrite.
const SENTENCE: &str = "The lock knows it within one minute.";

/// Ana and Ben at two laptops that hold the same.
async fn two_laptops() -> (House, Device, Device) {
    let house = House::of_sample().await;
    let (ana, ben) = (house.laptop_of("ana").await, house.laptop_of("ben").await);
    (house, ana, ben)
}

/// Sends and fetches until both have what the other sent.
async fn meet(first: &Device, second: &Device) {
    first.sync().await;
    second.sync().await;
    first.sync().await;
}

fn only_conflict(device: &Device) -> SyncConflict {
    let mut found = device.conflicts();
    assert_eq!(found.len(), 1, "{found:?}");
    found.remove(0)
}

#[tokio::test(flavor = "multi_thread")]
async fn edits_of_different_paragraphs_are_both_there_on_both_laptops_marked_merged() {
    let (_house, ana, ben) = two_laptops().await;
    ana.rewrite(PAGE, "A PIN has six digits.", "A PIN has six digits, never more.");
    ben.rewrite(PAGE, SENTENCE, "The lock knows it at once.");
    meet(&ana, &ben).await;

    for device in [&ana, &ben] {
        let page = device.page(PAGE);
        assert!(page.content.0.contains("never more.") && page.content.0.contains("knows it at once."));
        assert_eq!((page.version, device.mark(page.id.0)), (3, "On server (v3)".to_owned()));
        let versions = device.read(|connection| sops::list_versions(connection, page.id));
        let kinds: Vec<_> = versions.iter().map(|version| (version.version, version.changed_kind)).collect();
        assert_eq!(kinds, [(3, ChangedKind::Merge), (2, ChangedKind::Human), (1, ChangedKind::System)]);
        assert_eq!(Vec::from_iter(&versions[0].parents), ["1", "2"]);
        assert!(device.conflicts().is_empty());
        device.demand_well();
    }
    assert_eq!(ana.page(PAGE), ben.page(PAGE));
    let history = ben.program(|laptop| laptop.run(&["sop", "history", PAGE]).well());
    assert!(history.contains("merge") && history.contains("(merged from v1 and v2)"), "{history}");
}

/// Both rewrite one sentence; Ana is first, so hers is live. Returns the conflict.
async fn disagree(ana: &Device, ben: &Device) -> SyncConflict {
    ana.rewrite(PAGE, SENTENCE, "The lock needs two minutes, says Ana.");
    ben.rewrite(PAGE, SENTENCE, "The lock needs three minutes, says Ben.");
    meet(ana, ben).await;
    let conflict = only_conflict(ben);
    assert_eq!(conflict.kind, ConflictKind::Text);
    for device in [ana, ben] {
        assert!(device.text(PAGE).contains("says Ana.") && !device.text(PAGE).contains("says Ben."));
        assert!(device.find_row(SyncConflict::TABLE, conflict.id.0).is_some(), "both sides are on both");
        let sides = conflicts::sides(&conflict).expect("two sides");
        let [content] = &sides[..] else { panic!("{sides:?}") };
        let says = |side: &Option<String>, word: &str| side.as_ref().is_some_and(|text| text.contains(word));
        assert!(
            says(&content.before, SENTENCE)
                && says(&content.mine, "says Ben.")
                && says(&content.theirs, "says Ana.")
        );
        let shown = device.program(|laptop| laptop.run(&["sop", "show", PAGE]).well());
        assert!(shown.contains("says Ana.") && shown.contains("says Ben."), "both are shown: {shown}");
        device.demand_well();
    }
    // It waits for its author; Ana has nothing to settle.
    assert_eq!(
        (ben.mark(ben.page(PAGE).id.0), ben.status()["chip"].as_str()),
        ("Needs you".to_owned(), Some("Needs you (1)"))
    );
    assert!(ana.conflicts().is_empty() && ana.mark(ana.page(PAGE).id.0) == "On server (v2)");
    conflict
}

/// Nothing is open, and both have the same page, with this in it.
fn demand_settled(devices: [&Device; 2], part: &str) {
    for device in devices {
        let page = device.page(PAGE);
        assert!(page.content.0.contains(part), "{part:?} is not in {:?}", page.content.0);
        assert!(device.conflicts().is_empty());
        assert_eq!(device.mark(page.id.0), format!("On server (v{})", page.version));
        assert_eq!(page, devices[0].page(PAGE));
        device.demand_well();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn of_one_sentence_both_versions_are_kept_until_the_author_takes_their_own() {
    let (_house, ana, ben) = two_laptops().await;
    let conflict = disagree(&ana, &ben).await;
    ben.settle(conflict.id.0, &Settlement::Mine);
    assert!(ben.text(PAGE).contains("says Ben."), "offline already");
    meet(&ben, &ana).await;
    demand_settled([&ana, &ben], "says Ben.");
}

#[tokio::test(flavor = "multi_thread")]
async fn of_one_sentence_both_versions_are_kept_until_a_leader_takes_the_live_one() {
    let (house, ana, ben) = two_laptops().await;
    let conflict = disagree(&ana, &ben).await;
    let marco = house.laptop_of("marco").await;
    assert_eq!(only_conflict(&marco), conflict);
    marco.settle(conflict.id.0, &Settlement::Theirs);
    assert!(marco.conflicts().is_empty(), "offline already");
    marco.sync().await;
    meet(&ben, &ana).await;
    demand_settled([&ana, &ben], "says Ana.");
}

#[tokio::test(flavor = "multi_thread")]
async fn of_one_sentence_both_versions_are_kept_until_somebody_writes_a_third() {
    let (_house, ana, ben) = two_laptops().await;
    let conflict = disagree(&ana, &ben).await;
    let third = ben.text(PAGE).replace("two minutes, says Ana.", "two or three minutes, say both.");
    ben.settle(conflict.id.0, &Settlement::Text(third));
    meet(&ben, &ana).await;
    demand_settled([&ana, &ben], "say both.");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_one_deleted_and_the_other_edited_can_be_had_either_way() {
    let (_house, ana, ben) = two_laptops().await;
    let id = ana.page(PAGE).id;
    ana.write(|write| sops::delete(write, id, Why::default()));
    ben.rewrite(PAGE, SENTENCE, "Ben still needs this page.");
    meet(&ana, &ben).await;
    for device in [&ana, &ben] {
        assert!(device.find_page(PAGE).is_none(), "the server's is live");
    }
    assert_eq!(only_conflict(&ben).kind, ConflictKind::DeleteVsEdit);
    ben.settle(only_conflict(&ben).id.0, &Settlement::Mine);
    meet(&ben, &ana).await;
    demand_settled([&ana, &ben], "Ben still needs this page.");

    ana.rewrite(PAGE, "Ben still needs this page.", "So does Ana.");
    ben.write(|write| sops::delete(write, id, Why::default()));
    meet(&ana, &ben).await;
    for device in [&ana, &ben] {
        assert!(device.text(PAGE).contains("So does Ana."), "the server's is live");
    }
    assert_eq!(only_conflict(&ben).kind, ConflictKind::DeleteVsEdit);
    ben.settle(only_conflict(&ben).id.0, &Settlement::Mine);
    meet(&ben, &ana).await;
    for device in [&ana, &ben] {
        assert!(device.find_page(PAGE).is_none() && device.conflicts().is_empty());
        let deleted = device.read(|connection| sops::get(connection, PAGE, Which::Deleted));
        assert!(deleted.content.0.contains("So does Ana."));
        device.demand_well();
    }
}

/// Ana and Ben choose different values in three tickets. What waits for Ben then.
async fn disagree_about_tickets(ana: &Device, ben: &Device) -> Vec<String> {
    let select =
        "select local_ref from tickets where priority in ('medium', 'high') order by local_ref limit 3";
    let tickets: Vec<String> = ana.read(|connection| {
        let mut select = connection.prepare(select)?;
        let found = select.query_map([], |row| row.get(0))?;
        Ok(found.collect::<Result<_, _>>()?)
    });
    for (device, priority) in [(ana, "critical"), (ben, "low")] {
        for ticket in &tickets {
            device.program(|laptop| laptop.run(&["ticket", "edit", ticket, "--priority", priority]).well());
        }
    }
    meet(ana, ben).await;
    ben.conflicts().iter().map(|conflict| conflict.id.to_string()).collect()
}

fn priorities(device: &Device, priority: &str) -> i64 {
    device.count(&format!("select count(*) from tickets where priority = '{priority}'"))
}

#[tokio::test(flavor = "multi_thread")]
async fn values_are_settled_column_by_column_or_many_at_once_and_words_never_are() {
    let (_house, ana, ben) = two_laptops().await;
    let (critical, low) = (priorities(&ana, "critical"), priorities(&ana, "low"));
    let waiting = disagree_about_tickets(&ana, &ben).await;
    assert_eq!(waiting.len(), 3, "{waiting:?}");
    ana.rewrite(PAGE, SENTENCE, "The lock knows it within one hour.");
    ben.rewrite(PAGE, SENTENCE, "The lock knows it within one day.");
    meet(&ana, &ben).await;
    let words = ben.conflicts().into_iter().find(|conflict| conflict.kind == ConflictKind::Text);
    let words = words.expect("it waits too").id.to_string();

    let settle = ["conflict", "settle"];
    ben.program(|laptop| {
        let all = [&settle[..], &[&waiting[0], &words]].concat();
        laptop.run(&[&all[..], &["--mine"]].concat()).refuses(2, "only be settled with --theirs");
        laptop.run(&[&all[..], &["--theirs"]].concat()).refuses(2, "one by one");
        let unknown = Uuid::from_u128(1).to_string();
        laptop.run(&[&settle[..], &[&waiting[1], &unknown, "--theirs"]].concat()).refuses(3, &unknown);
        assert_eq!(ben.conflicts().len(), 4, "none of them was");
        laptop.run(&[&settle[..], &[&waiting[0], "--take", "priority=mine"]].concat()).well();
        laptop.run(&[&settle[..], &[&waiting[1], &waiting[2], "--theirs"]].concat()).well();
    });
    meet(&ben, &ana).await;
    for device in [&ana, &ben] {
        assert_eq!((priorities(device, "critical"), priorities(device, "low")), (critical + 2, low + 1));
        device.demand_well();
    }
    assert_eq!(only_conflict(&ben).kind, ConflictKind::Text);
}

fn add(device: &Device, path: (&str, &str), content: &str) -> SopId {
    let new = NewSop {
        assistant: None,
        category: path.0.to_owned(),
        section: path.1.to_owned(),
        title: path.1.to_owned(),
        content: content.to_owned(),
        front_matter: String::new(),
    };
    device.write(|write| sops::create(write, &new, Why::default())).value
}

#[tokio::test(flavor = "multi_thread")]
async fn a_name_that_both_give_is_one_page_and_a_draft_that_nobody_loses() {
    let (house, ana, ben) = two_laptops().await;
    let place = ("booking/access", "keypad-frozen");
    let name = "booking/access/keypad-frozen";
    let hers = add(&ana, place, "Warm it with a hand, writes Ana.");
    let his = add(&ben, place, "Warm it with a lamp, writes Ben.");
    meet(&ana, &ben).await;

    let conflict = only_conflict(&ben);
    assert_eq!((conflict.kind, conflict.target_id), (ConflictKind::Duplicate, hers.0));
    assert!(conflict.mine.0.contains("with a lamp"), "{}", conflict.mine.0);
    for device in [&ana, &ben] {
        assert_eq!(device.page(name).id, hers, "one page has the name");
        assert!(device.text(name).contains("with a hand"));
        device.demand_well();
    }
    assert_eq!(ben.status()["chip"], "Needs you (1)");
    let rows = format!(
        "select count(*) from guildhall.sops where section = '{}' and id <> '{}'",
        place.1,
        Uuid::nil()
    );
    assert_eq!(house.ask::<i64>(rows).await, 1);

    ben.settle(conflict.id.0, &Settlement::Mine);
    meet(&ben, &ana).await;
    for device in [&ana, &ben] {
        assert_eq!(device.page(name).id, hers);
        assert!(device.text(name).contains("with a lamp"), "{}", device.text(name));
        assert!(device.conflicts().is_empty());
        device.demand_well();
    }
    assert!(ben.find_row(Sop::TABLE, his.0).is_none());
    let versions = ana.read(|connection| sops::list_versions(connection, hers));
    assert!(
        versions.iter().any(|version| version.content.0.contains("with a hand")),
        "hers is in the history"
    );
}

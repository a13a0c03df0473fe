//! Rights that are taken away: what may not be read any more leaves the laptop, and what was typed
//! does not.

use crate::house::House;
use crate::house::device::Device;
use guildhall_local::quarantine;
use guildhall_local::write::Why;
use guildhall_sync::change::RejectCode;
use guildhall_sync::model::desk::Ticket;
use guildhall_sync::schema::Row;
use guildhall_sync::value::{Cells, Value};

const PAGE: &str = "booking/access/pin-failures";
const SENTENCE: &str = "The lock knows it within one minute.";
const TYPED: &str = "Typed on a train without a network";

fn ticket_cells(named: &[(&str, Value)]) -> Cells {
    named
        .iter()
        .map(|(name, value)| (Ticket::TABLE.column(name).expect(name).number, value.clone()))
        .collect()
}

/// What waits in quarantine: the columns that were typed, with nothing of what was there before.
fn demand_typed(device: &Device, expected: &[(&str, &str)]) {
    let items = device.read(quarantine::list);
    let mut found = Vec::new();
    for line in items.iter().flat_map(|item| item.lines()) {
        assert!(line.entry.before.is_empty(), "{line:?}");
        let typed = quarantine::typed(line);
        found.extend(typed.into_iter().map(|typed| (typed.column, typed.after)));
    }
    for (column, text) in expected {
        assert!(
            found.iter().any(|(name, after)| name == column && after.contains(text)),
            "{column}: {found:?}"
        );
    }
    // Which of the two it is depends on whether the push or the pull was first.
    let codes = [RejectCode::NotFound, RejectCode::Forbidden];
    for item in &items {
        let (code, _, fixable) = item.refusal().expect("a refusal");
        assert!(codes.contains(&code) && !fixable, "{item:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn who_does_not_work_at_a_place_any_more_keeps_only_what_they_typed_there() {
    let house = House::of_sample().await;
    let ben = house.laptop_of("ben").await;
    let known = house.id_of("tickets", "refund-double-charge");
    let (harbour, here) = (house.id_of("locations", "harbourfront"), "select count(*) from tickets");
    assert_eq!(ben.count(here), 6);
    ben.write(|write| {
        let changes = ticket_cells(&[("customer_label", Value::text(TYPED))]);
        write.update(Ticket::TABLE, known, changes, Why::default())?;
        let born = ticket_cells(&[
            ("local_ref", Value::text("D9-1")),
            ("subject", Value::text("A new one, typed on the same train")),
            ("location_id", Value::Id(harbour)),
            ("opened_at", Value::Int(1_790_000_000_000_000)),
        ]);
        write.insert(Ticket::TABLE, born)
    });

    house
        .psql(format!("delete from guildhall.user_locations where user_id = '{}'", house.user("ben").0))
        .await;
    let report = ben.sync().await;
    assert!(report.purged_rows >= 6, "{report:?}");
    assert_eq!(ben.count(here), 0);
    demand_typed(&ben, &[("customer_label", TYPED), ("subject", "A new one")]);
    assert_eq!(
        ben.finds(&["Charged twice", "P. Arsenault", "Projector black in bay 2", "left on the bench"]),
        [""; 0]
    );
    assert_eq!(ben.finds(&[TYPED]), [TYPED]);
    assert_eq!(house.ask::<i64>("select count(*) from guildhall.tickets where local_ref = 'D9-1'").await, 0);
    assert!(ben.find_page(PAGE).is_some(), "what is his still is here");
    ben.demand_well();

    house
        .psql(format!(
            "insert into guildhall.user_locations (id, guild_id, user_id, location_id) values (gen_random_uuid(), '{}', '{}', '{harbour}')",
            house.guild.0,
            house.user("ben").0
        ))
        .await;
    ben.sync().await;
    assert_eq!(ben.count(here), 6, "granted again, fetched again");
    ben.demand_well();
}

#[tokio::test(flavor = "multi_thread")]
async fn who_has_another_role_keeps_only_what_they_typed() {
    let house = House::of_sample().await;
    let ben = house.laptop_of("ben").await;
    ben.rewrite(PAGE, SENTENCE, TYPED);
    house
        .psql(format!("update guildhall.users set role = 'member' where id = '{}'", house.user("ben").0))
        .await;
    assert!(ben.sync().await.purged_rows > 0);

    assert!(ben.find_page(PAGE).is_none());
    demand_typed(&ben, &[("content", TYPED)]);
    assert_eq!(ben.finds(&["A PIN has six digits", "Charged twice", "keypad colour"]), [""; 0]);
    assert_eq!(ben.finds(&[TYPED]), [TYPED]);
    assert!(
        ben.find_page("emergency/safety/evacuation").is_some() || ben.count("select count(*) from sops") > 0
    );
    let versions = "select max(version) from guildhall.sops where section = 'pin-failures'";
    assert_eq!(house.ask::<i64>(versions).await, 1);
    let shown = ben.program(|laptop| laptop.run(&["quarantine", "list"]).well());
    assert!(shown.contains(TYPED), "{shown}");
    ben.demand_well();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_revoked_laptop_is_told_so_and_keeps_what_is_unsent() {
    let house = House::of_sample().await;
    let ben = house.laptop_of("ben").await;
    house.psql("update private.user_sessions set revoked_at = now()").await;
    let before = ben.contents();
    let sync = || ben.program(|laptop| laptop.run(&["sync"]).refuses(4, "Sign in again"));
    sync();
    assert_eq!(ben.contents(), before);
    ben.rewrite(PAGE, SENTENCE, TYPED);
    sync();
    assert_eq!((ben.unsent(), ben.mark(ben.page(PAGE).id.0)), (1, "Saved here".to_owned()));
    assert!(ben.text(PAGE).contains(TYPED));
    ben.sign_in_again().await.expect("the password is still right");
    assert_eq!(ben.sync().await.sent, 1);
    assert_eq!(ben.mark(ben.page(PAGE).id.0), "On server (v2)");
}

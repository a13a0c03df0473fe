//! Somebody writes in psql: devices hear of it like of any other edit, and history has it.

use crate::house::House;
use guildhall_sync::model::knowledge::ChangedKind;

const PAGE: &str = "booking/access/pin-failures";

#[tokio::test(flavor = "multi_thread")]
async fn an_edit_by_plain_sql_arrives_unasked_with_its_history() {
    let house = House::of_sample().await;
    let ana = house.laptop_of("ana").await;
    let page = ana.page(PAGE);
    let mut in_touch = ana.watch();
    in_touch.until_said("Quiet").await;
    house.psql("update guildhall.sops set content = content || E'\\n\\nWritten in psql.' where section = 'pin-failures'").await;

    let arrived = || ana.text(PAGE).ends_with("\n\nWritten in psql.").then(|| ana.page(PAGE));
    let arrived = in_touch.until("the edit", arrived).await;
    assert_eq!((arrived.version, ana.mark(page.id.0)), (2, "On server (v2)".to_owned()));
    in_touch.stop().await;
    let versions = ana.read(|connection| guildhall_local::sops::list_versions(connection, page.id));
    assert_eq!(versions.len(), 2);
    assert_eq!(
        (versions[0].content.clone(), versions[0].changed_kind),
        (arrived.content, ChangedKind::System)
    );
    assert_eq!(versions[1].content, page.content);

    let line = "select concat_ws(' ', operation_type, actor, row_rev, status, dirty_fields::text) from guildhall.wal_entries";
    let line = format!("{line} where target_id = '{}' order by row_rev desc limit 1", page.id.0);
    assert_eq!(house.ask::<String>(line).await, "update sql:postgres 2 committed {content,version,sha256}");
    ana.demand_well();
}

#[tokio::test(flavor = "multi_thread")]
async fn rows_added_moved_and_removed_in_psql_are_so_on_the_laptop() {
    let house = House::of_sample().await;
    let (ana, priya) = (house.laptop_of("ana").await, house.laptop_of("priya").await);
    let ticket = house.id_of("tickets", "pin-bay-3");
    let (harbour, park) = (house.id_of("locations", "harbourfront"), house.id_of("locations", "parkside"));
    let has = |device: &crate::house::device::Device| {
        device.count(&format!("select count(*) from tickets where id = x'{}'", ticket.simple())) == 1
    };
    assert!(has(&ana) && !has(&priya));

    house.psql(format!("update guildhall.tickets set location_id = '{park}' where id = '{ticket}'")).await;
    ana.sync().await;
    priya.sync().await;
    assert!(!has(&ana) && has(&priya), "it follows its place");

    house.psql(format!("update guildhall.tickets set location_id = '{harbour}' where id = '{ticket}'")).await;
    house
        .psql(format!(
            "delete from guildhall.ticket_resolutions where ticket_id = '{ticket}';
             delete from guildhall.ticket_messages where ticket_id = '{ticket}';
             delete from guildhall.tickets where id = '{ticket}'"
        ))
        .await;
    ana.sync().await;
    priya.sync().await;
    assert!(!has(&ana) && !has(&priya), "it is gone for all");

    house
        .psql(format!(
            "insert into guildhall.tickets (id, guild_id, local_ref, subject, location_id, opened_at)
             values ('{ticket}', '{}', 'SQL-1', 'Made in psql', '{harbour}', now())",
            house.guild.0
        ))
        .await;
    ana.sync().await;
    priya.sync().await;
    assert!(has(&ana) && !has(&priya), "an id that comes back counts on");
    ana.demand_well();
    priya.demand_well();
}

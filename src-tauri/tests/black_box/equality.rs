//! After people on several laptops and somebody in psql have written for a while, each laptop holds
//! what the server's projection says it should: the same rows, and for each the same hash,
//! worked out again from its columns.

use crate::house::House;
use crate::house::device::Device;
use guildhall_local::store::rows;
use guildhall_sync::model::TABLES;
use sqlx::{Connection, Row};
use std::collections::BTreeMap;
use uuid::Uuid;

type Held = BTreeMap<(i16, Uuid), Vec<u8>>;

/// What the server says the person's laptops hold.
async fn projection(house: &House, person: Uuid) -> Held {
    let mut connection = house.connect().await;
    let found = sqlx::query(
        "select distinct m.tbl, m.pk, m.hash from sync.member m
          where m.stream = $1 and m.scope in (select sync.scopes_of($1, $2))",
    )
    .bind(house.guild.0)
    .bind(person)
    .fetch_all(&mut connection)
    .await
    .expect("the projection");
    connection.close().await.expect("a connection");
    found.iter().map(|row| ((row.get("tbl"), row.get("pk")), row.get("hash"))).collect()
}

/// What the laptop holds, each hash worked out again from the row's columns.
fn held(device: &Device) -> Held {
    let mut held = Held::new();
    for table in TABLES {
        let stored = device.read(|connection| rows::list(connection, table, "true", []));
        let number = i16::try_from(table.number).expect("a small number");
        for row in stored {
            let id = row.cells.value(guildhall_sync::schema::common::ID).as_id().expect("an id");
            held.insert((number, id), rows::hash_of(table, &row.cells).to_vec());
        }
    }
    held
}

pub async fn demand_equal(house: &House, person: Uuid, device: &Device) {
    let (server, laptop) = (projection(house, person).await, held(device));
    let differs = server.iter().filter(|(row, hash)| laptop.get(*row) != Some(*hash)).count();
    let beyond = laptop.keys().filter(|row| !server.contains_key(*row)).count();
    assert_eq!((differs, beyond), (0, 0), "rows that differ, and rows that the server does not know of");
    assert!(!server.is_empty());
}

/// Somebody in psql writes into every table.
const PSQL: &str = "
    update guildhall.guilds set description = description || ' ⛳';
    update guildhall.locations set address = address || '{\"gate\": [1, 2.50, null, {\"ä\": \"\\\\\\\\\"}]}';
    update guildhall.users set preferences = preferences || array['psql', 'a,b', ''], phonetic = 'x' where role = 'member';
    update guildhall.user_contacts set email = 'new.' || email;
    update guildhall.user_locations set deleted_at = now()
     where location_id = (select id from guildhall.locations where code = 'PARK');
    insert into guildhall.sop_reads (id, guild_id, user_id, sop_id, version, read_at)
    select gen_random_uuid(), s.guild_id, u.id, s.id, s.version, now()
      from guildhall.sops s join guildhall.users u on u.guild_id = s.guild_id where u.name like 'A%';
    update guildhall.ranks set phonetic = upper(phonetic);
    update guildhall.access_levels set user_actions = user_actions || array['psql.read'];
    update guildhall.rank_access_levels set updated_at = now(), created_at = created_at - interval '1 microsecond';
    update guildhall.squads set squad_lead_id = null where name like 'B%';
    update guildhall.assistants set temperature = temperature + 0.05, keywords = keywords || array['É'];
    update guildhall.public_info set valid_from = '2026-02-28', valid_until = '9999-12-31' where approved_at is not null;
    update guildhall.tickets set number = 7, status = 'closed', resolved_at = now() where local_ref = 'D1-12';
    update guildhall.sops set content = content || E'\\r\\n\\ttab', is_pinned = not is_pinned, review_due_at = '1969-12-31';
    update guildhall.knowledge_items set metadata = '{\"b\": 1e3, \"a\": -0.0}', tags = '{}', answer_md = answer_md || '.';
    update guildhall.objectives set progress = 100 - progress, sort_key = 'zz';
    update guildhall.objective_sections set body_md = replace(body_md, E'\\n', E'\\n\\n');
    update guildhall.competitors set market_share = market_share + 0.01, pricing = pricing - 'currency';
    delete from guildhall.competitors where category = 'potential';
    update guildhall.tickets set location_id = (select id from guildhall.locations where code = 'HARB') where local_ref like '%1%';
";

#[tokio::test(flavor = "multi_thread")]
async fn every_row_of_every_table_has_the_same_hash_on_laptop_and_server() {
    let house = House::of_sample().await;
    let people = ["ada", "marco", "ana", "ben", "jun", "rory", "kiosk-harbour"];
    let mut laptops = Vec::new();
    for person in people {
        laptops.push((house.user(person).0, house.laptop_of(person).await));
    }
    for (person, device) in &laptops {
        demand_equal(&house, *person, device).await;
    }
    house.psql(PSQL).await;
    for (at, (_, device)) in laptops.iter().enumerate().take(4) {
        device.rewrite(
            "booking/access/pin-failures",
            "A PIN has six digits.",
            &format!("A PIN has six digits ({at})."),
        );
    }
    for _ in 0..2 {
        for (_, device) in &laptops {
            device.sync().await;
        }
    }
    for (person, device) in &laptops {
        demand_equal(&house, *person, device).await;
        device.demand_well();
    }
}

//! Downloads: cut anywhere and gone on with, beside writers, with bytes that are those of the
//! registry.

use std::collections::BTreeSet;

use guildhall_server::sync::pull::encode;
use guildhall_server::{capture, random};
use guildhall_sync::model::TABLES;
use guildhall_sync::protocol::{Frame, MAX_CHUNK_ROWS};
use guildhall_sync::value::Cells;
use serde_json::json;
use sqlx::AssertSqlSafe;

use crate::desk::{Desk, Device, MANAGER, OPERATOR, PAGE};
use crate::mirror::{Mirror, Pulled, read_frames};
use crate::place::Place;
use crate::random::Random;
use crate::random_guild::RandomGuild;

/// Pages and tickets enough for many frames.
async fn full_desk() -> Desk {
    let desk = Desk::start().await;
    let (guild, booking, harbour) = (desk.world.guild, desk.booking, desk.harbour);
    desk.world
        .psql(format!(
            "insert into guildhall.sops (id, guild_id, assistant_id, category, section, title, content)
             select gen_random_uuid(), '{guild}', '{booking}', 'many', 'page ' || n, 'Page ' || n, repeat(md5(n::text), 50)
               from generate_series(1, 300) n;
             insert into guildhall.tickets (id, guild_id, local_ref, subject, location_id, opened_at)
             select gen_random_uuid(), '{guild}', 'D1-' || n, 'Subject ' || n, '{harbour}', now()
               from generate_series(1, 700) n"
        ))
        .await;
    desk.number_commits().await;
    desk
}

/// What writers may do to a page or a ticket between two pieces of a download.
async fn disturb(desk: &Desk, random: &mut Random, turn: usize) {
    let some = |table: &str, part: u64| {
        format!(
            "id in (select id from guildhall.{table} where abs(hashtext(id::text || '{turn}')) % 50 = {part})"
        )
    };
    let statement = match random.below(5) {
        0 => format!("update guildhall.sops set title = title || '!' where {}", some("sops", 1)),
        1 => {
            format!("update guildhall.sops set assistant_id = '{}' where {}", desk.strategy, some("sops", 2))
        }
        2 => format!("update guildhall.sops set sensitivity = 'public' where {}", some("sops", 3)),
        3 => format!("delete from guildhall.tickets where {}", some("tickets", 4)),
        _ => format!("update guildhall.tickets set subject = subject || '!' where {}", some("tickets", 5)),
    };
    desk.world.psql(statement).await;
}

#[tokio::test]
async fn a_download_that_is_cut_anywhere_goes_on_where_it_was() {
    let desk = full_desk().await;
    let mut random = Random::new(7);
    for round in 0..4 {
        let device = desk.device(OPERATOR).await;
        let mut mirror = Mirror::new();
        let mut turns = 0;
        while mirror.live.is_empty() || mirror.filling.is_some() {
            let bytes = desk.pull(&device, &mirror.request(&device)).await.expect("an answer");
            let held = mirror.rows.len();
            if turns < 12 {
                mirror.take_cut(&bytes[..random.below(bytes.len())]);
            } else {
                read_frames(&bytes).0.iter().for_each(|frame| mirror.take(frame));
            }
            assert!(turns < 12 || mirror.rows.len() >= held / 2, "it goes on");
            disturb(&desk, &mut random, turns + round * 100).await;
            turns += 1;
        }
        mirror.catch_up(&desk, &device).await;
        mirror.check(&desk, desk.operator.0).await;
    }
}

#[tokio::test]
async fn a_download_that_goes_on_says_how_much_is_left() {
    let desk = full_desk().await;
    let device = desk.device(OPERATOR).await;
    let mut mirror = Mirror::new();
    let bytes = desk.pull(&device, &mirror.request(&device)).await.expect("an answer");
    let (frames, _) = read_frames(&bytes);
    let told = |frames: &[Frame]| {
        let said = frames
            .iter()
            .find_map(|frame| if let Frame::FillBegin { rows, .. } = frame { Some(*rows) } else { None });
        let came =
            frames.iter().map(|frame| if let Frame::Rows(rows) = frame { rows.len() as u64 } else { 0 });
        (said.expect("a fill"), came.sum::<u64>())
    };
    let (said, came) = told(&frames);
    assert_eq!(said, came);
    let half = frames.iter().position(|frame| matches!(frame, Frame::FillBegin { .. })).expect("a fill") + 6;
    frames[..half].iter().for_each(|frame| mirror.take(frame));
    mirror.is_filling = false;
    let frames = mirror.pull(&desk, &device).await.frames();
    let (said, left) = told(&frames);
    assert_eq!(said, left);
    assert!(left < came, "{left} of {came}");
    mirror.check(&desk, desk.operator.0).await;
}

#[tokio::test]
async fn rows_come_in_frames_that_a_device_can_take() {
    let desk = full_desk().await;
    let page = desk.page_row("large", "page", &"x".repeat(500 * 1024));
    desk.add("sops", random::id(), page).await;
    let device = desk.device(OPERATOR).await;
    let frames = Mirror::new().pull(&desk, &device).await.frames();
    for frame in &frames {
        let Frame::Rows(rows) = frame else { continue };
        let bytes: usize = rows.iter().map(|row| row.cells.len()).sum();
        assert!(rows.len() <= MAX_CHUNK_ROWS);
        assert!(rows.len() == 1 || bytes <= 1024 * 1024, "{} rows of {bytes} bytes", rows.len());
    }
    let tables: Vec<u16> = frames
        .iter()
        .filter_map(|frame| if let Frame::Rows(rows) = frame { Some(rows[0].table) } else { None })
        .collect();
    let order: Vec<u16> =
        TABLES.iter().map(|table| table.number).filter(|table| tables.contains(table)).collect();
    let mut came = tables;
    came.dedup();
    assert_eq!(came, order, "tables come in the order of a first download");
}

/// Writers go on while devices pull; after each round the devices hold what the database holds.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_is_missed_beside_many_writers() {
    let desk = full_desk().await;
    let operator = desk.device(OPERATOR).await;
    let manager = desk.device(MANAGER).await;
    let (mut operators, mut managers) = (Mirror::new(), Mirror::new());
    for round in 0..6 {
        let mut writers = tokio::task::JoinSet::new();
        for writer in 0..4 {
            let url = desk.world.place.url();
            let (strategy, booking) = (desk.strategy, desk.booking);
            writers
                .spawn(async move { write_for_a_while(url, round * 10 + writer, booking, strategy).await });
        }
        while !writers.is_empty() {
            pull_once(&desk, &operator, &mut operators).await;
            pull_once(&desk, &manager, &mut managers).await;
            while let Some(ended) = writers.try_join_next() {
                ended.expect("it does not panic");
            }
        }
        operators.catch_up(&desk, &operator).await;
        operators.check(&desk, desk.operator.0).await;
        managers.catch_up(&desk, &manager).await;
        managers.check(&desk, desk.manager.0).await;
    }
}

async fn pull_once(desk: &Desk, device: &Device, mirror: &mut Mirror) {
    if let Pulled::Nothing = mirror.pull(desk, device).await {
        tokio::task::yield_now().await;
    }
}

/// Transactions with savepoints, some rolled back, some of one snapshot, that move pages between
/// scopes; one that meets another is given up.
async fn write_for_a_while(url: String, seed: u64, booking: uuid::Uuid, strategy: uuid::Uuid) {
    use sqlx::Connection;
    let mut random = Random::new(seed);
    let mut connection = sqlx::PgConnection::connect(&url).await.expect("connection");
    for turn in 0..25 {
        let part = random.below(40);
        let some = format!("where abs(hashtext(id::text)) % 40 = {part}");
        let isolation = if turn % 5 == 0 { "repeatable read" } else { "read committed" };
        let end = if random.below(4) == 0 { "rollback" } else { "commit" };
        let to = if random.below(2) == 0 { booking } else { strategy };
        let statement = format!(
            "begin isolation level {isolation}; set local synchronous_commit = off;
             update guildhall.sops set title = left(title, 100) || '{turn}' {some};
             savepoint a; delete from guildhall.tickets {some}; rollback to savepoint a;
             update guildhall.tickets set subject = left(subject, 100) || '{turn}' {some};
             savepoint b; update guildhall.sops set assistant_id = '{to}' {some}; release savepoint b; {end}"
        );
        if sqlx::raw_sql(AssertSqlSafe(statement)).execute(&mut connection).await.is_err() {
            sqlx::raw_sql("rollback").execute(&mut connection).await.expect("rolled back");
        }
    }
}

#[tokio::test]
async fn rows_are_encoded_as_their_values_would_be() {
    let place = Place::new().await;
    let mut connection = place.connect().await;
    RandomGuild::new(&mut connection, 11, 12).await;
    let mut kinds = BTreeSet::new();
    for table in TABLES {
        let read =
            |columns: String| format!("select {columns} from guildhall.{} r order by r.id", table.name);
        let values = sqlx::query(AssertSqlSafe(read(capture::wire::wire_columns(table, "r"))))
            .fetch_all(&mut connection)
            .await
            .expect("rows");
        let bytes = sqlx::query(AssertSqlSafe(read(encode::columns(table, "r"))))
            .fetch_all(&mut connection)
            .await
            .expect("rows");
        assert!(!values.is_empty(), "{}", table.name);
        for (values, bytes) in values.iter().zip(&bytes) {
            let cells: Cells = capture::wire::read_row(table, values).expect("cells");
            let encoded = encode::encode_row(table, bytes).expect("bytes");
            assert_eq!(encoded, cells.encode(table), "{}: {cells:?}", table.name);
        }
        kinds.extend(table.columns.iter().map(|column| column.kind.code()));
    }
    assert_eq!(kinds.len(), 9, "every type of column was there");
}

/// A conflict, a page in two scopes and a scope that is granted later: all scopes come with a row.
#[tokio::test]
async fn a_row_of_a_new_scope_keeps_the_scopes_that_it_was_held_by() {
    let desk = Desk::start().await;
    let page = random::id();
    let mut row = desk.page_row("both", "page", PAGE);
    row["sensitivity"] = json!("public");
    row["assistant_id"] = json!(desk.strategy);
    desk.add("sops", page, row).await;
    let device = desk.device(OPERATOR).await;
    let mut mirror = Mirror::new();
    mirror.catch_up(&desk, &device).await;
    assert_eq!(mirror.find_row(page).expect("it is public").scopes.len(), 1);
    let admits = |roles: &str| {
        format!("update guildhall.assistants set access_roles = '{roles}' where slug = 'tactics'")
    };
    desk.world.psql(admits("{manager,operator}")).await;
    mirror.catch_up(&desk, &device).await;
    assert_eq!(mirror.find_row(page).expect("it is public").scopes.len(), 2);
    desk.world.psql(admits("{manager}")).await;
    mirror.catch_up(&desk, &device).await;
    assert_eq!(mirror.find_row(page).expect("it is public still").scopes.len(), 1);
    mirror.check(&desk, desk.operator.0).await;
}
